"""Routes, plans and walks, made by the deeds that lead there; the town is the one of the tests of safety."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from yijiaan.cases.tests.make import COUNTY, FIRST, TOWN, Town
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Entry
from yijiaan.patrols import actions
from yijiaan.patrols.actions import Found, PlanFacts, PointFacts
from yijiaan.patrols.models import PatrolPlan, PatrolPoint, PatrolRun, PatrolTemplate, PointCheck, Sweep
from yijiaan.safety.models import Hazard, HazardStep, LedgerYear
from yijiaan.safety.tests.make import town

__all__ = ["COUNTY", "FIRST", "TOWN", "Town", "town"]
ROWS = (
    PatrolTemplate, PatrolPoint, PatrolPlan, Sweep, PatrolRun, PointCheck, Hazard, HazardStep, LedgerYear, Entry, StoredFile,
)  # fmt: skip
POINTS = (PointFacts("粮库后门", "门锁着没有"), PointFacts("变压器旁"), PointFacts("水塘边", "警示牌在不在"))


def template(actor: Actor, **changes: Any) -> PatrolTemplate:
    """A way of three points in the first village."""
    values: dict[str, Any] = {
        "name": "村里夜巡", "kind": "fire", "area_code": FIRST, "points": POINTS, "client_key": uuid4(),
    }  # fmt: skip
    return actions.write_patrol_template(actor=actor, **(values | changes))


def plan(town: Town, way: PatrolTemplate, **changes: Any) -> PatrolPlan:
    """Every day, by the first village."""
    values: dict[str, Any] = {"unit_id": town.units["first"].id, "rule": "daily"}
    return actions.plan_patrol(
        actor=town.actor("dispatcher"), template_id=way.id, facts=PlanFacts(**(values | changes)), client_key=uuid4()
    )


def run(town: Town, **changes: Any) -> PatrolRun:
    """Today's walk of a new plan."""
    made = plan(town, template(town.actor("dispatcher"), **changes))
    return PatrolRun.objects.get(county=COUNTY, plan_id=made.id)


def look(town: Town, run: PatrolRun, number: int, result: str = "ok", text: str = "", **more: Any) -> PointCheck:
    """Keep what the worker found at a point."""
    values: dict[str, Any] = {"client_key": uuid4()} | more
    return actions.check_point_of_run(
        actor=town.actor("worker"), run_id=run.id, place_number=number, found=Found(result, text), **values
    )


def fresh(run: PatrolRun) -> PatrolRun:
    """As it stands in the database."""
    return PatrolRun.objects.get(county=COUNTY, id=run.id)


def tomorrow(days: int = 1) -> Any:
    """So many days later, at the same hour."""
    return clock.later(timedelta(days=days))
