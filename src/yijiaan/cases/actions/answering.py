from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from yijiaan.accounts.queries import get_centre
from yijiaan.cases.actions.calling import (
    keep_call,
    require_next_half_day,
    require_not_own_work,
    require_open_call,
)
from yijiaan.cases.actions.parties import require_no_interest
from yijiaan.cases.actions.proposing import drop_exclusions
from yijiaan.cases.actions.steps import (
    CLOSED,
    GIVEN_BACK,
    close_case,
    close_duties,
    give_back_to,
    hand_over,
    last_outcome,
    lock_case,
    lock_case_of,
    moment_for,
    note_deed,
    open_duty,
    owe,
    save_case,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text, owner_for
from yijiaan.cases.limits import MOST_CALLS, deadline_of
from yijiaan.cases.models import (
    Callback,
    CallbackResult,
    Case,
    HopKind,
    Note,
    NoteKind,
    Rating,
    RatingResult,
    Report,
    Reporter,
)
from yijiaan.cases.permissions import OUTSIDE_TERMS
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system

REASONS = ("没修好", "来得太慢", "没人联系我", "说话不好听")
BY_REPORTER = ("satisfied", "basically", "dissatisfied")
BY_CALLER = ("satisfied", "basically", "understanding", "dissatisfied", "unreachable")
# what a caller hears: how content somebody is, and whether he says that it was solved; the plain answers mean the usual of both
HEARD = {
    "solved_satisfied": ("satisfied", True),
    "solved_basically": ("basically", True),
    "solved_dissatisfied": ("dissatisfied", True),
    "unsolved_understanding": ("understanding", False),
    "unsolved_dissatisfied": ("dissatisfied", False),
    "satisfied": ("satisfied", True),
    "basically": ("basically", True),
    "understanding": ("understanding", False),
    "dissatisfied": ("dissatisfied", False),
}
CALLED = {
    "satisfied": "solved_satisfied",
    "basically": "solved_basically",
    "understanding": "unsolved_understanding",
    "dissatisfied": "unsolved_dissatisfied",
}
NOT_DONE = "没修好"  # whoever complains of something else says that it was done
UNANSWERED_BATCH = 200


@transaction.atomic
def rate_report(*, actor: Actor, result: str, reasons: Sequence[str] = (), text: str = "") -> Case:
    """A reporter says whether it was solved. Content closes the case; "not" sends it back once, with a reason.

    RuleError unknown_rating, no_reason, wrong_state; already_rated when this round has an answer.
    """
    if actor.kind is not ActorKind.REPORTER:
        raise NotFound
    report = Report.objects.filter(county=actor.county, id=actor.identity).first()
    if report is None:
        raise NotFound
    if result not in BY_REPORTER:
        raise RuleError("unknown_rating", "请选满意、基本满意或不满意", "result")
    is_solved = result != RatingResult.DISSATISFIED or (bool(reasons) and NOT_DONE not in reasons)
    return _answer(actor, report, result, reasons, text, is_solved=is_solved)


@transaction.atomic
def record_callback(
    *,
    actor: Actor,
    number: str,
    result: str,
    text: str = "",
    report_number: str = "",
    seen_version: int | None = None,
) -> Case:
    """回访: the centre asks by phone and writes down what it heard (`CallbackResult`, or a plain rating).

    unreachable: three calls on different half-days without an answer, and nobody is rung any more; the case ends when nobody
    else is to be asked. refused: the reporter does not want to be asked. report_number: whose answer it is, where several
    reported; the first who has not answered otherwise. RuleError unknown_rating, unknown_report, no_reason, wrong_state,
    already_rated, called_outside, own_work, conflict_of_interest; too_soon, called_enough for a call that may not be made.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "callback_ok", case.status)
    require_no_interest(actor, case)
    require_not_own_work(actor, case)
    if case.is_called_outside:
        raise RuleError("called_outside", "这件由交来的系统回访，我们不再打")
    if result not in HEARD and result not in (CallbackResult.UNREACHABLE, CallbackResult.REFUSED):
        raise RuleError("unknown_rating", "请选一个回访结果", "result")
    report = _asked_of(case, report_number)
    require_open_call(case, report)
    now = moment_for(case)
    text = clean_text(text, most=500, field="text")
    if result in HEARD:
        rating, is_solved = HEARD[result]
        keep_call(actor, case, report, CALLED.get(result, result), text, now)
        return _answer(actor, report, rating, (), text, is_solved=is_solved)
    if result == CallbackResult.REFUSED:
        keep_call(actor, case, report, result, text, now)
        _tried(actor, case, report, "cases.callback_refused", now, text)
        _settle(actor, case, now)
        return case
    before = require_next_half_day(case, report, now)
    is_final = before + 1 >= MOST_CALLS
    keep_call(actor, case, report, result, text, now, is_final=is_final)
    _tried(actor, case, report, "cases.callback_tried", now, text, times=before + 1)
    if is_final:
        _settle(actor, case, now)
    return case


def _tried(actor: Actor, case: Case, report: Report, verb: str, now: datetime, text: str, **data: int) -> None:
    entry = note_deed(actor, case, verb, now, {"report": str(report.id), **data})
    if text:
        Note(id=uuid7(), county=case.county, case=case, entry_id=entry.id, kind=NoteKind.CONTACT, text=text).save(
            force_insert=True
        )


@transaction.atomic
def record_outside_answer(*, actor: Actor, number: str, report_number: str, result: str, text: str = "") -> Case:
    """What the system that sent a case heard when it called its reporter back. Content: kept as his rating, the case stays
    closed. "Not satisfied": it begins anew at the centre, as often as they say so, for the word is theirs.

    RuleError unknown_rating, unknown_report, wrong_state (not answered yet).
    """
    actor.require(OUTSIDE_TERMS)
    case = lock_case(actor, number=number)
    now = moment_for(case)
    if result not in BY_CALLER or result == RatingResult.UNREACHABLE:
        raise RuleError("unknown_rating", "请选一个回访结果", "result")
    report = _asked_of(case, report_number)
    if case.status == "callback":
        reasons = (NOT_DONE,) if result == RatingResult.DISSATISFIED and not text else ()
        return _answer(actor, report, result, reasons, text, is_solved=HEARD[result][1])
    if case.status != "closed":
        raise RuleError("wrong_state", "这件事还没有办结，不能记回访结果")
    text = clean_text(text, most=500, field="text")
    earlier = Rating.objects.filter(county=case.county, report=report, round=case.reopened_count + 1).first()
    instead_of = {} if earlier is None else {"instead_of": earlier.result, "instead_of_solved": earlier.is_solved}
    said = {"case": case, "result": result, "is_solved": HEARD[result][1], "text": text, "rated_at": now}
    rating, _ = Rating.objects.update_or_create(
        county=case.county,
        report=report,
        round=case.reopened_count + 1,
        defaults=said,
        create_defaults={"id": uuid7(), **said},
    )
    save_case(case)
    data = {
        "report": str(report.id),
        "rating": str(rating.id),
        "result": result,
        "solved": said["is_solved"],
    } | instead_of
    note_deed(actor, case, "cases.rated", now, data)
    if result == RatingResult.DISSATISFIED:
        begin_again(actor, case, now)
        note_deed(actor, case, "cases.restarted", now, {"lead": str(case.owner_id)})
    return case


def _answer(actor: Actor, report: Report, result: str, reasons: Sequence[str], text: str, *, is_solved: bool) -> Case:
    case = lock_case_of(report.county, report.case_id)
    now = moment_for(case)
    if case.status != "callback":
        raise RuleError("wrong_state", "这件事还没办结，办好后请您评价" if case.is_open else "这件事已经结案")
    text = clean_text(text, most=500, field="text")
    unknown = [reason for reason in reasons if reason not in REASONS]
    if unknown:
        raise RuleError("unknown_reason", "请从列出的原因里选，或写一句", "reasons")
    if result == RatingResult.DISSATISFIED and not text and not reasons:
        raise RuleError("no_reason", "哪里没办好？选一项或写一句", "text")
    round_ = case.reopened_count + 1
    said = Rating.objects.filter(county=report.county, report=report, round=round_).first()
    instead_of = {"instead_of": said.result, "instead_of_solved": said.is_solved} if said is not None else {}
    if said is not None:
        if actor.kind is ActorKind.REPORTER or said.result != RatingResult.DISSATISFIED:
            raise RuleError("already_rated", "您已经评价过了，谢谢")
        # the centre talked it over after a second "not": the later answer stands, the first stays in the journal
        said.result, said.is_solved, said.text, said.recorded_by_id, said.rated_at = (
            result, is_solved, text, actor.post_id, now,
        )  # fmt: skip
        said.save(update_fields=["result", "is_solved", "text", "recorded_by", "rated_at"])
        rating = said
    else:
        rating = Rating(
            id=uuid7(),
            county=report.county,
            report=report,
            case=case,
            round=round_,
            result=result,
            is_solved=is_solved,
            reasons=list(reasons),
            text=text,
            recorded_by_id=actor.post_id,
            rated_at=now,
        )
        rating.save(force_insert=True)
    data = {"report": str(report.id), "rating": str(rating.id), "result": result, "solved": is_solved, **instead_of}
    note_deed(actor, case, "cases.rated", now, data)
    if result != RatingResult.DISSATISFIED:
        _content(actor, case, now)
    elif case.reopened_count == 0:
        _redo(actor, case, now)
    else:
        # sent back once already: it stays with the centre, which calls and decides
        centre = get_centre(system("callback"), area_code=case.area_code)
        close_duties(actor, case, now, "callback", fulfilled=False)
        hand_over(case, centre.id, HopKind.CALLBACK, now)
        deadline = deadline_of(actor, "first_contact", now, urgency=case.urgency)
        case.next_due_at, case.card = open_duty(actor, case, "callback", centre.id, now, deadline).due_at, ""
        save_case(case, "owner", "hop_count", "next_due_at", "card")
        note_deed(actor, case, "cases.callback_raised", now)
    return case


def _asked_of(case: Case, report_number: str) -> Report:
    """The report whose reporter was asked: the one named, else the first without an answer, else the first."""
    reports = list(Report.objects.filter(county=case.county, case_id=case.id, withdrawn_at__isnull=True).order_by("id"))
    if report_number:
        named = next((report for report in reports if report.number == report_number), None)
        if named is None:
            raise RuleError("unknown_report", "这件事里没有这个编号的诉求", "report_number")
        return named
    if not reports:
        raise NotFound
    answered = set() if len(reports) == 1 else set(_said(case).values_list("report_id", flat=True))
    return next((report for report in reports if report.id not in answered), reports[0])


def _said(case: Case) -> QuerySet[Rating]:
    """The answers of this round."""
    return Rating.objects.filter(county=case.county, case_id=case.id, round=case.reopened_count + 1)


def _content(actor: Actor, case: Case, now: datetime) -> None:
    """Somebody is content. The case ends when nobody who waits for an answer is still to be asked, and nobody said no."""
    results = dict(_said(case).values_list("report_id", "result"))
    if case.report_count > 1 and (RatingResult.DISSATISFIED in results.values() or _waiting(case, results)):
        save_case(case)
        return
    only_understood = set(results.values()) <= {RatingResult.UNDERSTANDING.value}
    _end(actor, case, now, "understood" if only_understood else "solved")


def _waiting(case: Case, answered: Iterable[UUID]) -> bool:
    """Whether a reporter waits to be asked: he has neither answered, nor taken it back, nor is he rung no more."""
    settled = Callback.objects.filter(
        county=case.county, case_id=case.id, round=case.reopened_count + 1, is_final=True
    ).values_list("report_id", flat=True)
    return (
        Report.objects.filter(county=case.county, case_id=case.id, withdrawn_at__isnull=True)
        .filter(
            Q(entered_by__isnull=True) | Exists(Reporter.objects.filter(county=case.county, report_id=OuterRef("id")))
        )
        .exclude(id__in=[*answered, *settled])
        .exists()
    )


def _settle(actor: Actor, case: Case, now: datetime) -> None:
    """Somebody is rung no more. The case ends when nobody else is to be asked; a "not" among the answers keeps it."""
    results = dict(_said(case).values_list("report_id", "result"))
    if RatingResult.DISSATISFIED in results.values() or _waiting(case, results):
        save_case(case)
        return
    if results:
        _content(actor, case, now)
        return
    tried = Callback.objects.filter(county=case.county, case_id=case.id, round=case.reopened_count + 1)
    is_refused = tried.filter(result=CallbackResult.REFUSED).exists()
    close_duties(actor, case, now, "callback", fulfilled=is_refused)
    _end(actor, case, now, "not_asked" if is_refused else "not_reached")


def _end(actor: Actor, case: Case, now: datetime, reason: str) -> None:
    case.status = "closed"
    close_case(actor, case, now, reason=reason)


def _redo(actor: Actor, case: Case, now: datetime, text: str = "") -> None:
    outcome = last_outcome(case)
    case.status = "in_progress"
    case.reopened_count += 1
    close_duties(actor, case, now, "callback")
    unit_id = outcome.unit_id if outcome else case.owner_id
    give_back_to(actor, case, unit_id, HopKind.REDO, now, text or "报事人不满意，退回重办")
    save_case(case, "reopened_count", *GIVEN_BACK)
    note_deed(actor, case, "cases.reopened", now, {"lead": str(unit_id), "round": case.reopened_count})


@transaction.atomic
def redo_case(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """退回重办 by the centre: somebody was not satisfied again, and there is more to do. RuleError no_text, not_said, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "callback_redo", case.status)
    text = clean_text(text, most=200, field="text")
    if not text:
        raise RuleError("no_text", "请写一句还要办什么", "text")
    require_dissatisfied(case)
    _redo(actor, case, moment_for(case), text)
    return case


