"""Plausible grids of 新驿镇 inside its real extent: a rounded town, one cell a village, one to three grids in each. Deterministic."""

import math
import random
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import split, voronoi_diagram

# extent of the town in CGCS2000: longitude 116.592-116.731, latitude 35.589-35.699
CENTRE = (116.6615, 35.644)
RADIUS = (0.0605, 0.0475)
TOWN_GRIDS = 73
SEATS = (
    "新驿一村",
    "新驿二村",
    "新驿三村",
    "新驿四村",
    "新驿五西村",
    "新驿五东村",
)  # around the seat: three grids each


def draw_grids(villages: list[tuple[str, str]]) -> dict[str, Any]:
    """A FeatureCollection for `import_grids`: villages are (code, name), the seat's villages lie in the middle."""
    chance = random.Random(20261123)  # noqa: S311 - a fixed drawing, no secret
    town = _outline(chance)
    seeds = _spread(chance, town, len(villages), rounds=14)
    centre = Point(*CENTRE)
    order = sorted(range(len(seeds)), key=lambda i: centre.distance(seeds[i]))
    ranked = sorted(villages, key=lambda village: (village[1] not in SEATS, villages.index(village)))
    cells = _cells(seeds, town)
    counts = _grid_counts(chance, [name for _, name in ranked])
    features = []
    for (code, name), index, count in zip(ranked, order, counts, strict=True):
        for serial, part in enumerate(_parts(cells[index], count), 1):
            features.append(
                {
                    "type": "Feature",
                    "geometry": mapping(part),
                    "properties": {"village": code, "name": f"{name}第{serial}网格"},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _outline(chance: random.Random) -> Polygon:
    points = []
    for step in range(60):
        angle = 2 * math.pi * step / 60
        reach = 1 + 0.09 * math.sin(3 * angle + 0.6) + 0.05 * math.sin(7 * angle + 1.3) + chance.uniform(-0.015, 0.015)
        points.append(
            (CENTRE[0] + RADIUS[0] * reach * math.cos(angle), CENTRE[1] + RADIUS[1] * reach * math.sin(angle))
        )
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
