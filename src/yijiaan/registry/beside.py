"""Two values of one fact in words: what was proposed, and what somebody else made of it after the proposer had looked."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from yijiaan.core import clock
from yijiaan.registry.fields import KINDS, Field
from yijiaan.registry.models import Change, ChangeState
from yijiaan.registry.values import as_text, title_of, value_of, words
from yijiaan.ui.sides import Sides
from yijiaan.ui.words import day_words, when_words

DECIDES = "由网格长或镇里核实时选定，选定以前登记的不变。"


def is_overtaken(change: Change, records: Mapping[UUID, Any]) -> bool:
    """Whether somebody changed the fact after what was proposed was seen. records: those that changes are about, by id."""
    record, kind = records.get(change.subject_id), KINDS[change.kind]
    if record is None or change.state != ChangeState.OPEN or change.field not in kind.keys:
        return False
    field = kind.field(change.field)
    return as_text(field, value_of(record, field)) != change.old_sealed


def sides_of(change: Change, records: Mapping[UUID, Any], other: Change | None, *, viewer: UUID | None) -> Sides:
    """A change that waits beside something newer. other: who made it so; viewer: the post of whoever reads it."""
    kind, record = KINDS[change.kind], records[change.subject_id]
    field = kind.field(change.field)
    who = "您" if change.proposed_by_id == viewer else author_of(change.proposed_by)
    told = day_words(change.told_on, clock.local_day())
    return Sides(
        f"{field.label}（{title_of(record, kind)}）", shown(field, change.new_sealed, "清空"),
        f"{who} {told}得知，{when_words(change.proposed_at, clock.now())} 交上来",
        shown(field, as_text(field, value_of(record, field)), "没有填"), decided_words(other), DECIDES,
    )  # fmt: skip


def decided_words(change: Change | None) -> str:
    """By whom and when a fact came to be what it is."""
    if change is None or change.decided_at is None:
        return "后来改过"
    return f"{author_of(change.decided_by)} {when_words(change.decided_at, clock.now())} 改的".strip()


def author_of(post: Any) -> str:
    """The office and the post of somebody who told or decided: never his name."""
    return f"{post.unit.name} {post.title or post.role.name}" if post is not None else ""


def shown(field: Field, text: str, instead: str) -> str:
    """A value as people read it, sealed ones masked; instead: what is said where there is none."""
    return words(field, text, masked=True) or instead
