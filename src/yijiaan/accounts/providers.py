"""What waits in a post, asked of the apps above: the page that lets a user choose a post shows their answers."""

from dataclasses import dataclass
from typing import Protocol

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
