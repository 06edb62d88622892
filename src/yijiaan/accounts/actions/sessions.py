from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.models import SignedIn, User
from yijiaan.accounts.sessions import close, hash_of
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record


@transaction.atomic
def end_session(*, actor: Actor, session_id: UUID) -> SignedIn:
    """Sign one's own device out, at once. NotFound for anybody else's; one that has ended stays as it ended."""
    row: SignedIn = SignedIn.objects.select_for_update().get_visible(actor, id=session_id)
    if row.ended_at is None:
        now = clock.now()
        close([row], now)
        _note(actor, row.user_id, now, 1)
    return row


@transaction.atomic
def end_other_sessions(*, actor: Actor, session_key: str) -> int:
    """Sign all of one's devices out but the one with this session; returns how many there were."""
    if actor.user_id is None:
        raise NotFound
    return end_sessions_of(actor, user_id=actor.user_id, but=session_key)


def end_sessions_of(actor: Actor, *, user_id: UUID, but: str = "") -> int:
    """Inside another deed: end what a user has open, but the session of a key."""
    User.objects.select_for_update().get(id=user_id)  # a sign-in at this very moment comes before or after
    rows = SignedIn.objects.select_for_update().filter(user_id=user_id, ended_at__isnull=True).order_by("id")
    ending = [row for row in rows if not but or bytes(row.session_hash) != hash_of(but)]
    now = clock.now()
    close(ending, now)
    if ending:
        _note(actor, user_id, now, len(ending))
    return len(ending)


def _note(actor: Actor, user_id: UUID, at: datetime, count: int) -> None:
    record(
        actor=actor,
        verb="accounts.sessions_ended",
        county=actor.county.ljust(6, "0"),
        subject_type="accounts.user",
        subject_id=user_id,
        area_code=actor.county,
        at=at,
        data={"count": count},
    )
