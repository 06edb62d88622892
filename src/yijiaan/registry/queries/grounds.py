"""Where records of the base stand on the ground, for redraws of grids."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from yijiaan.areas.providers import Stand
from yijiaan.core.scope import Actor
from yijiaan.registry.models import Household, Membership, Plate, Status


def stands_of_households(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The households in some grids: by the point of their room, else of their door plate."""
    rows = list(
        Household.objects.visible_to(actor)
        .filter(area_code__in=codes, status=Status.ACTIVE)
        .order_by("id")
        .values_list("area_code", "room__lon", "room__lat", "plate_code")
    )
    points = points_of_plates(actor, codes={plate for *_, plate in rows if plate})
    return [
        (area, lon, lat) if lon is not None else (area, *points.get(plate, (None, None)))
        for area, lon, lat, plate in rows
    ]


def points_of_plates(actor: Actor, *, codes: Iterable[str]) -> dict[str, tuple[float, float]]:
    """The points of door plates that have one."""
    rows = Plate.objects.filter(county=actor.county, code__in=set(codes), lon__isnull=False, lat__isnull=False)
    found: Iterable[tuple[str, Any, Any]] = rows.values_list("code", "lon", "lat")
    return {code: (lon, lat) for code, lon, lat in found}


def stands_of_people(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The people who live in the households of some grids, where these stand."""
    living = Membership.objects.visible_to(actor).filter(
        household__county=F("county"), household__area_code__in=codes, to_on__isnull=True
    )
    rows = list(
        living.order_by("id").values_list(
            "household__area_code", "household__room__lon", "household__room__lat", "household__plate_code"
        )
    )
    points = points_of_plates(actor, codes={plate for *_, plate in rows if plate})
    return [
        (area, lon, lat) if lon is not None else (area, *points.get(plate, (None, None)))
        for area, lon, lat, plate in rows
    ]
