"""What a field worker takes along into a village without signal: the households he may see, as masked as his pages show them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from yijiaan.core import clock
from yijiaan.core.checks import mask_name
from yijiaan.core.scope import Actor
from yijiaan.registry.models import CareEntry, Household, Membership, Status
from yijiaan.registry.values import age_words

MOST_HOUSEHOLDS = 2000


@dataclass(slots=True)
class CarriedPerson:
    """Somebody in a household: enough to know whom one meets; the id says only to us who it is."""

    id: str
    name: str
    relation: str
    sex: str
    age: str
    care: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CarriedHousehold:
    """A household on a phone."""

    id: str
    no: str
    address: str
    area: str
    plate: str
    checked_on: str
    members: list[CarriedPerson] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return _plain(self) | {"members": [_plain(one) for one in self.members]}


def _plain(row: CarriedHousehold | CarriedPerson) -> dict[str, Any]:
    """Its fields as they are; `asdict` copies each value, which for a grid costs more than reading it."""
    return {name: getattr(row, name) for name in row.__slots__}


def list_carried(actor: Actor) -> list[CarriedHousehold]:
    """The households of the actor's areas, at most MOST_HOUSEHOLDS, those not looked at for the longest time first; three statements."""
    rows = Household.objects.visible_to(actor).filter(status=Status.ACTIVE).order_by("checked_on", "id")
    found: dict[UUID, CarriedHousehold] = {
        row.id: CarriedHousehold(
            str(row.id), row.household_no, row.address, row.area_code, row.plate_code, row.checked_on.isoformat()
        )
        for row in rows.only("household_no", "address", "area_code", "plate_code", "checked_on")[:MOST_HOUSEHOLDS]
    }
    if not found:
        return []
    members = (
        Membership.objects.filter(county=actor.county, household__id__any=list(found), to_on__isnull=True)
        .select_related("person")
        .only(
            "household_id", "relation", "person__county", "person__name_sealed", "person__sex", "person__birth_on", "person__status"
        )
        .order_by("id")
    )  # fmt: skip
    people: dict[UUID, CarriedPerson] = {}
    today = clock.local_day()
    for row in sorted(members, key=lambda row: row.relation != "head"):
        if row.person.status != Status.ACTIVE:
            continue
        person = CarriedPerson(
            str(row.person_id), mask_name(row.person.name_sealed), row.get_relation_display(), row.person.get_sex_display(),
            age_words(row.person.birth_on, today),
        )  # fmt: skip
        people[row.person_id] = person
        found[row.household_id].members.append(person)
    if actor.may("registry.see_care") and people:
        entries = CareEntry.objects.visible_to(actor).filter(person__id__any=list(people), ended_on__isnull=True)
        for entry in entries.order_by("id"):
            people[entry.person_id].care.append(entry.get_care_kind_display())
    return list(found.values())
