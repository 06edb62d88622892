"""Closed cases may go after many years, with everything told about them; their journal stays."""

from datetime import datetime

from django.db import transaction

from yijiaan.cases.models import Case, Report
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.engines.todos.models import Todo

TEN_YEARS = 3653


def purge_cases(before: datetime, most: int) -> int:
    """Delete cases closed before a moment, with reports, reporters, orders, outcomes, ratings, notes, duties and pictures' rows.

    Off unless somebody sets it. The bytes of the pictures go with the next sweep of orphans.
    """
    gone = 0
    closed = Case.objects.filter(status="closed", closed_at__lt=before)
    for county in closed.order_by("county").values_list("county", flat=True).distinct():
        ids = list(closed.filter(county=county).order_by("closed_at", "id").values_list("id", flat=True)[: most - gone])
        with transaction.atomic():
            subjects = [*ids, *Report.objects.filter(county=county, case_id__in=ids).values_list("id", flat=True)]
            Todo.objects.filter(county=county, subject_id__in=subjects).delete()
            StoredFile.objects.filter(county=county, subject_id__in=subjects).delete()
            Case.objects.filter(county=county, id__in=ids).delete()
        gone += len(ids)
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord(
            "cases.closed", "已结案的事件", None, TEN_YEARS, purge_cases,
            "预设一直保存。要清理的，最少满十年，从结案算起；诉求、报事人、照片一起删，日志不删",
        )
    )  # fmt: skip
