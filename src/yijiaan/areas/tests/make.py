"""Grids for tests: squares of a hundredth of a degree, side by side in 新驿镇."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from yijiaan.areas.actions import begin_redraws, import_grids, load_divisions, schedule_redraw
from yijiaan.areas.models import Area
from yijiaan.areas.queries import Drawing
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver

COUNTY = "370812"
TOWN = "370812102"
OTHER_TOWN = "370812105"
FIRST, SECOND = "370812102200", "370812102201"
WEST, SOUTH, SIDE = 116.60, 35.60, 0.01
SINCE = date(2026, 1, 1)
REDRAWER, LATER = system("tests", COUNTY), timedelta(days=2)


def square(column: int, row: int = 0, side: float = SIDE) -> dict[str, Any]:
    """The polygon of one square."""
    west, south = round(WEST + column * SIDE, 6), round(SOUTH + row * SIDE, 6)
    east, north = round(west + side, 6), round(south + side, 6)
    return polygon([west, south], [east, south], [east, north], [west, north])


def polygon(*corners: list[float]) -> dict[str, Any]:
    """A GeoJSON polygon; the ring is closed here."""
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def feature(village: str, geometry: Any, **properties: Any) -> dict[str, Any]:
    """One grid as it comes in a file."""
    return {"type": "Feature", "geometry": geometry, "properties": {"village": village, **properties}}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    """A file of grids."""
    return {"type": "FeatureCollection", "features": list(features), **more}


def middle(column: int, row: int = 0) -> tuple[float, float]:
    """A point inside a square."""
    return round(WEST + (column + 0.5) * SIDE, 6), round(SOUTH + (row + 0.5) * SIDE, 6)


def grids(*, valid_from: date = SINCE) -> list[Area]:
    """Two villages of two grids each, from west to east."""
    squares = [feature(FIRST if column < 2 else SECOND, square(column)) for column in range(4)]
    return import_grids(actor=system("tests"), collection=collection(*squares), valid_from=valid_from)


def far_county() -> str:
    """Another county with one town of the same initials; returns the town's code."""
    text = "code,name\n370811,任城区\n370811101,新阳镇\n370811101200,东关村委会\n"
    load_divisions(actor=system("tests"), text=text)
    return "370811101"


def cut_first() -> Drawing:
    """The first grid cut in two halves, west and east."""
    x = WEST + SIDE / 2
    line = ((x, SOUTH - 0.001), (x, SOUTH + SIDE + 0.001))
    return Drawing("split", FIRST, (FIRST + "1001",), line)


def redraw(drawing: Drawing, *, after: timedelta = LATER) -> list[str]:
    """Let grids be redrawn some days from now; gives the codes that come of it."""
    effective_on = clock.local_day() + after
    return schedule_redraw(
        actor=REDRAWER, drawing=drawing, effective_on=effective_on, reason="试", client_key=uuid4()
    ).after


def settle() -> None:
    """Let redraws whose day has come take force, and everybody hear of it."""
    begin_redraws(actor=REDRAWER)
    while deliver(actor=REDRAWER):
        pass
