"""What a redraw makes of polygons. Every tool cuts or joins what is there, so neighbours keep their common borders and no gap can arise."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from yijiaan.areas.geometry import SQUARE_METRE
from yijiaan.core.errors import RuleError

REACH = 0.0006  # degrees, about 60 m: how far a cut that ends before the border is drawn on
SMALLEST = 400 * SQUARE_METRE  # less is a slip of the finger
CREVICE = 0.00002  # degrees, about 2 m: two borders as close as this are one
MOST_PARTS = 6
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """A grid after a redraw. code is empty for one that gets a new code; sources are the grids its ground comes from."""

    code: str
    name: str
    polygon: BaseGeometry
    sources: tuple[str, ...]


def joined(polygons: Sequence[BaseGeometry]) -> BaseGeometry:
    """Neighbours as one polygon, crevices of drawing between them closed. RuleError not_neighbours where they do not touch."""
    whole = shapely.union_all([polygon.buffer(CREVICE, join_style="mitre") for polygon in polygons])
    whole = whole.buffer(-CREVICE, join_style="mitre")
    parts = len(getattr(whole, "geoms", [whole]))
    most = 1 + sum(len(getattr(polygon, "geoms", [polygon])) - 1 for polygon in polygons)
    if parts > most:
        raise RuleError("not_neighbours", "这几个网格不挨着，不能并成一个", "grids")
    return shapely.union_all([whole, *polygons])


def cut(polygon: BaseGeometry, points: Sequence[Point]) -> list[BaseGeometry]:
    """The parts of a grid on both sides of a line, from west to east and north to south (DOMAIN 2.3).

    A line that ends shortly before the border is drawn on to it. RuleErrors short_line, no_cut, too_many_parts.
    """
    if len(set(points)) < 2:
        raise RuleError("short_line", "请在地图上划一条线，至少点两个点", "points")
    line = _drawn_on(points)
    parts: list[BaseGeometry] = []
    whole: list[BaseGeometry] = []
    for each in getattr(polygon, "geoms", [polygon]):
        pieces = [piece for piece in split(each, line).geoms if isinstance(piece, Polygon)]
        (parts if len(pieces) > 1 else whole).extend(pieces)
    if not parts:
        raise RuleError("no_cut", "这条线没有把网格切开，请从边界外划到边界外", "points")
    large = [part for part in parts if part.area >= SMALLEST]
    if len(large) < 2:
        raise RuleError("no_cut", "切下来的一块太小，像是划偏了，请重新划线", "points")
    if len(large) > MOST_PARTS:
        raise RuleError("too_many_parts", f"这条线把网格切成了 {len(large)} 块，一次最多 {MOST_PARTS} 块", "points")
    # slivers, and the parts of a scattered grid that the line did not meet, go to the nearest part
    for rest in [*(part for part in parts if part.area < SMALLEST), *whole]:
        nearest = min(range(len(large)), key=lambda place: large[place].distance(rest))
        large[nearest] = shapely.union_all([large[nearest], rest])
    return sorted(large, key=lambda part: (round(part.centroid.x, 4), -part.centroid.y))


def handed_over(giver: BaseGeometry, taker: BaseGeometry, points: Sequence[Point]) -> tuple[BaseGeometry, BaseGeometry]:
    """Both grids after the ground of the giver inside a ring went to the taker.

    RuleErrors short_line, bad_ring, nothing_inside, all_inside, not_touching.
    """
    if len(set(points)) < 3:
        raise RuleError("short_line", "请在地图上圈一块地方，至少点三个点", "points")
    ring = Polygon(points)
    if not ring.is_valid:
        raise RuleError("bad_ring", "圈的线自己交叉了，请重新圈", "points")
    piece = _areas_of(giver.intersection(ring))
    if piece.area < SMALLEST:
        raise RuleError("nothing_inside", "圈里没有要划出去的地方，请圈在划出的网格里", "points")
    left = _areas_of(giver.difference(ring))
    if left.area < SMALLEST:
        raise RuleError("all_inside", "整个网格都圈进去了；要合到一起，请用“并成一个”", "points")
    # what is left over between the ring and the taker would be cut off: it goes along
    parts = list(getattr(left, "geoms", [left]))
    strays = [part for part in parts if part.area < SMALLEST and part.distance(taker) < CREVICE]
    if strays:
        piece = shapely.union_all([piece, *strays])
        left = _areas_of(giver.difference(piece))
    if len(getattr(piece, "geoms", [piece])) > 1 or piece.distance(taker) > CREVICE:
        raise RuleError("not_touching", "圈的地方和接过去的网格不挨着，圈的线要划过两格的边界", "points")
    return left, shapely.union_all([taker, piece])


def _drawn_on(points: Sequence[Point]) -> LineString:
    """The line with both ends drawn on by REACH."""
    kept = [point for place, point in enumerate(points) if place == 0 or point != points[place - 1]]
    return LineString([_beyond(kept[1], kept[0]), *kept, _beyond(kept[-2], kept[-1])])


def _beyond(start: Point, end: Point) -> Point:
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    return end[0] + (end[0] - start[0]) / length * REACH, end[1] + (end[1] - start[1]) / length * REACH


def _areas_of(shape: BaseGeometry) -> BaseGeometry:
    """Only what has an area: lines and points where borders touch are dropped."""
    parts = [
        part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > SQUARE_METRE
    ]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
