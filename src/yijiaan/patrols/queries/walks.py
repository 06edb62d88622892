from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.patrols.models import PatrolPlan, PatrolPoint, PatrolRun, PatrolTemplate, PointCheck, Sweep


def list_patrol_templates(actor: Actor) -> QuerySet[PatrolTemplate]:
    """The ways in and around the actor's area, newest first."""
    return PatrolTemplate.objects.visible_to(actor).filter(is_active=True).order_by("-id")


def get_patrol_template(actor: Actor, *, template_id: UUID) -> PatrolTemplate:
    """One way; NotFound elsewhere."""
    found: PatrolTemplate = PatrolTemplate.objects.get_visible(actor, id=template_id)
    return found


def list_points(actor: Actor, *, template: PatrolTemplate) -> list[PatrolPoint]:
    """Its points in their order."""
    return list(PatrolPoint.objects.filter(county=template.county, template_id=template.id).order_by("place_number"))


def list_plans(actor: Actor) -> QuerySet[PatrolPlan]:
    """The plans in and around the actor's area, newest first, those that stopped too."""
    return PatrolPlan.objects.visible_to(actor).select_related("template", "unit", "post__user").order_by("-id")


def list_sweeps(actor: Actor) -> QuerySet[Sweep]:
    """The sweeps in and around the actor's area, newest first."""
    return Sweep.objects.visible_to(actor).select_related("template").order_by("-id")


def get_sweep(actor: Actor, *, sweep_id: UUID) -> Sweep:
    """One sweep; NotFound elsewhere."""
    found: Sweep = Sweep.objects.select_related("template").get_visible(actor, id=sweep_id)
    return found


def _counted(runs: QuerySet[PatrolRun]) -> QuerySet[PatrolRun]:
    return runs.select_related("template", "unit", "post__user", "sweep").annotate(
        total=Count("checks"),
        checked=Count("checks", filter=~Q(checks__result="")),
        found=Count("checks", filter=Q(checks__result="hazard")),
        missed=Count("checks", filter=Q(checks__result="not_reachable")),
    )


def list_runs(actor: Actor) -> QuerySet[PatrolRun]:
    """The walks that the actor sees, newest first, with how many of their points were looked at."""
    return _counted(PatrolRun.objects.visible_to(actor)).order_by("-id")


def list_runs_of_today(actor: Actor) -> list[PatrolRun]:
    """What the actor has to walk today, what he began on another day and did not end, and what a sweep of these days leaves to walk."""
    mine = Q(post_id=actor.post_id) | Q(post__isnull=True, unit_id=actor.unit_id)
    today = clock.local_day()
    lasts = Q(status="planned", sweep__on__lte=today, sweep__ends_on__gte=today)
    due = Q(on=today) | Q(status="started") | lasts
    runs = _counted(PatrolRun.objects.visible_to(actor).filter(mine & due))
    if not actor.areas:
        return list(runs.order_by("on", "id"))
    around = [area[:length] for area in actor.areas for length in (9, 12) if len(area) >= length]
    return list(
        runs.filter(actor.area_filter() | Q(area_code__in=around) | Q(post_id=actor.post_id)).order_by("on", "id")
    )


def get_patrol_run(actor: Actor, *, run_id: UUID) -> PatrolRun:
    """One walk; NotFound elsewhere."""
    found: PatrolRun = PatrolRun.objects.select_related("template", "unit", "post__user", "sweep").get_visible(
        actor, county=actor.county, id=run_id
    )
    return found


def list_checks(actor: Actor, *, run: PatrolRun) -> list[PointCheck]:
    """Its points in their order."""
    checks = PointCheck.objects.filter(county=run.county, run_id=run.id).select_related("checked_by__user")
    return list(checks.order_by("place_number"))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of some walks was looked at, counted from their points."""

    runs: int
    ended: int
    points: int
    checked: int
    hazards: int
    missed: int

    @property
    def share(self) -> int:
        """Points looked at, in whole per cent; 0 where there are none."""
        return self.checked * 100 // self.points if self.points else 0


def read_coverage(actor: Actor, *, runs: QuerySet[PatrolRun]) -> Coverage:
    """The sum over some walks, in two statements; those that were cancelled do not count."""
    those = runs.order_by().exclude(status="cancelled")
    ids = list(those.values_list("id", "status"))
    counted: dict[str, Any] = PointCheck.objects.filter(
        county=actor.county, run_id__in=[run_id for run_id, _ in ids]
    ).aggregate(
        points=Count("id"), checked=Count("id", filter=~Q(result="")), hazards=Count("id", filter=Q(result="hazard")),
        missed=Count("id", filter=Q(result="not_reachable")),
    )  # fmt: skip
    ended = sum(status in ("finished", "interrupted_ok") for _, status in ids)
    return Coverage(runs=len(ids), ended=ended, **counted)


def may_open_run_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of a walk open to those who see it."""
    return bool(PatrolRun.objects.visible_to(actor).filter(county=county, id=subject_id).exists())
