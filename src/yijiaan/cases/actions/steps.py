"""What every deed on a case does the same way: fetch and lock, note the deed, carry the next due time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import all_units
from yijiaan.cases.models import Case, SolvedLevel, case_fields
from yijiaan.core.errors import Conflict
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.todos.actions import close_todos, open_todo

SUBJECT = "cases.case"
LEVEL_OF_UNIT = {9: SolvedLevel.TOWN, 12: SolvedLevel.VILLAGE, 16: SolvedLevel.GRID}


def lock_case(actor: Actor, *, number: str, seen_version: int | None = None) -> Case:
    """The case, locked, if the actor sees it (NotFound). seen_version: the version on the page the actor decided from (Conflict when older)."""
    case: Case = Case.objects.select_for_update(of=("self",), no_key=True).get_visible(
        actor, county=actor.county, number=number
    )
    if seen_version is not None and seen_version != case.version:
        raise Conflict("这件事刚才有人办过了，请看最新情况再定", code="stale_version")
    return case


def save_case(case: Case, *names: str) -> None:
    """Save the named columns and count the version up."""
    case.save(update_fields=case_fields(case, *names))
    case.refresh_from_db(fields=["version"])


def note_deed(
    actor: Actor,
    case: Case,
    verb: str,
    at: datetime,
    data: dict[str, Any] | None = None,
    *,
    personal: dict[str, str] | None = None,
    person: UUID | None = None,
) -> Entry:
    """The journal row of a deed on a case; personal values as `journal.record` takes them."""
    return record(
        actor=actor,
        verb=verb,
        county=case.county,
        subject_type=SUBJECT,
        subject_id=case.id,
        area_code=case.area_code,
        at=at,
        data=data,
        personal=personal,
        person=person,
    )


def duty_area(case: Case) -> str:
    """Where the duties of a case lie; those of a confidential one lie nowhere, so that only its unit finds them."""
    return "" if case.is_confidential else case.area_code


def open_duty(actor: Actor, case: Case, kind: str, unit_id: UUID, at: datetime, due_at: datetime) -> None:
    """One open duty on a case."""
    open_todo(
        actor=actor,
        county=case.county,
        subject_type=SUBJECT,
        subject_id=case.id,
        kind=kind,
        unit_id=unit_id,
        area_code=duty_area(case),
        at=at,
        due_at=due_at,
    )


def close_duties(actor: Actor, case: Case, at: datetime, *kinds: str, fulfilled: bool = True) -> None:
    """Close the named duties, or all."""
    close_todos(actor=actor, county=case.county, subject_id=case.id, kinds=kinds, at=at, fulfilled=fulfilled)


def unit_of(actor: Actor, unit_id: UUID | None) -> Unit | None:
    """A unit in use."""
    return all_units(actor).get(unit_id) if unit_id else None


def level_of(actor: Actor, unit_id: UUID | None, *, in_grid: bool = False) -> str:
    """The level at which a unit solves: by its area; the grid's own people solve in the grid."""
    if in_grid:
        return SolvedLevel.GRID.value
    unit = unit_of(actor, unit_id)
    return LEVEL_OF_UNIT.get(len(unit.area_id) if unit else 9, SolvedLevel.COUNTY).value
