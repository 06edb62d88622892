"""Open cases follow their ground when grids are redrawn; where they happened, `occurred_area_code`, stays as it was then."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import moves_of_day
from yijiaan.cases.actions.steps import duty_area, lock_cases_of, moment_for, note_deed, save_case
from yijiaan.cases.models import Case
from yijiaan.cases.permissions import CLASSIFY
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.actions import move_todos

PORTION = 200


def follow_redraw(*, actor: Actor, county: str, before: Sequence[str]) -> int:
    """Give each open case of some grids the grid that has its ground today; of a grid that was cut, a case without a point goes to
    the village. Doing it again changes nothing. Returns how many moved; portions commit apart, so that no deed waits long.
    """
    actor.require(CLASSIFY)
    stands = Case.objects.filter(county=county, area_code__in=before).open().order_by("id")
    moves = moves_of_day(actor, county=county, rows=list(stands.values_list("id", "area_code", "lon", "lat")))
    ids = list(moves)
    for start in range(0, len(ids), PORTION):
        _move(actor, county, {case_id: moves[case_id] for case_id in ids[start : start + PORTION]})
    return len(moves)


@transaction.atomic
def _move(actor: Actor, county: str, moves: dict[UUID, str]) -> None:
    for case_id, case in lock_cases_of(county, moves).items():
        if not case.is_open or case.area_code == moves[case_id]:
            continue
        case.area_code = moves[case_id]
        case.is_place_unknown = len(case.area_code) < LENGTH_OF["grid"]
        save_case(case, "area_code", "is_place_unknown")
        move_todos(actor=actor, county=county, subject_id=case.id, area_code=duty_area(case))
        note_deed(actor, case, "cases.classified", moment_for(case), {"redraw": True})
