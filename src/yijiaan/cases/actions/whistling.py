"""吹哨报到: the town calls units together over one case; each says when it is there, and the town ends it."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.steps import lock_case, moment_for, note_deed, save_case, unit_of
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.limits import deadline_of
from yijiaan.cases.models import Assignment, Case, Summons
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor

MOST_CALLED = 8


@transaction.atomic
def whistle(*, actor: Actor, number: str, unit_ids: Sequence[UUID], task: str, seen_version: int | None = None) -> Case:
    """吹哨: name the units that must come and what for; by when, the preset says (Pinggu: on site within 30 minutes).

    RuleError no_units, unknown_unit, too_many_units, no_task, not_for_tips, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "whistle", case.status)
    if case.is_confidential:
        raise RuleError("not_for_tips", "举报和保密事件不能吹哨")
    wanted = list(dict.fromkeys(unit_id for unit_id in unit_ids if unit_id != case.owner_id))
    if not wanted:
        raise RuleError("no_units", "请选要来的单位，主办单位不用再叫", "units")
    if len(wanted) > MOST_CALLED:
        raise RuleError("too_many_units", f"一次最多叫 {MOST_CALLED} 个单位", "units")
    task = clean_text(task, most=200, field="task")
    if not task:
        raise RuleError("no_task", "请写一句叫来做什么", "task")
    for unit_id in wanted:
        unit = unit_of(actor, unit_id)
        if unit is None or not case.area_code.startswith(unit.area_id):
            raise RuleError("unknown_unit", "有一个单位不管这个地方，请另选", "units")
    due_at = deadline_of(actor, "arrive", now).due_at
    FLOW.move(case, "whistle", actor, to="coordinating")
    Summons.objects.bulk_create(
        Summons(
            id=uuid7(), county=case.county, case=case, unit_id=unit_id, task=task, called_by_id=actor.post_id,
            called_at=now, due_at=due_at,
        )
        for unit_id in wanted
    )  # fmt: skip
    # who is called sees the case as one who assists
    with_orders = set(
        Assignment.objects.filter(county=case.county, case_id=case.id, ended_at__isnull=True).values_list(
            "unit_id", flat=True
        )
    )
    Assignment.objects.bulk_create(
        Assignment(
            id=uuid7(), county=case.county, case=case, unit_id=unit_id, is_lead=False, note=f"吹哨：{task}"[:200],
            dispatched_by_id=actor.post_id, dispatched_at=now,
        )
        for unit_id in wanted
        if unit_id not in with_orders
    )  # fmt: skip
    save_case(case, "status")
    note_deed(
        actor,
        case,
        "cases.whistled",
        now,
        {"lead": str(case.owner_id), "assistants": [str(unit_id) for unit_id in wanted], "due": due_at.isoformat()},
    )
    return case


@transaction.atomic
def report_in(*, actor: Actor, number: str, reply: str = "", seen_version: int | None = None) -> Case:
    """报到: a unit that was called is there. RuleError not_called, in_already, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.check(actor, "report_in", case.status)
    if actor.unit_id is None:
        raise RuleError("not_called", "这次没有叫您这个单位")
    row = (
        Summons.objects.select_for_update(no_key=True)
        .filter(county=case.county, case_id=case.id, unit_id=actor.unit_id, released_at__isnull=True)
        .first()
    )
    if row is None:
        raise RuleError("not_called", "这次没有叫您这个单位")
    if row.arrived_at is not None:
        raise RuleError("in_already", "已经报过到了")
    row.arrived_at, row.arrived_by_id = now, actor.post_id
    row.reply = clean_text(reply, most=300, field="reply")
    row.save(update_fields=["arrived_at", "arrived_by", "reply"])
    save_case(case)
    note_deed(actor, case, "cases.reported_in", now, {"summons": str(row.id), "unit": str(row.unit_id)})
    return case


@transaction.atomic
def end_whistle(*, actor: Actor, number: str, seen_version: int | None = None) -> Case:
    """会商结束: the units are released, the lead unit goes on. RuleError wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.move(case, "end_whistle", actor, to="in_progress")
    release(case)
    save_case(case, "status")
    note_deed(actor, case, "cases.whistle_ended", now, {"lead": str(case.owner_id)})
    return case


def release(case: Case) -> None:
    """Nobody has to come any more; the parts of those who were only called end."""
    now = moment_for(case)
    rows = Summons.objects.filter(county=case.county, case_id=case.id, released_at__isnull=True)
    called = list(rows.values_list("unit_id", flat=True))
    rows.update(released_at=now)
    Assignment.objects.filter(
        county=case.county,
        case_id=case.id,
        unit_id__in=called,
        is_lead=False,
        ended_at__isnull=True,
        note__startswith="吹哨：",
    ).update(ended_at=now)
