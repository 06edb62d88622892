"""The single steps of moving: who lives where, and who heads a household. Nothing here asks who may."""

from collections.abc import Mapping
from datetime import date

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.registry.models import Household, Membership, Person, Relation, Status

Said = Mapping[str, str]


def home_of(person: Person) -> Membership | None:
    """Where somebody lives now, locked."""
    living = Membership.objects.select_for_update(of=("self",)).filter(
        county=person.county, person=person, to_on__isnull=True
    )
    return living.select_related("household").first()


def others_of(here: Membership) -> list[Membership]:
    """Who else lives where somebody lives."""
    living = Membership.objects.filter(county=here.county, household=here.household_id, to_on__isnull=True)
    return [other for other in living.order_by("id") if other.id != here.id]


def go(here: Membership, said: Said) -> None:
    """Leave a household; where the head goes and others stay, one of them follows him."""
    if here.relation == Relation.HEAD:
        others = others_of(here)
        chosen = next((other for other in others if str(other.person_id) == said.get("new_head")), None)
        if others and chosen is None:
            raise RuleError("needs_head", "他是户主，家里还有人，请选新户主", "new_head")
        leave(here, date.fromisoformat(said["on"]))
        if chosen is not None:
            chosen.relation = Relation.HEAD
            chosen.save(update_fields=["relation"])
        return
    leave(here, date.fromisoformat(said["on"]))


def leave(here: Membership, day: date) -> None:
    """Live there no more from a day on. RuleError before_he_came."""
    if here.from_on is not None and day < here.from_on:
        raise RuleError("before_he_came", f"他 {here.from_on:%Y-%m-%d} 才来，离开的日子不能更早", "on")
    here.to_on = day
    here.save(update_fields=["to_on"])


def crown(here: Membership, old_relation: str) -> None:
    """Make somebody the head where he lives. RuleError unknown_relation."""
    if old_relation not in Relation.values or old_relation == Relation.HEAD:
        raise RuleError("unknown_relation", "请选原户主是新户主的什么人", "old_relation")
    for other in others_of(here):
        if other.relation == Relation.HEAD:
            other.relation = old_relation
            other.save(update_fields=["relation"])
    here.relation = Relation.HEAD
    here.save(update_fields=["relation"])


def join(person: Person, household: Household, relation: str, day: date | None, source: str) -> None:
    """Live there from a day on (None: from before it was written down)."""
    Membership(
        id=uuid7(), county=household.county, person=person, household=household, relation=relation, from_on=day,
        source=source, added_at=clock.now(),
    ).save(force_insert=True)  # fmt: skip


def check_relation(household: Household, relation: str) -> None:
    """RuleErrors unknown_relation, has_head."""
    if relation not in Relation.values:
        raise RuleError("unknown_relation", "请选他是户主的什么人", "relation")
    living = Membership.objects.filter(county=household.county, household=household, to_on__isnull=True)
    if relation == Relation.HEAD and living.filter(relation=Relation.HEAD).exists():
        raise RuleError("has_head", "这一户已经有户主；要换户主请用“换户主”", "relation")


def end_person(person: Person, status: Status, day: date) -> None:
    """He moved away or died; his row stays."""
    person.status, person.ended_on = status, day
    person.version += 1
    person.save(update_fields=["status", "ended_on", "version"])
