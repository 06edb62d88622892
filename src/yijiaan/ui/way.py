"""A way with its stops on a small map as inline SVG: no tiles, no script, so it lies in a page that a phone kept."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from yijiaan.ui.drawing import Point, bounds, rings

WIDTH, HEIGHT = 340, 250
MARGIN = 26  # between a stop and the edge
RADIUS = 9
LEAST = 0.0000125  # degrees of latitude a unit of the drawing, so that a short way shows about 300 m
COARSE = 1.2  # two corners of a border nearer than this are one
LETTER = 9
# the shape tells what the colour tells; numbers stand in the middle
SHAPES = {
    "done": '<circle r="9.5"/>',
    "late": '<path d="M0,-13L12,8.5L-12,8.5Z"/>',
    "soon": '<path d="M-9,-9H9V9H-9Z"/>',
    "hold": '<circle r="9"/>',
}
KEY_SHAPES = {"done": "●", "late": "▲", "soon": "■", "hold": "○"}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a way. kind: a kind of pill; words: its state; at: longitude and latitude, None where nobody marked it."""

    number: int
    name: str
    kind: str
    words: str
    at: Point | None


def way_map(features: Iterable[dict[str, Any]], stops: Sequence[Stop], own: str = "") -> SafeString:
    """The stops in their order over the borders around them; own: the code of the place whose grids stand out.

    Nothing where no stop has a place. Stops that lie on each other step aside, with a line to where they are.
    """
    known = [(stop, stop.at) for stop in stops if stop.at is not None]
    if not known:
        return SafeString("")
    west, south, east, north = bounds(at for _, at in known)
    squeeze = math.cos(math.radians((south + north) / 2))
    reach = max((east - west) * squeeze / (WIDTH - 2 * MARGIN), (north - south) / (HEIGHT - 2 * MARGIN), LEAST)
    middle = ((west + east) / 2, (south + north) / 2)

    def place(spot: Point) -> Point:
        return (
            round(WIDTH / 2 + (spot[0] - middle[0]) * squeeze / reach, 1),
            round(HEIGHT / 2 - (spot[1] - middle[1]) / reach, 1),
        )

    real = [place(at) for _, at in known]
    shown = _apart(real)
    lines = format_html_join(
        "",
        '<path class="aside" d="M{},{}L{},{}"/>',
        ((*here, *there) for here, there in zip(real, shown, strict=True) if here != there),
    )
    marks = format_html_join(
        "",
        '<g class="stop {}" data-stop="{}" transform="translate({} {})"><title>{}. {}：{}</title><use href="#stop-{}"/>'
        '<text y="3.4">{}</text></g>',
        (
            (stop.kind, stop.number, *at, stop.number, stop.name, stop.words, stop.kind, stop.number)
            for (stop, _), at in zip(known, shown, strict=True)
        ),
    )
    shapes = mark_safe(  # noqa: S308 - fixed drawings
        "".join(f'<g id="stop-{kind}">{drawn}</g>' for kind, drawn in SHAPES.items())
    )
    label = f"路线图，{len(known)} 个点按顺序连着：" + "；".join(
        f"{stop.number}. {stop.name}，{stop.words}" for stop, _ in known
    )
    return format_html(
        '<svg class="mm way" viewBox="0 0 {} {}" role="img" aria-label="{}" data-way><defs>{}</defs>{}<polyline class="line" '
        'points="{}"/>{}{}</svg>',
        WIDTH, HEIGHT, label, shapes, _ground(features, own, place, shown), " ".join(f"{x},{y}" for x, y in real), lines, marks,
    )  # fmt: skip


def way_key(stops: Sequence[Stop], words: Sequence[tuple[str, str]]) -> SafeString:
    """What the shapes mean and how many of each there are; words: kind and words of each state, in their order."""
    pieces = ((kind, KEY_SHAPES[kind], text, kind, sum(stop.kind == kind for stop in stops)) for kind, text in words)
    return format_html(
        '<p class="way-key num">{}</p>',
        format_html_join(
            "",
            '<span class="{}"><i aria-hidden="true">{}</i>{} <b data-stop-count="{}">{}</b> 个</span>',
            pieces,
        ),
    )


def _ground(features: Iterable[dict[str, Any]], own: str, place: Any, taken: Sequence[Point]) -> SafeString:
    """The borders that reach into the window, and the names of what they enclose where there is room."""
    paths, names = [], []
    spots = list(taken)
    for feature in features:
        outlines = [[place(spot) for spot in ring] for ring in rings(feature["geometry"])]
        left, top, right, bottom = bounds(spot for ring in outlines for spot in ring)
        if left > WIDTH or right < 0 or top > HEIGHT or bottom < 0:
            continue
        code = feature["properties"]["code"]
        kind = "me" if own and (code.startswith(own) or own.startswith(code)) else "g"
        paths.append((kind, " ".join("M" + " ".join(f"{x},{y}" for x, y in _thin(ring)) + "Z" for ring in outlines)))
        name, at = feature["properties"].get("name", ""), feature["properties"].get("at")
        if not name or not at:
            continue
        x, y = place(at)
        half = len(name) * LETTER / 2
        if not (half < x < WIDTH - half and LETTER < y < HEIGHT - LETTER):
            continue
        if any(abs(x - other[0]) < half + 2 * RADIUS and abs(y - other[1]) < 2 * RADIUS for other in spots):
            continue
        spots.append((x, y))
        names.append((x, y, name))
    drawn = format_html_join("", '<path class="{}" d="{}"/>', sorted(paths))  # own ones lie above the others
    return drawn + format_html_join("", '<text class="name" x="{}" y="{}">{}</text>', names)


def _thin(ring: Sequence[Point]) -> list[Point]:
    kept = [ring[0]]
    for spot in ring[1:]:
        if math.dist(spot, kept[-1]) >= COARSE:
            kept.append(spot)
    return kept


def _apart(spots: Sequence[Point]) -> list[Point]:
    """Where marks are drawn: as near as it goes to where they belong, and none upon another."""
    taken: list[Point] = []
    for x, y in spots:
        tries = [(x, y)]
        for ring in (2.4, 3.6, 4.8, 6.0):
            for step in range(12):
                turn = math.tau * step / 12
                tries.append(
                    (
                        round(min(max(x + ring * RADIUS * math.cos(turn), RADIUS + 4), WIDTH - RADIUS - 4), 1),
                        round(min(max(y + ring * RADIUS * math.sin(turn), RADIUS + 5), HEIGHT - RADIUS - 4), 1),
                    )
                )
        free = (each for each in tries if all(math.dist(each, other) >= 2.2 * RADIUS for other in taken))
        taken.append(next(free, (x, y)))
    return taken
