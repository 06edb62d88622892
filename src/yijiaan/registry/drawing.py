"""What pages show of records: facts with source and day, lines of a history, members of a household."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry.beside import author_of, is_overtaken
from yijiaan.registry.fields import KINDS, PERSON, Kind
from yijiaan.registry.models import CareEntry, Change, ChangeState, Membership, Relation
from yijiaan.registry.queries import list_latest
from yijiaan.registry.values import age_words, as_text, source_words, title_of, value_of, words
from yijiaan.ui.words import day_words

DEED_WORDS = {
    "added": "新登记，请核实",
    "lives_in": "迁入这一户",
    "moved_out": "迁出",
    "died": "去世",
    "heads": "当户主",
    "relation": "与户主关系",
    "ended": "注销",
    "in_room": "住在哪间房",
}
PILLS = {"open": "check", "confirmed": "done", "refused": "hold", "undone": "hold"}
Seen = Mapping[UUID, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as the page shows it."""

    label: str
    text: str
    origin: str  # 入户走访 11月20日


@dataclass(frozen=True, slots=True)
class Line:
    """One change as people read it."""

    change: Change
    label: str
    old: str
    new: str
    now: str  # what stands there today, where it differs from what the proposal saw
    now_by: Change | None  # who changed it to that, and when
    now_who: str
    pill: str
    by: str
    decided: str
    source: str
    may_undo: bool


def facts_of(record: Any, kind: Kind, seen: Seen | None, names: Mapping[str, str]) -> list[Fact]:
    """Every fact that is known, masked unless it was seen for a purpose."""
    found = []
    for field in kind.fields:
        text = as_text(field, value_of(record, field))
        if not text or field.key in kind.title[:1] and not field.is_sealed:
            continue
        shown = names.get(text, text) if field.key == "area_code" else words(field, text, masked=seen is None)
        source, day = record.origins.get(field.key, ("", ""))
        found.append(Fact(field.label, shown, _origin(source, day)))
    return found


def _origin(source: str, day: str) -> str:
    return f"{source_words(source)} {day_words(date.fromisoformat(day), clock.local_day())}" if source else ""


def missing_of(record: Any, kind: Kind) -> list[str]:
    """The facts with a registered use that are not known yet."""
    return [field.label for field in kind.counted if not as_text(field, value_of(record, field))]


def lines_of(
    changes: Iterable[Change], actor: Actor, records: Mapping[UUID, Any], *, seen: Seen | None = None
) -> list[Line]:
    """Changes with their values; sealed ones masked unless the record was seen for a purpose."""
    may_confirm = actor.may("registry.confirm")
    drawn = []
    changes = list(changes)
    latest = list_latest(actor, changes=[change for change in changes if is_overtaken(change, records)])
    for change in changes:
        kind = KINDS[change.kind]
        record, masked = records.get(change.subject_id), seen is None
        label, old, new, now = DEED_WORDS.get(change.field, ""), "", "", ""
        if change.field in kind.keys:
            field = kind.field(change.field)
            label = field.label
            old = words(field, change.old_sealed, masked=masked) or "没有填"
            new = words(field, change.new_sealed, masked=masked) or "清空"
            if is_overtaken(change, records):
                now = words(field, as_text(field, value_of(record, field)), masked=masked) or "没有填"
        elif change.new_sealed:
            new = _deed_words(change)
        beside = latest.get((change.subject_id, change.field)) if now else None
        may_undo = may_confirm and change.state == ChangeState.CONFIRMED and change.field in kind.keys
        drawn.append(
            Line(
                change, label, old, new, now, beside, author_of(beside.proposed_by) if beside else "", PILLS[change.state], author_of(change.proposed_by), author_of(change.decided_by),
                source_words(change.source), may_undo,
            )
        )  # fmt: skip
    return drawn


def _deed_words(change: Change) -> str:
    if change.field == "ended":
        return change.new_sealed
    said = json.loads(change.new_sealed)
    relation = dict(Relation.choices).get(said.get("relation", ""), "")
    return " ".join(part for part in (relation, said.get("on", ""), said.get("words", "")) if part)


def members_of(
    rows: Iterable[Membership],
    care: Mapping[UUID, list[CareEntry]],
    changes: Mapping[UUID, list[Change]],
    seen: Seen | None,
) -> list[dict[str, Any]]:
    """Who lives in a household: name, what he is to the head, age, care, whether something waits."""
    today, name, phone = clock.local_day(), PERSON.field("name"), PERSON.field("phone")
    return [
        {
            "person": row.person,
            "name": words(name, row.person.name_sealed, masked=seen is None),
            "phone": words(phone, row.person.phone_sealed, masked=seen is None),
            "call": row.person.phone_sealed if seen is not None else "",
            "relation": row.get_relation_display(),
            "sex": row.person.get_sex_display(),
            "age": age_words(row.person.birth_on, today),
            "care": [entry.get_care_kind_display() for entry in care.get(row.person_id, ())],
            "waits": len(changes.get(row.person_id, ())),
            "from_on": row.from_on,
            "to_on": row.to_on,
        }
        for row in rows
    ]


def name_of(record: Any, kind: Kind, seen: Seen | None = None) -> str:
    """What a record is called on a page."""
    return title_of(record, kind, masked=seen is None)
