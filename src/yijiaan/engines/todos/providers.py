"""Who looks after the subjects of duties: the app that owns them registers here, for the engine knows no app."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Todo


@dataclass(slots=True)
class Owed:
    """What a sweep needs of a duty; it reads thousands at a time, and a model each would cost more than their query."""

    id: UUID
    county: str
    subject_id: UUID
    kind: str
    unit_id: UUID
    area_code: str
    due_at: datetime
    alert_at: datetime
    tell_at: datetime | None
    card: str
    climbs: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A card just given. climbs: 0 for the holder, 1 for the one above him, and so on; the duty stays where it is."""

    todo: Owed
    card: str
    climbs: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A deadline that follows a corrected calendar."""

    todo: Todo
    old_due_at: datetime


class Keeper(Protocol):
    """What an app does for the duties on its records."""

    def lock(self, county: str, subject_ids: Collection[UUID]) -> set[UUID]:
        """Lock those subjects that nobody works on at this moment, in key order; the others are told at the next sweep."""

    def may_climb(self, todo: Owed, climbs: int) -> bool:
        """Whether somebody stands so many levels above the holder."""

    def tell(self, actor: Actor, county: str, alerts: Sequence[Alert], now: datetime) -> None:
        """Cards were given: note them and send the messages. In the transaction that marks the duties."""

    def shift(self, actor: Actor, county: str, shifts: Sequence[Shift], now: datetime) -> None:
        """Deadlines moved with the calendar: carry the copies and say so."""


_keepers: dict[str, Keeper] = {}


def register(subject_type: str, keeper: Keeper) -> None:
    """Called in the app's `ready()`; one keeper a type."""
    _keepers[subject_type] = keeper


def keeper_of(subject_type: str) -> Keeper | None:
    """Who looks after subjects of this type."""
    return _keepers.get(subject_type)
