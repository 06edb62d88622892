"""Borders as GeoJSON for maps: grids as they are, higher levels as the union of their grids, both thinned for their level."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import shapely
from django.db.backends.postgresql.psycopg_any import DateRange
from shapely.geometry import mapping, shape

from yijiaan.areas.models import LENGTH_OF, Area, Border
from yijiaan.areas.queries.locate import border_stamp, recent_stamp
from yijiaan.core import clock
from yijiaan.core.scope import Actor

TOLERANCE = {"grid": 0.00003, "village": 0.0001, "town": 0.0004, "county": 0.001}  # degrees


MOST_POLYGONS = 3000  # more at once no office PC draws smoothly: the level above is answered then
_ABOVE = {"grid": "village", "village": "town", "town": "county"}


def geojson_body(actor: Actor, *, code: str, level: str) -> tuple[bytes, str]:
    """`geojson_of` as it is sent, encoded once, and its ETag."""
    stamp = border_stamp(actor, county=code[:6])
    day = clock.local_day()
    return _body(stamp, day.isoformat(), code, level), f'"{code}-{level}-{stamp}-{day}"'


@lru_cache(maxsize=128)
def _body(stamp: UUID | None, day: str, code: str, level: str) -> bytes:
    return json.dumps(_collection(stamp, day, code, level), ensure_ascii=False, separators=(",", ":")).encode()


def geojson_of(actor: Actor, *, code: str, level: str) -> tuple[dict[str, Any], str]:
    """The areas of a level inside one as a FeatureCollection (code, name), and its ETag."""
    stamp = border_stamp(actor, county=code[:6])
    day = clock.local_day()
    return _collection(stamp, day.isoformat(), code, level), f'"{code}-{level}-{stamp}-{day}"'


@lru_cache(maxsize=256)
def _collection(stamp: UUID | None, day: str, code: str, level: str) -> dict[str, Any]:
    """One union per county, level and stamp: the arguments are the whole identity of the answer."""
    borders = Border.objects.filter(area__code__startswith=code, period__contains=date.fromisoformat(day)).values_list(
        "area_id", "geometry"
    )
    rows = list(borders)
    while level in _ABOVE and len({grid[: LENGTH_OF[level]] for grid, _ in rows}) > MOST_POLYGONS:
        level = _ABOVE[level]
    parts: dict[str, list[Any]] = {}
    for grid, geometry in rows:
        parts.setdefault(grid[: LENGTH_OF[level]], []).append(shape(geometry))
    names = dict(Area.objects.inside(code).filter(code__in=parts).values_list("code", "name"))
    shapes = [polygons[0] if len(polygons) == 1 else shapely.union_all(polygons) for polygons in parts.values()]
    if level == "grid":
        # one coverage thinned as a whole keeps neighbours touching
        thin = shapely.coverage_simplify(shapes, TOLERANCE[level]) if shapes else []
    else:
        thin = [polygon.simplify(TOLERANCE[level]) for polygon in shapes]
    features = [
        {
            "type": "Feature",
            "id": area,
            "properties": {"code": area, "name": names.get(area, ""), "at": _point_in(polygon)},
            "geometry": mapping(shapely.set_precision(polygon, 1e-6)),
        }
        for area, polygon in zip(parts, thin, strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "level": level,
        "features": sorted(features, key=lambda each: each["id"]),
    }
    if level == "grid":
        collection["names"] = _village_names(parts)
    return collection


def _point_in(polygon: Any) -> list[float]:
    """Longitude and latitude of a point inside, where a mark stands."""
    point = polygon.representative_point()
    return [round(point.x, 5), round(point.y, 5)]


def _village_names(parts: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Where a map of grids writes the names of the villages: a point inside each."""
    villages: dict[str, list[Any]] = {}
    for grid, polygons in parts.items():
        villages.setdefault(grid[: LENGTH_OF["village"]], []).extend(polygons)
    names = dict(Area.objects.filter(code__in=villages).values_list("code", "name"))
    return [
        {
            "type": "Feature",
            "properties": {"code": village, "name": names.get(village, "")},
            "geometry": mapping(shapely.set_precision(shapely.union_all(polygons).representative_point(), 1e-6)),
        }
        for village, polygons in sorted(villages.items())
    ]


def forget_shapes() -> None:
    """Draw every map anew, as a process does that has just begun; for tests and measurements."""
    for drawn in (_body, _collection, _minimap, _shapes):
        drawn.cache_clear()


def minimap_of(actor: Actor, *, grid: str) -> list[dict[str, Any]]:
    """A grid (property `is_own`) and those that touch it, as GeoJSON features for a small drawing; empty without a border."""
    if len(grid) != LENGTH_OF["grid"]:
        return []
    day = clock.local_day()
    return _minimap(recent_stamp(actor, county=grid[:6], day=day), day.isoformat(), grid)


def grids_around(actor: Actor, *, code: str) -> list[dict[str, Any]]:
    """The grids of the town in which a place lies, as GeoJSON features for a drawing; of a county all of them."""
    day = clock.local_day()
    stamp = recent_stamp(actor, county=code[:6], day=day)
    return _collection(stamp, day.isoformat(), code[: LENGTH_OF["town"]], "grid")["features"]  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def _minimap(stamp: UUID | None, day: str, grid: str) -> list[dict[str, Any]]:
    collection = _collection(stamp, day, grid[:9], "grid")
    own = next((feature for feature in collection["features"] if feature["id"] == grid), None)
    if own is None:
        return []
    near = shape(own["geometry"]).buffer(0.004)
    return [
        {**feature, "properties": {**feature["properties"], "is_own": feature["id"] == grid}}
        for feature in collection["features"]
        if near.intersects(shape(feature["geometry"]))
    ]


@dataclass(frozen=True, slots=True)
class GridShape:
    """An area with its border for a period, as it is: nothing is thinned."""

    code: str
    name: str
    kind: str
    since: date | None
    until: date | None
    geometry: dict[str, Any]
    box: tuple[float, float, float, float]  # west, south, east, north

    @property
    def key(self) -> str:
        """One border of a grid: its code, and the day from which it holds."""
        return f"{self.code}@{self.since.isoformat()}" if self.since else self.code

    def stands_on(self, day: date) -> bool:
        """Whether the border holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or self.until > day)


def list_grid_shapes(actor: Actor, *, code: str, first: date | None, last: date | None) -> tuple[GridShape, ...]:
    """The borders inside an area that hold on some day of a span, both ends included; by code and day. Kept until a border changes."""
    return _shapes(border_stamp(actor, county=code[:6]), code, first, last)


@lru_cache(maxsize=16)
def _shapes(stamp: UUID | None, code: str, first: date | None, last: date | None) -> tuple[GridShape, ...]:
    rows = Border.objects.filter(area__code__gte=code, area__code__lt=code + "~")
    if first is not None and last is not None:
        rows = rows.filter(period__overlap=DateRange(first, last, "[]"))
    return tuple(
        GridShape(
            border.area_id, border.area.name, border.area.kind, border.period.lower, border.period.upper, border.geometry,
            shape(border.geometry).bounds,
        )
        for border in rows.select_related("area").order_by("area_id", "period")
    )  # fmt: skip


def union_of(actor: Actor, *, code: str, parts: Sequence[GridShape]) -> GridShape:
    """The area above some grids, as one polygon."""
    whole = shapely.union_all([shape(part.geometry) for part in parts])
    return GridShape(code, "", "", None, None, mapping(shapely.set_precision(whole, 1e-6)), whole.bounds)
