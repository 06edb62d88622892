from functools import lru_cache

from django.db.models import QuerySet

from yijiaan.core.compiled import Compiled, compiled
from yijiaan.core.scope import Actor
from yijiaan.engines.notices.models import Notice


def list_notices(actor: Actor) -> QuerySet[Notice]:
    """Messages to the actor, newest first."""
    return Notice.objects.visible_to(actor).order_by("-created_at", "-id")


def count_unread(actor: Actor, *, cap: int = 100) -> int:
    """Unread messages, counted up to a cap."""
    return len(_unread_query(actor, cap).rows())


@lru_cache(maxsize=1024)
def _unread_query(actor: Actor, cap: int) -> Compiled:
    return compiled(Notice.objects.visible_to(actor).filter(read_at__isnull=True).values_list("id")[:cap])
