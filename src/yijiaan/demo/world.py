"""What a teller needs of the world: the land, the people, the calendar, and who rings again."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from yijiaan.accounts.models import Unit
from yijiaan.cases.models import Case, Category
from yijiaan.cases.queries import Suggestion, category_by_code, suggest_dispatch
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.people import COUNTY, TOWN, Cast
from yijiaan.demo.plans import Country
from yijiaan.engines.worktime import Calendar
from yijiaan.registry.models import TrustedReporter

CALLED = ("先生", "女士", "大娘", "大爷", "师傅", "嫂子")
FAMILIES = "王李张刘孔孟徐赵陈杨周马高郭宋"
NEIGHBOURS = 26  # of a village who have ever left a phone; some of them ring often


@dataclass
class World:
    """The place of the story."""

    land: Country
    cast: Cast
    calendar: Calendar
    now: datetime  # where the story ends
    plates: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # village -> (grid, place) of its plates
    partner: Actor | None = None
    sources: dict[str, list[TrustedReporter]] = field(default_factory=dict)  # village -> who agreed to tell there
    _suggested: dict[tuple[str, str], Suggestion] = field(default_factory=dict)

    def dispatcher(self, town: str, day: date) -> Actor:
        """Who sits at the desk of a centre on a day."""
        turns = self.cast.dispatchers[town]
        return turns[(day - clock.local_day(self.now)).days // 2 % len(turns)]

    def head(self, grid: str) -> Actor:
        """The grid head of the village."""
        return self.cast.handlers[self.cast.units[grid[:12]].id]

    def signer(self, unit_id: UUID, town: str) -> Actor:
        """Who signs, finishes and verifies for a unit."""
        return self.cast.handlers.get(unit_id) or self.dispatcher(town, clock.local_day())

    def unit(self, unit_id: UUID) -> Unit:
        """A unit by its id."""
        return self.cast.by_unit[unit_id]

    def station(self, grid: str, kind: str) -> Unit | None:
        """The nearest unit of a kind."""
        near = self.cast.units.get(f"{grid[:9]}:{kind}")
        return near or next(
            (unit for unit in self.cast.units.values() if unit.kind == kind and unit.area_id == COUNTY), None
        )

    def category(self, code: str) -> Category:
        """The category of a code."""
        known = category_by_code(system("demo", COUNTY), code=code)
        assert known is not None, code
        return known

    def suggestion(self, grid: str, category: str) -> Suggestion:
        """What the machine proposes to a dispatcher who knows the category; the same all over a village."""
        key = (grid[:12], category)
        if key not in self._suggested:
            case = Case(county=COUNTY, area_code=grid, category=self.category(category))
            actor = system("demo", COUNTY)
            self._suggested[key] = suggest_dispatch(actor, case=case, text="", returns=[], load={})
        return self._suggested[key]

    def neighbour(self, grid: str, chance: random.Random) -> tuple[str, str]:
        """Name and phone of somebody of a village; the first of them ring more often than the others."""
        village = sorted(self.land.by_village).index(grid[:12])
        number = min(int(chance.expovariate(1 / 7.0)), NEIGHBOURS - 1)
        own = random.Random(f"{village}/{number}")  # noqa: S311 - a fixed cast
        return own.choice(FAMILIES) + own.choice(CALLED), f"154{1000 + village:04d}{1000 + number * 37:04d}"

    def is_seat(self, grid: str) -> bool:
        """Whether it lies in the town that is told fully."""
        return grid.startswith(TOWN)
