"""What waits in a post, asked of the apps above: the page that lets a user choose a post shows their answers."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from yijiaan.core.scope import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: how much there is to do, and the most urgent of it."""

    title: str
    note: str = ""


class AsksWaiting(Protocol):
    def __call__(self, actor: Actor) -> Waiting | None: ...


_providers: list[AsksWaiting] = []


def register_waiting(ask: AsksWaiting) -> None:
    """Let an app say what waits for an actor; None when nothing of its kind concerns him."""
    if ask not in _providers:
        _providers.append(ask)


def waiting_for(actor: Actor) -> list[Waiting]:
    """What all apps say."""
    return [answer for ask in _providers if (answer := ask(actor)) is not None]


class AsksHeld(Protocol):
    def __call__(self, actor: Actor, *, unit_id: UUID) -> str: ...


_holders: list[AsksHeld] = []


def register_held(ask: AsksHeld) -> None:
    """Let an app say what of its own lies open with a unit (3 件事件), empty for nothing: such a unit is not taken out of use."""
    if ask not in _holders:
        _holders.append(ask)


def what_units_hold(actor: Actor, *, unit_id: UUID) -> list[str]:
    """What all apps say."""
    return [words for ask in _holders if (words := ask(actor, unit_id=unit_id))]
