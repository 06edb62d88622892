"""Hazards that are not written off yet follow their ground when grids are redrawn; the books of a town know no grids."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from yijiaan.areas.queries import moves_of_day
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record_many
from yijiaan.engines.todos.actions import move_todos
from yijiaan.safety.actions.steps import SUBJECT
from yijiaan.safety.models import Hazard
from yijiaan.safety.permissions import ASSIGN

PORTION = 200


def follow_redraw(*, actor: Actor, county: str, before: Sequence[str]) -> int:
    """Give each open hazard of some grids the grid that has its ground today; of a grid that was cut, one without a point goes to the
    village. Doing it again changes nothing. Returns how many moved; portions commit apart, so that no deed waits long."""
    actor.require(ASSIGN)
    stands = Hazard.objects.filter(county=county, area_code__in=before).exclude(status="written_off").order_by("id")
    moves = moves_of_day(actor, county=county, rows=list(stands.values_list("id", "area_code", "lon", "lat")))
    ids = list(moves)
    for start in range(0, len(ids), PORTION):
        _move(actor, county, {hazard_id: moves[hazard_id] for hazard_id in ids[start : start + PORTION]})
    return len(moves)


@transaction.atomic
def _move(actor: Actor, county: str, moves: dict[UUID, str]) -> None:
    hazards = Hazard.objects.select_for_update(no_key=True).filter(county=county, id__any=list(moves))
    subjects = []
    for hazard in hazards.exclude(status="written_off").order_by("id"):
        subjects.append((hazard.id, moves[hazard.id], {"from": hazard.area_code}))
        hazard.area_code = moves[hazard.id]
        hazard.save(update_fields=["area_code"])
        move_todos(actor=actor, county=county, subject_id=hazard.id, area_code=hazard.area_code)
    record_many(
        actor=actor, verb="safety.grid_followed", county=county, subject_type=SUBJECT, subjects=subjects, at=clock.now()
    )
