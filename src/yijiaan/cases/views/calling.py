"""待回访: the queue of people to ring, and the page of one call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names, get_area
from yijiaan.cases import actions
from yijiaan.cases.forms import CallbackForm, offer, place_choices
from yijiaan.cases.queries import CALL_TABS, CallPage, get_call_page, lines_of, list_callbacks
from yijiaan.cases.queries.calling import count_callbacks, list_waiting_cases
from yijiaan.cases.queries.calls import list_calls_to_make
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.paging import Page, page_of

FIRST = 100  # cases among which the first page is looked for


class NarrowForm(forms.Form):
    area = forms.ChoiceField(label="哪个村", required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        around = actor.areas[0] if actor.areas else ""
        offer(self, "area", place_choices(actor, around, "全部", with_grids=False) if around else [("", "全部")])


@staff_only
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Whom to ring, the most urgent first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.callback")
    now = clock.now()
    tab = request.GET.get("tab", "now")
    tab = tab if tab in CALL_TABS else "now"
    narrow = NarrowForm(request.GET, actor=actor)
    area = narrow.cleaned_data["area"] if narrow.is_valid() else ""
    cases = list_waiting_cases(actor, area_code=area)
    page = _page_of_queue(request, actor, tab, now, cases)
    counts, has_more = count_callbacks(actor, now=now, cases=cases)
    context = {
        "page": page,
        "lines": lines_of(actor, reports=page.rows, now=now, cases=cases),
        "tabs": [
            {"value": name, "label": label, "count": f"{counts[name]}{'+' if has_more else ''}"}
            for name, label in CALL_TABS.items()
        ],
        "tab": tab,
        "area": area,
        "form": narrow,
        "asked_for": list_calls_to_make(actor).order_by().count(),
        "names": area_names(actor, codes=[report.case.area_code for report in page.rows]),
    }
    return render(request, "cases/callbacks.html", context)


def _page_of_queue(request: HttpRequest, actor: Actor, tab: str, now: datetime, cases: Sequence[UUID]) -> Page:
    """The first page is looked for among the cases that are due first."""
    if "after" not in request.GET and "before" not in request.GET and len(cases) > FIRST:
        few = page_of(
            request, list_callbacks(actor, tab=tab, now=now, cases=cases[:FIRST]), keys=("due", "id"), unit="件"
        )
        if few.next_url:
            return few
    return page_of(request, list_callbacks(actor, tab=tab, now=now, cases=cases), keys=("due", "id"), unit="件")


@staff_only
@require_POST
def claim(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Open one: others see for some minutes that it is being rung."""
    actions.claim_callback(actor=request.actor, report_id=report_id)  # type: ignore[attr-defined]
    return redirect("cases:call", report_id)


@staff_only
@never_cache
@require_safe
def call(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """One call: the script, what was asked and done, what was heard before."""
    return _page(request, report_id)


@staff_only
@never_cache
@require_POST
def phone(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The number in full, this once; the reporter can read that it was seen, and what for."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = get_call_page(actor, report_id=report_id, now=clock.now())
    seen = actions.see_reporter(actor=actor, number=page.first.case.number, report_id=report_id, purpose="callback")
    return _page(request, report_id, seen=seen)


@staff_only
@never_cache
@require_POST
def heard(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """What came of the call. Leads on to the next report of the same person, else back to the queue."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = CallbackForm(request.POST, auto_id=f"id_{report_id}_%s")
    try:
        page = get_call_page(actor, report_id=report_id, now=clock.now())
    except NotFound:
        messages.info(request, "这一件不用再打了：报事人刚才已经评价，或别人已经回访过。")
        return redirect("cases:callbacks")
    if not form.is_valid():
        return _page(request, report_id, returned=form, status=422)
    said = form.cleaned_data
    try:
        case = actions.record_callback(
            actor=actor,
            number=page.first.case.number,
            report_number=page.first.report.number,
            result=said["result"],
            text=said["text"],
            seen_version=said["seen_version"],
        )
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, report_id, returned=form, status=422)
    except Conflict as error:
        form.look_again(page.first.case.version)
        form.add_error(None, error.message)
        return _page(request, report_id, returned=form, status=409)
    words = {"closed": "记下了，这件事结案。", "in_progress": "记下了，退回重办。"}
    messages.success(request, words.get(case.status, "记下了。"))
    done = f"?done=call-{page.first.report.number}"
    if page.others:
        messages.info(request, "同一个人还有一件等回访，接着问。")
        return redirect(f"{reverse('cases:call', args=[page.others[0].report.id])}{done}")
    return redirect(f"{reverse('cases:callbacks')}{done}")


def _page(
    request: HttpRequest,
    report_id: UUID,
    *,
    returned: CallbackForm | None = None,
    seen: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = get_call_page(actor, report_id=report_id, now=clock.now())
    calls = [page.first, *page.others]
    context = {
        "page": page,
        "first": page.first,
        "parts": [
            {
                "call": part,
                "form": returned
                if returned is not None and part is page.first
                else CallbackForm(initial={"seen_version": part.case.version}, auto_id=f"id_{part.report.id}_%s"),
                "is_returned": returned is not None and part is page.first,
            }
            for part in calls
        ],
        "seen": seen,
        "names": area_names(actor, codes=[part.case.area_code for part in calls]),
        "find_url": _find_url(request, actor, page),
    }
    return render(request, "cases/call.html", context, status=status)


def _find_url(request: HttpRequest, actor: Actor, page: CallPage) -> str:
    """Where a reporter looks his matter up and rates it himself, to be read out; the code for it stands on his own receipt."""
    try:
        town = get_area(actor, code=page.first.report.area_code[:9])
    except NotFound:
        return ""
    if not town.door_token:
        return ""
    return request.build_absolute_uri(reverse("cases:find", args=[town.door_token]))
