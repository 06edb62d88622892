from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import submit_report
from yijiaan.cases.filters import CaseFilter
from yijiaan.cases.flows import ENDED as ENDED_STATES
from yijiaan.cases.flows import FLOW, OPEN
from yijiaan.cases.forms import RegisterForm
from yijiaan.cases.queries import (
    MOST_ENDED,
    ORDER_GROUPS,
    count_by_status,
    count_ended,
    count_orders,
    get_report_by_tracking,
    group_of,
    list_cases,
    list_leads_of,
    list_my_orders,
    list_worklist,
)
from yijiaan.cases.views.rows import list_heads, list_rows
from yijiaan.cases.views.show import drafts_done, show_case
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.paging import page_of

ORDERS = 40  # a page of them: more than anybody's day
ALL = "all"
ENDED = "closed"  # the tab of all that have ended, whichever way


@staff_only
@never_cache
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """事件中心: what is open by time left, what has ended newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.view")
    tab = request.GET.get("tab", "")
    if tab in ENDED_STATES:
        tab = ENDED
    elif tab not in (*OPEN, ALL):
        tab = "received" if actor.may("cases.dispatch") else ALL
    filters = CaseFilter(request.GET, queryset=list_cases(actor), actor=actor)
    wanted = filters.qs
    is_filtered = any(request.GET.get(name) for name in filters.filters)
    counts = count_by_status(actor, cases=wanted.filter(status__in=OPEN) if is_filtered else None)
    ended = count_ended(actor, cases=wanted if is_filtered else None)
    if tab == ENDED:
        page = page_of(request, wanted.filter(status__in=ENDED_STATES), keys=("-id",))
    else:
        statuses = OPEN if tab == ALL else (tab,)
        page = page_of(request, wanted.filter(status__in=statuses), keys=("next_due_at", "id"))
    kept = request.GET.copy()
    for name in ("tab", "after", "before"):
        kept.pop(name, None)
    tabs = [{"value": value, "label": FLOW.state(value).label, "count": counts[value]} for value in OPEN]
    tabs.append({"value": ALL, "label": "全部在办", "count": sum(counts[value] for value in OPEN)})
    tabs.append({"value": ENDED, "label": "已结束", "count": f"{MOST_ENDED:,}+" if ended > MOST_ENDED else ended})
    context = {
        "page": page,
        "tabs": tabs,
        "tab": tab,
        "tab_label": next(line["label"] for line in tabs if line["value"] == tab),
        "kept": kept.urlencode(),
        "form": filters.form,
        "is_filtered": is_filtered,
        "note": filters.note,
        "heads": list_heads(ended=tab == ENDED),
        "rows": list_rows(actor, page.rows, area_names(actor, codes=[case.area_code for case in page.rows])),
        "may_register": actor.may("cases.register"),
    }
    return render(request, "cases/list.html", context)


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
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """登记来电: write a call down; the number and the query code are read out at once."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.register")
    area = actor.areas[0]
    if request.method != "POST":
        return _register_page(request, RegisterForm(actor=actor, area_code=area))
    form = RegisterForm(request.POST, actor=actor, area_code=area)
    if not form.is_valid():
        return _register_page(request, form)
    try:
        receipt = submit_report(actor=actor, intake=form.intake(), door=area, channel=form.cleaned_data["channel"])
    except RuleError as error:
        apply_rule_error(form, error)
        return _register_page(request, form)
    except Conflict:
        form.add_error(None, "刚才那件已经登记了。这次写的不一样：要登记成另一件，请再点一次登记")
        form.new_key()
        return _register_page(request, form)
    return redirect("cases:registered", receipt.tracking_code)


def _register_page(request: HttpRequest, form: RegisterForm) -> HttpResponse:
    context = {"form": form, "area": request.actor.areas[0], "now": clock.local()}  # type: ignore[attr-defined]
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
    page = page_of(request, list_my_orders(actor, group=chosen, now=now), keys=("next_due_at", "id"), size=ORDERS)
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
        "to_dispatch": list(waiting[:20]) if waiting is not None else [],
        "may_finish": actor.may("cases.finish"),
    }
    return render(request, "cases/orders.html", context)
