"""What lets the clock of a case stand still: a question to its reporter, and the ledger of what cannot be done now (挂账)."""

from datetime import date, datetime, timedelta

from django.db import transaction

from yijiaan.cases import limits
from yijiaan.cases.actions.steps import (
    SUBJECT,
    duty_area,
    keep_note,
    lock_case,
    lock_case_of,
    moment_for,
    note_deed,
    open_duty,
    save_case,
)
from yijiaan.cases.flows import DUTY_OF, FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, HandlingRequest, NoteKind, Pause, PauseKind, Report
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.engines.todos.actions import close_todos, open_todo, pause_todo, resume_todo
from yijiaan.engines.todos.queries import get_deadline_on

BATCH = 200
PAUSED = ("status", "next_due_at", "card")


@transaction.atomic
def ask_reporter(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """请补充: ask the reporter for what is missing. The clock stands still until he answers, at most as long as the preset says.

    RuleError no_text, not_owner, nobody_to_ask (no reporter follows it), asked_often (three questions a case), wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "ask_reporter", case.status)
    if case.owner_id != actor.unit_id:
        raise RuleError("not_owner", "这件事现在在别的单位手里，由他们去问")
    text = clean_text(text, most=300, field="text")
    if not text:
        raise RuleError("no_text", "请写清要报事人补充什么", "text")
    if not Report.objects.filter(county=case.county, case_id=case.id, entered_by__isnull=True).exists():
        raise RuleError("nobody_to_ask", "这件没有能在网上补充的报事人，请打电话问，记在“联系群众”里")
    asked = Pause.objects.filter(county=case.county, case_id=case.id, kind=PauseKind.NEED_INFO).count()
    if asked >= limits.MOST_QUESTIONS:
        raise RuleError("asked_often", f"已经问过 {limits.MOST_QUESTIONS} 次，请打电话或上门问清楚")
    before = case.status
    FLOW.move(case, "ask_reporter", actor, to="need_info")
    _begin(actor, case, PauseKind.NEED_INFO, before, "", now)
    case.next_due_at, case.card = open_duty(actor, case, "answer", case.owner_id, now).due_at, ""
    save_case(case, *PAUSED)
    entry = note_deed(actor, case, "cases.asked", now)
    keep_note(case, entry.id, NoteKind.ASKED, text)
    return case


@transaction.atomic
def answer_question(*, actor: Actor, text: str) -> Case:
    """已补充: the reporter answers on his progress page; the case goes on where it stood. RuleError no_text, wrong_state."""
    if actor.kind is not ActorKind.REPORTER:
        raise NotFound
    report = Report.objects.filter(county=actor.county, id=actor.identity).first()
    if report is None:
        raise NotFound
    case = lock_case_of(report.county, report.case_id)
    if case.status != "need_info":
        raise RuleError("wrong_state", "现在没有要您补充的，办理单位已经接着办了" if case.is_open else "这件事已经结束")
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_text", "请写一句补充的情况", "text")
    now = moment_for(case)
    _go_on(actor, case, now, fulfilled=True)
    entry = note_deed(actor, case, "cases.answered", now, {"lead": str(case.owner_id), "report": str(report.id)})
    keep_note(case, entry.id, NoteKind.ANSWERED, text)
    return case


def resume_unanswered(*, actor: Actor) -> int:
    """Let cases go on whose reporter did not answer in time; returns how many. A job; harmless when run twice."""
    now = clock.now()
    waiting = list(
        Case.objects.filter(status="need_info", next_due_at__lte=now)
        .order_by("next_due_at")
        .values_list("county", "id")[:BATCH]
    )
    gone_on = 0
    for county, case_id in waiting:
        here = system(actor.identity, county)
        with transaction.atomic():
            case = lock_case_of(county, case_id)
            if case.status != "need_info" or case.next_due_at is None or case.next_due_at > now:
                continue
            at = moment_for(case)
            _go_on(here, case, at, fulfilled=False)
            note_deed(here, case, "cases.unanswered", at, {"lead": str(case.owner_id)})
            gone_on += 1
    return gone_on


def put_on_ledger(actor: Actor, case: Case, wish: HandlingRequest, now: datetime) -> None:
    """挂账 as approved: the clock stands still until the day on which somebody looks again."""
    FLOW.move(case, "suspend", actor, to="suspended")
    _begin(actor, case, PauseKind.SUSPENDED, "in_progress", wish.reason, now)
    deadline = get_deadline_on(actor, start=now, day=wish.review_on or clock.local_day(now))
    open_todo(
        actor=actor,
        county=case.county,
        subject_type=SUBJECT,
        subject_id=case.id,
        kind="review",
        unit_id=case.owner_id,
        area_code=duty_area(case),
        at=now,
        deadline=deadline,
    )
    case.next_due_at, case.card = deadline.due_at, ""
    save_case(case, "has_request", *PAUSED)


@transaction.atomic
def resume_case(*, actor: Actor, number: str, text: str = "", seen_version: int | None = None) -> Case:
    """恢复办理: what stood on the ledger can be done now, or must be decided anew. RuleError not_owner, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "resume", case.status)
    if case.owner_id != actor.unit_id and not actor.may("cases.suspend") and not actor.may("cases.dispatch"):
        raise RuleError("not_owner", "这件事挂在别的单位，由他们恢复办理")
    text = clean_text(text, most=500, field="text")
    _go_on(actor, case, now, fulfilled=True)
    entry = note_deed(actor, case, "cases.resumed", now, {"lead": str(case.owner_id)})
    if text:
        keep_note(case, entry.id, NoteKind.NOTE, text)
    return case


def check_review_day(day: date | None, now: datetime) -> date:
    """The day on which a suspended case is looked at again. RuleError no_day, day_past, day_too_far (a year)."""
    today = clock.local_day(now)
    if day is None:
        raise RuleError("no_day", "请选哪一天再看", "review_on")
    if day <= today:
        raise RuleError("day_past", "复查日要在今天以后", "review_on")
    if day > today + timedelta(days=limits.LONGEST_SUSPENSION):
        raise RuleError("day_too_far", "复查日最远一年，到时可以再挂", "review_on")
    return day


def _begin(actor: Actor, case: Case, kind: str, back_to: str, reason: str, now: datetime) -> None:
    Pause(id=uuid7(), county=case.county, case=case, kind=kind, reason=reason, back_to=back_to, begun_at=now).save(
        force_insert=True
    )
    pause_todo(actor=actor, county=case.county, subject_id=case.id, kind=DUTY_OF[back_to], at=now)


def _go_on(actor: Actor, case: Case, now: datetime, *, fulfilled: bool) -> None:
    """The pause ends: the duty that stood still goes on, later by as long as its own clock ran meanwhile. Saves the case."""
    pause = Pause.objects.get(county=case.county, case_id=case.id, ended_at__isnull=True)
    pause.ended_at = now
    pause.save(update_fields=["ended_at"])
    held = DUTY_OF[case.status]
    close_todos(actor=actor, county=case.county, subject_id=case.id, kinds=(held,), at=now, fulfilled=fulfilled)
    case.status = pause.back_to
    todo = resume_todo(actor=actor, county=case.county, subject_id=case.id, kind=DUTY_OF[pause.back_to], at=now)
    if todo is None:
        raise LookupError(f"case {case.number} stood still without a duty")
    case.next_due_at, case.card = todo.due_at, todo.card
    save_case(case, *PAUSED)


def end_pause(case: Case, now: datetime) -> None:
    """A case that ends while its clock stands still: the pause ends with it."""
    Pause.objects.filter(county=case.county, case_id=case.id, ended_at__isnull=True).update(ended_at=now)
