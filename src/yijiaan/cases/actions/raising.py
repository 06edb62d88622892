from uuid import UUID

from django.db import transaction

from yijiaan.accounts.queries import get_centre
from yijiaan.cases.actions.handling import RANK
from yijiaan.cases.actions.requesting import drop_requests
from yijiaan.cases.actions.steps import (
    close_duties,
    end_orders,
    hand_over,
    level_of,
    lock_case,
    moment_for,
    note_deed,
    owe,
    save_case,
    unit_of,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, HopKind, ReportUp, SolvedLevel
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor


@transaction.atomic
def report_up(
    *, actor: Actor, number: str, tried: str, proposed_id: UUID | None = None, seen_version: int | None = None
) -> Case:
    """提级上报: what a unit cannot solve goes one level up, with what was tried; the centre confirms the proposed department.

    From grid or village to the town's centre, from the town to the county's. RuleError not_owner, empty_tried, unknown_unit,
    own_unit, no_level_above, not_for_tips, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "report_up", case.status)
    if case.owner_id != actor.unit_id or actor.unit_id is None:
        raise RuleError("not_owner", "这件事现在在别的单位手里，由他们上报")
    if case.is_confidential:
        raise RuleError("not_for_tips", "举报和保密事件不走提级上报，请与承办的纪检单位联系")
    tried = clean_text(tried, most=500, field="tried")
    if not tried:
        raise RuleError("empty_tried", "请写一句已经做了什么、卡在哪里", "tried")
    if proposed_id is not None:
        proposed = unit_of(actor, proposed_id)
        if proposed is None or not case.area_code.startswith(proposed.area_id):
            raise RuleError("unknown_unit", "这个单位不管这个地方，请另选", "proposed")
        if proposed.id == actor.unit_id:
            raise RuleError("own_unit", "不能建议给自己", "proposed")
    held = level_of(actor, actor.unit_id)
    level = SolvedLevel.TOWN if RANK[held] < RANK[SolvedLevel.TOWN.value] else SolvedLevel.COUNTY
    centre_id = _centre_of(actor, case, level)
    if centre_id is None or centre_id == actor.unit_id:
        raise RuleError("no_level_above", "上面没有可以接的中心，请与区里联系")
    FLOW.move(case, "report_up", actor, to="received")
    row = ReportUp(
        id=uuid7(),
        county=case.county,
        case=case,
        unit_id=actor.unit_id,
        tried=tried,
        proposed_id=proposed_id,
        level=level,
        reported_by_id=actor.post_id,
        reported_at=now,
    )
    row.save(force_insert=True)
    end_orders(case, now)
    drop_requests(actor, case)
    close_duties(actor, case, now, "handle", fulfilled=False)
    case.level = level
    hand_over(case, centre_id, HopKind.REPORT_UP, now)
    owe(actor, case, now)
    save_case(case, "status", "owner", "hop_count", "level", "next_due_at", "card")
    note_deed(
        actor,
        case,
        "cases.reported_up",
        now,
        {
            "report_up": str(row.id),
            "lead": str(centre_id),
            "proposed": str(proposed_id) if proposed_id else "",
            "level": level.value,
        },
    )
    return case


def _centre_of(actor: Actor, case: Case, level: SolvedLevel) -> UUID | None:
    try:
        return get_centre(actor, area_code=case.area_code[: 9 if level is SolvedLevel.TOWN else 6]).id
    except NotFound:
        return None
