"""Where visits stand on the ground, for the simulation of a redraw of grids: at their households."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from yijiaan.areas.providers import Stand
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.patrols.models import Arrangement, Visit
from yijiaan.patrols.visit_flows import OPEN
from yijiaan.registry.queries import points_of_homes

YEAR = timedelta(days=365)


def stands_of_arrangements(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """Whom somebody visits again in some grids."""
    return _stands(actor, Arrangement.objects.visible_to(actor).filter(area_code__in=codes, status__in=OPEN))


def stands_of_visits(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The visits of the last year in some grids."""
    since = clock.local_day() - YEAR
    return _stands(actor, Visit.objects.visible_to(actor).filter(area_code__in=codes, on__gte=since))


def _stands(actor: Actor, rows: Any) -> list[Stand]:
    found = list(
        rows.order_by("id").values_list(
            "area_code", "household__room__lon", "household__room__lat", "household__plate_code"
        )
    )
    points = points_of_homes(actor, homes=[(lon, lat, plate or "") for _, lon, lat, plate in found])
    return [(row[0], *point) for row, point in zip(found, points, strict=True)]
