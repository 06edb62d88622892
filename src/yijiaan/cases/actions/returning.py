from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from yijiaan.cases import limits
from yijiaan.cases.actions.steps import (
    close_duties,
    end_orders,
    hand_over,
    lock_case,
    moment_for,
    note_deed,
    owe,
    save_case,
    unit_of,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text, owner_for
from yijiaan.cases.models import Assignment, Case, HopKind, Return, ReturnReason, Ruling
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor


@transaction.atomic
def undo_dispatch(*, actor: Actor, number: str, seen_version: int | None = None) -> Case:
    """撤回: take one's own dispatch back within half a minute, as long as nobody signed it.

    RuleError not_yours, too_late, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "undo_dispatch", case.status)
    lead = _open_lead(case)
    if lead is None or lead.dispatched_by_id != actor.post_id:
        raise RuleError("not_yours", "这件是别人派的，请派单的人撤回，或请承办单位退回")
    if now > lead.dispatched_at + timedelta(seconds=limits.UNDO_SECONDS):
        raise RuleError("too_late", f"派出超过 {limits.UNDO_SECONDS} 秒，不能撤回了，可以请承办单位退回")
    _back_to_centre(actor, case, "undo_dispatch", HopKind.UNDO, now)
    note_deed(actor, case, "cases.dispatch_undone", now, {"lead": str(lead.unit_id)})
    return case


@transaction.atomic
def return_case(
    *,
    actor: Actor,
    number: str,
    reason: str,
    proposed_id: UUID | None = None,
    text: str = "",
    seen_version: int | None = None,
) -> Case:
    """退回: the lead unit says that the order is not its own, why, and whose it is. The life clock goes on. Once per unit; the
    second return of a case, by whichever unit, goes to arbitration, and what was ruled is returned by nobody.

    Shandong 政务服务热线管理办法 (2020): within two working days, with a reason. RuleError not_lead, unknown_reason, no_text
    (where neither a unit is proposed nor a word written), unknown_unit, own_unit, returned_once, ruled, too_late, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "return_back", case.status)
    lead = _open_lead(case)
    if lead is None or lead.unit_id != actor.unit_id:
        raise RuleError("not_lead", "这件事派给了别的单位主办，由他们退回")
    if reason not in ReturnReason.values:
        raise RuleError("unknown_reason", "请选一个退回原因", "reason")
    text = clean_text(text, most=300, field="text")
    if not text and proposed_id is None:
        raise RuleError("no_text", "请写明该由谁办，或选一个建议单位", "text")
    if proposed_id is not None:
        proposed = unit_of(actor, proposed_id)
        if proposed is None or not case.area_code.startswith(proposed.area_id):
            raise RuleError("unknown_unit", "这个单位不管这个地方，请另选", "proposed")
        if proposed.id == actor.unit_id:
            raise RuleError("own_unit", "不能建议退给自己", "proposed")
    returned = list(Return.objects.filter(county=case.county, case_id=case.id).values_list("unit_id", flat=True))
    if actor.unit_id in returned:
        raise RuleError("returned_once", "您单位已经退回过一次，不能再退，请先签收，再请镇里协调")
    if Ruling.objects.filter(county=case.county, case_id=case.id).exists():
        raise RuleError("ruled", "这件已经裁定由您单位办，不能退回")
    if now > limits.deadline_of(actor, "return_back", lead.dispatched_at).due_at:
        raise RuleError("too_late", "派来已过退回期限，不能退回了，请先签收，再请镇里协调")
    sent_back = Return(
        id=uuid7(),
        county=case.county,
        case=case,
        unit_id=actor.unit_id,
        reason=reason,
        proposed_id=proposed_id,
        text=text,
        returned_by_id=actor.post_id,
        returned_at=now,
    )
    sent_back.save(force_insert=True)
    if returned:
        _to_arbitration(actor, case, now)
    else:
        _back_to_centre(actor, case, "return_back", HopKind.RETURN, now)
    note_deed(
        actor,
        case,
        "cases.returned_again" if returned else "cases.returned",
        now,
        {
            "return": str(sent_back.id),
            "reason": reason,
            "lead": str(case.owner_id),
            "proposed": str(proposed_id) if proposed_id else "",
        },
    )
    return case


def _to_arbitration(actor: Actor, case: Case, now: datetime) -> None:
    """The orders end, and the centre owes a ruling: within one working day by the preset."""
    FLOW.move(case, "return_again", actor, to="arbitration")
    end_orders(case, now)
    close_duties(actor, case, now, "sign", "handle", fulfilled=False)
    hand_over(case, owner_for(actor, area_code=case.area_code, kind=case.kind), HopKind.ARBITRATE, now)
    owe(actor, case, now)
    save_case(case, "status", "owner", "hop_count", "next_due_at", "card")


def _open_lead(case: Case) -> Assignment | None:
    return Assignment.objects.filter(county=case.county, case_id=case.id, is_lead=True, ended_at__isnull=True).first()


def _back_to_centre(actor: Actor, case: Case, move: str, kind: str, now: datetime) -> None:
    """The orders end, and the centre owes a dispatch again."""
    FLOW.move(case, move, actor, to="received")
    end_orders(case, now)
    close_duties(actor, case, now, "sign", "handle", fulfilled=False)
    hand_over(case, owner_for(actor, area_code=case.area_code, kind=case.kind), kind, now)
    owe(actor, case, now)
    save_case(case, "status", "owner", "hop_count", "next_due_at", "card")
