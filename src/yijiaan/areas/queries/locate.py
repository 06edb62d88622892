"""Point → grid, in process: an STRtree per county and day, thrown away when the county's border stamp changes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from uuid import UUID

import numpy
import shapely

from yijiaan.areas.models import Border, BorderStamp
from yijiaan.core import clock
from yijiaan.core.scope import Actor

CHECK_EVERY = 5.0  # seconds between two looks at the stamp: how long another process may still use old borders


@dataclass(slots=True)
class _Index:
    stamp: UUID | None
    checked: float
    codes: list[str]
    tree: shapely.STRtree


_lock = Lock()
_indexes: dict[tuple[str, date], _Index] = {}


def border_stamp(actor: Actor, *, county: str) -> UUID | None:
    """The version of a county's borders; None when it has none yet."""
    return BorderStamp.objects.filter(county=county).values_list("stamp", flat=True).first()


def _index(actor: Actor, county: str, day: date) -> _Index:
    key = (county, day)
    index = _indexes.get(key)
    now = time.monotonic()
    if index is not None and now - index.checked < CHECK_EVERY:
        return index
    stamp = border_stamp(actor, county=county)
    if index is not None and index.stamp == stamp:
        index.checked = now
        return index
    borders = (
        Border.objects.filter(area__code__startswith=county, period__contains=day)
        .order_by("area_id")
        .values_list("area_id", "geometry")
    )
    codes, shapes = [], []
    for code, geometry in borders:
        codes.append(code)
        shapes.append(shapely.geometry.shape(geometry))
    index = _Index(stamp, now, codes, shapely.STRtree(shapes))
    with _lock:
        if len(_indexes) > 64:
            _indexes.clear()
        _indexes[key] = index
    return index


def recent_stamp(actor: Actor, *, county: str, day: date) -> UUID | None:
    """The version of a county's borders as this process knows it, some seconds old at most: for drawings, not for decisions."""
    return _index(actor, county, day).stamp


def forget_borders() -> None:
    """Drop the indexes of this process."""
    with _lock:
        _indexes.clear()


def find_grid(actor: Actor, *, county: str, lon: float, lat: float, on: date | None = None) -> str:
    """The code of the grid that holds a point (CGCS2000 degrees) on a day (default: today); empty when none does.

    On a common border the grid with the smaller code has it.
    """
    index = _index(actor, county, on or clock.local_day())
    hits = index.tree.query(shapely.Point(lon, lat), predicate="intersects")
    return index.codes[int(hits.min())] if len(hits) else ""


def find_grids(
    actor: Actor, *, county: str, points: Sequence[tuple[float, float]], on: date | None = None
) -> list[str]:
    """`find_grid` for many points at once, in their order."""
    index = _index(actor, county, on or clock.local_day())
    found = [""] * len(points)
    if not points or not index.codes:
        return found
    which, hits = index.tree.query(shapely.points(numpy.asarray(points, dtype=float)), predicate="intersects")
    for point, grid in sorted(zip(which.tolist(), hits.tolist(), strict=True), reverse=True):
        found[point] = index.codes[grid]
    return found
