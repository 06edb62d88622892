"""Grid polygons as they come from outside: parsed, judged, and named in Chinese when something is wrong."""

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from yijiaan.core.errors import RuleError

# one square metre in square degrees near 35.6 N; slivers below this come from rounding, not from a wrong border
SQUARE_METRE = 1.0e-10
OVERLAP_LIMIT = 200 * SQUARE_METRE
GAP_LIMIT = 2000 * SQUARE_METRE


def read_polygon(geometry: Any, name: str) -> BaseGeometry:
    """A valid Polygon or MultiPolygon in degrees. RuleError not_polygon, wrong_crs, self_intersection, empty_polygon."""
    try:
        polygon = shape(geometry)
    except Exception as error:  # shapely raises whatever the malformed mapping provokes
        raise RuleError("not_polygon", f"{name}：边界不是 GeoJSON 多边形", "file") from error
    if polygon.geom_type not in {"Polygon", "MultiPolygon"}:
        raise RuleError(
            "not_polygon", f"{name}：边界应为面（Polygon 或 MultiPolygon），收到的是 {polygon.geom_type}", "file"
        )
    if polygon.is_empty or polygon.area < SQUARE_METRE:
        raise RuleError("empty_polygon", f"{name}：边界面积为零", "file")
    west, south, east, north = polygon.bounds
    if not (73 < west < east < 136 and 3 < south < north < 54):
        hint = "经纬度写反了" if 73 < south < 136 and 3 < west < 54 else "可能是投影坐标，请转为 CGCS2000 经纬度"
        raise RuleError("wrong_crs", f"{name}：坐标不在中国经纬度范围内，{hint}", "file")
    if not polygon.is_valid:
        raise RuleError("self_intersection", f"{name}：边界自相交（{explain_validity(polygon)}）", "file")
    return polygon


def check_cover(polygons: dict[str, BaseGeometry]) -> None:
    """Neighbouring grids must neither overlap nor leave holes between them. RuleError overlap or gap names the places."""
    names = list(polygons)
    shapes = [polygons[name] for name in names]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    for first, second in zip(left.tolist(), right.tolist(), strict=True):
        if first < second:
            area = shapes[first].intersection(shapes[second]).area
            if area > OVERLAP_LIMIT:
                metres = round(area / SQUARE_METRE)
                raise RuleError("overlap", f"{names[first]} 与 {names[second]} 重叠约 {metres:,} 平方米", "file")
    whole = shapely.union_all(shapes)
    for part in getattr(whole, "geoms", [whole]):
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            if hole.area > GAP_LIMIT:
                lon, lat = hole.representative_point().coords[0]
                metres = round(hole.area / SQUARE_METRE)
                raise RuleError("gap", f"东经 {lon:.5f}、北纬 {lat:.5f} 处有约 {metres:,} 平方米不属于任何网格", "file")


def check_free(polygons: dict[str, BaseGeometry], standing: Sequence[tuple[str, BaseGeometry]]) -> None:
    """New grids must not lie over those that stand. RuleError overlap names the two."""
    tree = shapely.STRtree([polygon for _, polygon in standing])
    for name, polygon in polygons.items():
        for place in tree.query(polygon, predicate="intersects").tolist():
            other, there = standing[place]
            area = polygon.intersection(there).area
            if area > OVERLAP_LIMIT:
                metres = round(area / SQUARE_METRE)
                raise RuleError("overlap", f"{name} 与 {other} 重叠约 {metres:,} 平方米", "file")


def as_geojson(polygon: BaseGeometry) -> dict[str, Any]:
    """Back to GeoJSON, rounded to about 10 cm."""
    return mapping(shapely.set_precision(polygon, 1e-6))  # type: ignore[no-any-return]
