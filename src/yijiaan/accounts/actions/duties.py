"""Who is on duty at a unit: put down for a day, changed, taken out."""

from datetime import date
from uuid import UUID

from django.db import transaction

from yijiaan.accounts import permissions
from yijiaan.accounts.models import DutyDay, Unit
from yijiaan.accounts.queries import forget_units
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

MOST_DAYS_AHEAD = 366


@transaction.atomic
def set_duty(*, actor: Actor, unit_id: UUID, on: date, name: str, phone: str = "") -> DutyDay:
    """Put somebody down for a day, in place of whoever stood there. RuleErrors empty_name, day_is_over, too_far."""
    unit = _unit_for(actor, unit_id)
    name, phone, today = " ".join(name.split()), " ".join(phone.split()), clock.local_day()
    if not name:
        raise RuleError("empty_name", "请填值班人", "name")
    if on < today:
        raise RuleError("day_is_over", "这一天已经过去了，请选今天或以后", "on")
    if (on - today).days > MOST_DAYS_AHEAD:
        raise RuleError("too_far", "最多排到一年以后，请选近一点的日子", "on")
    duty, is_new = DutyDay.objects.select_for_update().get_or_create(
        unit=unit, on=on, defaults={"name": name, "phone_sealed": phone}
    )
    if not is_new:
        duty.name, duty.phone_sealed = name, phone
        duty.save(update_fields=["name", "phone_sealed"])
    _note(actor, "accounts.duty_set", duty)
    return duty


@transaction.atomic
def clear_duty(*, actor: Actor, unit_id: UUID, on: date) -> None:
    """Nobody is put down for that day any more. NotFound when nobody was."""
    unit = _unit_for(actor, unit_id)
    duty = DutyDay.objects.select_for_update().filter(unit=unit, on=on).first()
    if duty is None:
        raise NotFound
    _note(actor, "accounts.duty_cleared", duty)
    duty.delete()


def _unit_for(actor: Actor, unit_id: UUID) -> Unit:
    """A unit whose roster the actor may write."""
    unit: Unit = Unit.objects.get_visible(actor, id=unit_id)
    actor.require(permissions.SET_DUTY)
    return unit


def _note(actor: Actor, verb: str, duty: DutyDay) -> None:
    """The roster itself says who; the journal says only that the day was changed, for it keeps everything for good."""
    forget_units()
    record(
        actor=actor,
        verb=verb,
        county=duty.unit.area_id[:6].ljust(6, "0"),
        subject_type="accounts.dutyday",
        subject_id=duty.id,
        area_code=duty.unit.area_id,
        at=clock.now(),
        data={"on": duty.on.isoformat()},
    )
