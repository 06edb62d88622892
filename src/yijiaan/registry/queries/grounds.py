"""Where records of the base stand on the ground, for redraws of grids."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from yijiaan.areas.providers import Stand
from yijiaan.core.scope import Actor
from yijiaan.registry.models import Household, Membership, Plate, Status

Home = tuple[float | None, float | None, str]  # the point of its room, and the code of its door plate
Spot = tuple[float | None, float | None]


def stands_of_households(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The households in some grids: by the point of their room, else of their door plate."""
    rows = Household.objects.visible_to(actor).filter(area_code__in=codes, status=Status.ACTIVE).order_by("id")
    return stands_at_homes(actor, homes=rows.values_list("area_code", "room__lon", "room__lat", "plate_code"))


def stands_of_people(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The people who live in the households of some grids, where these stand."""
    living = Membership.objects.visible_to(actor).filter(
        household__county=F("county"), household__area_code__in=codes, to_on__isnull=True
    )
    names = ("area_code", "room__lon", "room__lat", "plate_code")
    return stands_at_homes(actor, homes=living.order_by("id").values_list(*(f"household__{name}" for name in names)))


def points_of_homes(actor: Actor, *, homes: Sequence[Home]) -> list[Spot]:
    """Where each of some households stands, in their order: its room, else its door plate, else nowhere (None, None). One statement."""
    plates = {plate for lon, _, plate in homes if lon is None and plate}
    rows = Plate.objects.filter(county=actor.county, code__in=plates, lon__isnull=False, lat__isnull=False)
    found: Iterable[tuple[str, Any, Any]] = rows.values_list("code", "lon", "lat") if plates else ()
    points: dict[str, Spot] = {code: (lon, lat) for code, lon, lat in found}
    return [(lon, lat) if lon is not None else points.get(plate, (None, None)) for lon, lat, plate in homes]


def stands_at_homes(actor: Actor, *, homes: Iterable[tuple[str, Any, Any, Any]]) -> list[Stand]:
    """What stands at households, in its order: its grid, the point of the room and the door plate of each, as `points_of_homes` has it."""
    rows = list(homes)
    points = points_of_homes(actor, homes=[row[1:] for row in rows])
    return [(row[0], *point) for row, point in zip(rows, points, strict=True)]
