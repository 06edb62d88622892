"""The base follows the ground when grids are redrawn: households and who lives in them, houses, organisations, places, facilities, plates."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model

from yijiaan.areas.queries import moves_of_day
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record_many
from yijiaan.registry.fields import KINDS
from yijiaan.registry.models import CareEntry, Household, Membership, Plate, Status
from yijiaan.registry.permissions import CONFIRM
from yijiaan.registry.queries import points_of_homes

BY_POINT = ("organisation", "place", "facility", "building", "room")
PORTION = 500


def follow_redraw(*, actor: Actor, county: str, before: Sequence[str]) -> int:
    """Give each record of some grids the grid that has its ground today; of a grid that was cut, one without a point goes to the village.

    A household stands where its room or its plate stands; people and care entries go with their household. What the fact `area_code`
    says of its source becomes the redraw. Doing it again changes nothing. Returns how many moved.
    """
    actor.require(CONFIRM)
    moved = 0
    for code in BY_POINT:
        model: Any = KINDS[code].model
        rows = list(
            model.objects.filter(county=county, area_code__in=before).values_list("id", "area_code", "lon", "lat")
        )
        moved += _move_all(actor, county, code, model, rows)
    plates = Plate.objects.filter(county=county, area_code__in=before).values_list("id", "area_code", "lon", "lat")
    moved += _move_all(actor, county, "plate", Plate, list(plates))
    return moved + _move_homes(actor, county, before)


def _move_homes(actor: Actor, county: str, before: Sequence[str]) -> int:
    homes = Household.objects.filter(county=county, area_code__in=before).values_list(
        "id", "area_code", "room__lon", "room__lat", "plate_code"
    )
    found = list(homes)
    points = points_of_homes(actor, homes=[row[2:] for row in found])
    rows = [(*row[:2], *point) for row, point in zip(found, points, strict=True)]
    moved = _move_all(actor, county, "household", Household, rows)
    # whoever lives there goes along, wherever his own record stood
    people: Any = KINDS["person"].model
    living = Membership.objects.filter(
        county=county, household__county=county, to_on__isnull=True, person__county=county, person__area_code__in=before,
        person__status=Status.ACTIVE,
    ).exclude(person__area_code=F("household__area_code"))  # fmt: skip
    by_area: dict[str, list[UUID]] = {}
    for person_id, area in living.values_list("person_id", "household__area_code"):
        by_area.setdefault(area, []).append(person_id)
    for area, ids in by_area.items():
        moved += _move(actor, county, "person", people, dict.fromkeys(ids, area))
        CareEntry.objects.filter(county=county, person__in=ids).update(area_code=area)
    # who lives in no household any more has no point either
    alone = list(people.objects.filter(county=county, area_code__in=before).values_list("id", "area_code"))
    return moved + _move_all(actor, county, "person", people, [(key, area, None, None) for key, area in alone])


def _move_all(actor: Actor, county: str, code: str, model: type[Model], rows: list[Any]) -> int:
    moves = moves_of_day(actor, county=county, rows=rows)
    ids = list(moves)
    for start in range(0, len(ids), PORTION):
        _move(actor, county, code, model, {key: moves[key] for key in ids[start : start + PORTION]})
    return len(moves)


@transaction.atomic
def _move(actor: Actor, county: str, code: str, model: Any, moves: dict[UUID, str]) -> int:
    now = clock.now()
    rows = list(model.objects.select_for_update().filter(county=county, id__in=list(moves)).order_by("id"))
    subjects = []
    for row in rows:
        old, row.area_code = row.area_code, moves[row.id]
        subjects.append((row.id, row.area_code, {"from": old}))
        if code != "plate":
            row.origins = {**row.origins, "area_code": ["redraw", clock.local_day(now).isoformat()]}
            row.version += 1
    model.objects.filter(county=county).bulk_update(
        rows, ["area_code"] if code == "plate" else ["area_code", "origins", "version"]
    )
    record_many(
        actor=actor, verb="registry.grid_followed", county=county, subject_type=f"registry.{code}", subjects=subjects, at=now
    )  # fmt: skip
    return len(rows)
