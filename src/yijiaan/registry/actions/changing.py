"""登记和变更: a new record, and some facts of one at once. Who may confirm does it at once, others propose."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.plates import village_or_grid
from yijiaan.registry.actions.writing import (
    checked_source,
    field_text,
    kind_of,
    locked,
    new_change,
    new_record,
    note,
    read_all,
    require_active,
    save_facts,
    set_facts,
    told,
)
from yijiaan.registry.fields import KINDS, Kind
from yijiaan.registry.models import Change, ChangeState, Household, Membership, Person, Status
from yijiaan.registry.permissions import CHANGE, CONFIRM
from yijiaan.registry.values import as_text

ADDED = "added"  # the change that stands for the whole of a new record


@transaction.atomic
def add_record(
    *,
    actor: Actor,
    kind: str,
    area_code: str,
    values: Mapping[str, str],
    source: str,
    client_key: UUID,
    told_on: date | None = None,
    parent_id: UUID | None = None,
) -> Any:
    """A new household, organisation, place, facility, building, room or vehicle. It stands at once; added by somebody who may
    not confirm, it waits for one who may. The same client_key again gives the first.

    RuleErrors at the fields: empty_…, unknown_area, unknown_source, in_the_future, already_registered, those of `values.read`;
    Conflict where the key was used for another.
    """
    actor.require(CHANGE)
    which = kind_of(kind)
    if which.code == "person":
        raise RuleError("needs_household", "人要登记在一户里，请先打开那一户")
    known = which.model.objects.visible_to(actor).filter(client_key=client_key).first()  # type: ignore[attr-defined]
    facts = {key: text for key, text in values.items() if key != "area_code"}
    if known is not None:
        _same(known, which, read_all(actor, which, facts))
        return known
    day, area = told(told_on), village_or_grid(actor, area_code)
    given = {which.named.key: "", **facts}
    links: dict[str, Any] = {}
    if parent_id is not None and which.parent is not None:
        attribute, parent_kind = which.parent
        links[attribute] = locked(actor, KINDS[parent_kind], parent_id)
        require_active(links[attribute])
    record = new_record(
        actor, which, area_code=area, values=read_all(actor, which, given), source=checked_source(source), day=day,
        client_key=client_key, **links,
    )  # fmt: skip
    propose_whole(actor, record, which, source, day, client_key)
    note(actor, record, which.code, "record_added", {"source": source})
    return record


def propose_whole(actor: Actor, record: Any, kind: Kind, source: str, day: date, client_key: UUID) -> None:
    """A record added by somebody who may not confirm waits for one who may."""
    if not actor.may(CONFIRM):
        new_change(
            actor, record, kind, field=ADDED, old="", new="", source=source, day=day, client_key=client_key,
            is_confirmed=False, at=clock.now(),
        ).save(force_insert=True)  # fmt: skip


def _same(record: Any, kind: Kind, values: Mapping[str, Any]) -> None:
    named = kind.named
    if field_text(record, named) != as_text(named, values.get(named.key, "")):
        raise Conflict("刚才那一份已经登记好了，要另登记一份请重新打开这一页", code="client_key_reused")


@transaction.atomic
def change_facts(
    *,
    actor: Actor,
    kind: str,
    record_id: UUID,
    values: Mapping[str, str],
    source: str,
    client_key: UUID,
    told_on: date | None = None,
    seen_version: int | None = None,
    seen_at: datetime | None = None,
) -> list[Change]:
    """Say what changed: a set of facts at once, each with its own line in the history. Facts that stay the same make none. The
    same client_key again gives the first lines.

    seen_at: when it was written down, for what a phone kept for days. A fact that somebody else changed after that is never written
    over: it waits as a proposal beside what stands there now, and one who may confirm decides between the two.

    RuleErrors at the fields: not_active, nothing_changed, empty_…, unknown_field, those of `values.read`; Conflict where somebody
    was faster (seen_version) or the key was used for something else.
    """
    actor.require(CHANGE)
    which = kind_of(kind)
    record = locked(actor, which, record_id)
    known = list(Change.objects.visible_to(actor).filter(client_key=client_key).order_by("id"))
    wanted = read_all(actor, which, values)
    if known:
        texts = {key: as_text(which.field(key), value) for key, value in wanted.items()}
        if any(line.subject_id != record.id or texts.get(line.field) != line.new_sealed for line in known):
            raise Conflict("刚才那次变更已经收到了，要另改请重新打开这一页", code="client_key_reused")
        return known
    require_active(record)
    if seen_version is not None and seen_version != record.version:
        raise Conflict("刚才有人改过这一份，请看看最新的再改", code="stale_version")
    day, source, now = told(told_on), checked_source(source), clock.now()
    is_confirmed = actor.may(CONFIRM)
    changed = {k: v for k, v in wanted.items() if as_text(which.field(k), v) != field_text(record, which.field(k))}
    if not changed:
        raise RuleError("nothing_changed", "和现在登记的一样，没有要改的")
    before = _changed_since(record, changed, seen_at) if seen_at is not None else {}
    lines = [
        new_change(
            actor, record, which, field=key, old=before.get(key, field_text(record, which.field(key))),
            new=as_text(which.field(key), value), source=source, day=day, client_key=client_key,
            is_confirmed=is_confirmed and key not in before, at=now,
        )
        for key, value in changed.items()
    ]  # fmt: skip
    settled = {key: value for key, value in changed.items() if is_confirmed and key not in before}
    # also where it is only proposed: what cannot be, is refused now
    touched = set_facts(record, which, settled or changed, source, day)
    if settled:
        save_facts(actor, record, which, touched)
        _follow_area(record, which, settled)
    Change.objects.bulk_create(lines)
    for verb, fields in (("facts_changed", set(settled)), ("change_proposed", set(changed) - set(settled))):
        if fields:
            note(actor, record, which.code, verb, {"fields": sorted(fields), "source": source}, now)
    return lines


def _changed_since(record: Any, keys: Iterable[str], moment: datetime) -> dict[str, str]:
    """What stood in those of some facts that were changed after a moment, as it was then."""
    later = Change.objects.filter(
        county=record.county, subject_id=record.id, state=ChangeState.CONFIRMED, decided_at__gt=moment, field__in=list(keys)
    )  # fmt: skip
    before: dict[str, str] = {}
    for line in later.order_by("decided_at", "id"):
        before.setdefault(line.field, line.old_sealed)
    return before


def _follow_area(record: Any, kind: Kind, changed: Mapping[str, Any]) -> None:
    """Who lives in a household that came into another grid is there too."""
    if kind.code == "household" and "area_code" in changed:
        move_members(record)


def move_members(household: Household) -> None:
    """The persons who live in a household lie where it lies, with their care entries."""
    living = Membership.objects.filter(county=household.county, household=household, to_on__isnull=True)
    for member in living.select_related("person").order_by("person_id"):
        place_person(member.person, household.area_code)


def place_person(person: Person, area_code: str) -> None:
    """A person lies in a grid, and with him what is seen by it."""
    if person.area_code == area_code:
        return
    person.area_code = area_code
    person.save(update_fields=["area_code"])
    person.care.filter(county=person.county).update(area_code=area_code)
    Change.objects.filter(county=person.county, subject_id=person.id).update(area_code=area_code)


@transaction.atomic
def look_over(*, actor: Actor, kind: str, record_id: UUID, told_on: date | None = None) -> Any:
    """核对过了: somebody looked, and what stands here is right. An earlier day than the last changes nothing. RuleErrors
    not_active, in_the_future."""
    actor.require(CHANGE)
    which = kind_of(kind)
    record = locked(actor, which, record_id)
    require_active(record)
    day = told(told_on)
    if day > record.checked_on:
        record.checked_on = day
        record.save(update_fields=["checked_on"])
        note(actor, record, which.code, "record_checked")
    return record


@transaction.atomic
def end_record(*, actor: Actor, kind: str, record_id: UUID, reason: str, on: date | None = None) -> Any:
    """注销: a house that was pulled down, a shop that closed, an empty household. RuleErrors not_active, still_lived_in, no_reason,
    in_the_future; a person moves out or dies instead."""
    actor.require(CONFIRM)
    which = kind_of(kind)
    record = locked(actor, which, record_id)
    require_active(record)
    if which.code == "person":
        raise RuleError("is_a_person", "人不能注销：迁出、去世或者并档")
    if not reason.strip():
        raise RuleError("no_reason", "请写为什么注销", "reason")
    if which.code == "household" and record.memberships.filter(county=record.county, to_on__isnull=True).exists():
        raise RuleError("still_lived_in", "这一户还有人，请先把人迁出")
    day, now = told(on, "on"), clock.now()
    record.status, record.ended_on = Status.ENDED, day
    record.version += 1
    record.save(update_fields=["status", "ended_on", "version"])
    new_change(
        actor, record, which, field="ended", old="", new=reason.strip()[:200], source="office", day=day,
        client_key=record.id, is_confirmed=True, at=now,
    ).save(force_insert=True)  # fmt: skip
    note(actor, record, which.code, "record_ended", at=now)
    return record
