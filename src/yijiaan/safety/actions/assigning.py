"""交办 and 延期."""

from datetime import date
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import list_units_for
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.actions import close_todos
from yijiaan.safety.actions.steps import clean, lock_hazard, note, owe, save_hazard
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import Hazard

MOST_DAYS = 365


@transaction.atomic
def notify_hazard(
    *,
    actor: Actor,
    hazard_id: UUID,
    unit_id: UUID | None,
    due_on: date | None,
    measure: str = "",
    seen_version: int | None = None,
) -> Hazard:
    """交办 to the responsible unit with the day by which it is put right, and what is to be done. Before the unit begins it may be
    given to another. RuleErrors wrong_state, required, unknown_unit, bad_day, measure_too_long."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    FLOW.move(hazard, "notify", actor, unit=unit_id, due_on=due_on)
    assert due_on is not None
    unit = _unit(actor, hazard, unit_id)
    _check_day(due_on)
    now = clock.now()
    hazard.unit_id, hazard.due_on = unit.id, due_on
    hazard.measure = clean(measure, most=300, field="measure")
    owe(actor, hazard, now)
    save_hazard(hazard, "status", "unit", "due_on", "measure", "next_due_at", "card")
    note(
        actor, hazard, "notify", "safety.hazard_notified", now, text=hazard.measure, old=old, unit_id=unit.id,
        due_on=due_on, due=due_on.isoformat(),
    )  # fmt: skip
    return hazard


@transaction.atomic
def extend_hazard(
    *, actor: Actor, hazard_id: UUID, due_on: date | None, text: str, seen_version: int | None = None
) -> Hazard:
    """延期: a later day, with the reason. RuleErrors wrong_state, required, bad_day, not_later, empty_text, text_too_long."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    text = clean(text, most=300, field="text", required="请写为什么延期")
    FLOW.move(hazard, "extend", actor, text=text, due_on=due_on)
    assert due_on is not None
    _check_day(due_on)
    if hazard.due_on is not None and due_on <= hazard.due_on:
        raise RuleError("not_later", f"原来的期限是 {hazard.due_on:%Y-%m-%d}，延期要往后", "due_on")
    now, before = clock.now(), hazard.due_on
    hazard.due_on = due_on
    if hazard.status != "protected":  # what is protected is looked at on its own day
        close_todos(actor=actor, county=hazard.county, subject_id=hazard.id, at=now, fulfilled=False)
        owe(actor, hazard, now)
    save_hazard(hazard, "due_on", "next_due_at", "card")
    note(
        actor, hazard, "extend", "safety.hazard_extended", now, text=text, due_on=due_on,
        due=[before.isoformat() if before else "", due_on.isoformat()],
    )  # fmt: skip
    return hazard


def _unit(actor: Actor, hazard: Hazard, unit_id: UUID | None) -> Unit:
    units = {unit.id: unit for unit in list_units_for(actor, area_code=hazard.area_code)}
    if unit_id is None or unit_id not in units:
        raise RuleError("unknown_unit", "请选一个管得到那里的单位", "unit")
    return units[unit_id]


def _check_day(day: date) -> None:
    today = clock.local_day()
    if day < today:
        raise RuleError("bad_day", "期限不能早于今天", "due_on")
    if (day - today).days > MOST_DAYS:
        raise RuleError("bad_day", "期限太远，最多一年", "due_on")
