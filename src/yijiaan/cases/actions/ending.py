"""How a case ends otherwise than by an outcome that contents its reporter, and how an ended one begins again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from yijiaan.cases import limits
from yijiaan.cases.actions.answering import begin_again, require_dissatisfied
from yijiaan.cases.actions.excluding import put_in_force
from yijiaan.cases.actions.pausing import end_pause
from yijiaan.cases.actions.proposing import drop_exclusions, new_proposal, propose
from yijiaan.cases.actions.requesting import drop_requests
from yijiaan.cases.actions.steps import (
    CLOSED,
    close_case,
    close_duties,
    end_orders,
    hand_over,
    is_same_person,
    lock_case,
    lock_case_of,
    mark_ended,
    moment_for,
    note_deed,
    owe,
    save_case,
)
from yijiaan.cases.flows import FLOW, OPEN
from yijiaan.cases.intake import clean_text, owner_for
from yijiaan.cases.models import (
    Case,
    HopKind,
    Kind,
    Merge,
    Note,
    NoteKind,
    Proposal,
    ProposalKind,
    RejectReason,
    Report,
)
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.engines.journal.models import Entry

ARCHIVED_FROM = FLOW.named("archive").sources
TWO_PERSONS = (Kind.COMPLAINT, Kind.TIP)


@transaction.atomic
def reject_case(*, actor: Actor, number: str, reason: str, text: str, seen_version: int | None = None) -> Case:
    """不予受理 with a coded reason and the way that is open instead. Of complaints and tips, and of what its reporter appealed, it
    is only a proposal: another person agrees.

    RuleError unknown_reason, no_route (the reporter must be told where to turn), already_proposed, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "reject", case.status)
    if reason not in RejectReason.values:
        raise RuleError("unknown_reason", "请选一个不予受理的原因", "reason")
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_route", "请写明为什么、可以找谁办，报事人会看到", "text")
    if case.kind in TWO_PERSONS or _was_appealed(case):
        propose(actor, case, ProposalKind.REJECT, reason, text, now)
        return case
    row = new_proposal(actor, case, ProposalKind.REJECT, reason, text, now)
    row.decided_by_id, row.decided_at, row.is_agreed = actor.post_id, now, True
    row.save(force_insert=True)
    _reject(actor, case, row, now)
    return case


