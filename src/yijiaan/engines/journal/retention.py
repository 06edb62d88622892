"""News that could not be delivered for a long time. The journal itself, and what its seal still owes, always stay."""

from datetime import datetime

from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.engines.journal.models import Delivery
from yijiaan.engines.journal.seals import SUBSCRIBER


def purge_deliveries(before: datetime, most: int) -> int:
    """Give up deliveries that have failed since before a moment; county by county."""
    dead = Delivery.objects.filter(attempts__gt=0, entry__happened_at__lt=before).exclude(subscriber=SUBSCRIBER)
    gone = 0
    for county in dead.order_by("county").values_list("county", flat=True).distinct():
        old = dead.filter(county=county).order_by("id").values_list("id", flat=True)
        gone += Delivery.objects.filter(county=county, id__in=list(old[: most - gone])).delete()[0]
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord(
            "journal.delivery", "一直投不出去的日志投递", 365, 30, purge_deliveries, "从事情发生算起；日志本身永远不删"
        )
    )
