"""Who lives where: somebody new in a household, in and out, birth and death, the head. Done at once by who may confirm, else proposed."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.changing import place_person, propose_whole
from yijiaan.registry.actions.homes import (
    Said,
    check_relation,
    crown,
    end_person,
    go,
    home_of,
    join,
    leave,
    others_of,
)
from yijiaan.registry.actions.writing import (
    checked_source,
    locked,
    new_change,
    new_record,
    note,
    read_all,
    refusing_twins,
    require_active,
    told,
)
from yijiaan.registry.fields import HOUSEHOLD, PERSON
from yijiaan.registry.models import CareEntry, Change, Person, Relation, Status
from yijiaan.registry.permissions import CHANGE, CONFIRM


class _Tried(Exception):
    """Rolls back what was done to see whether it can be done."""


@transaction.atomic
def add_person(
    *,
    actor: Actor,
    household_id: UUID,
    relation: str,
    values: Mapping[str, str],
    source: str,
    client_key: UUID,
    told_on: date | None = None,
    from_on: date | None = None,
    verb: str = "person_added",
) -> Person:
    """Somebody who was in no list yet, in a household. The same client_key again gives the first.

    RuleErrors at the fields: not_active, unknown_relation, has_head, empty_name, in_the_future, those of `values.read`,
    already_registered; Conflict where the key was used for another.
    """
    actor.require(CHANGE)
    household = locked(actor, HOUSEHOLD, household_id)
    known = Person.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        if known.name_sealed != values.get("name", "").strip():
            raise Conflict("刚才那一位已经登记好了，要另登记一位请重新打开这一页", code="client_key_reused")
        return known
    require_active(household)
    day, source = told(told_on), checked_source(source)
    facts = read_all(actor, PERSON, {"name": "", **values})
    check_relation(household, relation)
    person: Person = new_record(
        actor, PERSON, area_code=household.area_code, values=facts, source=source, day=day, client_key=client_key
    )
    join(person, household, relation, told(from_on, "from_on") if from_on else None, source)
    propose_whole(actor, person, PERSON, source, day, client_key)
    note(actor, person, "person", verb, {"source": source})
    return person


def record_birth(
    *,
    actor: Actor,
    household_id: UUID,
    values: Mapping[str, str],
    source: str,
    client_key: UUID,
    told_on: date | None = None,
    relation: str = Relation.CHILD,
) -> Person:
    """出生: a new child in the household. RuleErrors no_birthday and those of `add_person`."""
    if not values.get("birth_on", "").strip():
        raise RuleError("no_birthday", "请写出生日期", "birth_on")
    with_kind = {"kind": "unregistered", **values}
    return add_person(
        actor=actor, household_id=household_id, relation=relation, values=with_kind,
        source=source, client_key=client_key, told_on=told_on, from_on=_day(values["birth_on"], "birth_on"),
        verb="birth_recorded",
    )  # fmt: skip


@transaction.atomic
def move_in(
    *,
    actor: Actor,
    person_id: UUID,
    household_id: UUID,
    relation: str,
    source: str,
    client_key: UUID,
    on: date | None = None,
) -> Change:
    """迁入: somebody who is registered already comes into a household, and leaves the one he was in. RuleErrors lives_here,
    unknown_relation, has_head, was_head, not_active, in_the_future."""
    payload = {"household": str(household_id), "relation": relation, "on": told(on, "on").isoformat()}
    return _do(actor, person_id, "lives_in", payload, source, client_key)


@transaction.atomic
def move_out(
    *,
    actor: Actor,
    person_id: UUID,
    source: str,
    client_key: UUID,
    on: date | None = None,
    new_head_id: UUID | None = None,
) -> Change:
    """迁出: he lives in no household here any more. Of a head with others the new one is asked for. RuleErrors lives_nowhere,
    needs_head, not_active, in_the_future, before_he_came."""
    payload = {"on": told(on, "on").isoformat(), "new_head": str(new_head_id or "")}
    return _do(actor, person_id, "moved_out", payload, source, client_key)


@transaction.atomic
def record_death(
    *,
    actor: Actor,
    person_id: UUID,
    source: str,
    client_key: UUID,
    on: date | None = None,
    new_head_id: UUID | None = None,
) -> Change:
    """去世: ends his membership and his care entries; nothing of him is deleted. Of a head with others the new one is asked for.
    RuleErrors needs_head, not_active, in_the_future, before_he_came."""
    payload = {"on": told(on, "on").isoformat(), "new_head": str(new_head_id or "")}
    return _do(actor, person_id, "died", payload, source, client_key)


@transaction.atomic
def set_head(
    *, actor: Actor, person_id: UUID, source: str, client_key: UUID, old_relation: str = Relation.OTHER
) -> Change:
    """换户主: old_relation is what the former head is to the new one. RuleErrors lives_nowhere, is_head, unknown_relation."""
    return _do(actor, person_id, "heads", {"old_relation": old_relation}, source, client_key)


@transaction.atomic
def change_relation(*, actor: Actor, person_id: UUID, relation: str, source: str, client_key: UUID) -> Change:
    """What he is to the head. RuleErrors lives_nowhere, unknown_relation, is_head (give the household another head instead)."""
    return _do(actor, person_id, "relation", {"relation": relation}, source, client_key)


def _do(actor: Actor, person_id: UUID, deed: str, said: Said, source: str, client_key: UUID) -> Change:
    actor.require(CHANGE)
    person = locked(actor, PERSON, person_id)
    new = json.dumps(said, sort_keys=True)
    known = Change.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        if (known.subject_id, known.field, known.new_sealed) != (person.id, deed, new):
            raise Conflict("刚才那件事已经登记好了，要另登记请重新打开这一页", code="client_key_reused")
        return known
    source, now, is_confirmed = checked_source(source), clock.now(), actor.may(CONFIRM)
    if is_confirmed:
        perform(actor, person, deed, said, source)
    else:
        _try(actor, person, deed, said, source)
        person.refresh_from_db()
    line = new_change(
        actor, person, PERSON, field=deed, old="", new=new, source=source,
        day=date.fromisoformat(said["on"]) if "on" in said else clock.local_day(), client_key=client_key,
        is_confirmed=is_confirmed, at=now,
    )  # fmt: skip
    line.save(force_insert=True)
    note(actor, person, "person", DEEDS[deed][1] if is_confirmed else "change_proposed", {"fields": [deed]}, now)
    return line


def _try(actor: Actor, person: Person, deed: str, said: Said, source: str) -> None:
    try:
        with transaction.atomic():
            perform(actor, person, deed, said, source)
            raise _Tried
    except _Tried:
        pass


def perform(actor: Actor, person: Person, deed: str, said: Said, source: str) -> None:
    """Do one of `DEEDS` to a locked person; RuleErrors of the deed."""
    with refusing_twins():
        DEEDS[deed][0](actor, person, said, source)


def _lives_in(actor: Actor, person: Person, said: Said, source: str) -> None:
    if person.status not in (Status.ACTIVE, Status.MOVED_OUT):
        require_active(person)
    household = locked(actor, HOUSEHOLD, UUID(said["household"]))
    require_active(household)
    day, here = date.fromisoformat(said["on"]), home_of(person)
    if here is not None:
        if here.household_id == household.id:
            raise RuleError("lives_here", "他已经在这一户了")
        if here.relation == Relation.HEAD and others_of(here):
            raise RuleError("was_head", "他是原来那一户的户主，请先给那一户换户主")
        leave(here, day)
    check_relation(household, said["relation"])
    if person.status == Status.MOVED_OUT:
        person.status, person.ended_on = Status.ACTIVE, None
        person.save(update_fields=["status", "ended_on"])
    join(person, household, said["relation"], day, source)
    place_person(person, household.area_code)


def _moved_out(actor: Actor, person: Person, said: Said, source: str) -> None:
    require_active(person)
    here = home_of(person)
    if here is None:
        raise RuleError("lives_nowhere", "他没有登记在哪一户")
    go(here, said)
    end_person(person, Status.MOVED_OUT, date.fromisoformat(said["on"]))


def _died(actor: Actor, person: Person, said: Said, source: str) -> None:
    require_active(person)
    here, day = home_of(person), date.fromisoformat(said["on"])
    if person.birth_on is not None and day < person.birth_on:
        raise RuleError("before_birth", "去世日期不能早于出生日期，请检查", "on")
    if here is not None:
        go(here, said)
    for entry in CareEntry.objects.select_for_update().filter(
        county=person.county, person=person, ended_on__isnull=True
    ).order_by("id"):  # fmt: skip
        entry.ended_on, entry.reason = max(day, entry.started_on), "去世"
        entry.save(update_fields=["ended_on", "reason"])
    end_person(person, Status.DEAD, day)


def _heads(actor: Actor, person: Person, said: Said, source: str) -> None:
    require_active(person)
    here = home_of(person)
    if here is None:
        raise RuleError("lives_nowhere", "他没有登记在哪一户")
    if here.relation == Relation.HEAD:
        raise RuleError("is_head", "他已经是户主")
    crown(here, said["old_relation"])


def _relate(actor: Actor, person: Person, said: Said, source: str) -> None:
    require_active(person)
    here = home_of(person)
    if here is None:
        raise RuleError("lives_nowhere", "他没有登记在哪一户")
    if here.relation == Relation.HEAD:
        raise RuleError("is_head", "他是户主；要改请先给这一户换户主", "relation")
    check_relation(here.household, said["relation"])
    here.relation = said["relation"]
    here.save(update_fields=["relation"])


DEEDS: dict[str, tuple[Callable[[Actor, Person, Said, str], None], str]] = {
    "lives_in": (_lives_in, "moved_in"),
    "moved_out": (_moved_out, "moved_out"),
    "died": (_died, "death_recorded"),
    "heads": (_heads, "head_set"),
    "relation": (_relate, "relation_changed"),
}


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise RuleError("bad_day", "日子没看懂，请写成 1957-03-09 这样", field) from error
