from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.notices.models import Notice


def notify(
    *, actor: Actor, county: str, unit_id: UUID, title: str, link: str, dedup_key: str, post_id: UUID | None = None
) -> None:
    """Put one message before a unit (or one post). The same dedup_key never comes twice, however often a job runs."""
    notice = Notice(
        id=uuid7(),
        county=county,
        unit_id=unit_id,
        post_id=post_id,
        title=title[:80],
        link=link,
        created_at=clock.now(),
        dedup_key=dedup_key,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


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
