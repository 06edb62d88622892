"""Who wants to hear of which deeds. Apps register in `ready()`; what they do runs after the deed's commit."""

from collections.abc import Callable
from dataclasses import dataclass

from yijiaan.engines.journal.models import Entry


@dataclass(frozen=True, slots=True)
class Subscriber:
    name: str
    verbs: frozenset[str]  # empty: every verb
    handle: Callable[[Entry], None] | None = None
    handle_many: Callable[[str, list[Entry]], None] | None = None  # county, entries in the order they were written


_subscribers: dict[str, Subscriber] = {}
_by_verb: dict[str, tuple[str, ...]] = {}


def subscribe(name: str, verbs: tuple[str, ...], handle: Callable[[Entry], None]) -> None:
    """Call `handle` once for every entry with one of the verbs, in a transaction of its own. It may come again after a crash before commit."""
    _subscribers[name] = Subscriber(name, frozenset(verbs), handle)
    _by_verb.clear()


def subscribe_many(name: str, handle: Callable[[str, list[Entry]], None], verbs: tuple[str, ...] = ()) -> None:
    """Call `handle` with the entries of a county that have one of the verbs (none: with every one), in batches, in one
    transaction with the deliveries' end."""
    _subscribers[name] = Subscriber(name, frozenset(verbs), handle_many=handle)
    _by_verb.clear()


def names_for(verb: str) -> tuple[str, ...]:
    """The names of the subscribers to a verb, sorted."""
    if verb not in _by_verb:
        _by_verb[verb] = tuple(sorted(s.name for s in _subscribers.values() if verb in s.verbs or not s.verbs))
    return _by_verb[verb]


def named(name: str) -> Subscriber | None:
    """A subscriber; None when it is no longer registered."""
    return _subscribers.get(name)
