"""What is done to the list of cases as a whole: kept under a name, taken away as a table, shown with other columns."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import ask_again, staff_only
from yijiaan.cases import actions
from yijiaan.cases.actions.exporting import MOST_CONTACTS
from yijiaan.cases.filters import CaseFilter, narrowed, plain_query, tab_label, tab_of
from yijiaan.cases.keeping_forms import ExportForm, SaveViewForm
from yijiaan.cases.models import CaseQuerySet
from yijiaan.cases.queries import list_cases
from yijiaan.cases.views.rows import COLUMNS_COOKIE, chosen_columns
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.tabular.actions import MOST_ROWS
from yijiaan.ui.answers import lead_on

SHOWN_COUNT = 10_000
YEAR = 365 * 24 * 3600


def _list_url(actor: Actor, query: str) -> str:
    return f"{reverse('cases:list')}?{plain_query(actor, QueryDict(query))}"


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """导出: the list as it is narrowed now, as an xlsx file written in the background."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.export")
    asked = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    query = QueryDict(plain_query(actor, QueryDict(asked)))
    label = tab_label(tab_of(actor, query.get("tab", "")))
    looked_for = "按文字找到的" if query.get("q") else ""  # not the words: they may be somebody's name or phone
    filters = CaseFilter(query, queryset=list_cases(actor), actor=actor)
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"query": query.urlencode()})
    wanted_cases = narrowed(actor, query).order_by()
    count = None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        opened = said["contact_purpose"]
        if opened and (asked_again := ask_again(request)) is not None:
            return asked_again
        count = wanted_cases[: MOST_ROWS + 1].count()
        try:
            wanted = actions.export_cases(
                actor=actor,
                query=query.urlencode(),
                title=" · ".join(part for part in ("事件", label, filters.plain_words, looked_for) if part),
                total_count=count,
                client_key=said["client_key"],
                with_words=said["with_words"],
                purpose=said["purpose"],
                contact_purpose=opened,
                contacts_of=_open_to_all(wanted_cases) if opened else (),
            )
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            return lead_on(request, wanted.page_url)
    if count is None:
        count = wanted_cases[: SHOWN_COUNT + 1].count()
    context = {
        "form": form,
        "back": _list_url(actor, query.urlencode()),
        "tab_label": label,
        "words": filters.words,
        "may_open": actor.may("cases.export_contacts"),
        "most_contacts": MOST_CONTACTS,
        "count": f"{SHOWN_COUNT:,} 件以上" if count > SHOWN_COUNT else f"{count:,} 件",
    }
    return render(request, "cases/export.html", context, status=422 if form.errors else 200)


def _open_to_all(cases: CaseQuerySet) -> list[UUID]:
    """Whose reporters may stand in a file in full; one more than allowed tells that they are too many."""
    return list(cases.filter(is_confidential=False).values_list("id", flat=True)[: MOST_CONTACTS + 1])


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def save_view(request: HttpRequest) -> HttpResponse:
    """保存筛选: the present narrowing under a name."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.view")
    asked = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    query = plain_query(actor, QueryDict(asked))
    form = SaveViewForm(request.POST if request.method == "POST" else None, initial={"query": query})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            kept = actions.save_view(actor=actor, name=said["name"], query=query, is_shared=said["is_shared"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"“{kept.name}”存好了，在筛选条上面。")
            return lead_on(request, _list_url(actor, query))
    words = CaseFilter(QueryDict(query), queryset=list_cases(actor), actor=actor).words
    context = {
        "form": form,
        "back": _list_url(actor, query),
        "tab_label": tab_label(tab_of(actor, QueryDict(query).get("tab", ""))),
        "words": words,
    }
    return render(request, "cases/save_view.html", context, status=422 if form.errors else 200)


@staff_only
@require_POST
def delete_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forget a kept way to narrow the list."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    name = actions.delete_view(actor=actor, view_id=view_id)
    messages.success(request, f"“{name}”删掉了。")
    return redirect(_list_url(actor, request.POST.get("query", "")))


@staff_only
@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """Which columns the list shows on this device from now on; none chosen: as shipped."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    answer = redirect(_list_url(actor, request.POST.get("query", "")))
    names = chosen_columns(".".join(request.POST.getlist("columns")))
    answer.set_cookie(
        COLUMNS_COOKIE, ".".join(names), max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return answer
