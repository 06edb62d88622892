from datetime import datetime
from functools import lru_cache

from django.db.models import Count, QuerySet

from yijiaan.core.compiled import Compiled, compiled
from yijiaan.core.scope import Actor
from yijiaan.engines.notices.models import STUCK, Message, MessageChannel, MessageState, Notice


def list_notices(actor: Actor) -> QuerySet[Notice]:
    """Messages to the actor, newest first."""
    return Notice.objects.visible_to(actor).order_by("-created_at", "-id")


def count_unread(actor: Actor, *, cap: int = 100) -> int:
    """Unread messages, counted up to a cap."""
    return len(_unread_query(actor, cap).rows())


@lru_cache(maxsize=1024)
def _unread_query(actor: Actor, cap: int) -> Compiled:
    return compiled(Notice.objects.visible_to(actor).filter(read_at__isnull=True).values_list("id")[:cap])


def count_messages(actor: Actor, *, since: datetime) -> dict[str, int]:
    """SMS by state since a moment; those that were not sent under `suppressed:` and their reason."""
    rows = (
        Message.objects.visible_to(actor)
        .filter(channel=MessageChannel.SMS, created_at__gte=since)
        .values("state", "reason")
        .annotate(count=Count("id"))
        .order_by("state", "reason")
    )
    counts: dict[str, int] = {}
    for row in rows:
        state = row["state"]
        key = f"{state}:{row['reason']}" if state == MessageState.SUPPRESSED else state
        counts[key] = counts.get(key, 0) + row["count"]
    return counts


def list_stuck(actor: Actor) -> QuerySet[Message]:
    """SMS that did not arrive or of which nobody knows, newest first."""
    return Message.objects.visible_to(actor).filter(channel=MessageChannel.SMS, state__in=STUCK).order_by("-id")


def list_put_off(actor: Actor, *, most: int = 20) -> list[Message]:
    """SMS that failed and will be tried again, oldest first."""
    rows = Message.objects.visible_to(actor).filter(channel=MessageChannel.SMS, state=MessageState.TEMPORARY)
    return list(rows.order_by("id")[:most])


def list_calls(actor: Actor, *, most: int = 50) -> list[Message]:
    """Persons that somebody has to ring, since no SMS reaches their phone; oldest first."""
    rows = Message.objects.visible_to(actor).filter(channel=MessageChannel.CALL, state=MessageState.CREATED)
    return list(rows.order_by("id")[:most])


def counties_with_waiting(actor: Actor) -> list[str]:
    """Where SMS are waiting or being sent."""
    states = (MessageState.CREATED, MessageState.TEMPORARY, MessageState.SENDING)
    rows = Message.objects.filter(channel=MessageChannel.SMS, state__in=states)
    return list(rows.order_by("county").values_list("county", flat=True).distinct())
