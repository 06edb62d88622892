"""What the list of one's sign-ins knows: begun, seen, moved to another key, ended. The session row itself is Django's;
without it the browser is signed out, so ending deletes it and no request pays for a check."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.http import HttpRequest

from yijiaan.accounts.devices import device_words
from yijiaan.accounts.models import SignedIn, User
from yijiaan.core import clock
from yijiaan.core.crypto import search_hash
from yijiaan.core.web import address_of

SEEN_EVERY = timedelta(minutes=5)
_MOST = 20_000  # sessions a process remembers
_seen: dict[str, datetime] = {}


def hash_of(session_key: str) -> bytes:
    """By which the row of a session is found."""
    return search_hash("session", session_key)


def note_begun(request: HttpRequest, user: User, old_key: str | None) -> None:
    """A session has begun; the one that this browser had before is over."""
    if request.session.session_key is None:
        request.session.create()
    if old_key and old_key != request.session.session_key:
        SignedIn.objects.filter(session_hash=hash_of(old_key), ended_at__isnull=True).update(ended_at=clock.now())
    _seen.pop(request.session.session_key or "", None)
    note_seen(request, user)


def note_seen(request: HttpRequest, user: User) -> None:
    """The session is in use; written at most every five minutes by each process."""
    key, now = request.session.session_key, clock.now()
    if key is None or now - _seen.get(key, now - SEEN_EVERY) < SEEN_EVERY:
        return
    if len(_seen) >= _MOST:
        _seen.clear()
    _seen[key] = now
    known = SignedIn.objects.filter(session_hash=hash_of(key))
    if not known.update(seen_at=now):
        row = SignedIn(
            session_hash=hash_of(key),
            session_sealed=key,
            user=user,
            address=address_of(request),
            device=device_words(request.headers.get("User-Agent", "")),
            began_at=now,
            seen_at=now,
        )
        SignedIn.objects.bulk_create([row], ignore_conflicts=True)


def remember_seen(session_key: str) -> None:
    """Take a session as seen just now, without writing."""
    _seen[session_key] = clock.now()


def note_post(request: HttpRequest, post_id: UUID) -> None:
    """The session acts in a post from now on."""
    if request.session.session_key:
        SignedIn.objects.filter(session_hash=hash_of(request.session.session_key)).update(post_id=post_id)


def note_moved(request: HttpRequest, old_key: str | None) -> None:
    """The session got a new key."""
    key = request.session.session_key
    if old_key and key and old_key != key:
        SignedIn.objects.filter(session_hash=hash_of(old_key)).update(session_hash=hash_of(key), session_sealed=key)
        _seen[key] = _seen.pop(old_key, clock.now())


def note_ended(session_key: str | None) -> None:
    """The session was signed out of."""
    if session_key:
        _seen.pop(session_key, None)
        SignedIn.objects.filter(session_hash=hash_of(session_key), ended_at__isnull=True).update(ended_at=clock.now())


def close(rows: Iterable[SignedIn], at: datetime) -> None:
    """End sessions: the next request of their browsers is signed out."""
    rows = list(rows)
    Session.objects.filter(session_key__in=[row.session_sealed for row in rows]).delete()
    SignedIn.objects.filter(id__in=[row.id for row in rows]).update(ended_at=at)
    for row in rows:
        row.ended_at = at
