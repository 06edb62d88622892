"""Small pictures as inline SVG: sizes are attributes, colours come from classes, so a strict policy holds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

Point = tuple[float, float]  # longitude, latitude


def spark(values: Sequence[float], kind: str = "", width: int = 84, height: int = 26) -> SafeString:
    """A line through the values, without axes; the figures beside it say the rest."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    points = [
        (
            round(number * (width - 4) / (len(values) - 1) + 2, 1),
            round(height - 3 - (value - low) / span * (height - 6), 1),
        )
        for number, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark {}" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.2"/></svg>',
        kind, width, height, width, height, " ".join(f"{x},{y}" for x, y in points), points[-1][0], points[-1][1],
    )  # fmt: skip


def bar(part: float, label: str, kind: str = "") -> SafeString:
    """A bar filled to `part` per cent."""
    return format_html(
        '<svg class="bar {}" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="bar-bg" width="100" height="6"/><rect class="bar-fg" width="{}" height="6"/></svg>',
        kind, label, round(min(max(part, 0), 100), 1),
    )  # fmt: skip


def rings(geometry: dict[str, Any]) -> list[list[Point]]:
    """The outlines of a GeoJSON polygon or multipolygon, holes included."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(point[0], point[1]) for point in ring] for polygon in polygons for ring in polygon]


def bounds(points: Iterable[Point]) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def minimap(
    features: Iterable[dict[str, Any]], code: str, point: Point | None = None, width: int = 104, height: int = 82
) -> SafeString:
    """The grid with this code among its neighbours, and a pin. No tiles, no script: it works offline.

    features are GeoJSON with `properties.code`; nothing is drawn when the grid is not among them.
    """
    shapes = {feature["properties"]["code"]: rings(feature["geometry"]) for feature in features}
    own = shapes.pop(code, None)
    if not own:
        return SafeString("")
    west, south, east, north = bounds(spot for ring in own for spot in ring)
    # a degree of longitude is shorter than one of latitude; the window keeps the true shape with a margin around it
    squeeze = math.cos(math.radians((south + north) / 2))
    reach = max((east - west) * squeeze / width, (north - south) / height) * 1.5 or 0.0001
    middle = ((west + east) / 2, (south + north) / 2)

    def place(spot: Point) -> Point:
        return (
            round(width / 2 + (spot[0] - middle[0]) * squeeze / reach, 1),
            round(height / 2 - (spot[1] - middle[1]) / reach, 1),
        )

    def path(shape: list[list[Point]]) -> str:
        return " ".join("M" + " ".join("{},{}".format(*place(spot)) for spot in ring) + "Z" for ring in shape)

    def is_near(shape: list[list[Point]]) -> bool:
        west, south, east, north = bounds(spot for ring in shape for spot in ring)
        left, top = place((west, north))
        right, bottom = place((east, south))
        return left < width and right > 0 and top < height and bottom > 0

    near = format_html_join(
        "", '<path class="g" d="{}"/>', ((path(shape),) for shape in shapes.values() if is_near(shape))
    )
    pin = SafeString("")
    if point:
        x, y = place(point)
        if 0 <= x <= width and 0 <= y <= height:
            pin = format_html('<path class="pin" d="M{},{}c-6,-8 -8,-11 -8,-15a8,8 0 1 1 16,0c0,4 -2,7 -8,15z"/>', x, y)
    return format_html(
        '<svg class="mm" viewBox="0 0 {} {}" preserveAspectRatio="xMidYMid slice" role="img" '
        'aria-label="所在网格示意图">{}<path class="me" d="{}"/>{}</svg>',
        width, height, near, path(own), pin,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place beside the map: its name (a link when the place opens a map of its own), how many, how many of them late."""

    code: str
    name: str
    number: int
    late: int
    url: str  # the list of those
    inner_url: str = ""


def place_table(heads: Sequence[str], rows: Iterable[PlaceRow]) -> SafeString:
    """The list that stands beside a map with the same items; drawn here because a county has hundreds of them."""
    lines = []
    for row in rows:
        name = escape(row.name)
        title = f'<a href="{escape(row.inner_url)}">{name}</a>' if row.inner_url else name
        label = f"{name}{escape(heads[1])} {row.number} 件"
        number = f'<a href="{escape(row.url)}" aria-label="{label}">{row.number}</a>' if row.number else "0"
        late = ' class="late"' if row.late else ""
        lines.append(
            f'<tr data-place="{escape(row.code)}"><th scope="row">{title}</th><td>{number}</td><td{late}>{row.late}</td></tr>'
        )
    head = "".join([f'<th scope="col">{escape(words)}</th>' for words in heads])
    drawn = f'<table class="num"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    return SafeString(drawn)
