from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yijiaan.areas.models import LENGTH_OF
from yijiaan.cases.actions.parties import require_no_interest
from yijiaan.cases.actions.requesting import drop_requests
from yijiaan.cases.actions.steps import (
    CLOSED,
    close_duties,
    end_orders,
    hand_over,
    level_of,
    lock_case,
    mark_ended,
    moment_for,
    note_deed,
    open_duty,
    owe,
    save_case,
)
from yijiaan.cases.actions.whistling import release
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Assignment, Case, HopKind, Kind, Outcome, Report, SolvedLevel
from yijiaan.cases.sampling import verifier_for
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Todo

RANK = {level: rank for rank, level in enumerate(SolvedLevel.values)}


@dataclass(frozen=True, slots=True)
class People:
    """Who reported a case: whether somebody waits for an answer, and whether somebody can be called."""

    is_waiting: bool
    has_phone: bool


@transaction.atomic
def take_case(*, actor: Actor, number: str, seen_version: int | None = None) -> Case:
    """自办: a grid worker or grid head takes a received case on himself; his unit owns it."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.move(case, "take", actor, to="in_progress")
    require_no_interest(actor, case)
    _own_it(actor, case, now)
    save_case(case, "status", "owner", "hop_count", "level", "next_due_at", "card")
    note_deed(actor, case, "cases.taken", now)
    return case


@transaction.atomic
def sign_case(*, actor: Actor, number: str, seen_version: int | None = None) -> Case:
    """签收: the lead unit accepts the order. RuleError not_lead for anybody else, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.move(case, "sign", actor, to="in_progress")
    require_no_interest(actor, case)
    lead = _lead_of(case)
    if lead is None or lead.unit_id != actor.unit_id:
        raise RuleError("not_lead", "这件事派给了别的单位主办，由他们签收")
    lead.signed_at = now
    lead.signed_by_id = actor.post_id
    lead.save(update_fields=["signed_at", "signed_by"])
    case.level = level_of(actor, actor.unit_id)
    case.next_due_at, case.card = _handle_due(actor, case, now)
    save_case(case, "status", "level", "next_due_at", "card")
    close_duties(actor, case, now, "sign")
    _release_first_contact(actor, case, now)
    note_deed(actor, case, "cases.signed", now)
    return case


@transaction.atomic
def finish_case(*, actor: Actor, number: str, result: str, seen_version: int | None = None) -> Case:
    """办结: say what was done; the case goes on to the reporter, or closes when there is none to ask.

    RuleError empty_result, not_owner, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "finish", case.status)
    require_no_interest(actor, case)
    if case.owner_id != actor.unit_id:
        raise RuleError("not_owner", "这件事现在在别的单位手里，由他们办结")
    conclude(actor, case, result=_result(result), is_on_spot=False, people=people_of(case))
    return case


@transaction.atomic
def solve_case(*, actor: Actor, number: str, result: str, seen_version: int | None = None) -> Case:
    """当场办结 of a case already received, in the actor's own area. RuleError empty_result, above_level, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "solve_on_spot", case.status)
    require_no_interest(actor, case)
    conclude(actor, case, result=_result(result), is_on_spot=True, people=people_of(case))
    return case


