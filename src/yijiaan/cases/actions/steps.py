"""What every deed on a case does the same way: fetch and lock, pass it on, note what changed, carry the next due time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from yijiaan.accounts.models import Post, Unit
from yijiaan.accounts.queries import all_units
from yijiaan.cases import rollups, search
from yijiaan.cases.flows import DUTY_OF
from yijiaan.cases.limits import deadline_of
from yijiaan.cases.models import Assignment, Case, Hop, Note, Outcome, SolvedLevel
from yijiaan.cases.queries.categories import category_table
from yijiaan.cases.tracked import changes, snapshot
from yijiaan.core import clock
from yijiaan.core.errors import Conflict
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.actions import record, record_many
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.todos.actions import close_todos, open_todo
from yijiaan.engines.todos.queries import Deadline, get_deadline_at

SUBJECT = "cases.case"
LEVEL_OF_UNIT = {9: SolvedLevel.TOWN, 12: SolvedLevel.VILLAGE, 16: SolvedLevel.GRID}


def lock_case(actor: Actor, *, number: str, seen_version: int | None = None) -> Case:
    """The case, locked, if the actor sees it (NotFound). seen_version: the version on the page the actor decided from (Conflict when older)."""
    cases = Case.objects.select_for_update(of=("self",), no_key=True)
    if seen_version is None:
        return _ready(actor, _with_newest(cases.get_visible(actor, county=actor.county, number=number)))
    # read in the same statement: should somebody have been faster meanwhile, the version tells
    newest = _entries(OuterRef("county"), OuterRef("id")).order_by("-id")
    cases = cases.annotate(
        last_entry=Subquery(newest.values("id")[:1]), last_deed_at=Subquery(newest.values("happened_at")[:1])
    )
    case: Case = cases.get_visible(actor, county=actor.county, number=number)
    if seen_version != case.version:
        raise Conflict("这件事刚才有人办过了，请看最新情况再定", code="stale_version")
    return _ready(actor, case)


def _ready(actor: Actor, case: Case) -> Case:
    """Remember how it stands; its category comes from the table that the process keeps."""
    case.noted = snapshot(case)
    known = category_table(actor).by_id.get(case.category_id) if case.category_id else None
    if known is not None:
        case.category = known
    return case


def lock_case_of(county: str, case_id: UUID) -> Case:
    """The case, locked, for those who came to it by a report of their own or by a duty."""
    case: Case = Case.objects.select_for_update(of=("self",), no_key=True).get(county=county, id=case_id)
    return _ready(system("cases", county), _with_newest(case))


def lock_cases_of(county: str, case_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Many cases, locked in the order of their keys, so that two who want the same ones wait for one another instead of for ever;
    in two statements."""
    ids = list(case_ids)
    cases = list(
        Case.objects.select_for_update(of=("self",), no_key=True).filter(county=county, id__in=ids).order_by("id")
    )
    entries = Entry.objects.filter(county=county, subject_id__in=ids).order_by("subject_id", "-id")
    newest = {
        subject_id: (entry_id, at)
        for subject_id, entry_id, at in entries.distinct("subject_id").values_list("subject_id", "id", "happened_at")
    }
    here = system("cases", county)
    for case in cases:
        case.last_entry, case.last_deed_at = newest.get(case.id, (None, None))
    return {case.id: _ready(here, case) for case in cases}


def _entries(county: Any, case_id: Any) -> Any:
    return Entry.objects.filter(county=county, subject_id=case_id)


def _with_newest(case: Case) -> Case:
    """A locked case with its newest entry, read after the lock: whoever held it before has written his."""
    newest = _entries(case.county, case.id).order_by("-id").values_list("id", "happened_at").first()
    case.last_entry, case.last_deed_at = newest or (None, None)
    return case


def moment_for(case: Case) -> datetime:
    """When a deed on this locked case happens: now, but a second after its last deed where the clock was set back since. The life of a
    case never runs backwards: its stages add up, and its journal tells them in their order."""
    now = clock.now()
    if case.last_deed_at is None or now >= case.last_deed_at:
        return now
    return case.last_deed_at + timedelta(seconds=1)


def save_case(case: Case, *names: str) -> None:
    """Save the named columns of a locked case and count the version up."""
    held, case.version = case.version, F("version") + 1  # type: ignore[assignment]
    case.save(update_fields=[*names, "version"])
    case.version = held + 1  # the row is locked: nobody else counted meanwhile


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
    """The journal row of a deed on a case, with the old and new value of each column that changed since the last one; personal
    values as `journal.record` takes them."""
    data = told_of(actor, case, verb, at, data or {})
    entry = record(
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
        after=case.last_entry,
    )
    case.last_entry, case.last_deed_at = entry.id, at
    return entry


