from django.db import transaction

from yijiaan.cases.actions.handling import people_of
from yijiaan.cases.actions.parties import require_no_interest, require_no_kin
from yijiaan.cases.actions.steps import (
    GIVEN_BACK,
    close_case,
    close_duties,
    give_back_to,
    hand_over,
    is_same_person,
    last_outcome,
    lock_case,
    moment_for,
    note_deed,
    owe,
    save_case,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, HopKind, Verification
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor


@transaction.atomic
def verify_case(*, actor: Actor, number: str, is_passed: bool, text: str = "", seen_version: int | None = None) -> Case:
    """核查: somebody other than the handler looks whether it was done. Passed: on to the reporter, or closed; else back to the handler.

    RuleError same_person, not_yours (another unit verifies it), no_text for a failed one, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "verify_pass" if is_passed else "verify_fail", case.status)
    require_no_interest(actor, case)
    if case.owner_id != actor.unit_id and not actor.may("cases.dispatch"):
        raise RuleError("not_yours", "这件由别的单位核查")
    outcome = last_outcome(case)
    if outcome is None:
        raise NotFound
    require_no_kin(actor, outcome.unit_id)
    if is_same_person(actor, outcome.finished_by_id):
        raise RuleError("same_person", "您办的件请别人核查")
    text = clean_text(text, most=500, field="text")
    if not is_passed and not text:
        raise RuleError("no_text", "请写一句哪里没办到", "text")
    Verification(
        id=uuid7(),
        county=case.county,
        case=case,
        outcome=outcome,
        is_passed=is_passed,
        text=text,
        verified_by_id=actor.post_id,
        verified_at=now,
    ).save(force_insert=True)
    close_duties(actor, case, now, "verify")
    data = {"outcome": str(outcome.id)}
    if not is_passed:
        FLOW.move(case, "verify_fail", actor, to="in_progress")
        case.rework_count += 1
        give_back_to(actor, case, outcome.unit_id, HopKind.REWORK, now, f"核查不过：{text}"[:200])
        save_case(case, "rework_count", *GIVEN_BACK)
        note_deed(actor, case, "cases.verify_failed", now, data | {"lead": str(outcome.unit_id)})
    elif people_of(case).is_waiting:
        FLOW.move(case, "verify_pass", actor, to="callback")
        hand_over(case, outcome.unit_id, HopKind.CALLBACK, now)
        owe(actor, case, now)
        save_case(case, "status", "owner", "hop_count", "next_due_at", "card")
        note_deed(actor, case, "cases.verified", now, data)
    else:
        FLOW.move(case, "verify_pass", actor, to="closed")
        note_deed(actor, case, "cases.verified", now, data)
        close_case(actor, case, now, reason="outside" if case.is_called_outside else "no_reporter")
    return case
