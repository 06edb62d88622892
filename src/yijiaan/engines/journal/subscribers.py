"""Who wants to hear of which deeds. Apps register in `ready()`; what they do runs after the deed's commit."""

from collections.abc import Callable
from dataclasses import dataclass

from yijiaan.engines.journal.models import Entry


@dataclass(frozen=True, slots=True)
class Subscriber:
    name: str
    verbs: frozenset[str]
    handle: Callable[[Entry], None]


_subscribers: dict[str, Subscriber] = {}
_by_verb: dict[str, tuple[str, ...]] = {}


def subscribe(name: str, verbs: tuple[str, ...], handle: Callable[[Entry], None]) -> None:
    """Call `handle` once for every entry with one of the verbs, in a transaction of its own. It may come again after a crash before commit."""
    _subscribers[name] = Subscriber(name, frozenset(verbs), handle)
    _by_verb.clear()


def names_for(verb: str) -> tuple[str, ...]:
    """The names of the subscribers to a verb, sorted."""
    if verb not in _by_verb:
        _by_verb[verb] = tuple(sorted(s.name for s in _subscribers.values() if verb in s.verbs))
    return _by_verb[verb]


def handler_of(name: str) -> Callable[[Entry], None] | None:
    """What a subscriber does; None when it is no longer registered."""
    subscriber = _subscribers.get(name)
    return subscriber.handle if subscriber else None
