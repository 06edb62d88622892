"""拉网式: what a sweep has reached, counted from points and from visits to households; each number opens to its rows."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from yijiaan.core.scope import Actor
from yijiaan.patrols.models import PatrolRun, PointCheck, Sweep, Visit
from yijiaan.patrols.permissions import PLAN_VISITS, VISIT
from yijiaan.registry.models import Household, Status
from yijiaan.registry.permissions import SEE_PEOPLE

POINTS: dict[str, Q] = {
    "all": Q(),
    "checked": ~Q(result=""),
    "left": Q(result=""),
    "hazard": Q(result="hazard"),
    "missed": Q(result="not_reachable"),
}
HOMES = ("all", "visited", "left")


@dataclass(frozen=True, slots=True)
class Homes:
    """Households of some grids, and how many of them were visited; each once, however often somebody went."""

    total: int
    visited: int

    @property
    def left(self) -> int:
        """Not visited in these days."""
        return self.total - self.visited

    @property
    def share(self) -> int:
        """Visited, in whole per cent; 0 where nobody lives."""
        return self.visited * 100 // self.total if self.total else 0


def may_see_homes(actor: Actor) -> bool:
    """Whether the households of a sweep are his business: he may read base data, and visits or plans visits."""
    return actor.may(SEE_PEOPLE) and (actor.may(VISIT) or actor.may(PLAN_VISITS))


def list_sweep_points(actor: Actor, *, sweep: Sweep, show: str = "all", area_code: str = "") -> QuerySet[PointCheck]:
    """The points of a sweep, each of each grid once; grid: its code. show: a key of POINTS. Walks that were cancelled do not count."""
    rows = PointCheck.objects.filter(
        POINTS[show], county=actor.county, run__in=_runs(actor, sweep, area_code).values("id")
    )
    return (
        rows.annotate(grid=F("run__area_code"))
        .select_related("checked_by__user")
        .order_by("grid", "place_number", "id")
    )


def list_sweep_homes(actor: Actor, *, sweep: Sweep, show: str = "all", area_code: str = "") -> QuerySet[Household]:
    """The households that live in the grids of a sweep. show: all, visited on its days, or left."""
    rows = Household.objects.visible_to(actor).filter(
        status=Status.ACTIVE, area_code__in=_runs(actor, sweep, area_code).values("area_code")
    )
    if not may_see_homes(actor):
        rows = rows.none()
    visited = Q(id__in=visits_on_days(actor, sweep=sweep).values("household_id"))
    if show != "all":
        rows = rows.filter(visited if show == "visited" else ~visited)
    return rows.order_by("area_code", "id")


def visits_on_days(actor: Actor, *, sweep: Sweep) -> QuerySet[Visit]:
    """The visits of its days in its place, by whomever and for whatever, a household perhaps more than once."""
    code = sweep.area_code
    rows = Visit.objects.visible_to(actor).filter(
        on__gte=sweep.on, on__lte=sweep.last_on, area_code__gte=code, area_code__lt=code + "~"
    )
    return rows.order_by("-on", "-id")


def count_sweep_homes(actor: Actor, *, sweep: Sweep) -> dict[str, Homes]:
    """How many households each grid has and how many were visited, in one statement; nothing for whom they do not concern."""
    if not may_see_homes(actor):
        return {}
    visited = Q(id__in=visits_on_days(actor, sweep=sweep).order_by().values("household_id"))
    rows = list_sweep_homes(actor, sweep=sweep).order_by().values("area_code")
    counted = rows.annotate(total=Count("id"), visited=Count("id", filter=visited))
    return {row["area_code"]: Homes(row["total"], row["visited"]) for row in counted}


def _runs(actor: Actor, sweep: Sweep, area_code: str) -> QuerySet[PatrolRun]:
    runs = PatrolRun.objects.visible_to(actor).filter(sweep_id=sweep.id).exclude(status="cancelled")
    return runs.filter(area_code=area_code) if area_code else runs
