"""Units: put into service, changed, taken out of use."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yijiaan.accounts import permissions, providers
from yijiaan.accounts.actions.organisation import get_area_for
from yijiaan.accounts.models import Unit, UnitKind
from yijiaan.accounts.queries import forget_units
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record


@transaction.atomic
def create_unit(*, actor: Actor, name: str, kind: str, area_code: str, phone: str = "") -> Unit:
    """Put a unit into service. RuleError name_taken, unknown_area."""
    actor.require(permissions.MANAGE)
    area = get_area_for(actor, area_code, "area")
    unit = Unit(name=name.strip(), kind=kind, area=area, phone=phone)
    try:
        with transaction.atomic():
            unit.save(force_insert=True)
    except IntegrityError as error:
        raise RuleError("name_taken", f"{area.name}已有同名单位，或已有一个中心", "name") from error
    forget_units()
    record(
        actor=actor,
        verb="accounts.unit_created",
        county=area_code[:6].ljust(6, "0"),
        subject_type="accounts.unit",
        subject_id=unit.id,
        area_code=area_code,
        at=clock.now(),
        data={"kind": kind},
    )
    return unit


@transaction.atomic
def change_unit(*, actor: Actor, unit_id: UUID, name: str, kind: str, phone: str) -> Unit:
    """Rename a unit, give it another kind or telephone. RuleErrors empty_name, name_taken; NotFound outside one's area."""
    actor.require(permissions.MANAGE)
    unit = _unit_to_change(actor, unit_id)
    name = " ".join(name.split())
    if not name:
        raise RuleError("empty_name", "请填名称", "name")
    if kind not in UnitKind.values:
        raise RuleError("unknown_kind", "没有这种单位，请重新选择", "kind")
    before = {"name": unit.name, "kind": unit.get_kind_display(), "phone": unit.phone}
    unit.name, unit.kind, unit.phone = name, kind, " ".join(phone.split())
    after = {"name": unit.name, "kind": unit.get_kind_display(), "phone": unit.phone}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changed:
        _save_unit(unit, "name", "kind", "phone")
        _note_unit(actor, "accounts.unit_changed", unit, {"changed": changed})
    return unit


@transaction.atomic
def set_unit_active(*, actor: Actor, unit_id: UUID, is_active: bool) -> Unit:
    """Take a unit out of use, or into use again. Its people can no longer act in it, its past stays.

    RuleError still_holds while something open lies with it; name_taken when another centre took its place meanwhile.
    """
    actor.require(permissions.MANAGE)
    unit = _unit_to_change(actor, unit_id)
    if unit.is_active == is_active:
        return unit
    if not is_active and (holds := providers.what_units_hold(actor, unit_id=unit.id)):
        raise RuleError("still_holds", f"{unit.name}手上还有{'、'.join(holds)}，请先转给别的单位")
    unit.is_active = is_active
    _save_unit(unit, "is_active")
    _note_unit(actor, "accounts.unit_restarted" if is_active else "accounts.unit_stopped", unit, {})
    return unit


def _unit_to_change(actor: Actor, unit_id: UUID) -> Unit:
    unit: Unit | None = Unit.objects.visible_to(actor).select_for_update(of=("self",)).filter(id=unit_id).first()
    if unit is None:
        raise NotFound
    return unit


def _save_unit(unit: Unit, *columns: str) -> None:
    try:
        with transaction.atomic():
            unit.save(update_fields=columns)
    except IntegrityError as error:
        raise RuleError("name_taken", "这里已有同名单位，或已有一个中心", "name") from error
    forget_units()


def _note_unit(actor: Actor, verb: str, unit: Unit, data: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=unit.area_id[:6].ljust(6, "0"),
        subject_type="accounts.unit",
        subject_id=unit.id,
        area_code=unit.area_id,
        at=clock.now(),
        data=data,
    )
