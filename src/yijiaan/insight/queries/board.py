from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from yijiaan.areas.queries import list_parts
from yijiaan.cases.models import Channel, SolvedLevel
from yijiaan.cases.queries import (
    PERIOD_DAYS,
    CountedDeed,
    Kept,
    Live,
    Standing,
    category_by_code,
    channel_names,
    count_by_category,
    count_by_channel,
    count_by_day,
    count_kept,
    count_live,
    list_counted,
)
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.insight.indicators import (
    ANSWERED,
    CONTENT,
    COURSE_DAYS,
    EXCLUDED,
    Drill,
    Figure,
    deeds,
    figures_of,
    open_cases,
)
from yijiaan.insight.worries import Worry, worries_of

GRID, TOWN = 16, 9  # digits of their codes
PAGE = 20
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown. part: per cent of all lines together."""

    code: str
    label: str
    number: int
    part: float
    drill: Drill


@dataclass(frozen=True, slots=True)
class Place:
    """One polygon of the map, and its line in the list beside it."""

    code: str
    name: str
    tally: Standing
    drill: Drill


@dataclass(frozen=True, slots=True)
class Board:
    """All that a board and a wall show, of one moment: whatever stands on two of their places is the same number."""

    at: datetime
    area_code: str  # what it is of; empty for all that the viewer sees
    live: Live
    kept: Kept
    figures: list[Figure]
    worries: list[Worry]
    places: list[Place]
    elsewhere: Standing  # what stands on none of the places
    gridless: int  # how many of those are not in any grid yet
    days: list[date]
    sources: list[Line]
    levels: list[Line]

    @property
    def trend(self) -> dict[str, list[int]]:
        """Received and finished on each of the days."""
        return {name: [self.kept.days[day][name] for day in self.days] for name in ("received", "finished")}


def focus_of(actor: Actor, *, area_code: str) -> str:
    """The area whose map is shown: the one asked for, else the viewer's first. NotFound for one that is not his."""
    if not area_code:
        return actor.areas[0] if actor.areas else ""
    if not (area_code.isascii() and area_code.isdigit() and len(area_code) in (6, 9, 12) and actor.covers(area_code)):
        raise NotFound
    return area_code


def get_live(actor: Actor, *, at: datetime, area_code: str = "") -> Live:
    """How the open cases stand: the one statement that tells whether anything has changed."""
    actor.require("insight.view")
    return count_live(actor, at=at, area_code=area_code)


def get_board(actor: Actor, *, at: datetime, area_code: str = "", live: Live | None = None) -> Board:
    """Everything but the worklist, in two statements when the process knows the places. area_code: of one area of the viewer's
    alone; live: where the caller has read it already."""
    actor.require("insight.view")
    focus = focus_of(actor, area_code=area_code)
    live = live or count_live(actor, at=at, area_code=area_code)
    today = clock.local_day(at)
    kept = count_kept(actor, today=today, area_code=area_code)
    places = places_of(actor, live=live, focus=focus)
    placed = Standing()
    for place in places:
        placed = placed.plus(place.tally)
    return Board(
        at=at,
        area_code=area_code,
        live=live,
        kept=kept,
        figures=figures_of(live, kept, area_code=area_code),
        worries=worries_of(actor, live, kept, area_code=area_code),
        places=places,
        elsewhere=_rest(live.total, placed),
        gridless=sum(tally.open for code, tally in live.by_place.items() if len(code) < GRID)
        if places and len(places[0].code) == GRID
        else 0,
        days=[today - timedelta(days=back) for back in range(COURSE_DAYS - 1, -1, -1)],
        sources=_sources(actor, kept, today, area_code),
        levels=_levels(kept, today, area_code),
    )


def _rest(all_of: Standing, part: Standing) -> Standing:
    return Standing(
        all_of.open - part.open, all_of.late - part.late, all_of.soon - part.soon, all_of.fresh - part.fresh
    )


def places_of(actor: Actor, *, live: Live, focus: str) -> list[Place]:
    """What the map of an area shows: the towns of a county, the grids of a town or a village."""
    if len(focus) not in (6, 9, 12):
        return []
    parts = list_parts(actor, code=focus)
    length = len(parts[0].code) if parts else GRID
    tallies: dict[str, Standing] = {}
    for code, tally in live.by_place.items():
        if len(code) >= length:
            tallies[code[:length]] = tallies.get(code[:length], Standing()).plus(tally)
    return [Place(part.code, part.name, tallies.get(part.code, Standing()), open_cases(part.code)) for part in parts]


def _lines(rows: list[tuple[str, str, int, Drill]]) -> list[Line]:
    whole = sum(number for _, _, number, _ in rows) or 1
    return [Line(code, label, number, 100 * number / whole, drill) for code, label, number, drill in rows]


def _sources(actor: Actor, kept: Kept, today: date, area_code: str) -> list[Line]:
    first_day = today - timedelta(days=PERIOD_DAYS - 1)
    labels = channel_names(actor)
    rows = sorted(kept.channels.items(), key=lambda row: (-row[1], row[0]))
    return _lines(
        [
            (code, labels.get(code, code), number, deeds("received", first_day, today, area_code, channel=code))
            for code, number in rows
            if number
        ]
    )


