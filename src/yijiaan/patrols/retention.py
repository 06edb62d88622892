"""What was heard on visits is not kept for good: three years unless a county sets another term."""

from datetime import datetime

from django.db import transaction

from yijiaan.core import clock
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.patrols.models import Arrangement, Visit

YEAR = 365
KEPT = 3 * YEAR


def purge_visits(before: datetime, most: int) -> int:
    """Delete visits before a moment with what was asked about them, and agreed visits that ended before it."""
    gone = 0
    old = Visit.objects.filter(on__lt=clock.local_day(before))
    for county in old.order_by("county").values_list("county", flat=True).distinct():
        rows = list(old.filter(county=county).order_by("on", "id")[: most - gone])
        with transaction.atomic():
            for visit in rows:
                visit.delete()  # with what was asked about it
            Arrangement.objects.filter(
                county=county, status="ended", care_entry__isnull=True, next_on__lt=clock.local_day(before)
            ).delete()
        gone += len(rows)
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord(
            "patrols.visits", "走访记录", KEPT, YEAR, purge_visits,
            "预设三年，最少一年，从走访那天算起；抽查结果一起删，日志不删",
        )
    )  # fmt: skip
