from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from yijiaan.accounts.queries import get_centre
from yijiaan.cases.actions.steps import (
    GIVEN_BACK,
    close_case,
    close_duties,
    give_back_to,
    hand_over,
    last_outcome,
    lock_case,
    lock_case_of,
    note_deed,
    open_duty,
    save_case,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.limits import deadline_of
from yijiaan.cases.models import Case, HopKind, Note, NoteKind, Rating, RatingResult, Report
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system

REASONS = ("没修好", "来得太慢", "没人联系我", "说话不好听")
BY_REPORTER = ("satisfied", "basically", "dissatisfied")
BY_CALLER = ("satisfied", "basically", "understanding", "dissatisfied", "unreachable")
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
    return _answer(actor, report, result, reasons, text)


@transaction.atomic
def record_callback(*, actor: Actor, number: str, result: str, text: str = "", seen_version: int | None = None) -> Case:
    """回访: the centre asks by phone and writes the answer down. unreachable is noted and leaves the case waiting.

    RuleError unknown_rating, no_reason, wrong_state, already_rated.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "callback_ok", case.status)
    if result not in BY_CALLER:
        raise RuleError("unknown_rating", "请选一个回访结果", "result")
    report = case.reports.filter(county=case.county).order_by("id").first()
    if report is None:
        raise NotFound
    if result == RatingResult.UNREACHABLE:
        entry = note_deed(actor, case, "cases.callback_tried", clock.now(), {"report": str(report.id)})
        text = clean_text(text, most=500, field="text")
        if text:
            Note(id=uuid7(), county=case.county, case=case, entry_id=entry.id, kind=NoteKind.CONTACT, text=text).save(
                force_insert=True
            )
        return case
    return _answer(actor, report, result, (), text)


def _answer(actor: Actor, report: Report, result: str, reasons: Sequence[str], text: str) -> Case:
    now = clock.now()
    case = lock_case_of(report.county, report.case_id)
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
    instead_of = {"instead_of": said.result} if said is not None else {}
    if said is not None:
        if actor.kind is ActorKind.REPORTER or said.result != RatingResult.DISSATISFIED:
            raise RuleError("already_rated", "您已经评价过了，谢谢")
        # the centre talked it over after a second "not": the later answer stands, the first stays in the journal
        said.result, said.text, said.recorded_by_id, said.rated_at = result, text, actor.post_id, now
        said.save(update_fields=["result", "text", "recorded_by", "rated_at"])
        rating = said
    else:
        rating = Rating(
            id=uuid7(),
            county=report.county,
            report=report,
            case=case,
            round=round_,
            result=result,
            reasons=list(reasons),
            text=text,
            recorded_by_id=actor.post_id,
            rated_at=now,
        )
        rating.save(force_insert=True)
    data = {"report": str(report.id), "rating": str(rating.id), "result": result, **instead_of}
    note_deed(actor, case, "cases.rated", now, data)
    if result != RatingResult.DISSATISFIED:
        reason = "understood" if result == RatingResult.UNDERSTANDING else "solved"
        _end(actor, case, now, reason)
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
    _redo(actor, case, clock.now(), text)
    return case


def require_dissatisfied(case: Case) -> None:
    """RuleError not_said unless the reporter is dissatisfied with the last outcome."""
    said = Rating.objects.filter(
        county=case.county, case_id=case.id, round=case.reopened_count + 1, result=RatingResult.DISSATISFIED
    )
    if not said.exists():
        raise RuleError("not_said", "报事人还没有说不满意，请先回访")


def close_unanswered(*, actor: Actor) -> int:
    """Close what nobody answered within the callback limit, as unreachable; returns how many. A job; harmless when run twice.

    A case with a "not satisfied" in its last round is never closed here: it waits for the centre.
    """
    now = clock.now()
    answered = Rating.objects.filter(
        county=OuterRef("county"), case_id=OuterRef("id"), round=OuterRef("reopened_count") + 1
    )
    waiting = list(
        Case.objects.filter(~Exists(answered), status="callback", next_due_at__lte=now)
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
            if Rating.objects.filter(county=county, case_id=case.id, round=case.reopened_count + 1).exists():
                continue
            close_duties(here, case, now, "callback", fulfilled=False)
            _end(here, case, now, "unreachable")
            closed += 1
    return closed