def begin_again(actor: Actor, case: Case, now: datetime) -> None:
    """A closed case is received again by the centre of its place. Saves the case; the caller writes the journal."""
    case.status = "received"
    case.closed_at = case.handled_at = None
    case.close_reason = case.solved_at_level = ""
    case.reopened_count += 1
    drop_exclusions(case, now)
    hand_over(case, owner_for(actor, area_code=case.area_code, kind=case.kind), HopKind.REOPEN, now)
    owe(actor, case, now)
    save_case(case, "owner", "hop_count", "handled_at", "reopened_count", *CLOSED)


def require_dissatisfied(case: Case) -> None:
    """RuleError not_said unless the reporter is dissatisfied with the last outcome."""
    said = Rating.objects.filter(
        county=case.county, case_id=case.id, round=case.reopened_count + 1, result=RatingResult.DISSATISFIED
    )
    if not said.exists():
        raise RuleError("not_said", "报事人还没有说不满意，请先回访")


def close_unanswered(*, actor: Actor) -> int:
    """Close what nobody answered within the callback limit, as unreachable; returns how many. A job; harmless when run twice.

    A case with a "not satisfied" in its last round is never closed here: it waits for the centre. Where some of several
    reporters answered and were content, it is solved.
    """
    now = clock.now()
    refused = Rating.objects.filter(
        county=OuterRef("county"),
        case_id=OuterRef("id"),
        round=OuterRef("reopened_count") + 1,
        result=RatingResult.DISSATISFIED,
    )
    waiting = list(
        Case.objects.filter(~Exists(refused), status="callback", next_due_at__lte=now)
        .order_by("next_due_at")
        .values_list("county", "number")[:UNANSWERED_BATCH]
    )
    closed = 0
    for county, number in waiting:
        here = system(actor.identity, county)
        with transaction.atomic():
            case = lock_case(here, number=number)
            if case.status != "callback" or case.next_due_at is None or case.next_due_at > now:
                continue
            results = set(_said(case).values_list("result", flat=True))
            if RatingResult.DISSATISFIED in results:
                continue
            at = moment_for(case)
            close_duties(here, case, at, "callback", fulfilled=bool(results))
            _end(here, case, at, "solved" if results else "unreachable")
            closed += 1
    return closed
