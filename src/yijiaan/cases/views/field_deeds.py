"""What a village does with what waits for it, each on a page of its own: 办好了, 办不了，报镇里, 不归我村. The reason may be spoken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import list_units_for
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import disown_order, finish_order, hand_up_order
from yijiaan.cases.forms import FinishForm
from yijiaan.cases.further_forms import DisownForm, SpokenUpForm
from yijiaan.cases.models import Case
from yijiaan.cases.queries import get_case, why_returned
from yijiaan.cases.views.photos import keep_photos
from yijiaan.cases.views.voices import keep_voice, words_or_instead
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.words import deadline_words

STATUSES = ("dispatched", "in_progress")


@dataclass(frozen=True, slots=True)
class Deed:
    """One of the three: its title, its button, what it needs and what is said afterwards."""

    name: str
    title: str
    button: str
    deed: Callable[..., Case]
    words: str  # the name of the input that may be spoken; empty when the reporter reads it
    say: Callable[[Case], str]


def _said_of_end(case: Case) -> str:
    if case.status == "verifying":
        return f"“{case.title}”办好了，等{case.owner.name}去核查。"
    return f"“{case.title}”办好了，{'等报事人评价' if case.status == 'callback' else '到此结案'}。"


def _said_of_up(case: Case) -> str:
    until = f"{deadline_words(case.next_due_at)}" if case.next_due_at else ""
    return f"“{case.title}”报上去了，{case.owner.name} {until}定由谁办。"


DONE = Deed("done", "办好了", "办好了", finish_order, "", _said_of_end)
UP = Deed("up", "办不了，报镇里", "报镇里", hand_up_order, "tried", _said_of_up)
NOT_OURS = Deed("not-ours", "不归我村", "退给镇里", disown_order, "text", _said_of_up)


def _form(actor: Actor, case: Case, deed: Deed, data: Any = None, files: Any = None) -> Any:
    initial = {"seen_version": case.version}
    if deed is DONE:
        return FinishForm(data, files, initial=initial)
    units = [unit for unit in list_units_for(actor, area_code=case.area_code) if unit.id != actor.unit_id]
    kind = SpokenUpForm if deed is UP else DisownForm
    return kind(data, files, initial=initial, units=units)


def _page(
    request: HttpRequest, case: Case, deed: Deed, form: Any, status: int = 200, conflict: str = ""
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "case": case,
        "deed": deed,
        "form": form,
        "conflict": conflict,
        "returned": why_returned(actor, case=case),
        "grid": area_names(actor, codes=[case.area_code]).get(case.area_code, ""),
    }
    return render(request, "cases/field/deed.html", context, status=status)


def _answer(request: HttpRequest, number: str, deed: Deed) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    case = get_case(actor, number=number)
    is_ours = case.owner_id == actor.unit_id and case.status in STATUSES
    if request.method != "POST":
        return _page(request, case, deed, _form(actor, case, deed)) if is_ours else redirect("cases:field_case", number)
    form = _form(actor, case, deed, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, case, deed, form, status=422)
    try:
        done = _do(actor, number, deed, form)
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, case, deed, form, status=422)
    except Conflict as error:
        form.look_again(case.version)
        return _page(request, case, deed, form, status=409, conflict=error.message)
    for sentence in _keep(actor, number, deed, form):
        messages.warning(request, sentence)
    messages.success(request, deed.say(done))
    return redirect(f"{reverse('cases:field')}?done={deed.name}-{number}")


def _do(actor: Actor, number: str, deed: Deed, form: Any) -> Case:
    sent = form.cleaned_data
    if deed is DONE:
        values = {"result": sent["result"]}
    else:
        values = {
            deed.words: words_or_instead(actor, sent[deed.words], voice=sent["voice"]),
            "proposed_id": form.proposed_id(),
        }
    return deed.deed(actor=actor, number=number, seen_version=sent["seen_version"], **values)


def _keep(actor: Actor, number: str, deed: Deed, form: Any) -> list[str]:
    if deed is DONE:
        return keep_photos(actor, form.cleaned_data["photos"], number=number, purpose="after")[1]
    return keep_voice(actor, form.cleaned_data["voice"], number=number)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def done(request: HttpRequest, number: str) -> HttpResponse:
    """办好了."""
    return _answer(request, number, DONE)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def up(request: HttpRequest, number: str) -> HttpResponse:
    """办不了，报镇里."""
    return _answer(request, number, UP)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_ours(request: HttpRequest, number: str) -> HttpResponse:
    """不归我村."""
    return _answer(request, number, NOT_OURS)
