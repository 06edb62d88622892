"""Many records at once, from a ledger: the rows are those that `add_record`, `add_person` and `change_facts` would write one by one
(a test proves it), in few statements. And the way back: what a ledger did is taken away again."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from yijiaan.core import clock
from yijiaan.core.county import delete_rows
from yijiaan.core.errors import Conflict
from yijiaan.core.identifiers import uuid7
from yijiaan.core.postgresql.raw import insert_many
from yijiaan.core.scope import Actor
from yijiaan.core.sealed import Sealed
from yijiaan.engines.journal.actions import record_many
from yijiaan.registry.actions.changing import move_members
from yijiaan.registry.actions.plates import village_or_grid
from yijiaan.registry.actions.writing import (
    checked_source,
    drafted_record,
    field_text,
    new_change,
    refusing_twins,
    require_active,
    save_facts,
    set_facts,
)
from yijiaan.registry.fields import Field, FieldType, Kind
from yijiaan.registry.models import Change, ChangeState, Household, Membership
from yijiaan.registry.permissions import CHANGE, CONFIRM
from yijiaan.registry.values import as_text

RETRACTED = "撤销导入"


@dataclass(slots=True)
class Draft:
    """A record to be. household, relation: of a person."""

    area_code: str
    values: Mapping[str, Any]
    day: date
    client_key: UUID
    household: Household | None = None
    relation: str = ""


@dataclass(slots=True)
class Edit:
    """Facts to change in a record that was seen at a version."""

    record_id: UUID
    version: int
    values: Mapping[str, Any]
    day: date
    client_key: UUID


@dataclass(slots=True)
class Former:
    """What a record was before an edit, as text that can be kept, and the version it had after."""

    version: int
    facts: dict[str, str] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)
    area_code: str = ""
    oldest_on: str = ""
    checked_on: str = ""

    def as_json(self) -> str:
        """As text."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Former":
        """From its text."""
        return cls(**json.loads(text))


@transaction.atomic
def add_in_bulk(*, actor: Actor, kind: Kind, drafts: Sequence[Draft], source: str) -> list[Any]:
    """New records that stand at once, for who may confirm. RuleErrors already_registered, unknown_area, unknown_source, those of
    the facts: then none of them is written."""
    actor.require(CHANGE)
    actor.require(CONFIRM)
    now, source = clock.now(), checked_source(source)
    records = [
        drafted_record(
            actor, kind, area_code=village_or_grid(actor, draft.area_code), values=draft.values, source=source,
            day=draft.day, client_key=draft.client_key, at=now,
        )
        for draft in drafts
    ]  # fmt: skip
    with refusing_twins():
        insert_rows(kind.model, records)
        if kind.code == "person":
            insert_rows(
                Membership, [_joined(one, draft, source, now) for one, draft in zip(records, drafts, strict=True)]
            )
    verb = "person_added" if kind.code == "person" else "record_added"
    _note_many(actor, kind, verb, [(record, {"source": source}) for record in records], now)
    return records


def _joined(person: Any, draft: Draft, source: str, at: datetime) -> Membership:
    return Membership(
        id=uuid7(), county=person.county, person=person, household=draft.household, relation=draft.relation,
        from_on=None, source=source, added_at=at,
    )  # fmt: skip


