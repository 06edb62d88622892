from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.registry.masks import are_alike, fits, read_masks
from yijiaan.registry.models import Plate, PlateNumbering
from yijiaan.registry.permissions import NUMBER_PLATES


@transaction.atomic
def set_plate_numbering(*, actor: Actor, masks: str) -> PlateNumbering:
    """The shapes of the numbers on the plates that the actor's county hung before, one a line.

    RuleErrors of `masks.read_masks`; mask_of_another_county: a number would lead to two counties; mask_in_use: plates are
    registered under a shape that would be gone.
    """
    actor.require(NUMBER_PLATES)
    wanted = read_masks(masks)
    others = PlateNumbering.objects.exclude(county=actor.county).values_list("masks", flat=True)
    for theirs in (mask for text in others for mask in text.splitlines()):
        clash = next((mask for mask in wanted if are_alike(mask, theirs)), None)
        if clash is not None:
            raise RuleError(
                "mask_of_another_county", f"“{clash}”和别的县区的编号分不开，请在前面加上本区的字母", "masks"
            )
    row = PlateNumbering.objects.select_for_update().filter(county=actor.county).first()
    before = row.masks.splitlines() if row else []
    if set(before) - set(wanted):
        numbers = (
            Plate.objects.filter(county=actor.county).exclude(external_no="").values_list("external_no", flat=True)
        )
        left = next((number for number in numbers.iterator() if not fits(number, wanted)), None)
        if left is not None:
            raise RuleError("mask_in_use", f"已经有门牌登记了这样的编号（如 {left}），样式不能去掉", "masks")
    if before == wanted and row is not None:
        return row
    now = clock.now()
    if row is None:
        row = PlateNumbering(id=uuid7(), county=actor.county, masks="\n".join(wanted), changed_at=now)
        row.save(force_insert=True)
    else:
        row.masks, row.changed_at = "\n".join(wanted), now
        row.save(update_fields=["masks", "changed_at"])
    record(
        actor=actor, verb="registry.plate_numbering_set", county=actor.county, subject_type="registry.plate_numbering",
        subject_id=row.id, area_code=actor.county, at=now, data={"changed": {"masks": [before, wanted]}},
    )  # fmt: skip
    return row
