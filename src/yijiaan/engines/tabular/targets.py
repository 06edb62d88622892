"""Tables that ledgers can be imported into: each app names its own in `ready()`; this engine knows none of them.

An import reads the file in portions of rows. `prepare` judges a portion with few statements and changes nothing; `apply` writes
the rows judged new or changed through the actions of the app; `undo` takes back what `apply` wrote, as long as nobody has
built on it since.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.fields import Field


class Verdict(StrEnum):
    """What a row would do. The values are stored."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"  # what we have says otherwise; somebody must look
    REFUSED = "refused"


WRITTEN = (Verdict.NEW, Verdict.CHANGED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file that can be read: values by field key, empty ones left out, as `values.value_of` gives them."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a row would do, and why not: one plain sentence, and the key of the field it is about."""

    verdict: Verdict
    remark: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a row did: on which record, and what stood there before by field key (nothing for a new one); undo needs no more."""

    subject_id: UUID
    verdict: Verdict
    former: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, for sources and client keys: the import, and the name of its file."""

    import_id: UUID
    file_name: str


@dataclass(frozen=True, slots=True)
class Done:
    """One row that an import wrote, as undo meets it."""

    line: int
    written: Written


class ImportTarget(Protocol):
    """One kind of record that ledgers can be imported into."""

    kind: str  # app.noun
    title: str  # Chinese
    permission: str  # who may import needs it beside tabular.import
    note: str  # Chinese, below the choice of columns: what this import does, from whom it must come
    looks_at: frozenset[str]  # keys of the fields that `reading` looks through; none: it reads nothing

    @property
    def fields(self) -> Sequence[Field]:
        """Fields that a column can be."""
        ...

    def key_of(self, values: Mapping[str, str]) -> str:
        """What tells rows of one file apart (an identity number); two rows with the same are refused. Empty: nothing does."""
        ...

    def reading(self, *, actor: Actor, rows: Iterator[Row]) -> "ImportTarget":
        """The target for one file, as it judges and writes it. One that must know the whole before a line makes sense (who heads
        each household) looks through the rows, which hold what `looks_at` names, and answers with what it learnt; others read
        nothing."""
        ...

    def prepare(self, *, actor: Actor, rows: Sequence[Row]) -> Sequence[Judgement]:
        """A judgement for each row, in bulk; nothing is changed."""
        ...

    def apply(
        self, *, actor: Actor, rows: Sequence[Row], judgements: Sequence[Judgement], origin: Origin
    ) -> Sequence[Written | Judgement]:
        """Write rows judged new or changed, in the caller's transaction; for each what it did, or why it was refused after all."""
        ...

    def hindrances(self, *, actor: Actor, rows: Sequence[Done]) -> Sequence[str]:
        """For each written row why it could not be taken back now, empty when it could; in bulk, nothing is changed."""
        ...

    def undo(self, *, actor: Actor, rows: Sequence[Done], origin: Origin) -> Sequence[str]:
        """Take rows back, the last first, in the caller's transaction; for each why it stays, empty when it is gone."""
        ...


_targets: dict[str, ImportTarget] = {}
_posts: list[Callable[[UUID], Actor | None]] = []


def register_target(target: ImportTarget) -> None:
    """Let a kind of record be imported; the same kind again replaces the first."""
    _targets[target.kind] = target


def forget_target(kind: str) -> None:
    """Take a kind away again (tests)."""
    _targets.pop(kind, None)


def target_of(kind: str) -> ImportTarget:
    """How a kind is imported; NotFound when its app is not there."""
    if kind not in _targets:
        raise NotFound
    return _targets[kind]


def targets_for(actor: Actor) -> list[ImportTarget]:
    """What the actor may import, by title."""
    return sorted((target for target in _targets.values() if actor.may(target.permission)), key=lambda each: each.title)


def provide_posts(actor_of: Callable[[UUID], Actor | None]) -> None:
    """Tell the engine who acts in a post today: jobs go on with the rights of whoever asked, as they are now."""
    _posts[:] = [actor_of]


def acting_in(post_id: UUID) -> Actor | None:
    """Who acts in a post today; None when it has ended."""
    return _posts[0](post_id) if _posts else None
