import time
from collections.abc import Iterable
from threading import Lock

from django.db.models import QuerySet

from yijiaan.areas.models import LENGTH_OF, Area
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor

_KEEP = 30.0  # seconds; the tree changes a few times a year, and every page names areas
_lock = Lock()
_names: dict[str, tuple[float, Area | None]] = {}
_places: dict[str, tuple[float, list[tuple[Area, list[Area]]]]] = {}
_parts: dict[str, tuple[float, list[Area]]] = {}


def get_area(actor: Actor, *, code: str) -> Area:
    """One area, remembered by the process for half a minute; NotFound when there is none."""
    if not (code.isascii() and code.isdigit()):
        raise NotFound
    now = time.monotonic()
    kept = _names.get(code)
    if kept is None or kept[0] < now:
        kept = (now + _KEEP, Area.objects.filter(code=code).first())
        with _lock:
            if len(_names) > 5000:
                _names.clear()
            _names[code] = kept
    if kept[1] is None:
        raise NotFound
    return kept[1]


def area_names(actor: Actor, *, codes: Iterable[str]) -> dict[str, str]:
    """The names of several areas by code, in one query at most; unknown codes are left out."""
    now = time.monotonic()
    wanted = set(codes)
    stale = [code for code in wanted if code not in _names or _names[code][0] < now]
    if stale:
        found = Area.objects.in_bulk(stale)
        with _lock:
            _names.update((code, (now + _KEEP, found.get(code))) for code in stale)
    areas = (_names.get(code, (0.0, None))[1] for code in wanted)
    return {area.code: area.name for area in areas if area is not None}


def list_places(actor: Actor, *, code: str) -> list[tuple[Area, list[Area]]]:
    """The villages inside (or around) an area with their grids, those that exist today, by code; remembered half a minute."""
    now = time.monotonic()
    code = code[: LENGTH_OF["village"]]
    until, places = _places.get(code, (0.0, []))
    if until < now:
        places = _read_places(code)
        with _lock:
            _names.update((area.code, (now + _KEEP, area)) for village, grids in places for area in (village, *grids))
            _places[code] = (now + _KEEP, places)
    return places


def list_parts(actor: Actor, *, code: str) -> list[Area]:
    """Into what a map divides an area: a county into towns, a town or a village into grids; by code, remembered half a minute."""
    if len(code) >= LENGTH_OF["town"]:
        return [grid for _, grids in list_places(actor, code=code) for grid in grids]
    now = time.monotonic()
    until, parts = _parts.get(code, (0.0, []))
    if until < now:
        parts = list(list_children(actor, code=code).order_by("code"))
        with _lock:
            _parts[code] = (now + _KEEP, parts)
    return parts


def _read_places(code: str) -> list[tuple[Area, list[Area]]]:
    inside = Area.objects.on(clock.local_day()).inside(code)
    villages: dict[str, tuple[Area, list[Area]]] = {}
    for area in inside.filter(level__in=("village", "grid")).order_by("code"):
        if area.level == "village":
            villages[area.code] = (area, [])
        elif area.code[: LENGTH_OF["village"]] in villages:
            villages[area.code[: LENGTH_OF["village"]]][1].append(area)
    return list(villages.values())


def forget_areas() -> None:
    """Drop what this process remembers of the tree."""
    with _lock:
        _names.clear()
        _places.clear()
        _parts.clear()


def get_door(actor: Actor, *, token: str) -> Area:
    """The town whose public pages live under /t/<token>/; NotFound when there is none today."""
    area = Area.objects.on(clock.local_day()).filter(door_token=token).first()
    if area is None:
        raise NotFound
    return area


def list_children(actor: Actor, *, code: str) -> QuerySet[Area]:
    """The areas right below one, those that exist today, in pinyin order."""
    return Area.objects.on(clock.local_day()).filter(parent_id=code).order_by("sort_key", "code")


def list_areas_inside(actor: Actor, *, code: str, level: str) -> QuerySet[Area]:
    """All areas of a level inside one, those that exist today, by code."""
    return Area.objects.on(clock.local_day()).inside(code).filter(level=level).order_by("code")


def name_path(actor: Actor, *, code: str, start: str = "village") -> str:
    """The name of a place as people say it: 新驿三村第1网格, 新驿三村, 新驿镇."""
    return get_area(actor, code=code).name if code else ""


def ancestor_code(code: str, level: str) -> str:
    """The code of the area of a level above (or at) a place; empty when the place lies higher."""
    length = LENGTH_OF[level]
    return code[:length] if len(code) >= length else ""
