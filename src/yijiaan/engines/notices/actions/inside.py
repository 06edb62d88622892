from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.notices.models import Notice


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a unit, or to one post in it. The same dedup_key never comes twice, however often a job runs."""

    unit_id: UUID
    title: str
    link: str
    dedup_key: str
    post_id: UUID | None = None


def notify(
    *, actor: Actor, county: str, unit_id: UUID, title: str, link: str, dedup_key: str, post_id: UUID | None = None
) -> None:
    """Put one message before a unit (or one post)."""
    notify_all(actor=actor, county=county, messages=[Message(unit_id, title, link, dedup_key, post_id)])


def notify_all(*, actor: Actor, county: str, messages: Iterable[Message]) -> None:
    """Put messages before units in one statement."""
    now = clock.now()
    notices = [
        Notice(
            id=uuid7(),
            county=county,
            unit_id=message.unit_id,
            post_id=message.post_id,
            title=message.title[:80],
            link=message.link,
            created_at=now,
            dedup_key=message.dedup_key,
        )
        for message in messages
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


@transaction.atomic
def mark_read(*, actor: Actor, notice_id: UUID) -> None:
    """Note that a message was seen; seeing it again changes nothing. NotFound for somebody else's."""
    if not Notice.objects.visible_to(actor).filter(id=notice_id).exists():
        raise NotFound
    Notice.objects.filter(county=actor.county, id=notice_id, read_at__isnull=True).update(read_at=clock.now())


@transaction.atomic
def mark_all_read(*, actor: Actor) -> int:
    """Note that everything before the actor was seen; returns how many were new."""
    mine = list(Notice.objects.visible_to(actor).filter(read_at__isnull=True).values_list("id", flat=True))
    return Notice.objects.filter(county=actor.county, id__in=mine).update(read_at=clock.now())
