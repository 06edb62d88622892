"""Walks made from plans: once for a plan and day, however often it is asked for."""

from datetime import date

from django.db import transaction

from yijiaan.accounts.queries import list_units_for
from yijiaan.core import clock
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, system
from yijiaan.patrols.models import PatrolPlan, PatrolPoint, PatrolRun, PointCheck, Sweep
from yijiaan.patrols.rules import falls_on


def make_run(actor: Actor, source: PatrolPlan | Sweep, day: date, *, area_code: str = "") -> PatrolRun | None:
    """The walk of a plan on a day (None where it has none), or of a sweep in a grid, with the points as they are now."""
    is_plan = isinstance(source, PatrolPlan)
    if isinstance(source, PatrolPlan) and not falls_on(source, day):
        return None
    area_code = area_code or source.area_code
    if isinstance(source, PatrolPlan):
        unit_id, post_id = source.unit_id, source.post_id
    else:
        unit_id, post_id = list_units_for(actor, area_code=area_code)[0].id, None
    run = PatrolRun(
        id=uuid7(), county=source.county, plan_id=source.id if is_plan else None, sweep_id=None if is_plan else source.id,
        template_id=source.template_id, area_code=area_code, unit_id=unit_id, post_id=post_id, on=day, status="planned",
    )  # fmt: skip
    PatrolRun.objects.bulk_create([run], ignore_conflicts=True)
    if not PatrolRun.objects.filter(county=run.county, id=run.id).exists():
        return None  # it was there already
    points = list(PatrolPoint.objects.filter(county=run.county, template_id=run.template_id).order_by("place_number"))
    if not is_plan:
        own = [point for point in points if point.area_code and area_code.startswith(point.area_code)]
        points = own + [point for point in points if not point.area_code]
    PointCheck.objects.bulk_create(
        PointCheck(
            id=uuid7(), county=run.county, run=run, place_number=number, place=point.place, hint=point.hint, lon=point.lon,
            lat=point.lat,
        )
        for number, point in enumerate(points, 1)
    )  # fmt: skip
    return run


def make_runs_of_today(*, actor: Actor) -> int:
    """Make today's walks of every plan in use; returns how many were new. A job; harmless when run twice."""
    today = clock.local_day()
    made = 0
    for county in PatrolPlan.objects.order_by("county").values_list("county", flat=True).distinct():
        here = system(actor.identity, county)
        waiting = PatrolPlan.objects.filter(
            county=county, is_active=True, template__is_active=True, starts_on__lte=today
        )
        for plan in waiting.order_by("id"):
            with transaction.atomic():
                made += make_run(here, plan, today) is not None
    return made
