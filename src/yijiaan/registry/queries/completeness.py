"""How full and how old the base is, per grid; and the households that nobody has looked at for long."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, Sum

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry.fields import HOUSEHOLD, KINDS, PERSON
from yijiaan.registry.models import GridCount, Household, Person, Status
from yijiaan.registry.models.records import RecordQuerySet

DUE_DAYS = 180
TOWN, VILLAGE = 9, 12  # digits of their codes


@dataclass(slots=True)
class GridLine:
    """One grid, or one town of a county: how many, how full, how old, how many are due."""

    area_code: str
    households: int = 0
    people: int = 0
    filled: int = 0
    wanted: int = 0
    oldest_on: date | None = None
    due: int = 0

    @property
    def share(self) -> int:
        """Filled facts among those with a registered use, in per cent, rounded down."""
        return self.filled * 100 // self.wanted if self.wanted else 0

    def add(self, other: "GridLine") -> None:
        """Take the numbers of another along."""
        self.households += other.households
        self.people += other.people
        self.filled += other.filled
        self.wanted += other.wanted
        self.due += other.due
        known = [day for day in (self.oldest_on, other.oldest_on) if day is not None]
        self.oldest_on = min(known, default=None)


@dataclass(slots=True)
class Completeness:
    """The lines of a page. counted_at: as of when; None: as it is now. by_town: a line stands for a town."""

    lines: list[GridLine] = field(default_factory=list)
    counted_at: datetime | None = None
    by_town: bool = False


def read_completeness(actor: Actor, *, area_code: str = "") -> Completeness:
    """A line a grid (or village, where the grid is not known yet), of a whole county a line a town. A village is counted as it is now;
    more than that is read as `count_base` counted it last, with the moment, and counted now where it never was. Three statements at
    most."""
    inside = [area_code] if area_code and actor.covers(area_code) else list(actor.areas)
    by_town = any(len(code) < TOWN for code in inside)
    if actor.may("registry.see_people") and any(len(code) < VILLAGE for code in inside):
        rows = GridCount.objects.filter(actor.area_filter(), county=actor.county)
        if area_code and actor.covers(area_code):
            rows = rows.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
        counted = list(rows.order_by("area_code"))
        if counted:
            lines = [
                GridLine(
                    row.area_code, row.household_count, row.person_count, row.filled_count, row.wanted_count, row.oldest_on,
                    row.due_count,
                )
                for row in counted
            ]  # fmt: skip
            return Completeness(_by_town(lines) if by_town else lines, min(row.counted_at for row in counted), by_town)
    lines = count_now(actor, area_code=area_code)
    return Completeness(_by_town(lines) if by_town else lines, None, by_town)


def count_now(actor: Actor, *, area_code: str = "") -> list[GridLine]:
    """A line a grid as it is now, in two statements."""
    cutoff = clock.local_day() - timedelta(days=DUE_DAYS)
    lines: dict[str, GridLine] = {}
    counted = {"count": Count("id"), "filled": Sum("filled_count"), "oldest": Min("oldest_on")}
    for rows, kind in (
        (_active(actor, "household", area_code), HOUSEHOLD),
        (_active(actor, "person", area_code), PERSON),
    ):
        more = {"due": Count("id", filter=Q(checked_on__lt=cutoff))} if kind is HOUSEHOLD else {}
        for row in rows.order_by().values("area_code").annotate(**counted, **more):
            is_home = kind is HOUSEHOLD
            line = GridLine(
                row["area_code"], row["count"] if is_home else 0, 0 if is_home else row["count"], row["filled"],
                row["count"] * len(kind.counted), row["oldest"], row.get("due", 0),
            )  # fmt: skip
            lines.setdefault(line.area_code, GridLine(line.area_code)).add(line)
    return [lines[code] for code in sorted(lines)]


def _by_town(lines: Iterable[GridLine]) -> list[GridLine]:
    towns: dict[str, GridLine] = {}
    for line in lines:
        town = line.area_code[:TOWN]
        towns.setdefault(town, GridLine(town)).add(line)
    return [towns[code] for code in sorted(towns)]


def list_due(actor: Actor, *, area_code: str = "", days: int = DUE_DAYS) -> RecordQuerySet:
    """Households that nobody has looked at for so many days, longest first."""
    rows: RecordQuerySet = _active(actor, "household", area_code)
    rows = rows.filter(checked_on__lt=clock.local_day() - timedelta(days=days))
    return rows.order_by("checked_on", "area_code", "id")


def _active(actor: Actor, kind: str, area_code: str) -> RecordQuerySet:
    model = {"household": Household, "person": Person}.get(kind) or KINDS[kind].model
    rows: RecordQuerySet = model.objects.visible_to(actor).filter(status=Status.ACTIVE)  # type: ignore[attr-defined]
    return rows.inside(area_code) if area_code and actor.covers(area_code) else rows
