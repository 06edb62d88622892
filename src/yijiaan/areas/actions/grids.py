import json
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from yijiaan.areas import permissions
from yijiaan.areas.actions.divisions import pinyin_key
from yijiaan.areas.geometry import as_geojson, check_cover, check_free, read_polygon
from yijiaan.areas.models import LENGTH_OF, Area, Border, BorderStamp, Redraw
from yijiaan.areas.queries.locate import forget_borders
from yijiaan.areas.queries.tree import forget_areas
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

KINDS = {"base": "1", "exclusive": "2"}  # DOMAIN 2.3: 12-digit village + kind + serial
MOST_GRIDS = 20_000


@transaction.atomic
def import_grids(*, actor: Actor, collection: str | dict[str, Any], valid_from: date, source: str = "") -> list[Area]:
    """Make grids with borders from a GeoJSON FeatureCollection in CGCS2000 degrees.

    Each feature has properties `village` (12-digit code) and optionally `name`, `kind` (base, exclusive) and `code` (16 digits;
    without it the next free serial of the village). RuleError says which feature is wrong: not_polygon, wrong_crs,
    self_intersection, overlap, gap, unknown_village, code_taken. Either all come in or none.
    """
    actor.require(permissions.LOAD)
    features = _features(collection)
    polygons, plans = {}, []
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") or {}
        label = str(properties.get("name") or f"第 {number} 个网格")
        polygons[f"{label}（{number}）" if label in polygons else label] = polygon = read_polygon(
            feature.get("geometry"), label
        )
        plans.append((label, properties, polygon))
    check_cover(polygons)
    check_free(polygons, _standing({str(p.get("village", ""))[:9] for _, p, _ in plans}, valid_from))
    villages = {
        area.code: area
        for area in Area.objects.filter(code__in={str(p.get("village", "")) for _, p, _ in plans}, level="village")
    }
    used: dict[str, set[str]] = {code: set() for code in villages}
    for code in Area.objects.filter(parent_id__in=villages, level="grid").values_list("code", flat=True):
        used[code[:12]].add(code)
    for village, codes in Redraw.objects.filter(area_code__in=villages).values_list("area_code", "codes"):
        used[village].update(codes["after"])  # also of those that were undone
    areas, borders = [], []
    for label, properties, polygon in plans:
        area = _plan_grid(label, properties, villages, used, valid_from)
        areas.append(area)
        borders.append(
            Border(area=area, period=DateRange(valid_from, None), geometry=as_geojson(polygon), source=source[:100])
        )
    Area.objects.bulk_create(areas)
    Border.objects.bulk_create(borders)
    for county in sorted({area.code[:6] for area in areas}):
        BorderStamp.objects.update_or_create(county=county, defaults={"stamp": uuid7()})
        first = next(area for area in areas if area.code.startswith(county))
        record(
            actor=actor,
            verb="areas.grids_imported",
            county=county,
            subject_type="areas.area",
            subject_id=first.subject_id,
            area_code=county,
            at=clock.now(),
            data={"count": sum(area.code.startswith(county) for area in areas)},
        )
    forget_areas()
    forget_borders()
    return areas


def _standing(towns: set[str], since: date) -> list[tuple[str, BaseGeometry]]:
    """The grids that these towns have on a day or later."""
    there = Q(pk__in=[])
    for town in towns:
        there |= Q(area__code__startswith=town) if len(town) == LENGTH_OF["town"] else Q(pk__in=[])
    rows = Border.objects.filter(there, period__overlap=DateRange(since, None)).order_by("area_id")
    return [(name, shape(geometry)) for name, geometry in rows.values_list("area__name", "geometry")]


def _features(collection: str | dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(collection, str):
        try:
            collection = json.loads(collection)
        except ValueError as error:
            raise RuleError("not_geojson", "文件不是 GeoJSON", "file") from error
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise RuleError("not_geojson", "文件应为 GeoJSON FeatureCollection", "file")
    crs = json.dumps(collection.get("crs") or {})
    if crs != "{}" and not any(known in crs for known in ("4490", "4326", "CRS84")):
        raise RuleError("wrong_crs", "文件的坐标系不是 CGCS2000（EPSG:4490），请先转换", "file")
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise RuleError("not_geojson", "文件里没有网格", "file")
    if len(features) > MOST_GRIDS:
        raise RuleError("too_many", f"一次最多导入 {MOST_GRIDS:,} 个网格", "file")
    return [feature if isinstance(feature, dict) else {} for feature in features]


def _plan_grid(
    label: str, properties: dict[str, Any], villages: dict[str, Area], used: dict[str, set[str]], valid_from: date
) -> Area:
    village = villages.get(str(properties.get("village", "")))
    if village is None:
        raise RuleError("unknown_village", f"{label}：村代码 {properties.get('village')!s} 不在区划里", "file")
    kind = str(properties.get("kind") or "base")
    if kind not in KINDS:
        raise RuleError("unknown_kind", f"{label}：类别应为 base 或 exclusive", "file")
    taken = used[village.code]
    code = str(properties.get("code") or "")
    if not code:
        stem = village.code + KINDS[kind]
        serial = next((n for n in range(1, 1000) if f"{stem}{n:03d}" not in taken), None)
        if serial is None:
            raise RuleError("no_serial_left", f"{village.name}：网格序号已用完", "file")
        code = f"{stem}{serial:03d}"
    elif len(code) != 16 or not (code.isascii() and code.isdigit()) or not code.startswith(village.code + KINDS[kind]):
        raise RuleError("bad_code", f"{label}：网格代码应为村代码 + {KINDS[kind]} + 3 位序号", "file")
    if code in taken:
        raise RuleError("code_taken", f"{label}：代码 {code} 已经用过，代码不重复使用", "file")
    taken.add(code)
    name = str(properties.get("name") or f"{village.name}第{int(code[13:])}网格")[:60]
    return Area(
        code=code,
        parent=village,
        level="grid",
        name=name,
        full_name=name,
        kind=kind,
        sort_key=pinyin_key(village.name) + f" {code[12:]}",
        valid_from=valid_from,
    )
