"""The case page of both faces: facts, course, and only the deeds this viewer can do now."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yijiaan.accounts.models import UnitKind
from yijiaan.accounts.queries import list_units_for, unit_name
from yijiaan.areas.queries import area_names, minimap_of
from yijiaan.cases.flows import OPEN
from yijiaan.cases.forms import (
    BareForm,
    CallbackForm,
    ClassifyForm,
    DispatchForm,
    FinishForm,
    ReturnForm,
    SeeReporterForm,
    WordsForm,
)
from yijiaan.cases.further import MOVES, offered_further
from yijiaan.cases.models import Case, Urgency
from yijiaan.cases.providers import panels_of
from yijiaan.cases.queries import (
    can_undo,
    case_page,
    get_case,
    list_related_staff,
    moves_for,
    open_questions,
    suggest_dispatch,
)
from yijiaan.cases.queries.categories import category_of, category_table
from yijiaan.cases.queries.moves import proposed_lead
from yijiaan.cases.queries.page import CasePage, with_units
from yijiaan.cases.queries.suggest import Suggestion, words_of
from yijiaan.cases.timeline import staff_lines
from yijiaan.core import clock
from yijiaan.core.scope import Actor

FIRST = {
    "verify",
    "decide",
    "rule",
    "decide_request",
    "report_in",
    "record_call",
}  # what the viewer is waited for stands open
DRAFT = re.compile(r"[a-z]+-[0-9A-Z]+")


def show_case(
    request: HttpRequest,
    number: str,
    *,
    face: str = "desk",
    forms: Mapping[str, Any] | None = None,
    conflict: str = "",
    seen: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a case. forms: what came back with errors, by the move's name; conflict: why nothing was done;
    seen: a reporter's name and phone, shown this once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = get_case(actor, number=number)
    page = case_page(actor, case=case)
    moves = moves_for(actor, case=case)
    returned = dict(forms or {})
    offered = _offered(actor, page, moves)
    shown = {name: returned.get(name) or form for name, form in offered.items()}
    lost = [words for name, form in returned.items() if name not in shown for words in form.typed()]
    first = page.reports[0] if page.reports else None
    last = page.outcomes[-1] if page.outcomes else None
    context = {
        "draft_done": drafts_done(request),
        "case": case,
        "page": page,
        "report": first,
        "reporter": page.reporters.get(first.id) if first else None,
        "proxy": page.proxies.get(first.id) if first else None,
        "looks": sum(step.verb == "cases.reporter_seen" for step in page.steps),
        "outcome": last if case.status in ("verifying", "callback", "closed") else None,
        "grid": area_names(actor, codes=[case.area_code]).get(case.area_code, ""),
        "features": minimap_of(actor, grid=case.area_code),
        "point": (case.lon, case.lat) if case.lon is not None and case.lat is not None else None,
        "lines": staff_lines(actor, page),
        "photos": [
            {
                "url": _file(case, photo.id),
                "thumbnail_url": _file(case, photo.id, thumb=True),
                "label": {"after": "办后照片", "evidence": "佐证照片"}.get(photo.purpose, "办前照片"),
                "purpose": photo.purpose,
            }
            for photo in page.photos
        ],  # fmt: skip
        "voices": [{"url": _file(case, voice.id), "seconds": voice.seconds} for voice in page.voices],
        "forms": shown,
        "returned": returned,
        "lost": lost,
        "conflict": conflict,
        "changed": page.steps[0] if conflict and page.steps else None,
        "seen": seen,
        "suggestion": offered["dispatch"].suggestion if "dispatch" in offered else None,
        "handle_due": next((todo.due_at for todo in page.todos if todo.kind == "handle" and todo.done_at is None), None)
        if case.status == "dispatched"
        else None,
        "lead_name": offered["dispatch"].lead_name if "dispatch" in offered else "",
        "proposal": page.facts.open_proposal,
        "wish": page.facts.open_request,
        "called": with_units(actor, page.facts.called),
        "parties": list(page.facts.parties.values()),
        "merged_into": page.facts.merged_into,
        "merges": [row for row in page.facts.merges.values() if row.undone_at is None],
        "answers": answers_by_report(page),
        "answered": page.answered.get(first.id, ()) if first else (),
        "related": list_related_staff(actor, case=case, texts=[report.text for report in page.reports])
        if "dispatch" in moves
        else [],
        "duties": duty_lines(actor, case) if case.status == "arbitration" else (),
        "panels": panels_of(request, actor, case=case, said="\n".join(report.text for report in page.reports)),
        "may_merge": "merge" in moves or (case.is_open and case.status != "callback" and actor.may("cases.merge")),
        "may_exclude": bool(page.ratings) and not case.is_open and actor.may("cases.exclude"),
        "may_split": case.is_open and case.report_count > 1 and actor.may("cases.merge"),
        "raised": page.facts.last_report_up if case.status == "received" else None,
        "base": f"/cases/{case.number}/",
        "further": [
            {
                "name": name,
                "slug": MOVES[name].slug,
                "label": MOVES[name].label,
                "hint": MOVES[name].hint,
                "form": shown[name],
                "is_first": name in FIRST,
            }
            for name in MOVES
            if name in shown
        ],
        "may_print": actor.may("cases.print"),
        "may_note": actor.may("cases.note"),
        "may_contact": actor.may("cases.contact"),
        "may_add_photo": actor.may("cases.note") and case.status in OPEN,
        "leads_on": face == "desk" and "dispatch" in moves,
    }
    return render(request, f"cases/{'field/' if face == 'field' else ''}case.html", context, status=status)


def answers_by_report(page: CasePage) -> list[dict[str, Any]]:
    """Each report of a case with its reporter, masked, and what he answered last."""
    last = {rating.report_id: rating for rating in page.ratings}
    return [
        {
            "report": report,
            "reporter": page.reporters.get(report.id),
            "rating": last.get(report.id),
            "answered": page.answered.get(report.id, ()),
        }
        for report in page.reports
    ]


def duty_lines(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """The duty list of the case's category, for who rules whose it is."""
    category = category_of(actor, case=case)
    kinds = dict(UnitKind.choices)
    return [
        {"item": duty.item, "unit_kind": kinds.get(duty.unit_kind, duty.unit_kind), "is_lead": duty.is_lead}
        for duty in (category_table(actor).duties.get(category.id, ()) if category else ())
    ]


