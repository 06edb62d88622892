"""Who of the staff declared to be related to whom: read at every deed that a related person may not do, so remembered."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from yijiaan.accounts.models import Post
from yijiaan.cases.models import Case, DeclaredInterest
from yijiaan.core import clock
from yijiaan.core.scope import Actor

_KEEP = 15.0  # seconds; a declaration is known to every process within this time
_lock = Lock()


@dataclass(slots=True)
class Interests:
    """What one person declared and has not ended."""

    units: set[UUID] = field(default_factory=set)
    persons: set[UUID] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


_kept: tuple[float, dict[UUID, Interests]] = (0.0, {})


def all_interests(actor: Actor) -> dict[UUID, Interests]:
    """By the user who declared, as the process remembers them; for the deeds only, no page shows them as a list."""
    global _kept
    until, found = _kept
    if until < time.monotonic():
        fresh: dict[UUID, Interests] = defaultdict(Interests)
        for row in DeclaredInterest.objects.filter(ended_at__isnull=True):
            mine = fresh[row.user_id]
            if row.unit_id is not None:
                mine.units.add(row.unit_id)
            elif row.person_id is not None:
                mine.persons.add(row.person_id)
            else:
                mine.names.add(row.name_sealed)
        found = dict(fresh)
        with _lock:
            _kept = (time.monotonic() + _KEEP, found)
    return found


def forget_interests() -> None:
    """Drop what this process remembers."""
    global _kept
    with _lock:
        _kept = (0.0, {})


def related_users(actor: Actor, *, units: frozenset[UUID], users: frozenset[UUID], texts: Iterable[str]) -> set[UUID]:
    """Who declared to be related to one of these, or to somebody whose name stands in the words of the reports."""
    said = list(texts)
    return {
        user
        for user, mine in all_interests(actor).items()
        if mine.units & units or mine.persons & users or any(name in text for name in mine.names for text in said)
    }


def list_my_interests(actor: Actor) -> list[DeclaredInterest]:
    """What the actor declared himself, newest first, ended ones last."""
    if actor.user_id is None:
        return []
    rows = DeclaredInterest.objects.filter(user_id=actor.user_id).select_related("unit", "person")
    return sorted(rows.order_by("-declared_at"), key=lambda row: row.ended_at is not None)


def list_related_staff(actor: Actor, *, case: Case, texts: Iterable[str]) -> list[str]:
    """For who chooses a unit: the people in the case's county who declared to be related to whom it is about, each with his unit,
    never how or to whom. Empty for anybody else. Two statements, none where nobody declared anything."""
    if not actor.may("cases.dispatch") or not all_interests(actor):
        return []
    parties = (
        case.parties.filter(county=case.county).values_list("unit_id", "user_id", "user__name")
        if case.has_parties
        else ()
    )
    rows = list(parties)
    found = related_users(
        actor,
        units=frozenset(unit for unit, _, _ in rows if unit),
        users=frozenset(user for _, user, _ in rows if user),
        texts=[*texts, *(name for _, _, name in rows if name)],
    )
    if not found:
        return []
    posts = (
        Post.objects.visible_to(actor).on(clock.local_day()).filter(user_id__in=found).select_related("unit", "user")
    )
    return sorted({f"{post.unit.name} {post.user.name}" for post in posts})
