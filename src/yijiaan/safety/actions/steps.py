"""What every deed on a hazard does the same way: fetch and lock, note it in words and in the journal, owe what the new state owes."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from yijiaan.accounts.queries import get_centre
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.engines.journal.actions import record
from yijiaan.engines.todos.actions import close_todos, open_todo
from yijiaan.engines.todos.queries import Deadline, get_deadline_in_days, get_deadline_on
from yijiaan.safety.flows import DUTY_OF, HELD
from yijiaan.safety.models import Hazard, HazardStep, LedgerYear

SUBJECT = "safety.hazard"
LINK = "/safety/hazards/{id}/"
DAYS = {"grade": 2, "assign": 2, "verify": 3, "write_off": 3}  # working days, for what a centre owes
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def clean(text: str, *, most: int, field: str, required: str = "") -> str:
    """Words as people type them. required: what to say when there are none. RuleErrors empty_… and …_too_long."""
    text = CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if required and not text:
        raise RuleError(f"empty_{field}", required, field)
    if len(text) > most:
        raise RuleError(f"{field}_too_long", f"写了 {len(text):,} 个字，最多 {most:,} 个，请写短些", field)
    return text


def lock_hazard(actor: Actor, *, hazard_id: UUID, seen_version: int | None = None) -> Hazard:
    """The hazard, locked, if the actor sees it (NotFound); Conflict when the page he decided from is older."""
    hazard: Hazard = Hazard.objects.select_for_update(of=("self",), no_key=True).get_visible(
        actor, county=actor.county, id=hazard_id
    )
    if seen_version is not None and seen_version != hazard.version:
        raise Conflict("这条隐患刚才有人办过了，请看最新情况再定", code="stale_version")
    return hazard


def save_hazard(hazard: Hazard, *names: str) -> None:
    """Save the named columns of a locked hazard and count the version up."""
    held, hazard.version = hazard.version, F("version") + 1  # type: ignore[assignment]
    hazard.save(update_fields=[*names, "version"])
    hazard.version = held + 1


def require_holder(actor: Actor, hazard: Hazard, permission: str) -> None:
    """Only the unit that has to put it right."""
    if actor.kind is not ActorKind.SYSTEM and hazard.unit_id != actor.unit_id:
        raise NotAllowed(permission)


def note(
    actor: Actor,
    hazard: Hazard,
    move: str,
    verb: str,
    at: datetime,
    *,
    text: str = "",
    old: str = "",
    unit_id: UUID | None = None,
    due_on: date | None = None,
    cost: Any = None,
    by: UUID | None = None,
    **data: Any,
) -> HazardStep:
    """The deed as a step of the hazard, which holds the words, and as a row of the journal, which holds none.

    by: whose deed it was, where the system notes it for him."""
    step = HazardStep(
        id=uuid7(), county=hazard.county, hazard=hazard, move=move, round=hazard.round, text=text, unit_id=unit_id,
        due_on=due_on, cost=cost, post_id=by or actor.post_id, at=at,
    )  # fmt: skip
    step.save(force_insert=True)
    if old and old != hazard.status:
        data["changed"] = {"status": [old, hazard.status]}
    if unit_id is not None:
        data["unit"] = str(unit_id)
    record(
        actor=actor, verb=verb, county=hazard.county, subject_type=SUBJECT, subject_id=hazard.id,
        area_code=hazard.area_code, at=at, data=data,
    )  # fmt: skip
    return step


def owe(actor: Actor, hazard: Hazard, at: datetime) -> None:
    """Close what the old state owed and open what the new one owes; the caller saves next_due_at, card."""
    close_todos(actor=actor, county=hazard.county, subject_id=hazard.id, at=at)
    hazard.card = ""
    kind = DUTY_OF.get(hazard.status)
    holder = _holder(hazard)
    if kind is None or holder is None:
        hazard.next_due_at = None
        return
    deadline = _deadline(actor, hazard, kind, at)
    open_todo(
        actor=actor, county=hazard.county, subject_type=SUBJECT, subject_id=hazard.id, kind=kind, unit_id=holder,
        area_code=hazard.area_code, at=at, deadline=deadline,
    )  # fmt: skip
    hazard.next_due_at = deadline.due_at


def _holder(hazard: Hazard) -> UUID | None:
    if hazard.status in HELD:
        return hazard.unit_id
    try:
        return get_centre(system("safety", hazard.county), area_code=hazard.area_code).id
    except NotFound:
        return None  # nobody is in service there: the list shows it all the same


def _deadline(actor: Actor, hazard: Hazard, kind: str, at: datetime) -> Deadline:
    day = hazard.review_on if kind == "review" else hazard.due_on if kind == "rectify" else None
    if day is None:
        return get_deadline_in_days(actor, start=at, days=DAYS.get(kind, 3))
    return get_deadline_on(actor, start=at, day=day)


def books_of(county: str, ledger_code: str, year: int) -> LedgerYear:
    """The books of a town and year, locked: numbers are taken under this lock, so that none is missing and none comes twice."""
    LedgerYear.objects.bulk_create(
        [LedgerYear(id=uuid7(), county=county, ledger_code=ledger_code, year=year)], ignore_conflicts=True
    )
    return LedgerYear.objects.select_for_update(no_key=True).get(county=county, ledger_code=ledger_code, year=year)


def this_year() -> int:
    """The year in Shandong."""
    return clock.local_day().year