def told_of(actor: Actor, case: Case, verb: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    """What the journal keeps of a deed: its data and what it changed, which search words and day counts follow."""
    changed = changes(case)
    data = {**data, **({"changed": changed} if changed else {})}
    search.follow(case, changed)
    rollups.follow(actor, case, verb, at, data, changed)
    return data


def note_deeds(actor: Actor, verb: str, at: datetime, told: Sequence[tuple[Case, dict[str, Any]]]) -> None:
    """One deed on many (locked) cases in two statements, or on one many times. What is told comes from `told_of`."""
    last = max((case.last_entry for case, _ in told if case.last_entry is not None), default=None)
    subjects = [(case.id, case.area_code, data) for case, data in told]
    made = record_many(
        actor=actor, verb=verb, county=told[0][0].county, subject_type=SUBJECT, subjects=subjects, at=at, after=last
    )
    for (case, _), entry_id in zip(told, made, strict=True):
        case.last_entry, case.last_deed_at = entry_id, at


def keep_note(case: Case, entry_id: UUID, kind: str, text: str) -> None:
    """The words of a deed, beside the journal row that tells of it."""
    Note(id=uuid7(), county=case.county, case=case, entry_id=entry_id, kind=kind, text=text).save(force_insert=True)


def hand_over(case: Case, unit_id: UUID, kind: str, at: datetime) -> None:
    """Let the case pass into another unit's hands; how long the one before held it is kept. The caller saves owner, hop_count."""
    if unit_id == case.owner_id:
        return
    hops = Hop.objects.filter(county=case.county, case_id=case.id).order_by("-moved_at", "-id")
    last = hops.values_list("moved_at", flat=True).first() if case.hop_count else None
    since = last or case.received_at
    Hop(
        id=uuid7(),
        county=case.county,
        case=case,
        kind=kind,
        from_unit_id=case.owner_id,
        to_unit_id=unit_id,
        level=case.level,
        held_seconds=int((at - since).total_seconds()),
        moved_at=at,
    ).save(force_insert=True)
    known = all_units(system("cases", case.county)).get(unit_id)
    if known is not None:
        case.owner = known
    case.owner_id = unit_id
    case.hop_count += 1


def duty_area(case: Case) -> str:
    """Where the duties of a case lie; those of a confidential one lie nowhere, so that only its unit finds them."""
    return "" if case.is_confidential else case.area_code


def open_duty(
    actor: Actor, case: Case, kind: str, unit_id: UUID, at: datetime, deadline: Deadline | None = None
) -> Deadline:
    """One open duty on a case, with the deadline of its kind where none is given."""
    if deadline is None and kind == "handle" and case.outside_due_at is not None:
        deadline = get_deadline_at(actor, start=at, due=case.outside_due_at)
    deadline = deadline or deadline_of(
        actor, kind, at, urgency=case.urgency, category=case.category, channel=case.channel
    )
    open_todo(
        actor=actor,
        county=case.county,
        subject_type=SUBJECT,
        subject_id=case.id,
        kind=kind,
        unit_id=unit_id,
        area_code=duty_area(case),
        at=at,
        deadline=deadline,
    )
    return deadline


def owe(actor: Actor, case: Case, at: datetime) -> None:
    """Open the duty that the case's new state owes; its due time is the case's next one. The caller saves next_due_at, card."""
    case.card = ""
    case.next_due_at = open_duty(actor, case, DUTY_OF[case.status], case.owner_id, at).due_at


def close_duties(
    actor: Actor, case: Case, at: datetime, *kinds: str, fulfilled: bool = True, except_for: str = ""
) -> None:
    """Close the named duties, or all. except_for: the one kind of which the contrary of `fulfilled` is true."""
    close_todos(
        actor=actor,
        county=case.county,
        subject_id=case.id,
        kinds=kinds,
        at=at,
        fulfilled=fulfilled,
        except_for=except_for,
    )


CLOSED = ("status", "next_due_at", "closed_at", "close_reason", "solved_at_level", "card", "supervision")


def mark_ended(case: Case, at: datetime, *, reason: str, level: str = "") -> None:
    """What an ended case carries; the caller has set the state and saves CLOSED."""
    case.next_due_at = None
    case.closed_at = at
    case.close_reason = reason
    case.solved_at_level = level
    case.card = case.supervision = ""


def close_case(actor: Actor, case: Case, at: datetime, *, reason: str, **data: Any) -> None:
    """Save a case whose state is already `closed`, at the level that solved it, and end what is owed."""
    outcome = last_outcome(case)
    level = outcome.level if outcome else case.level
    mark_ended(case, at, reason=reason, level=level)
    save_case(case, *CLOSED)
    close_duties(actor, case, at)
    note_deed(actor, case, "cases.closed", at, {"reason": reason, "level": level, **data})


def last_outcome(case: Case) -> Outcome | None:
    """What was done the last time the case was finished."""
    return Outcome.objects.filter(county=case.county, case_id=case.id).order_by("-finished_at", "-id").first()


def end_orders(case: Case, at: datetime) -> None:
    """End the parts that units hold."""
    Assignment.objects.filter(county=case.county, case_id=case.id, ended_at__isnull=True).update(ended_at=at)


def give_back_to(actor: Actor, case: Case, unit_id: UUID, kind: str, at: datetime, note: str) -> None:
    """Let a unit handle the case again: a signed order of its own, and a new handle duty. The caller has set the state and saves."""
    case.handled_at = None
    hand_over(case, unit_id, kind, at)
    owe(actor, case, at)
    Assignment(
        id=uuid7(),
        county=case.county,
        case=case,
        unit_id=unit_id,
        is_lead=True,
        note=note,
        dispatched_at=at,
        signed_at=at,
    ).save(force_insert=True)


GIVEN_BACK = ("status", "owner", "hop_count", "handled_at", "next_due_at", "card")


def unit_of(actor: Actor, unit_id: UUID | None) -> Unit | None:
    """A unit in use."""
    return all_units(actor).get(unit_id) if unit_id else None


def is_same_person(actor: Actor, post_id: UUID | None) -> bool:
    """Whether a deed done in this post was the actor's own, in whichever of his posts he acts now."""
    if post_id is None or actor.user_id is None:
        return False
    return post_id == actor.post_id or Post.objects.filter(id=post_id, user_id=actor.user_id).exists()


def level_of(actor: Actor, unit_id: UUID | None, *, in_grid: bool = False) -> str:
    """The level at which a unit solves: by its area; the grid's own people solve in the grid."""
    if in_grid:
        return SolvedLevel.GRID.value
    unit = unit_of(actor, unit_id)
    return LEVEL_OF_UNIT.get(len(unit.area_id) if unit else 9, SolvedLevel.COUNTY).value
