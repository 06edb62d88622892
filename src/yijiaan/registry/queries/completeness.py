"""How full and how old the base is, per grid; and the households that nobody has looked at for long."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, Q, Sum

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry.fields import HOUSEHOLD, KINDS, PERSON
from yijiaan.registry.models import Household, Person, Status
from yijiaan.registry.models.records import RecordQuerySet

DUE_DAYS = 180


@dataclass(slots=True)
class GridLine:
    """One grid: how many, how full, how old, how many are due."""

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


def list_completeness(actor: Actor, *, area_code: str = "", days: int = DUE_DAYS) -> list[GridLine]:
    """A line a grid (or village, where the grid is not known yet), in two statements."""
    cutoff = clock.local_day() - timedelta(days=days)
    lines: dict[str, GridLine] = {}
    counted = {"count": Count("id"), "filled": Sum("filled_count"), "oldest": Min("oldest_on")}
    for rows, kind in (
        (_active(actor, "household", area_code), HOUSEHOLD),
        (_active(actor, "person", area_code), PERSON),
    ):
        more = {"due": Count("id", filter=Q(checked_on__lt=cutoff))} if kind is HOUSEHOLD else {}
        for row in rows.order_by().values("area_code").annotate(**counted, **more):
            line = lines.setdefault(row["area_code"], GridLine(row["area_code"]))
            if kind is HOUSEHOLD:
                line.households, line.due = row["count"], row["due"]
            else:
                line.people = row["count"]
            line.filled += row["filled"]
            line.wanted += row["count"] * len(kind.counted)
            line.oldest_on = min(row["oldest"], line.oldest_on or row["oldest"])
    return [lines[code] for code in sorted(lines)]


def list_due(actor: Actor, *, area_code: str = "", days: int = DUE_DAYS) -> RecordQuerySet:
    """Households that nobody has looked at for so many days, longest first."""
    rows: RecordQuerySet = _active(actor, "household", area_code)
    rows = rows.filter(checked_on__lt=clock.local_day() - timedelta(days=days))
    return rows.order_by("checked_on", "area_code", "id")


def _active(actor: Actor, kind: str, area_code: str) -> RecordQuerySet:
    model = {"household": Household, "person": Person}.get(kind) or KINDS[kind].model
    rows: RecordQuerySet = model.objects.visible_to(actor).filter(status=Status.ACTIVE)  # type: ignore[attr-defined]
    return rows.inside(area_code) if area_code and actor.covers(area_code) else rows
