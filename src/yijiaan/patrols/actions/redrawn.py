"""Ways to walk, their points and when they are walked follow their ground when grids are redrawn; walks stay in the grid of their day."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from yijiaan.areas.queries import moves_of_day
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record_many
from yijiaan.patrols.models import PatrolPlan, PatrolPoint, PatrolTemplate
from yijiaan.patrols.permissions import PLAN

FOLLOWED = {PatrolTemplate: "patrols.template", PatrolPlan: "patrols.plan"}


@transaction.atomic
def follow_redraw(*, actor: Actor, county: str, before: Sequence[str]) -> int:
    """Give each point of some grids the grid that has its ground today, ways and plans the one that their grid became; of a grid that was
    cut, what has no position goes to the village. Doing it again changes nothing. Returns how many moved."""
    actor.require(PLAN)
    points = PatrolPoint.objects.filter(county=county, area_code__in=before).values_list(
        "id", "area_code", "lon", "lat"
    )
    moved = _move(actor, county, PatrolPoint, list(points))
    for model, subject in FOLLOWED.items():
        rows = model.objects.filter(county=county, area_code__in=before).values_list("id", "area_code")  # type: ignore[attr-defined]
        moved += _move(actor, county, model, [(key, code, None, None) for key, code in rows], subject)
    return moved


def _move(actor: Actor, county: str, model: Any, rows: list[Any], subject: str = "") -> int:
    moves, before = moves_of_day(actor, county=county, rows=rows), {row[0]: row[1] for row in rows}
    for code in sorted(set(moves.values())):
        ids = [key for key, new in moves.items() if new == code]
        model.objects.filter(county=county, id__any=ids).update(area_code=code)
    if subject:
        subjects = [(key, new, {"from": before[key]}) for key, new in moves.items()]
        record_many(
            actor=actor, verb="patrols.grid_followed", county=county, subject_type=subject, subjects=subjects, at=clock.now()
        )  # fmt: skip
    return len(moves)
