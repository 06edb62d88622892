"""Reading records: one with its history, lists of a kind, what waits to be confirmed, who is cared for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.registry.fields import KINDS
from yijiaan.registry.models import (
    CareEntry,
    Change,
    ChangeState,
    Household,
    Membership,
    Person,
    PersonMerge,
    Record,
    Room,
    Status,
)
from yijiaan.registry.models.records import RecordQuerySet
from yijiaan.registry.subsets import subsets

MOST_ROOMS, VILLAGE = 500, 12
MOST_LINES = 100


@dataclass(slots=True)
class HouseholdPage:
    """A household with who lives there, who lived there, and what waits."""

    household: Household
    living: list[Membership]
    left: list[Membership]
    care: dict[UUID, list[CareEntry]] = field(default_factory=dict)  # by person; empty for who may not see it
    changes: dict[UUID, list[Change]] = field(default_factory=dict)  # open ones, by what they change


@dataclass(slots=True)
class PersonPage:
    """A person with his homes, care entries, history, and the record he was merged with."""

    person: Person
    homes: list[Membership]
    care: list[CareEntry]
    changes: list[Change]
    merges: list[PersonMerge]


def get_record(actor: Actor, *, kind: str, record_id: UUID) -> Any:
    """One record; NotFound for an unknown kind and outside the actor's areas."""
    if kind not in KINDS:
        raise NotFound
    which = KINDS[kind]
    rows = which.model.objects.select_related(which.parent[0]) if which.parent else which.model.objects  # type: ignore[attr-defined]
    return rows.get_visible(actor, id=record_id)


def get_household_page(actor: Actor, *, household_id: UUID) -> HouseholdPage:
    """What the page of a household shows, in four statements (three for who may not see care lists)."""
    household: Household = Household.objects.select_related("room").get_visible(actor, id=household_id)
    members = list(
        Membership.objects.filter(county=household.county, household=household)
        .select_related("person")
        .order_by("id")[:MOST_LINES]
    )
    members = [row for row in members if row.person.status != Status.MISTAKEN]
    living = [row for row in members if row.to_on is None]
    living.sort(key=lambda row: (row.relation != "head", row.person.birth_on is None, row.person.birth_on, row.id))
    page = HouseholdPage(household, living, [row for row in members if row.to_on is not None])
    if actor.may("registry.see_care"):
        for entry in CareEntry.objects.visible_to(actor).filter(
            person__in=[row.person_id for row in living], ended_on__isnull=True
        ).order_by("id"):  # fmt: skip
            page.care.setdefault(entry.person_id, []).append(entry)
    subjects = [household.id, *(row.person_id for row in living)]
    for change in _changes(actor).filter(subject_id__in=subjects, state=ChangeState.OPEN).order_by("id")[:MOST_LINES]:
        page.changes.setdefault(change.subject_id, []).append(change)
    return page


def get_person_page(actor: Actor, *, person_id: UUID) -> PersonPage:
    """What the page of a person shows, in five statements (four for who may not see care lists)."""
    person: Person = Person.objects.get_visible(actor, id=person_id)
    homes = Membership.objects.filter(county=person.county, person=person).select_related("household")
    care: list[CareEntry] = []
    if actor.may("registry.see_care"):
        care = list(CareEntry.objects.visible_to(actor).filter(person=person).order_by("-id")[:MOST_LINES])
    merges = PersonMerge.objects.filter(county=person.county, kept=person, undone_at__isnull=True)
    return PersonPage(
        person=person,
        homes=list(homes.order_by("-id")[:MOST_LINES]),
        care=care,
        changes=list_history(actor, record=person),
        merges=list(merges.select_related("merged").order_by("-id")[:MOST_LINES]),
    )


def list_history(actor: Actor, *, record: Record) -> list[Change]:
    """Every change of a record's facts, newest first; its last hundred."""
    return list(_changes(actor).filter(subject_id=record.id).order_by("-id")[:MOST_LINES])


def list_records(actor: Actor, *, kind: str, area_code: str = "", subset: str = "") -> RecordQuerySet:
    """The records of a kind in use in the actor's areas, or in one place of them, by grid. subset: some of them, by their key."""
    if kind not in KINDS:
        raise NotFound
    rows: RecordQuerySet = KINDS[kind].model.objects.visible_to(actor)  # type: ignore[attr-defined]
    rows = rows.filter(status=Status.ACTIVE)
    if area_code and actor.covers(area_code):
        rows = rows.inside(area_code)
    if subset in subsets() and subsets()[subset].kind == kind:
        rows = rows.filter(subsets()[subset].where())
    return rows.order_by("area_code", "id")


