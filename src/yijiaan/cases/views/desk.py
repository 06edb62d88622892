from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import submit_by_proxy, submit_report
from yijiaan.cases.filters import ALL, ENDED_TAB, CaseFilter, plain_query, tab_label, tab_of, tab_states
from yijiaan.cases.flows import ENDED as ENDED_STATES
from yijiaan.cases.flows import OPEN
from yijiaan.cases.forms import RegisterForm
from yijiaan.cases.queries import (
    MOST_ENDED,
    ORDER_GROUPS,
    count_by_status,
    count_ended,
    count_orders,
    get_case,
    get_next_like,
    get_report_by_tracking,
    group_of,
    list_cases,
    list_leads_of,
    list_my_orders,
    list_saved_views,
    list_summonses,
    list_worklist,
)
from yijiaan.cases.source_forms import ProxyForm
from yijiaan.cases.views.rows import COLUMN_LABELS, COLUMNS_COOKIE, chosen_columns, list_heads, list_rows, with_ticks
from yijiaan.cases.views.show import drafts_done, show_case
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.paging import page_of

# states that few cases are in: their tabs stand there when there are any
RARE = ("need_info", "arbitration", "coordinating", "suspended")


@staff_only
@never_cache
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """事件中心: what is open by time left, what has ended newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.view")
    tab = tab_of(actor, request.GET.get("tab", ""))
    filters = CaseFilter(request.GET, queryset=list_cases(actor), actor=actor)
    wanted = filters.qs
    is_filtered = any(request.GET.get(name) for name in filters.filters)
    counts, ended = _counted(actor, wanted if is_filtered else None, bool(filters.found))
    is_ended = tab == ENDED_TAB
    keys = ("-id",) if is_ended else ("next_due_at", "id")
    page = page_of(request, wanted.filter(status__in=tab_states(tab)), keys=keys, unit="件")
    kept = request.GET.copy()
    for name in ("tab", "after", "before"):
        kept.pop(name, None)
    tabs = [
        {"value": value, "label": tab_label(value), "count": counts[value]}
        for value in OPEN
        if value not in RARE or counts[value] or value == tab
    ]
    tabs.append({"value": ALL, "label": tab_label(ALL), "count": sum(counts[value] for value in OPEN)})
    shown_ended = f"{MOST_ENDED:,}+" if ended > MOST_ENDED else ended
    tabs.append({"value": ENDED_TAB, "label": tab_label(ENDED_TAB), "count": shown_ended})
    columns = chosen_columns(request.COOKIES.get(COLUMNS_COOKIE, ""))
    query = plain_query(actor, request.GET)
    rows = list_rows(actor, page.rows, area_names(actor, codes=[case.area_code for case in page.rows]), columns)
    may_tick = not is_ended and (actor.may("cases.dispatch") or actor.may("cases.urge"))
    context = {
        "page": page,
        "tabs": tabs,
        "tab": tab,
        "tab_label": tab_label(tab),
        "kept": kept.urlencode(),
        "form": filters.form,
        "is_filtered": is_filtered,
        "note": filters.note,
        "heads": [*(["选"] if may_tick else []), *list_heads(columns, ended=is_ended)],
        "rows": with_ticks(page.rows, rows) if may_tick else rows,
        "may_tick": may_tick,
        "may_dispatch": actor.may("cases.dispatch"),
        "may_urge": actor.may("cases.urge"),
        "columns": [(name, label, name in columns) for name, label in COLUMN_LABELS.items()],
        "query": query,
        "views": [
            {
                "view": view,
                "is_current": view.query_sealed == query,
                "is_mine": view.post_id == actor.post_id,
                "by": view.post.user.name,
            }
            for view in list_saved_views(actor)
        ],
        "may_export": actor.may("cases.export"),
        "may_register": actor.may("cases.register"),
    }
    return render(request, "cases/list.html", context)


def _counted(actor: Actor, cases: Any, are_few: bool) -> tuple[dict[str, int], int]:
    """What stands in the tabs. are_few: a search found them, so that all can be counted at once."""
    if are_few:
        by_status = Counter(dict(cases.order_by().values_list("status").annotate(n=Count("id"))))
        return {status: by_status[status] for status in OPEN}, sum(by_status[status] for status in ENDED_STATES)
    among_open = None if cases is None else cases.filter(status__in=OPEN)
    return count_by_status(actor, cases=among_open), count_ended(actor, cases=cases)


@staff_only
@never_cache
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case. Those who work on the phone see it there."""
    if request.post.role.landing == "cases:field":  # type: ignore[attr-defined]
        return redirect("cases:field_case", number)
    return show_case(request, number)


