"""What is published as features, and how it is found. Grids and villages are public; of open cases only what Open311 tells too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from yijiaan.areas.queries import GridShape, area_names, border_stamp, list_grid_shapes, union_of
from yijiaan.cases.models import Case
from yijiaan.cases.queries import category_table
from yijiaan.connectors.ogc.reading import Asked, Box, Wrong, meets
from yijiaan.connectors.open311.public import public_reports, written
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.registry.models import Facility

VILLAGE = 12
DIGITS = 3  # of a degree: about 100 m, as Open311 tells places
Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of features. after: where the next one begins, empty on the last; matched: how many there are, where that is known."""

    features: list[Feature]
    after: str = ""
    matched: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One collection."""

    key: str
    title: str
    description: str
    queryables: tuple[str, ...]
    find: Callable[[Actor, Asked], Found]
    one: Callable[[Actor, str], Feature | None]


def actor_here() -> Actor:
    """Who reads: everybody, in the county of the installation."""
    return system("ogc", settings.HOME_AREA[:6])


def extent(actor: Actor) -> Box | None:
    """The box around all grids of today; None where none is drawn."""
    boxes = [shape.box for shape in _grids(actor, *_today())]
    if not boxes:
        return None
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _today() -> tuple[datetime, datetime]:
    """The day in Shandong, as the grids count days."""
    noon = datetime.combine(clock.local_day(), time(4, tzinfo=UTC))
    return noon, noon


def _grids(actor: Actor, start: datetime, end: datetime) -> tuple[GridShape, ...]:
    return list_grid_shapes(actor, code=actor.county, first=clock.local_day(start), last=clock.local_day(end))


def _asked_span(asked: Asked) -> tuple[datetime, datetime]:
    if asked.start is None or asked.end is None:
        return _today()
    # the ends of time in another zone would be before or after all time
    least, most = (datetime(year, 6, 1, tzinfo=UTC) for year in (2, 9998))
    return max(asked.start, least), min(asked.end, most)


def _shaped(key: str, properties: Feature, shape: Any) -> Feature:
    return {"type": "Feature", "id": key, "properties": properties, "geometry": shape}


def _page(rows: Sequence[Any], asked: Asked, told: Callable[[Any], Feature]) -> Found:
    """A page of what is held in memory anyway."""
    last = asked.offset + asked.limit
    after = str(last) if last < len(rows) else ""
    return Found([told(row) for row in rows[asked.offset : last]], after, len(rows))


def _beyond(rows: Any, asked: Asked, way: str) -> Any:
    """Rows behind the last one of the page before. way: lt where they fall, gt where they rise."""
    if not asked.after:
        return rows
    try:
        return rows.filter(**{f"id__{way}": UUID(asked.after)})
    except ValueError as error:
        raise Wrong("after is no place in this list") from error


def _within(rows: Any, asked: Asked, path: str = "", *, margin: float = 0.0) -> Any:
    """Rows whose point lies in the box asked for, or that many degrees beside it; a box may go across the date line."""
    if asked.box is None:
        return rows
    west, south, east, north = asked.box
    left, right = Q(**{f"{path}lon__gte": west - margin}), Q(**{f"{path}lon__lte": east + margin})
    across = left & right if west <= east else left | right
    return rows.filter(across, **{f"{path}lat__gte": south - margin, f"{path}lat__lte": north + margin})


def find_grids(actor: Actor, asked: Asked) -> Found:
    """Grids that stood at some time of the span asked for, by default today; one that was redrawn meanwhile stands for each border."""
    wanted = dict(asked.wanted)
    rows = [
        shape
        for shape in _grids(actor, *_asked_span(asked))
        if (asked.box is None or meets(asked.box, shape.box))
        and shape.code.startswith(wanted.get("village", ""))
        and wanted.get("code", shape.code) == shape.code
        and wanted.get("kind", shape.kind) == shape.kind
    ]
    villages = area_names(actor, codes={row.code[:VILLAGE] for row in rows})
    return _page(rows, asked, lambda row: _grid(row, villages))


def _grid(row: GridShape, villages: dict[str, str]) -> Feature:
    properties = {
        "code": row.code, "name": row.name, "kind": row.kind, "village": row.code[:VILLAGE],
        "village_name": villages.get(row.code[:VILLAGE], ""), "valid_from": row.since.isoformat() if row.since else None,
        "valid_to": row.until.isoformat() if row.until else None,
    }  # fmt: skip
    return _shaped(row.key, properties, row.geometry)


def get_grid(actor: Actor, key: str) -> Feature | None:
    """A grid by its code as it stands today, or one border of it: code and the day from which it holds."""
    code, _, day = key.partition("@")
    if len(code) != 16 or not code.startswith(actor.county):
        return None
    rows = list_grid_shapes(actor, code=code, first=None, last=None)
    today = clock.local_day()
    for row in rows:
        if row.key == key or (not day and row.stands_on(today)):
            return _grid(row, area_names(actor, codes=[code[:VILLAGE]]))
    return None


def find_villages(actor: Actor, asked: Asked) -> Found:
    """Villages as the union of the grids that they have today."""
    wanted = dict(asked.wanted)
    rows = [
        row
        for row in _villages(actor)
        if (asked.box is None or meets(asked.box, row.box))
        and wanted.get("code", row.code) == row.code
        and row.code.startswith(wanted.get("town", ""))
    ]
    names = area_names(actor, codes={row.code for row in rows})
    return _page(rows, asked, lambda row: _village(row, names))


def _villages(actor: Actor) -> tuple[GridShape, ...]:
    return _unions(border_stamp(actor, county=actor.county), actor, _today())


@lru_cache(maxsize=8)
def _unions(stamp: UUID | None, actor: Actor, day: tuple[datetime, datetime]) -> tuple[GridShape, ...]:
    """One union a village, kept until a border changes."""
    parts: dict[str, list[GridShape]] = {}
    for shape in _grids(actor, *day):
        parts.setdefault(shape.code[:VILLAGE], []).append(shape)
    return tuple(union_of(actor, code=code, parts=shapes) for code, shapes in sorted(parts.items()))


def _village(row: GridShape, names: dict[str, str]) -> Feature:
    return _shaped(row.code, {"code": row.code, "name": names.get(row.code, ""), "town": row.code[:9]}, row.geometry)


def get_village(actor: Actor, key: str) -> Feature | None:
    """A village by its code."""
    names = area_names(actor, codes=[key]) if key.isascii() and key.isdigit() else {}
    return next((_village(row, names) for row in _villages(actor) if row.code == key), None)


def find_cases(actor: Actor, asked: Asked) -> Found:
    """Open cases of published kinds, newest first; datetime is when they came in. Four statements however many."""
    rows = public_reports(actor, area_code=actor.county).filter(
        Exists(Case.objects.open().filter(county=actor.county, id=OuterRef("case_id"))), case__lon__isnull=False
    )
    wanted = dict(asked.wanted)
    rows = _beyond(rows, asked, "lt")
    if asked.start is not None:
        rows = rows.filter(received_at__gte=asked.start, received_at__lte=asked.end)
    # the place told is rounded, and so is the place looked for: what is told inside is found inside
    rows = _within(rows, asked, "case__", margin=0.5 / 10**DIGITS)
    if "service_code" in wanted:
        rows = rows.filter(case__category__code=wanted["service_code"].replace("\0", ""))
    if "village" in wanted:
        village = wanted["village"].replace("\0", "")
        rows = rows.filter(case__area_code__gte=village, case__area_code__lt=village + "~")
    found = list(islice(rows.order_by("-id").iterator(chunk_size=asked.limit + 1), asked.limit + 1))
    page = found[: asked.limit]
    return Found(_cases(actor, page), str(page[-1].id) if len(found) > asked.limit else "")


def _cases(actor: Actor, reports: Iterable[Any]) -> list[Feature]:
    rows = list(reports)
    names = area_names(actor, codes={row.case.area_code[:VILLAGE] for row in rows})
    categories = category_table(actor).by_id
    told = []
    for row in rows:
        case = row.case
        category = categories[case.category_id]
        village = case.area_code[:VILLAGE]
        properties = {
            "number": row.number, "service_code": category.code, "service_name": category.name, "status": "open",
            "village": village, "village_name": names.get(village, ""), "received": written(row.received_at),
        }  # fmt: skip
        point = {"type": "Point", "coordinates": [round(case.lon, DIGITS), round(case.lat, DIGITS)]}
        told.append(_shaped(row.number, properties, point))
    return told


def get_case(actor: Actor, key: str) -> Feature | None:
    """An open published case by the number of its report."""
    if "\0" in key:
        return None
    rows = public_reports(actor, area_code=actor.county).filter(number=key[:24], case__lon__isnull=False)
    found = [row for row in rows[:1] if row.case.is_open]
    return _cases(actor, found)[0] if found else None


def find_facilities(actor: Actor, asked: Asked) -> Found:
    """Things in the street that stand and have a point, by their key. One statement and the names of the villages."""
    rows = _facilities(actor)
    wanted = dict(asked.wanted)
    rows = _within(_beyond(rows, asked, "gt"), asked)
    if "village" in wanted:
        rows = rows.inside(wanted["village"].replace("\0", ""))
    found = list(rows.order_by("id")[: asked.limit + 1])
    page = found[: asked.limit]
    names = area_names(actor, codes={row.area_code[:VILLAGE] for row in page})
    return Found([_facility(row, names) for row in page], str(page[-1].id) if len(found) > asked.limit else "")


def _facilities(actor: Actor) -> Any:
    return Facility.objects.visible_to(actor).filter(status="active", lon__isnull=False, lat__isnull=False)


def _facility(row: Facility, names: dict[str, str]) -> Feature:
    village = row.area_code[:VILLAGE]
    properties = {
        "name": row.name, "component_code": row.component_code, "owner_unit": row.owner_unit, "address": row.address,
        "state": row.state, "village": village, "village_name": names.get(village, ""),
    }  # fmt: skip
    return _shaped(str(row.id), properties, {"type": "Point", "coordinates": [row.lon, row.lat]})


def get_facility(actor: Actor, key: str) -> Feature | None:
    """A facility by its identifier."""
    try:
        row = _facilities(actor).filter(id=UUID(key)).first()
    except ValueError:
        return None
    return _facility(row, area_names(actor, codes=[row.area_code[:VILLAGE]])) if row else None


LAYERS = (
    Layer(
        "grids", "网格", "综合网格，CGCS2000；datetime 说哪天的网格，不写就是今天", ("code", "village", "kind"), find_grids, get_grid
    ),
    Layer("villages", "村社", "村社范围，由今天的网格合成", ("code", "town"), find_villages, get_village),
    Layer(
        "cases", "在办的公开事件", "道路、设施、环境、农业四类在办的事，地点约到百米；datetime 是收到的时间", ("service_code", "village"), find_cases, get_case
    ),
    Layer(
        "facilities", "部件", "路灯、井盖、标志这些公用设施和交通设施；datetime 不起作用", ("village",), find_facilities, get_facility
    ),
)  # fmt: skip
BY_KEY = {layer.key: layer for layer in LAYERS}
