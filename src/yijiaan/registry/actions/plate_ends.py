"""A plate that does not hang any more, and the one that hangs there instead."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.registry.actions.plates import make_one
from yijiaan.registry.models import EndReason, Plate, PlateEnd, PlateState
from yijiaan.registry.permissions import MAKE_PLATES


@transaction.atomic
def revoke_plate(*, actor: Actor, plate_id: UUID, reason: str) -> PlateEnd:
    """停用: the code stays readable and says so; nothing is deleted. RuleError unknown_reason, not_in_use."""
    plate = _own(actor, plate_id)
    end = _end(actor, plate, reason, None, clock.now())
    record(
        actor=actor, verb="registry.plate_revoked", county=plate.county, subject_type="registry.plate",
        subject_id=plate.id, area_code=plate.area_code, at=end.ended_at, data={"reason": reason},
    )  # fmt: skip
    return end


@transaction.atomic
def replace_plate(*, actor: Actor, plate_id: UUID, reason: str) -> Plate:
    """换新: a new code for the same place; the older number of the place goes with it, the old code tells what took its place.

    RuleError unknown_reason, no_place_left (nothing is there to hang one on), not_in_use.
    """
    plate = _own(actor, plate_id)
    if reason == EndReason.GONE:
        raise RuleError("no_place_left", "地方没有了就只停用，不用换新", "reason")
    number = plate.external_no
    if number:
        plate.external_no = ""
        plate.save(update_fields=["external_no"])
    made = make_one(actor, plate.area_code, plate.place, plate.lon, plate.lat, number)
    end = _end(actor, plate, reason, made, made.made_at)
    record(
        actor=actor, verb="registry.plate_replaced", county=plate.county, subject_type="registry.plate",
        subject_id=plate.id, area_code=plate.area_code, at=end.ended_at,
        data={"reason": reason, "replaced_by": str(made.id), "external_no": number},
    )  # fmt: skip
    return made


def _own(actor: Actor, plate_id: UUID) -> Plate:
    plate: Plate | None = (
        Plate.objects.visible_to(actor).select_for_update().filter(county=actor.county, id=plate_id).first()
    )
    if plate is None:
        raise NotFound
    actor.require(MAKE_PLATES)
    return plate


def _end(actor: Actor, plate: Plate, reason: str, replaced_by: Plate | None, now: datetime) -> PlateEnd:
    if reason not in EndReason.values:
        raise RuleError("unknown_reason", "请选原因", "reason")
    assert actor.post_id is not None  # whoever may make plates acts in a post
    if not plate.is_in_use:
        raise RuleError("not_in_use", "这块门牌已经停用了", "reason")
    plate.state = PlateState.REVOKED
    plate.save(update_fields=["state"])
    end = PlateEnd(
        id=uuid7(), county=plate.county, plate=plate, reason=reason, replaced_by=replaced_by,
        ended_by_id=actor.post_id, ended_at=now,
    )  # fmt: skip
    end.save(force_insert=True)
    return end