@staff_only
@never_cache
@require_safe
def next_case(request: HttpRequest, number: str) -> HttpResponse:
    """From one case to the most urgent other one in the same state; to the list when there is none."""
    actor = request.actor  # type: ignore[attr-defined]
    case = get_case(actor, number=number)
    found = get_next_like(actor, case=case)
    if found is None:
        messages.info(request, f"没有别的{case.status_label}了。")
        return redirect("cases:list")
    return redirect("cases:case", found.number)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """登记来电: write a call down; the number and the query code are read out at once."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.register")
    area = actor.areas[0]
    if request.method != "POST":
        return _register_page(request, RegisterForm(actor=actor, area_code=area))
    form = RegisterForm(request.POST, actor=actor, area_code=area)
    proxy_form = ProxyForm(request.POST)
    if not (form.is_valid() and proxy_form.is_valid()):
        return _register_page(request, form, proxy_form)
    intake, channel, proxy = form.intake(), form.cleaned_data["channel"], proxy_form.proxy()
    try:
        if proxy is None:
            receipt = submit_report(actor=actor, intake=intake, door=area, channel=channel)
        else:
            receipt = submit_by_proxy(actor=actor, intake=intake, proxy=proxy, door=area, channel=channel)
    except RuleError as error:
        if error.field in proxy_form.fields:
            apply_rule_error(proxy_form, error)
            form.add_error(None, error.message)
        else:
            field = {"for_name": "name"}.get(error.field or "", error.field)
            form.refuse(RuleError(error.code, error.message, field), form.cleaned_data["category"])
        return _register_page(request, form, proxy_form)
    except Conflict:
        form.add_error(None, "刚才那件已经登记了。这次写的不一样：要登记成另一件，请再点一次登记")
        form.new_key()
        return _register_page(request, form)
    return redirect("cases:registered", receipt.tracking_code)


def _register_page(request: HttpRequest, form: RegisterForm, proxy_form: ProxyForm | None = None) -> HttpResponse:
    context = {
        "form": form,
        "proxy_form": proxy_form or ProxyForm(),
        "area": request.actor.areas[0],  # type: ignore[attr-defined]
        "now": clock.local(),
    }
    return render(request, "cases/register.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def registered(request: HttpRequest, code: str) -> HttpResponse:
    """What to read out to the caller: only to the post that wrote the call down."""
    actor = request.actor  # type: ignore[attr-defined]
    report = get_report_by_tracking(actor, code=code)
    if report.entered_by_id != actor.post_id:
        raise NotFound
    context = {
        "report": report,
        "query_code": report.query_code_sealed,
        "has_phone": report.reporters.filter(county=report.county, phone_search__isnull=False).exists(),
        "proxy": report.proxies.filter(county=report.county).exists(),
        "draft_done": "register",
    }
    return render(request, "cases/registered.html", context)


@staff_only
@never_cache
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """我的单: what lies with my unit, by time left."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.sign")
    waiting = list_worklist(actor, statuses=("received", "callback")) if actor.may("cases.dispatch") else None
    now = clock.now()
    counts = count_orders(actor, now=now)
    chosen = request.GET.get("only", "")
    if chosen not in ORDER_GROUPS:
        chosen = ""
    page = page_of(request, list_my_orders(actor, group=chosen, now=now), keys=("next_due_at", "id"), unit="件")
    parts = list_leads_of(actor, cases=page.rows)
    groups = []
    for key, label in ORDER_GROUPS.items():
        rows = [
            {"case": case, "parts": parts.get(case.id, [])}
            for case in page.rows
            if group_of(actor, case=case, now=now) == key
        ]
        groups.append({"key": key, "label": label, "count": counts[key], "rows": rows})
    context = {
        "page": page,
        "groups": [group for group in groups if group["rows"]],
        "tabs": groups,
        "chosen": chosen,
        "draft_done": drafts_done(request),
        "total": sum(counts.values()),
        "names": area_names(actor, codes=[case.area_code for case in page.rows]),
        "summonses": list_summonses(actor),
        "to_dispatch": list(waiting[:20]) if waiting is not None else [],
        "may_finish": actor.may("cases.finish"),
    }
    return render(request, "cases/orders.html", context)
