"""What the unit that handles a case asks for, and who decides: more time (延期), or the ledger (挂账)."""

from datetime import date

from django.db import transaction

from yijiaan.cases import limits
from yijiaan.cases.actions.pausing import check_review_day, put_on_ledger
from yijiaan.cases.actions.steps import is_same_person, lock_case, moment_for, note_deed, save_case
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, ExtensionReason, HandlingRequest, RequestKind, SuspensionReason
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.actions import lengthen_todo


@transaction.atomic
def ask_extension(
    *, actor: Actor, number: str, reason: str, days: int, text: str, seen_version: int | None = None
) -> Case:
    """申请延期: before the limit, with a reason and how many working days. Shandong 政务服务热线管理办法 (2020): at most ten, for
    very complex matters.

    RuleError not_owner, too_late, unknown_reason, bad_days, no_text, asked_already, extended_often, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "ask_extension", case.status)
    _require_owner(actor, case)
    if case.next_due_at is None or now > case.next_due_at:
        raise RuleError("too_late", "已经到期了，不能再申请延期，请尽快办结或找镇里协调")
    if reason not in ExtensionReason.values:
        raise RuleError("unknown_reason", "请选一个延期原因", "reason")
    most = limits.most_extension(actor, urgency=case.urgency)
    if not 1 <= days <= most:
        raise RuleError("bad_days", f"最多延长 {most} 个工作日，请填 1 到 {most}", "days")
    given = HandlingRequest.objects.filter(
        county=case.county, case_id=case.id, kind=RequestKind.EXTEND, is_agreed=True
    ).count()
    if given >= limits.MOST_EXTENSIONS:
        raise RuleError("extended_often", f"已经延过 {limits.MOST_EXTENSIONS} 次，不能再延，确实办不了的可以申请挂账")
    wish = _wish(actor, case, RequestKind.EXTEND, reason, text)
    wish.days = days
    return _ask(actor, case, wish)


@transaction.atomic
def ask_suspension(
    *,
    actor: Actor,
    number: str,
    reason: str,
    text: str,
    public_text: str,
    review_on: date | None,
    seen_version: int | None = None,
) -> Case:
    """申请挂账: it cannot be done now; why, what the reporter is told, and on which day somebody looks again.

    RuleError not_owner, unknown_reason, no_text, no_public_text, no_day, day_past, day_too_far, asked_already, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "ask_suspension", case.status)
    _require_owner(actor, case)
    if reason not in SuspensionReason.values:
        raise RuleError("unknown_reason", "请选一个挂账原因", "reason")
    wish = _wish(actor, case, RequestKind.SUSPEND, reason, text)
    wish.public_text = clean_text(public_text, most=300, field="public_text")
    if not wish.public_text:
        raise RuleError("no_public_text", "请写一句给报事人看的实话：为什么现在办不了、什么时候再办", "public_text")
    wish.review_on = check_review_day(review_on, wish.asked_at)
    return _ask(actor, case, wish)


@transaction.atomic
def decide_request(
    *, actor: Actor, number: str, is_agreed: bool, answer: str = "", seen_version: int | None = None
) -> Case:
    """批复: agree to the extension or the ledger, or say why not. RuleError nothing_asked, same_person, no_answer, too_late, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    wish = HandlingRequest.objects.filter(county=case.county, case_id=case.id, decided_at__isnull=True).first()
    if wish is None:
        raise RuleError("nothing_asked", "没有等着批的申请")
    FLOW.check(actor, wish.kind, case.status)
    if is_same_person(actor, wish.asked_by_id):
        raise RuleError("same_person", "您自己申请的请别人批")
    answer = clean_text(answer, most=300, field="answer")
    if not is_agreed and not answer:
        raise RuleError("no_answer", "不批请写一句理由", "answer")
    wish.decided_by_id, wish.decided_at, wish.is_agreed, wish.answer = actor.post_id, now, is_agreed, answer
    data = {"request": str(wish.id), "kind": wish.kind, "lead": str(case.owner_id)}
    case.has_request = False
    if not is_agreed:
        wish.save(update_fields=["decided_by", "decided_at", "is_agreed", "answer"])
        save_case(case, "has_request")
        note_deed(actor, case, "cases.request_refused", now, data)
    elif wish.kind == RequestKind.SUSPEND:
        wish.save(update_fields=["decided_by", "decided_at", "is_agreed", "answer"])
        put_on_ledger(actor, case, wish, now)
        note_deed(actor, case, "cases.suspended", now, data)
    else:
        wish.due_before = case.next_due_at
        todo = lengthen_todo(actor=actor, county=case.county, subject_id=case.id, kind="handle", by=wish.days, at=now)
        if todo is None:
            raise LookupError(f"case {case.number} owes nothing to lengthen")
        wish.due_after = case.next_due_at = todo.due_at
        case.card = todo.card
        wish.save(update_fields=["decided_by", "decided_at", "is_agreed", "answer", "due_before", "due_after"])
        save_case(case, "next_due_at", "card", "has_request")
        note_deed(actor, case, "cases.extended", now, data)
    return case


def _require_owner(actor: Actor, case: Case) -> None:
    if case.owner_id != actor.unit_id or actor.unit_id is None:
        raise RuleError("not_owner", "这件事现在在别的单位手里，由他们申请")


def _wish(actor: Actor, case: Case, kind: str, reason: str, text: str) -> HandlingRequest:
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_text", "请写一句具体情况", "text")
    if HandlingRequest.objects.filter(county=case.county, case_id=case.id, decided_at__isnull=True).exists():
        raise RuleError("asked_already", "已经有一个申请等着批")
    return HandlingRequest(
        id=uuid7(),
        county=case.county,
        case=case,
        kind=kind,
        unit_id=case.owner_id,
        reason=reason,
        text=text,
        asked_by_id=actor.post_id,
        asked_at=moment_for(case),
    )


def _ask(actor: Actor, case: Case, wish: HandlingRequest) -> Case:
    wish.save(force_insert=True)
    case.has_request = True
    save_case(case, "has_request")
    note_deed(actor, case, "cases.requested", wish.asked_at, {"request": str(wish.id), "kind": wish.kind})
    return case


def drop_requests(actor: Actor, case: Case) -> None:
    """What was asked for needs no answer any more: the case goes on or ends otherwise. The caller saves the case by `save_case`."""
    if not case.has_request:
        return
    HandlingRequest.objects.filter(county=case.county, case_id=case.id, decided_at__isnull=True).update(
        decided_at=moment_for(case), answer="事情已经往下走，不用再批"
    )
    case.has_request = False
    Case.objects.filter(county=case.county, id=case.id).update(has_request=False)