def insert_rows(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert new rows in one statement."""
    fields = model._meta.concrete_fields
    insert_many(model, [str(each.column) for each in fields], [[_plain(each, row) for each in fields] for row in rows])


def _plain(column: "models.Field[Any, Any]", row: Any) -> Any:
    value = column.pre_save(row, True)
    if isinstance(value, Sealed):
        return value.token
    return json.dumps(value, ensure_ascii=False) if isinstance(column, models.JSONField) else value


@transaction.atomic
def change_in_bulk(*, actor: Actor, kind: Kind, edits: Sequence[Edit], source: str) -> list[Former]:
    """Change facts of records, each with its lines in the history, for who may confirm; answers what they were before.

    Conflict stale_version when somebody was faster; RuleErrors not_active, already_registered and those of the facts.
    """
    actor.require(CHANGE)
    actor.require(CONFIRM)
    now, source = clock.now(), checked_source(source)
    held = _locked(actor, kind, [edit.record_id for edit in edits])
    formers, lines, told = [], [], []
    for edit in edits:
        record = held.get(edit.record_id)
        if record is None or record.version != edit.version:
            raise Conflict("刚才有人改过这里面的一份，请接着导", code="stale_version")
        require_active(record)
        former = Former(
            version=0, origins=dict(record.origins), area_code=record.area_code,
            oldest_on=record.oldest_on.isoformat(), checked_on=record.checked_on.isoformat(),
            facts={key: field_text(record, kind.field(key)) for key in edit.values},
        )  # fmt: skip
        lines += [
            new_change(
                actor, record, kind, field=key, old=former.facts[key], new=as_text(kind.field(key), value), source=source,
                day=edit.day, client_key=edit.client_key, is_confirmed=True, at=now,
            )
            for key, value in edit.values.items()
        ]  # fmt: skip
        save_facts(actor, record, kind, set_facts(record, kind, edit.values, source, edit.day))
        if kind.code == "household" and record.area_code != former.area_code:
            move_members(record)
        former.version = record.version
        formers.append(former)
        told.append((record, {"fields": sorted(edit.values), "source": source}))
    insert_rows(Change, lines)
    _note_many(actor, kind, "facts_changed", told, now)
    return formers


@transaction.atomic
def restore_in_bulk(
    *, actor: Actor, kind: Kind, formers: Mapping[UUID, Former], client_keys: Collection[UUID], source: str
) -> None:
    """Take edits back: each record becomes what it was, its lines in the history are marked as taken back.

    client_keys: of the edits. Conflict stale_version when somebody has changed one since.
    """
    actor.require(CONFIRM)
    now = clock.now()
    held = _locked(actor, kind, list(formers))
    told = []
    for record_id, former in formers.items():
        record = held.get(record_id)
        if record is None or record.version != former.version:
            raise Conflict("后来又改过，留着", code="stale_version")
        values = {key: _value(kind.field(key), text) for key, text in former.facts.items()}
        touched = set_facts(record, kind, values, source, date.fromisoformat(former.oldest_on))
        is_elsewhere = record.area_code != former.area_code
        record.area_code, record.origins = former.area_code, former.origins
        record.oldest_on = date.fromisoformat(former.oldest_on)
        record.checked_on = date.fromisoformat(former.checked_on)
        save_facts(actor, record, kind, touched)
        if kind.code == "household" and (is_elsewhere or "area_code" in former.facts):
            move_members(record)
        told.append((record, {"fields": sorted(former.facts)}))
    Change.objects.filter(
        county=actor.county, client_key__in=list(client_keys), subject_id__in=list(formers), state=ChangeState.CONFIRMED
    ).update(state=ChangeState.UNDONE, reason=RETRACTED, decided_by_id=actor.post_id, decided_at=now)  # fmt: skip
    _note_many(actor, kind, "change_undone", told, now)


def _value(of: Field, text: str) -> Any:
    """A text that a change kept, as the value it was."""
    if not text:
        return of.empty
    match of.type:
        case FieldType.DATE:
            return date.fromisoformat(text)
        case FieldType.INTEGER:
            return int(text)
        case FieldType.DEGREE:
            return float(text)
    return text


@transaction.atomic
def retract_in_bulk(*, actor: Actor, kind: Kind, record_ids: Collection[UUID]) -> None:
    """Delete records that a ledger made and nobody has touched since, as if they had never been, with what was changed in them and
    taken back; the caller has looked that nobody has. ProtectedError when something holds on to one."""
    actor.require(CONFIRM)
    held = _locked(actor, kind, list(record_ids))
    _note_many(actor, kind, "record_retracted", [(record, {}) for record in held.values()], clock.now())
    delete_rows(list(Change.objects.filter(county=actor.county, subject_id__in=list(held)).order_by("id")))
    delete_rows(list(held.values()))


def _locked(actor: Actor, kind: Kind, ids: Sequence[UUID]) -> dict[UUID, Any]:
    rows = kind.model.objects.visible_to(actor).filter(id__in=ids)  # type: ignore[attr-defined]
    return {row.id: row for row in rows.select_for_update(of=("self",)).order_by("id")}


def _note_many(actor: Actor, kind: Kind, verb: str, told: Sequence[tuple[Any, dict[str, Any]]], at: datetime) -> None:
    """One journal row a record; the records of an import lie in one county."""
    if told:
        record_many(
            actor=actor, verb=f"registry.{verb}", county=told[0][0].county, subject_type=f"registry.{kind.code}",
            subjects=[(record.id, record.area_code, data) for record, data in told], at=at,
        )  # fmt: skip