@transaction.atomic
def close_explained(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """解释结案: the reporter is dissatisfied again and nothing more can be done: why, and what was explained. Another person agrees.

    RuleError no_text, not_said, not_yet (the first "not" is handled again), already_proposed, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "close_explained", case.status)
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_text", "请写明做了什么、怎么解释的、有什么依据", "text")
    require_dissatisfied(case)
    if case.reopened_count == 0:
        raise RuleError("not_yet", "第一次不满意要先重办")
    propose(actor, case, ProposalKind.CLOSE_EXPLAINED, "", text, moment_for(case))
    return case


@transaction.atomic
def decide_proposal(
    *, actor: Actor, number: str, is_agreed: bool, answer: str = "", seen_version: int | None = None
) -> Case:
    """双人复核: another person agrees to what was proposed, or says why not. RuleError no_proposal, same_person, no_answer, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    row = Proposal.objects.filter(county=case.county, case_id=case.id, decided_at__isnull=True).first()
    if row is None:
        raise RuleError("no_proposal", "没有等着复核的事项")
    FLOW.check(actor, row.kind, case.status)
    if is_same_person(actor, row.proposed_by_id):
        raise RuleError("same_person", "您提出的请别人复核")
    answer = clean_text(answer, most=300, field="answer")
    if not is_agreed and not answer:
        raise RuleError("no_answer", "不同意请写一句理由", "answer")
    row.decided_by_id, row.decided_at, row.is_agreed, row.answer = actor.post_id, now, is_agreed, answer
    row.save(update_fields=["decided_by", "decided_at", "is_agreed", "answer"])
    if not is_agreed:
        save_case(case)
        note_deed(actor, case, "cases.proposal_refused", now, {"proposal": str(row.id)})
    elif row.kind == ProposalKind.REJECT:
        _reject(actor, case, row, now)
    elif row.kind == ProposalKind.EXCLUDE:
        put_in_force(actor, case, row, now)
    else:
        FLOW.move(case, "close_explained", actor, to="closed")
        close_case(actor, case, now, reason="explained", proposal=str(row.id))
    return case


def _reject(actor: Actor, case: Case, row: Proposal, now: datetime) -> None:
    FLOW.move(case, "reject", actor, to="rejected")
    mark_ended(case, now, reason=row.reason)
    save_case(case, *CLOSED)
    close_duties(actor, case, now, fulfilled=False)
    note_deed(actor, case, "cases.rejected", now, {"reason": row.reason, "proposal": str(row.id)})


@transaction.atomic
def withdraw_report(*, actor: Actor, text: str = "") -> Case:
    """撤回诉求: the reporter takes it back, as long as nobody has finished it; who handles it is told. Where others reported the
    same, the case goes on for them, and he is asked no more. RuleError wrong_state, withdrawn_already."""
    case = _own_case(actor)
    now = moment_for(case)
    if not FLOW.named("withdraw").starts_from(case.status):
        raise RuleError("wrong_state", "已经办好了，请您评价" if case.is_open else "这件事已经结束")
    report = Report.objects.get(county=case.county, id=actor.identity)
    if report.withdrawn_at is not None:
        raise RuleError("withdrawn_already", "您已经撤回了")
    text = clean_text(text, most=500, field="text")
    holder = case.owner_id
    report.withdrawn_at = now
    report.save(update_fields=["withdrawn_at"])
    if Report.objects.filter(county=case.county, case_id=case.id, withdrawn_at__isnull=True).exists():
        save_case(case)
        entry = note_deed(actor, case, "cases.report_withdrawn", now, {"report": str(report.id), "lead": str(holder)})
        _keep_words(case, entry, NoteKind.WITHDRAW, text)
        return case
    end_pause(case, now)
    drop_requests(actor, case)
    case.status = "withdrawn"
    mark_ended(case, now, reason="withdrawn")
    save_case(case, *CLOSED)
    end_orders(case, now)
    close_duties(actor, case, now, fulfilled=False)
    entry = note_deed(actor, case, "cases.withdrawn", now, {"lead": str(holder)})
    _keep_words(case, entry, NoteKind.WITHDRAW, text)
    return case


@transaction.atomic
def reopen_case(*, actor: Actor, text: str, number: str = "", seen_version: int | None = None) -> Case:
    """再启动: there are new facts about a closed case, told by its reporter or by staff; it goes to the centre again.

    RuleError no_text, too_late (30 days), wrong_state.
    """
    if actor.kind is ActorKind.REPORTER:
        case = _own_case(actor)
        if case.status != "closed":
            raise RuleError("wrong_state", "这件事还在办，不用再启动" if case.is_open else "这件事没有受理或已撤回")
    else:
        case = lock_case(actor, number=number, seen_version=seen_version)
        FLOW.check(actor, "reopen", case.status)
    now = moment_for(case)
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_text", "请写一句又出了什么情况", "text")
    if case.closed_at is not None and now > case.closed_at + timedelta(days=limits.REOPEN_DAYS):
        raise RuleError("too_late", f"结案超过 {limits.REOPEN_DAYS} 天了，请重新报一件")
    begin_again(actor, case, now)
    entry = note_deed(actor, case, "cases.restarted", now, {"lead": str(case.owner_id)})
    _keep_words(case, entry, NoteKind.NEW_FACTS, text)
    return case


@transaction.atomic
def appeal_rejection(*, actor: Actor, text: str) -> Case:
    """复核: the reporter says once why a rejected report should be taken up after all; another rejection needs two persons.

    RuleError no_text, appealed_already, too_late (30 days), wrong_state.
    """
    case = _own_case(actor)
    now = moment_for(case)
    if case.status != "rejected":
        raise RuleError("wrong_state", "这件事没有被拒绝，不用复核")
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_text", "请写一句为什么应该受理", "text")
    if _was_appealed(case):
        raise RuleError("appealed_already", "已经复核过一次，请按告知的途径办理")
    if case.closed_at is not None and now > case.closed_at + timedelta(days=limits.REOPEN_DAYS):
        raise RuleError("too_late", f"超过 {limits.REOPEN_DAYS} 天了，请重新报一件")
    case.status = "received"
    case.closed_at = None
    case.close_reason = ""
    hand_over(case, owner_for(actor, area_code=case.area_code, kind=case.kind), HopKind.APPEAL, now)
    owe(actor, case, now)
    save_case(case, "owner", "hop_count", *CLOSED)
    entry = note_deed(actor, case, "cases.appealed", now, {"lead": str(case.owner_id)})
    _keep_words(case, entry, NoteKind.APPEAL, text)
    return case


def _was_appealed(case: Case) -> bool:
    return Note.objects.filter(county=case.county, case_id=case.id, kind=NoteKind.APPEAL).exists()


def archive_ended(*, actor: Actor, most: int = 2000) -> int:
    """归档 what ended long ago and whose every report has its answer; returns how many. A job; harmless when run twice.

    A report is answered by the end itself, shown on its progress page: an outcome, the way that is open instead, or its own
    withdrawal; a merged case by the end of the one it went into.
    """
    before = clock.now() - timedelta(days=limits.ARCHIVE_DAYS)
    open_main = Merge.objects.filter(
        county=OuterRef("county"), part_id=OuterRef("id"), undone_at__isnull=True, case__status__in=OPEN
    )
    ended = Case.objects.filter(~Exists(open_main), status__in=ARCHIVED_FROM, closed_at__lt=before)
    done = 0
    for county, case_id in list(ended.order_by("closed_at").values_list("county", "id")[:most]):
        here = system(actor.identity, county)
        with transaction.atomic():
            case = lock_case_of(county, case_id)
            if case.status not in ARCHIVED_FROM or case.closed_at is None or case.closed_at >= before:
                continue
            FLOW.move(case, "archive", here, to="archived")
            drop_exclusions(case, moment_for(case))
            save_case(case, "status")
            note_deed(here, case, "cases.archived", moment_for(case))
            done += 1
    return done


def _own_case(actor: Actor) -> Case:
    """The locked case of a reporter's own report. NotFound for anybody else."""
    if actor.kind is not ActorKind.REPORTER:
        raise NotFound
    report = Report.objects.filter(county=actor.county, id=actor.identity).first()
    if report is None:
        raise NotFound
    return lock_case_of(report.county, report.case_id)


def _keep_words(case: Case, entry: Entry, kind: str, text: str) -> None:
    if text:
        Note(id=uuid7(), county=case.county, case=case, entry_id=entry.id, kind=kind, text=text).save(force_insert=True)
