"""What will be told in fourteen months: drawn once before the story begins, the same for the same day."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from yijiaan.areas.models import Area
from yijiaan.cases.queries import suggest_category
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.demo.people import TOWN
from yijiaan.demo.phrases import Recent, Told, Trouble, chosen, fitted, recents, troubles, words
from yijiaan.demo.seasons import busyness, days_between, is_fit, is_school_day, moment_of
from yijiaan.engines.worktime import Calendar

DAYS = 425  # about fourteen months
CASES = 3000  # of 新驿镇
ELSEWHERE = {
    "370812103": 48,
    "370812105": 46,
    "370812111": 38,
    "370812107": 34,
    "370812101": 36,
    "370812007": 30,
    "370812001": 34,
    "370812003": 26,
    "370812006": 24,
}
# figures of the newspaper page about this year, as they stand in autumn; in spring a part of them
DISPUTES, SOLVED_NEAR = 236, 215
APPEALS, DONE = 53, 41
WHOLE_YEAR = 240  # days after which the page's figures are reached
WAITING = 20  # what the dispatcher of 新驿镇 finds in the morning
FRESH_MINUTES = 100
EARLIEST, LATEST = timedelta(hours=6, minutes=5), timedelta(hours=22)  # people are awake
CHANNELS = ("snap_report", "door_plate", "phone", "hotline_12345", "grid_worker", "third_party_app")
SHARES = (24, 12, 15, 12, 34, 3)
HOURS_OF = {"phone": "work", "hotline_12345": "work", "grid_worker": "work"}
STREET_PLACES = ("小区{东|西|南|北}门", "{1|3|5|8} 号楼{前|后}", "小区中间路上", "$委{东|西}边")
OF_VILLAGES = re.compile(
    "村|组|坑|沟|井上|地里|地头|麦|棒子|大田|胡同|柴火|炭|鸡|鸭|羊|猪|大集|赶集|集上|祖|院墙|大棚|戏台|镇"
)
EDGE = 3e-5  # degrees, about three metres: a point on the border itself may be the neighbour's
TALKING = ("stool_talk", "home_visit")


@dataclass(frozen=True)
class Plan:
    """One case before it is told. end: where its story stands still or goes of itself; empty for the usual course."""

    at: datetime
    grid: str
    trouble: Trouble
    text: str
    place: str
    kind: str
    channel: str
    seed: int
    end: str = ""
    result: str = ""  # what was done about just this
    spot: str = ""  # what a grid worker does about it there and then; empty when he cannot
    rating: str = ""
    extra: tuple[str, ...] = ()

    @property
    def town(self) -> str:
        """The town it happens in."""
        return self.grid[:9]


@dataclass
class Country:
    """The drawn land: grids by village, with the shape of each."""

    shapes: dict[str, BaseGeometry]
    streets: frozenset[str]  # villages that are parts of the town
    names: dict[str, str]  # village -> name
    by_village: dict[str, list[str]] = field(init=False)
    by_town: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_village, self.by_town = {}, {}
        for grid in sorted(self.shapes):
            self.by_village.setdefault(grid[:12], []).append(grid)
            self.by_town.setdefault(grid[:9], []).append(grid)

    def is_street(self, grid: str) -> bool:
        """Whether people there live in flats."""
        return grid[:12] in self.streets

    def point(self, grid: str, chance: random.Random) -> tuple[float, float]:
        """Somewhere in a grid."""
        polygon = self.shapes[grid].buffer(-EDGE)
        west, south, east, north = polygon.bounds
        while True:
            spot = Point(chance.uniform(west, east), chance.uniform(south, north))
            if polygon.contains(spot):
                return round(spot.x, 6), round(spot.y, 6)


def country_of(shapes: dict[str, BaseGeometry]) -> Country:
    """The land of some grids."""
    names = dict(Area.objects.filter(code__in={grid[:12] for grid in shapes}).values_list("code", "name"))
    return Country(shapes, frozenset(code for code, name in names.items() if "社区" in name), names)


class Planner:
    """Draws the plans of a county for so many days before a moment. scale: how many of the usual number."""

    def __init__(self, land: Country, calendar: Calendar, now: datetime, scale: float, days: int) -> None:
        self.land, self.calendar, self.now, self.scale, self.days = land, calendar, now, scale, days
        self.chance = random.Random(20261123)  # noqa: S311 - a fixed story, no secret
        self.last = clock.local_day(now)
        self.first = self.last - timedelta(days=days - 1)
        self.year = max(date(self.last.year, 1, 1), self.first)
        self.said: set[str] = set()
        self.plans: list[Plan] = []
        self.weights = {
            day: busyness(day, calendar, self.first, self.last) for day in days_between(self.first, self.last)
        }

    def draw(self) -> list[Plan]:
        """All plans in the order of time."""
        self._recents()
        self._disputes()
        self._appeals()
        self._refused_and_tips()
        waiting = max(3, round(WAITING * min(1, self.scale * 4))) - sum(plan.end == "new" for plan in self.plans)
        self._waiting(TOWN, max(0, waiting))
        for number, town in enumerate(ELSEWHERE):
            self._waiting(town, 1 + number % 2, first=1 if number % 4 else 0)
        self._ordinary(TOWN, round(CASES * self.scale) - sum(plan.town == TOWN for plan in self.plans))
        for town, number in ELSEWHERE.items():
            self._ordinary(town, max(4, round(number * self.scale)))
        return sorted(self.plans, key=lambda plan: (plan.at, plan.seed))

    # --- the parts ----------------------------------------------------------------------------------------------------

    def _ordinary(self, town: str, number: int) -> None:
        until = self.now - timedelta(hours=15)
        days = [day for day in self.weights if clock.day_start(day) + timedelta(hours=20) < until]
        usual = [trouble for trouble in troubles() if town != TOWN or not trouble.category.startswith("01")]
        for day in sorted(self.chance.choices(days, [self.weights[day] for day in days], k=max(0, number))):
            trouble = self._trouble_of(usual, town, day)
            self._add(trouble, self._grid(town, trouble), day)

    def _trouble_of(self, among: Sequence[Trouble], town: str, day: date) -> Trouble:
        fitting = [
            trouble
            for trouble in among
            if trouble.months[day.month - 1]
            and trouble.told_in(day.month)
            and is_fit(trouble.days, town, day, self.calendar)
        ]
        return self.chance.choices(fitting, [self._weight(trouble, day) for trouble in fitting])[0]

    @staticmethod
    def _weight(trouble: Trouble, day: date) -> float:
        # what happens on some days only happens the more on those
        return trouble.months[day.month - 1] * {"market": 3.0, "rain": 4.0}.get(trouble.days, 1.0)

    def _waiting(self, town: str, number: int, *, first: int = 0) -> None:
        """What nobody has dispatched yet: three of four told in the last hour and a half, the others since the day before."""
        usual = [trouble for trouble in troubles() if not trouble.category.startswith("01") and "help" in trouble.kinds]
        for serial in range(first, first + number):
            back = self.chance.uniform(3, FRESH_MINUTES) if serial % 4 else self.chance.uniform(125, 900)
            at = self.awake(self.now - timedelta(minutes=back))
            trouble = self._trouble_of(usual, town, clock.local_day(at))
            self._add(trouble, self._grid(town, trouble), clock.local_day(at), at=at, end="new")

    def _disputes(self) -> None:
        """This year's disputes as the page counts them, and last year's at the same pace."""
        found, near = self._share(DISPUTES), self._share(SOLVED_NEAR)
        told = [plan for plan in self.plans if _is_dispute(plan) and clock.local_day(plan.at) >= self.year]
        near_told = sum(plan.end in ("closed", "spot") and plan.trouble.category[:4] in NEAR for plan in told)
        small = [trouble for trouble in troubles() if trouble.category in NEAR]
        large = [trouble for trouble in troubles() if trouble.category in ("0104", "0105")]
        others = max(0, (found - near) - (len(told) - near_told))
        before = round(found * (self.year - self.first).days / max((self.last - self.year).days, 1))
        for first, number, ends in (
            (self.year, near - near_told, "near"),
            (self.year, others, "far"),
            (self.first, round(before * 0.9), "near"),
            (self.first, round(before * 0.1), "far"),
        ):
            last = (self.year - timedelta(days=1)) if first is not self.year else self.last - timedelta(days=4)
            days = [day for day in days_between(first, last) if day in self.weights]
            if not days:
                continue
            weights = [self.weights[day] ** 0.5 for day in days]
            for day in sorted(self.chance.choices(days, weights, k=max(0, number))):
                end = ends
                if ends == "near" and (self.last - day).days < 35:
                    end = "spot"  # so that it is over by now, whatever the reporter says
                trouble = self._trouble_of(small if ends == "near" or self.chance.random() < 0.4 else large, TOWN, day)
                channel = "grid_worker" if ends == "near" and self.chance.random() < 0.72 else ""
                self._add(trouble, self._grid(TOWN, trouble), day, end=end, channel=channel)

    def _appeals(self) -> None:
        """What was heard at talks and visits."""
        for first, last, number, done in (
            (self.year, self.last - timedelta(days=1), self._share(APPEALS), self._share(DONE)),
            (self.first, self.year - timedelta(days=1), round(12 * self.scale), round(11 * self.scale)),
        ):
            days = [day for day in days_between(first, last) if day.weekday() < 6]
            ready = [day for day in days if (self.last - day).days > 45] or days[:1]
            open_ = [day for day in days if (self.last - day).days <= 5] or days[-1:]
            if not days:
                continue
            picked = [(day, "done") for day in self.chance.choices(ready, k=done)]
            picked += [
                (self.chance.choice(open_ if serial % 3 else ready), "heard") for serial in range(max(0, number - done))
            ]
            for day, end in sorted(picked):
                appeal = self.chance.choice([each for each in words().appeals if each.told_in(day.month)])
                self._add(appeal, self._grid(TOWN, appeal), day, end=end, channel=appeal.channel)

    def _refused_and_tips(self) -> None:
        said = words()
        for number in range(round(34 * self.scale)):
            row = said.rejects[number % len(said.rejects)]
            trouble = Trouble("", (1,) * 12, (Told(row["says"], (row["text"],)),), kinds=(row["kind"],))
            day = self.first + timedelta(days=self.chance.randrange(self.days - 3))
            self._add(trouble, self._grid(TOWN, trouble), day, end="rejected", extra=(row["reason"],), again=True)
        for number in range(round(16 * self.scale)):
            row = said.tips[number % len(said.tips)]
            trouble = Trouble("1101", (1,) * 12, (Told(row["says"], (row["result"],)),), kinds=("tip",))
            day = self.first + timedelta(days=self.chance.randrange(self.days - 25))
            self._add(trouble, self._grid(TOWN, trouble), day, end="tip", channel="snap_report", again=True)

    def _recents(self) -> None:
        """The last weeks as they are told exactly; what cannot happen at this time of the year is told otherwise."""
        villages = {name: code for code, name in self.land.names.items() if code.startswith(TOWN)}
        for story in recents():
            at = self.now - timedelta(days=story.days)
            day = clock.local_day(at)
            if story.days >= 1:
                while story.fit == "school" and not is_school_day(day, self.calendar):
                    day -= timedelta(days=1)
                at = min(
                    moment_of(day, "work" if story.days > 1 else "home", self.chance), self.now - timedelta(days=1)
                )
            else:
                at = self.awake(at)
            is_fitting = (not story.months or day.month in story.months) and (
                story.fit != "school" or is_school_day(day, self.calendar)
            )
            grids = self.land.by_village[villages[story.village]]
            grid = grids[story.grid - 1] if story.grid else self.chance.choice(grids)
            self.plans.append(self._told(story, at, grid) if is_fitting else self._instead(story, at, grid))

    def _told(self, story: Recent, at: datetime, grid: str) -> Plan:
        self.said.add(story.text)
        category = story.category or self._category(story.text)
        trouble = next((each for each in troubles() if each.category == category), troubles()[-1])
        return Plan(
            at, grid, replace(trouble, category=category), story.text, story.place, story.kind, story.channel,
            self.chance.getrandbits(48), story.end, story.result or self._any_result(trouble), story.result, story.rating,
            ("judicial",) if story.end == "rejected" else (),
        )  # fmt: skip

    def _instead(self, story: Recent, at: datetime, grid: str) -> Plan:
        day = clock.local_day(at)
        wanted = [each for each in troubles() if not each.category.startswith("01") and "help" in each.kinds]
        if story.end == "spot":
            wanted = [each for each in wanted if each.told_in(day.month, on_the_spot=True)]
        self._add(self._trouble_of(wanted, TOWN, day), grid, day, at=at, end=story.end, channel=story.channel)
        return self.plans.pop()

    def _any_result(self, trouble: Trouble) -> str:
        """For what is still open: should it ever be finished here, it is the usual."""
        return self.chance.choice(trouble.told[0].results)

    @staticmethod
    def _category(text: str) -> str:
        found = suggest_category(system("demo"), text=text)
        return found.category.code if found else "9901"

    # --- one plan -----------------------------------------------------------------------------------------------------

    def _add(
        self,
        trouble: Trouble,
        grid: str,
        day: date,
        *,
        at: datetime | None = None,
        end: str = "",
        channel: str = "",
        extra: tuple[str, ...] = (),
        again: bool = False,
    ) -> None:
        chance, is_street = self.chance, self.land.is_street(grid)
        kind = chance.choice(trouble.kinds)
        if not channel:
            channel = chance.choice(trouble.channels) if trouble.channels else chance.choices(CHANNELS, SHARES)[0]
            if channel == "grid_worker" and not trouble.told_in(day.month, on_the_spot=True) and chance.random() < 0.6:
                channel = "snap_report"  # what he cannot solve himself is told by others as well
            if kind == "praise" or (grid[:9] != TOWN and channel == "third_party_app"):
                channel = "snap_report"
            if kind in ("enquiry", "suggestion") and channel == "grid_worker":
                channel = "phone"
        if end == "spot":
            channel = "grid_worker"
            if kind not in ("help", "complaint", "praise"):
                kind = "help"
        is_small = end == "spot" or (channel == "grid_worker" and not end and chance.random() < 0.8)
        lines = trouble.told_in(day.month, on_the_spot=is_small) or trouble.told_in(day.month) or trouble.told
        if is_street:
            lines = [line for line in lines if not OF_VILLAGES.search(line.text + line.results[0])] or lines
        for _ in range(1 if again else 12):
            told = chance.choice(lines)
            text = fitted(chosen(told.text, chance), is_street)
            if text not in self.said:
                break
        self.said.add(text)
        result, spot = (
            fitted(chosen(chance.choice(these), chance), is_street) if these else ""
            for these in (told.results, told.spot)
        )
        hours = "school" if trouble.days == "school" and channel != "hotline_12345" else HOURS_OF.get(channel, "home")
        if channel in TALKING:
            hours = "work"
        self.plans.append(
            Plan(
                min(at or moment_of(day, hours, chance), self.now - timedelta(minutes=2)),
                grid,
                trouble,
                text,
                self._place(trouble, is_street),
                kind,
                channel,
                chance.getrandbits(48),
                end,
                result,
                spot,
                extra=extra,
            )
        )

    def _place(self, trouble: Trouble, is_street: bool) -> str:
        places = trouble.places
        if is_street:
            places = tuple(place for place in places if not OF_VILLAGES.search(place)) or STREET_PLACES
        return fitted(chosen(self.chance.choice(places), self.chance), is_street)

    def _grid(self, town: str, trouble: Trouble) -> str:
        grids = self.land.by_town[town]
        if trouble.rural:
            grids = [grid for grid in grids if not self.land.is_street(grid)] or grids
        # the villages round the seat say more
        return self.chance.choices(grids, [2 if "新驿" in self.land.names[grid[:12]] else 1 for grid in grids])[0]

    def _share(self, whole: int) -> int:
        """A figure of this year, as far as the year has come."""
        part = min(1.0, ((self.last - self.year).days + 1) / WHOLE_YEAR)
        return round(whole * part * self.scale)

    def awake(self, at: datetime) -> datetime:
        """The moment, or one near it at which people are up."""
        midnight = clock.day_start(clock.local_day(at))
        jitter = timedelta(minutes=self.chance.uniform(0, 50))
        if at < midnight + EARLIEST:
            at = midnight + EARLIEST + jitter
            if at > self.now - timedelta(minutes=2):
                at = midnight - timedelta(hours=2) - jitter
        elif at > midnight + LATEST:
            at = midnight + LATEST - jitter
        return at


NEAR = ("0101", "0102", "0103")  # disputes that grid and village settle


def _is_dispute(plan: Plan) -> bool:
    """Whether a plan will count as a dispute: its category is set when it is registered in the field, or dispatched."""
    is_set = plan.channel == "grid_worker" or plan.end not in ("new", "rejected", "withdrawn", "taken", "raised")
    return is_set and plan.trouble.category.startswith("01")