def drafts_done(request: HttpRequest) -> str:
    """The draft that a deed just done has made needless, named in the address that the deed leads to."""
    done = request.GET.get("done", "")
    return done if DRAFT.fullmatch(done) else ""


def _file(case: Case, file_id: Any, *, thumb: bool = False) -> str:
    return reverse("files:thumb" if thumb else "files:file", args=[case.county, file_id])


def _offered(actor: Actor, page: CasePage, moves: set[str]) -> dict[str, Any]:
    """An empty form for everything this viewer can do now, by name."""
    case = page.case
    version = {"seen_version": case.version}
    forms: dict[str, Any] = {}
    if "dispatch" in moves:
        forms["dispatch"] = suggested_form(actor, page)
    if can_undo(actor, case=case, parts=page.assignments, now=clock.now()):
        forms["undo"] = BareForm(initial=version)
    if "sign" in moves:
        forms["sign"] = BareForm(initial=version)
    if "return_back" in moves:
        forms["return"] = return_form(actor, case, initial=version)
    if "take" in moves:
        forms["take"] = BareForm(initial=version)
    if "solve_on_spot" in moves:
        forms["solve"] = FinishForm(initial=version, prefix=None, auto_id="id_solve_%s")
    if "finish" in moves:
        forms["finish"] = FinishForm(initial=version)
    if "callback_ok" in moves:
        forms["callback"] = CallbackForm(initial=version, auto_id="id_callback_%s")
    if case.is_open and actor.may("cases.classify"):
        forms["classify"] = ClassifyForm(initial=version, actor=actor, case=case, auto_id="id_classify_%s")
    if actor.may("cases.contact"):
        forms["contact"] = WordsForm(auto_id="id_contact_%s")
        if page.reporters:
            forms["see"] = SeeReporterForm(initial={"report_id": next(iter(page.reporters))}, auto_id="id_see_%s")
    if actor.may("cases.note"):
        forms["note"] = WordsForm(auto_id="id_note_%s")
    return forms | offered_further(actor, page, moves)


def suggested_form(actor: Actor, page: CasePage) -> DispatchForm:
    """The form of a dispatch with what the machine, or the level below, proposes."""
    case = page.case
    version = {"seen_version": case.version}
    text = words_of(actor, case, *(report.text for report in page.reports))
    suggestion = suggest_dispatch(actor, case=case, text=text, returns=page.returns)
    initial = version | suggested(case, suggestion)
    proposed = proposed_lead(page.facts, case)
    if proposed is not None:  # what the level below proposes comes before what we would guess
        initial |= {"lead": str(proposed), "assistants": []}
    form = dispatch_form(actor, case, suggestion, initial=initial)
    form.suggestion = suggestion  # type: ignore[attr-defined]
    lead = initial["lead"]
    form.unasked = open_questions(actor, case=case, category=initial["category"])  # type: ignore[attr-defined]
    form.lead_name = unit_name(actor, unit_id=UUID(lead)) if lead else ""  # type: ignore[attr-defined]
    return form


def dispatch_form(
    actor: Actor, case: Case, suggestion: Suggestion | None, data: Any = None, initial: dict[str, Any] | None = None
) -> DispatchForm:
    """The form of a dispatch, for the units that can act in the place."""
    units = list_units_for(actor, area_code=case.area_code)
    likely = [part.unit.id for part in (suggestion.assistants if suggestion else ())]
    return DispatchForm(data, initial=initial, actor=actor, units=units, likely=likely, auto_id="id_dispatch_%s")


def return_form(actor: Actor, case: Case, data: Any = None, initial: dict[str, Any] | None = None) -> ReturnForm:
    """The form of a return, for the other units that can act in the place."""
    units = [unit for unit in list_units_for(actor, area_code=case.area_code) if unit.id != actor.unit_id]
    return ReturnForm(data, initial=initial, units=units, auto_id="id_return_%s")


def suggested(case: Case, suggestion: Suggestion) -> dict[str, Any]:
    """What the form proposes."""
    category = suggestion.category.category if suggestion.category else None
    urgency = category.urgency if category and case.urgency == Urgency.NORMAL else case.urgency
    return {
        "lead": str(suggestion.lead.unit.id) if suggestion.lead else "",
        "assistants": [str(part.unit.id) for part in suggestion.assistants],
        "category": category.code if category else "",
        "urgency": urgency,
    }
