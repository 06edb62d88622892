from uuid import UUID

from django.db.models import QuerySet

from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.models import Export, ExportState

MOST = 30


def list_exports(actor: Actor) -> QuerySet[Export]:
    """What the actor asked for in this post, newest first, the last thirty."""
    return Export.objects.visible_to(actor).order_by("-requested_at", "-id")[:MOST]


def get_export(actor: Actor, *, export_id: UUID) -> Export:
    """One export that the actor asked for; NotFound for anybody else's."""
    found: Export = Export.objects.get_visible(actor, county=actor.county, id=export_id)
    return found


def count_going(actor: Actor) -> int:
    """How many of the actor's exports are not ready yet."""
    return Export.objects.visible_to(actor).filter(state__in=(ExportState.WAITING, ExportState.RUNNING)).count()
