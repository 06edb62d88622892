"""Where visits stand on the ground, for the simulation of a redraw of grids: at their households."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from yijiaan.areas.providers import Stand
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.patrols.models import Arrangement, Visit
from yijiaan.patrols.visit_flows import OPEN
from yijiaan.registry.queries import stands_at_homes

YEAR = timedelta(days=365)


def stands_of_arrangements(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """Whom somebody visits again in some grids."""
    return _stands(actor, Arrangement.objects.visible_to(actor).filter(area_code__in=codes, status__in=OPEN))


def stands_of_visits(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The visits of the last year in some grids."""
    since = clock.local_day() - YEAR
    return _stands(actor, Visit.objects.visible_to(actor).filter(area_code__in=codes, on__gte=since))


def _stands(actor: Actor, rows: Any) -> list[Stand]:
    names = ("area_code", "household__room__lon", "household__room__lat", "household__plate_code")
    return stands_at_homes(actor, homes=rows.order_by("id").values_list(*names))