def _levels(kept: Kept, today: date, area_code: str) -> list[Line]:
    first_day = today - timedelta(days=PERIOD_DAYS - 1)
    return _lines(
        [
            (
                level.value,
                level.label,
                kept.total(f"solved_{level.value}", first_day=first_day, last_day=today),
                deeds(f"solved_{level.value}", first_day, today, area_code),
            )
            for level in SolvedLevel
        ]
    )


@dataclass(frozen=True, slots=True)
class What:
    """A count of deeds that opens: the day counts it is made of, and how a line of it is told."""

    label: str
    columns: tuple[str, ...]
    formula: str


WHATS: Mapping[str, What] = {
    "received": What("受理", ("received",), "这些天受理的事件，一件一行。"),
    "finished": What("办结", ("finished",), "这些天办结的件次，一次一行；重办以后再办结，再算一次。"),
    "on_time": What("按时办结", ("on_time",), "这些天办结、办结时没有过时限的件次。"),
    "finished_late": What("超时办结", ("finished", "-on_time"), "这些天办结、办结时已经过了时限的件次。"),
    "answered": What("评价", ANSWERED, "群众这些天的评价，不算联系不上的；改了评价的按后一次算。"),
    "content": What("满意和基本满意", CONTENT, "评价为满意、基本满意的；后来改了的要减去。"),
    "discontent": What("未解决但理解、不满意", ("understanding", "dissatisfied"), "评价为未解决但理解、不满意的；后来改了的要减去。"),
    "excluded": What("剔除", EXCLUDED, "这些天的评价里，后来由两个人复核剔除的；撤销了的要减去。"),
    "said_solved": What("说解决了", ("said_solved",), "这些天的评价里，报事人说解决了的；后来改了的要减去。"),
    "dissatisfied": What("不满意", ("dissatisfied",), "评价为不满意的；后来改了的要减去。"),
    **{
        f"solved_{level.value}": What(f"{level.label}解决", (f"solved_{level.value}",), f"这些天结案、由{level.label}解决的件次。")
        for level in SolvedLevel
    },
}  # fmt: skip
# what is told beside the count, when there is any
BESIDE = {"answered": "excluded", "content": "excluded", "discontent": "excluded"}
# the two parts into which a share is opened
HALVES = {"finished": ("on_time", "finished_late"), "answered": ("content", "discontent")}


@dataclass(frozen=True, slots=True)
class Records:
    """The deeds behind a count: the figure, and one page of them, newest first."""

    what: What
    code: str
    number: int
    halves: list[tuple[str, str, int]]  # code, label, number
    beside: tuple[str, str, int] | None  # the same, of what is told beside it
    rows: list[CountedDeed]
    after: UUID | None  # where the next page begins


def get_records(
    actor: Actor,
    *,
    what: str,
    first_day: date,
    last_day: date,
    area_code: str = "",
    channel: str = "",
    category: str = "",
    after: UUID | None = None,
) -> Records:
    """What a number of deeds is made of. The number comes from the day counts, the rows from the journal. NotFound for a count
    that does not exist, days the wrong way round or more than a year of them, or an area that is not the viewer's."""
    actor.require("insight.view")
    if what not in WHATS or not EARLIEST <= first_day <= last_day <= LATEST or (last_day - first_day).days > 366:
        raise NotFound
    focus_of(actor, area_code=area_code)
    if (channel and channel not in Channel.values) or (category and category_by_code(actor, code=category) is None):
        raise NotFound
    if channel and category or (channel or category) and len(area_code) > TOWN:
        raise NotFound  # those are counted by town, each apart
    totals = _totals(actor, first_day, last_day, area_code, channel, category)

    def number_of(columns: tuple[str, ...]) -> int:
        return sum(-totals[name[1:]] if name.startswith("-") else totals[name] for name in columns)

    chosen = WHATS[what]
    deeds_of = list_counted(
        actor,
        columns=chosen.columns,
        first_day=first_day,
        last_day=last_day,
        area_code=area_code,
        channel=channel,
        category=category,
        before=after,
    )
    rows = list(islice(deeds_of, PAGE + 1))
    return Records(
        what=chosen,
        code=what,
        number=number_of(chosen.columns),
        halves=[(code, WHATS[code].label, number_of(WHATS[code].columns)) for code in HALVES.get(what, ())],
        beside=_beside(what, number_of),
        rows=rows[:PAGE],
        after=rows[PAGE - 1].entry_id if len(rows) > PAGE else None,
    )


def _beside(what: str, number_of: Callable[[tuple[str, ...]], int]) -> tuple[str, str, int] | None:
    code = BESIDE.get(what, "")
    number = number_of(WHATS[code].columns) if code else 0
    return (code, WHATS[code].label, number) if number else None


def _totals(
    actor: Actor, first_day: date, last_day: date, area_code: str, channel: str, category: str
) -> Mapping[str, int]:
    if channel:
        by_channel = count_by_channel(actor, first_day=first_day, last_day=last_day, area_code=area_code)
        return Counter(by_channel.get(channel, {}))
    if category:
        by_category = count_by_category(actor, first_day=first_day, last_day=last_day, area_code=area_code)
        return Counter(by_category.get(category, {}))
    totals: Counter[str] = Counter()
    for counts in count_by_day(actor, first_day=first_day, last_day=last_day, area_code=area_code).values():
        for name, number in counts.items():
            totals[name] += number
    return totals