def count_members(actor: Actor, *, households: Iterable[UUID]) -> dict[UUID, int]:
    """How many people live in each of some households."""
    living = Membership.objects.filter(county=actor.county, household__in=list(households), to_on__isnull=True)
    return dict(living.values_list("household").annotate(Count("id")).order_by())


def list_homes(actor: Actor, *, people: Iterable[UUID]) -> dict[UUID, Household]:
    """Where each of some people lives."""
    living = Membership.objects.filter(county=actor.county, person__in=list(people), to_on__isnull=True)
    return {row.person_id: row.household for row in living.select_related("household")}


def list_parts_of(actor: Actor, *, kind: str, record: Record) -> list[Any]:
    """What stands in a record: rooms of a building, households of a room, vehicles of an organisation."""
    inside = {
        "building": lambda: record.rooms,  # type: ignore[attr-defined]
        "room": lambda: record.households,  # type: ignore[attr-defined]
        "organisation": lambda: record.vehicles,  # type: ignore[attr-defined]
    }
    if kind not in inside:
        return []
    rows = inside[kind]().filter(county=record.county, status=Status.ACTIVE).order_by("id")
    return list(rows[:MOST_LINES])


def list_rooms_near(actor: Actor, *, household: Household) -> list[Room]:
    """The rooms of a household's village, of its grid alone where there are more than MOST_ROOMS, by address; the one it lives in
    always. Two statements at most."""
    rows = Room.objects.visible_to(actor).filter(status=Status.ACTIVE).order_by("address", "door_no", "id")
    found = list(rows.inside(household.area_code[:VILLAGE])[: MOST_ROOMS + 1])
    if len(found) > MOST_ROOMS:
        found = list(rows.inside(household.area_code)[:MOST_ROOMS])
    if household.room is not None and all(room.id != household.room_id for room in found):
        found.insert(0, household.room)
    return found


def list_proposals(actor: Actor, *, area_code: str = "") -> Any:
    """What waits to be confirmed in the actor's areas, by grid, oldest first."""
    rows = _changes(actor).filter(state=ChangeState.OPEN)
    if area_code and actor.covers(area_code):
        rows = rows.inside(area_code)
    return rows.order_by("area_code", "id")


def list_latest(actor: Actor, *, changes: Iterable[Change]) -> dict[tuple[UUID, str], Change]:
    """The last confirmed change of each fact that some changes are about; one statement, none where there are none."""
    wanted = {(change.subject_id, change.field) for change in changes}
    if not wanted:
        return {}
    rows = _changes(actor).filter(
        state=ChangeState.CONFIRMED, subject_id__in=sorted({subject for subject, _ in wanted}),
        field__in=sorted({field for _, field in wanted}),
    )  # fmt: skip
    return {(row.subject_id, row.field): row for row in rows.order_by("decided_at", "id")}


def list_my_changes(actor: Actor) -> Any:
    """What the actor's post proposed of facts in its areas, newest first, with what became of it."""
    return _changes(actor).filter(proposed_by=actor.post_id, field__gt="").order_by("-id")


def label_of_change(actor: Actor, *, change: Change) -> str:
    """How the fact is called that a change is about; empty for a deed."""
    kind = KINDS[change.kind]
    return kind.field(change.field).label if change.field in kind.keys else ""


def get_change(actor: Actor, *, change_id: UUID) -> Change:
    """One change; NotFound outside the actor's areas."""
    change: Change = Change.objects.get_visible(actor, id=change_id)
    return change


def records_of(actor: Actor, *, changes: Iterable[Change]) -> dict[UUID, Any]:
    """The records that some changes are about: one statement a kind."""
    wanted: dict[str, set[UUID]] = {}
    for change in changes:
        wanted.setdefault(change.kind, set()).add(change.subject_id)
    found: dict[UUID, Any] = {}
    for kind, ids in sorted(wanted.items()):
        found |= {row.id: row for row in KINDS[kind].model.objects.visible_to(actor).filter(id__in=sorted(ids))}  # type: ignore[attr-defined]
    return found


def list_care(actor: Actor, *, area_code: str = "", care_kind: str = "") -> Any:
    """Who is cared for in the actor's areas, by the day of review; nothing for who does not keep the lists."""
    rows = CareEntry.objects.visible_to(actor).filter(ended_on__isnull=True).select_related("person")
    if area_code and actor.covers(area_code):
        rows = rows.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    if care_kind:
        rows = rows.filter(care_kind=care_kind)
    return rows.order_by("review_on", "id")


def _changes(actor: Actor) -> RecordQuerySet:
    rows: RecordQuerySet = Change.objects.visible_to(actor)
    return rows.select_related(
        "proposed_by__unit", "proposed_by__role", "proposed_by__user", "decided_by__unit", "decided_by__role",
        "decided_by__user",
    )  # fmt: skip