@transaction.atomic
def answer_enquiry(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """当即答复: the centre answers a question itself, from the knowledge base for instance; the one who asked rates it.

    RuleError not_an_enquiry, empty_result, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "answer_enquiry", case.status)
    require_no_interest(actor, case)
    if case.kind != Kind.ENQUIRY:
        raise RuleError("not_an_enquiry", "只有咨询可以当即答复，别的请派单")
    conclude(actor, case, result=_result(text), is_on_spot=False, people=people_of(case), move="answer_enquiry")
    return case


def conclude(actor: Actor, case: Case, *, result: str, is_on_spot: bool, people: People, move: str = "finish") -> None:
    """Write the outcome of a locked (or new) case and route it: 已办结 is a moment only."""
    if actor.unit_id is None:
        raise NotFound
    now = moment_for(case)
    works_in_grid = any(len(area) == LENGTH_OF["grid"] for area in actor.areas)
    level = level_of(actor, actor.unit_id, in_grid=is_on_spot and works_in_grid)
    lowest = case.category.lowest_level if case.category_id and case.category else SolvedLevel.GRID.value
    if is_on_spot and RANK[lowest] > RANK[SolvedLevel.VILLAGE.value]:
        name = case.category.name if case.category else ""
        raise RuleError("above_level", f"“{name}”要由镇里办，不能当场办结，请报上去", "category")
    outcome = Outcome(
        id=uuid7(),
        county=case.county,
        case=case,
        text=result,
        level=level,
        is_on_spot=is_on_spot,
        unit_id=actor.unit_id,
        finished_by_id=actor.post_id,
        finished_at=now,
    )
    outcome.save(force_insert=True)
    if is_on_spot:
        case.level = level
        hand_over(case, actor.unit_id, HopKind.SOLVE, now)
    end_orders(case, now)
    if case.status == "coordinating":
        release(case)
    if not is_on_spot:
        drop_requests(actor, case)
    case.handled_at = now
    # whoever solved it on the spot was there, and nobody is called who left no phone; otherwise a promised call that nobody
    # wrote down counts as not made
    is_kept = is_on_spot or not people.has_phone
    close_duties(actor, case, now, except_for="" if is_kept else "first_contact")
    move = "solve_on_spot" if is_on_spot else move
    if move == "answer_enquiry":  # who answers holds it
        case.level = level
        hand_over(case, actor.unit_id, HopKind.SOLVE, now)
    data = {"outcome": str(outcome.id), "level": level, "on_spot": is_on_spot}
    verifier = verifier_for(actor, case, handler_id=actor.unit_id)
    if verifier is not None:
        FLOW.move(case, move, actor, to="verifying")
        hand_over(case, verifier, HopKind.VERIFY, now)
    elif people.is_waiting:
        FLOW.move(case, move, actor, to="callback")
    else:
        FLOW.move(case, move, actor, to="closed")
        reason = "outside" if case.is_called_outside else "no_reporter"
        mark_ended(case, now, reason=reason, level=level)
        save_case(case, "owner", "hop_count", "level", "handled_at", *CLOSED)
        note_deed(actor, case, "cases.finished", now, data)
        note_deed(actor, case, "cases.closed", now, {"reason": reason, "level": level})
        return
    owe(actor, case, now)
    save_case(case, "status", "owner", "hop_count", "level", "handled_at", "next_due_at", "card")
    note_deed(actor, case, "cases.finished", now, data)


def _own_it(actor: Actor, case: Case, now: datetime) -> None:
    if actor.unit_id is None:
        raise NotFound
    case.level = level_of(actor, actor.unit_id)
    hand_over(case, actor.unit_id, HopKind.TAKE, now)
    Assignment(
        id=uuid7(),
        county=case.county,
        case=case,
        unit_id=actor.unit_id,
        is_lead=True,
        dispatched_by_id=actor.post_id,
        dispatched_at=now,
        signed_at=now,
        signed_by_id=actor.post_id,
    ).save(force_insert=True)
    close_duties(actor, case, now, "dispatch")
    owe(actor, case, now)
    _release_first_contact(actor, case, now)


def _lead_of(case: Case) -> Assignment | None:
    return (
        Assignment.objects.select_for_update(no_key=True)
        .filter(county=case.county, case_id=case.id, is_lead=True, ended_at__isnull=True)
        .first()
    )


def _handle_due(actor: Actor, case: Case, now: datetime) -> tuple[datetime, str]:
    """Due time and card of the handle duty: it began at dispatch, is not moved by signing late, and keeps the card it has got."""
    from_dispatch = (
        Todo.objects.filter(county=case.county, subject_id=case.id, kind="handle", done_at__isnull=True)
        .values_list("due_at", "card")
        .first()
    )
    return from_dispatch or (open_duty(actor, case, "handle", case.owner_id, now).due_at, "")


def people_of(case: Case) -> People:
    """A report from outside always has a tracking code, so somebody waits; what staff found has nobody, unless they named him."""
    rows = list(
        Report.objects.filter(county=case.county, case_id=case.id, withdrawn_at__isnull=True).values_list(
            "entered_by_id", "reporters__id", "reporters__phone_search"
        )
    )
    return People(
        # whom the system that sent the case rings itself, we do not ask again
        is_waiting=not case.is_called_outside
        and any(entered_by is None or reporter is not None for entered_by, reporter, _ in rows),
        has_phone=any(phone is not None for *_, phone in rows),
    )


def _release_first_contact(actor: Actor, case: Case, now: datetime) -> None:
    """Where nobody left a phone there is nobody to call: taking the case up is the first answer, shown on the progress page."""
    if not people_of(case).has_phone:
        close_duties(actor, case, now, "first_contact")


def _result(text: str) -> str:
    text = clean_text(text, most=1000, field="result")
    if not text:
        raise RuleError("empty_result", "请写一句办理结果", "result")
    return text
