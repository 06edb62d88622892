"""What was told for forms from above is not kept for good: three years unless a county sets another term."""

from datetime import datetime

from django.db import transaction

from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.oneform.models import Filling

YEAR = 365
KEPT = 3 * YEAR


def purge_answers(before: datetime, most: int) -> int:
    """Delete what was told before a moment, with its answers; forms and what went to the base stay."""
    gone = 0
    old = Filling.objects.filter(filled_at__lt=before)
    for county in old.order_by("county").values_list("county", flat=True).distinct():
        rows = list(old.filter(county=county).order_by("filled_at", "id")[: most - gone])
        with transaction.atomic():
            for filling in rows:
                filling.delete()  # with its answers
        gone += len(rows)
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord(
            "oneform.answers", "一表通的答案", KEPT, YEAR, purge_answers,
            "预设三年，最少一年，从补填那天算起；表本身和改进登记的不删，日志不删",
        )
    )  # fmt: skip
