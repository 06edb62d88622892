"""Plausible grids of a county of about the real shape: every village a cell near its town's seat, one to three grids in each of
新驿镇, one or two in the villages of the other towns that have people, one elsewhere. Deterministic, and drawn by hand."""

import math
import random
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import split, voronoi_diagram

FULL = "370812102"  # the town that is told fully
TOWN_GRIDS = 73
SEATS = (
    "新驿一村",
    "新驿二村",
    "新驿三村",
    "新驿四村",
    "新驿五西村",
    "新驿五东村",
)  # around the seat: three grids each


# about where the border runs, and where the seats lie, in CGCS2000 degrees
OUTLINE = (
    (116.591, 35.677), (116.613, 35.667), (116.620, 35.630), (116.602, 35.597), (116.598, 35.556), (116.630, 35.541),
    (116.660, 35.527), (116.665, 35.498), (116.683, 35.480), (116.692, 35.442), (116.700, 35.414), (116.758, 35.394),
    (116.790, 35.404), (116.816, 35.437), (116.858, 35.435), (116.892, 35.470), (116.880, 35.506), (116.857, 35.530),
    (116.850, 35.562), (116.852, 35.590), (116.848, 35.622), (116.866, 35.638), (116.847, 35.653), (116.878, 35.668),
    (116.868, 35.682), (116.816, 35.705), (116.790, 35.678), (116.756, 35.706), (116.700, 35.703), (116.690, 35.722),
    (116.605, 35.702),
)  # fmt: skip
SEATED = {
    "370812102": (116.662, 35.642),
    "370812103": (116.640, 35.572),
    "370812105": (116.750, 35.548),
    "370812107": (116.770, 35.655),
    "370812111": (116.658, 35.698),
    "370812101": (116.842, 35.655),
    "370812007": (116.835, 35.478),
    "370812001": (116.829, 35.553),
    "370812003": (116.806, 35.566),
    "370812006": (116.842, 35.588),
}
STAFFED = 6  # villages with people in each of the other towns
Village = tuple[str, str]  # code, name


def draw_county(towns: dict[str, list[Village]]) -> dict[str, dict[str, Any]]:
    """A FeatureCollection for `import_grids` of each town; towns are their villages by code."""
    chance = random.Random(20261123)  # noqa: S311 - a fixed drawing, no secret
    county = _outline(chance)
    wide = dict(zip(SEATED, _cells([Point(seat) for seat in SEATED.values()], county), strict=True))
    seeds: list[Point] = []
    placed: list[Village] = []
    for town, villages in towns.items():
        spread = _spread(chance, wide[town], len(villages), rounds=14)
        centre = Point(SEATED[town])
        seeds += sorted(spread, key=centre.distance)
        placed += sorted(villages, key=lambda village: (village[1] not in SEATS, village))
    cells = {code: cell for (code, _), cell in zip(placed, _cells(seeds, county), strict=True)}
    return {town: _collection(chance, town, villages, cells) for town, villages in towns.items()}


def _collection(
    chance: random.Random, town: str, villages: list[Village], cells: dict[str, BaseGeometry]
) -> dict[str, Any]:
    ranked = sorted(villages, key=lambda village: (village[1] not in SEATS, village))
    if town == FULL:
        counts = _grid_counts(chance, [name for _, name in ranked])
    else:
        counts = [chance.choice((1, 1, 2)) for _ in ranked[:STAFFED]] + [1] * len(ranked[STAFFED:])
    features = [
        {
            "type": "Feature",
            "geometry": mapping(part),
            "properties": {"village": code, "name": f"{name}第{serial}网格"},
        }
        for (code, name), count in zip(ranked, counts, strict=True)
        for serial, part in enumerate(_parts(cells[code], count), 1)
    ]
    return {"type": "FeatureCollection", "features": features}


def staffed_villages(town: str, name: str, villages: list[Village]) -> list[str]:
    """The codes of the villages that have people: all, or those that bear the town's name and the first of the others."""
    if town == FULL:
        return [code for code, _ in villages]
    stem = name.removesuffix("街道").removesuffix("镇")
    return [code for code, _ in sorted(villages, key=lambda village: (stem not in village[1], village))[:STAFFED]]


def _outline(chance: random.Random) -> Polygon:
    """The border with a bend or two between its corners."""
    points = []
    for (west, south), (east, north) in zip(OUTLINE, (*OUTLINE[1:], OUTLINE[0]), strict=True):
        bend = math.hypot(east - west, north - south) * 0.09
        for share in (0, 0.3, 0.65):
            shift = chance.uniform(-bend, bend) if share else 0
            points.append((west + (east - west) * share + shift, south + (north - south) * share - shift))
    return Polygon(points).buffer(0)


def _spread(chance: random.Random, area: BaseGeometry, count: int, rounds: int) -> list[Point]:
    west, south, east, north = area.bounds
    seeds: list[Point] = []
    while len(seeds) < count:
        point = Point(chance.uniform(west, east), chance.uniform(south, north))
        if area.contains(point):
            seeds.append(point)
    for _ in range(rounds):
        seeds = [
            cell.representative_point() if not cell.contains(cell.centroid) else cell.centroid
            for cell in _cells(seeds, area)
        ]
    return seeds


def _cells(seeds: list[Point], area: BaseGeometry) -> list[BaseGeometry]:
    drawn = [cell.intersection(area) for cell in voronoi_diagram(MultiPoint(seeds), envelope=area.buffer(0.05)).geoms]
    tree = shapely.STRtree(drawn)
    return [drawn[int(tree.nearest(seed))] for seed in seeds]


def _grid_counts(chance: random.Random, names: list[str]) -> list[int]:
    counts = [3 if name in SEATS else 2 if chance.random() < 0.7 else 1 for name in names]
    others = [i for i, name in enumerate(names) if name not in SEATS]
    while sum(counts) != TOWN_GRIDS:
        i = chance.choice(others)
        step = 1 if sum(counts) < TOWN_GRIDS else -1
        if 1 <= counts[i] + step <= 3:
            counts[i] += step
    return counts


def _parts(cell: BaseGeometry, count: int) -> list[BaseGeometry]:
    """Cut a village across its longer side into parts of about the same size."""
    parts = [cell]
    while len(parts) < count:
        largest = max(parts, key=lambda part: part.area)
        parts.remove(largest)
        wanted = largest.area / (3 if count == 3 and len(parts) == 0 else 2)
        parts.extend(_cut(largest, wanted))
    return sorted(parts, key=lambda part: (round(part.centroid.x, 4), -part.centroid.y))


def _cut(cell: BaseGeometry, wanted: float) -> list[BaseGeometry]:
    west, south, east, north = cell.bounds
    upright = (east - west) >= (north - south)
    low, high = (west, east) if upright else (south, north)
    first, last = low, high
    for _ in range(40):
        middle = (low + high) / 2
        side = shapely.box(west, south, middle, north) if upright else shapely.box(west, south, east, middle)
        low, high = (middle, high) if cell.intersection(side).area < wanted else (low, middle)
    at = (low + high) / 2
    lean = (last - first) * 0.06
    line = (
        LineString([(at - lean, south - 1e-3), (at + lean, north + 1e-3)])
        if upright
        else LineString([(west - 1e-3, at - lean), (east + 1e-3, at + lean)])
    )
    return list(split(cell, line).geoms)
