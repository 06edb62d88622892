"""What a client asked, as plain values (OGC 17-069r4 Features Part 1, OGC 18-058r1 Part 2). Pure; `Wrong` says what cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CGCS2000 = "http://www.opengis.net/def/crs/EPSG/0/4490"  # latitude first, as EPSG orders its axes
SYSTEMS = (CRS84, CGCS2000)
LIMIT, MOST = 100, 1000
PLAIN = ("limit", "bbox", "bbox-crs", "crs", "datetime", "f", "offset", "after")
FOREVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
Box = tuple[float, float, float, float]  # west, south, east, north


class Wrong(Exception):
    """The request cannot be read or answered: status and a sentence."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description, self.status = description, status


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of items. wanted: properties that must have a value."""

    limit: int
    offset: int
    after: str
    box: Box | None
    start: datetime | None
    end: datetime | None
    is_swapped: bool  # latitude comes first in the answer
    wanted: tuple[tuple[str, str], ...]

    @property
    def crs(self) -> str:
        """The reference system of the answer."""
        return CGCS2000 if self.is_swapped else CRS84


def asked_of(sent: Mapping[str, str], queryables: tuple[str, ...]) -> Asked:
    """The values of a query; parameters that nobody defined are an error, as the standard wants it."""
    unknown = sorted(set(sent) - {*PLAIN, *queryables})
    if unknown:
        raise Wrong(f"unknown parameter: {unknown[0]}")
    format_of(sent)
    start, end = span_of(sent.get("datetime", ""))
    return Asked(
        limit=min(_number("limit", sent.get("limit", ""), LIMIT, least=1), MOST),
        offset=_number("offset", sent.get("offset", ""), 0, least=0),
        after=sent.get("after", ""),
        box=box_of(sent.get("bbox", ""), sent.get("bbox-crs", "")),
        start=start,
        end=end,
        is_swapped=_system("crs", sent.get("crs", "")) == CGCS2000,
        wanted=tuple((name, sent[name]) for name in queryables if name in sent),
    )


def format_of(sent: Mapping[str, str]) -> None:
    """We speak JSON only; `f` may say so."""
    if sent.get("f", "json") not in ("json", "geojson"):
        raise Wrong("f must be json", 406)


def box_of(text: str, system: str) -> Box | None:
    """west, south, east, north from four numbers, or from six with heights, which are ignored. West of east, or over the 180th meridian."""
    latitude_first = _system("bbox-crs", system) == CGCS2000
    if not text:
        return None
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError as error:
        raise Wrong("bbox must be numbers separated by commas") from error
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or any(number != number or abs(number) > 360 for number in numbers):
        raise Wrong("bbox must have four or six numbers")
    west, south, east, north = numbers
    if latitude_first:
        west, south, east, north = south, west, north, east
    if south > north:
        raise Wrong("bbox: the first latitude must not be greater than the second")
    return west, south, east, north


def meets(box: Box, other: Box) -> bool:
    """Whether two boxes have a point in common; a box whose west is greater than its east goes over the 180th meridian."""
    west, south, east, north = box
    if other[3] < south or other[1] > north:
        return False
    if west <= east:
        return other[2] >= west and other[0] <= east
    return other[2] >= west or other[0] <= east


def span_of(text: str) -> tuple[datetime | None, datetime | None]:
    """A moment, or an interval begin/end whose ends may be open (`..` or empty); a date is the whole day. None, None when nothing is said."""
    if not text:
        return None, None
    parts = text.split("/")
    if len(parts) > 2:
        raise Wrong("datetime must be a time or begin/end")
    if len(parts) == 1:
        return _moment(parts[0], last=False), _moment(parts[0], last=True)
    start = FOREVER[0] if parts[0] in ("", "..") else _moment(parts[0], last=False)
    end = FOREVER[1] if parts[1] in ("", "..") else _moment(parts[1], last=True)
    if parts[0] in ("", "..") and parts[1] in ("", ".."):
        return None, None
    if start > end:
        raise Wrong("datetime: the begin lies after the end")
    return start, end


def _moment(text: str, *, last: bool) -> datetime:
    """RFC 3339, or a date: its first or last second in UTC."""
    try:
        if len(text) == 10:
            day = datetime.combine(datetime.fromisoformat(text).date(), time(0, tzinfo=UTC))
            return day + timedelta(days=1, seconds=-1) if last else day
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Wrong("datetime must be RFC 3339, such as 2026-11-23T01:42:00Z") from error
    if found.tzinfo is None:
        raise Wrong("datetime needs a zone, such as 2026-11-23T01:42:00Z")
    return found


def _number(name: str, text: str, preset: int, *, least: int) -> int:
    if not text:
        return preset
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise Wrong(f"{name} must be a whole number from {least}")
    return int(text)


def _system(name: str, text: str) -> str:
    known = {system: system for system in SYSTEMS} | {"": CRS84}
    short = text.removeprefix("[").removesuffix("]")
    if short not in known:
        raise Wrong(f"{name}: only {' and '.join(SYSTEMS)}")
    return known[short]
