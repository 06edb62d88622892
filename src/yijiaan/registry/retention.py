"""The dead and those who moved away stay registered for good unless a county sets a term; their journal stays in any case."""

from datetime import datetime

from django.db import transaction

from yijiaan.core import clock
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.registry.models import CareEntry, Change, Membership, Person, PersonMerge, Status

TEN_YEARS = 3653
GONE = (Status.DEAD, Status.MOVED_OUT)


def purge_left(before: datetime, most: int) -> int:
    """Delete persons who died or moved away before a moment, with their memberships, care entries, changes, and the records that
    were merged into them. Off unless somebody sets it."""
    gone = 0
    left = Person.objects.filter(status__in=GONE, ended_on__lt=clock.local_day(before))
    for county in left.order_by("county").values_list("county", flat=True).distinct():
        ids = list(left.filter(county=county).order_by("ended_on", "id").values_list("id", flat=True)[: most - gone])
        merged = Person.objects.filter(county=county, merged_into__in=ids)
        with transaction.atomic():
            every = [*ids, *merged.values_list("id", flat=True)]
            Change.objects.filter(county=county, subject_id__in=every).delete()
            Membership.objects.filter(county=county, person__in=every).delete()
            for entry in CareEntry.objects.filter(county=county, person__in=every).order_by("id"):
                entry.delete()  # one by one: what upper apps hang on it goes with it, each statement naming the county
            for column in ("kept__in", "merged__in"):
                PersonMerge.objects.filter(county=county, **{column: every}).delete()
            Person.objects.filter(county=county, id__in=[one for one in every if one not in ids]).delete()
            Person.objects.filter(county=county, id__in=ids).delete()
        gone += len(ids)
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord(
            "registry.left", "去世、迁出的人", None, TEN_YEARS, purge_left,
            "预设一直保存。要清理的，最少满十年，从去世、迁出那天算起；住处、关爱、变更历史一起删，日志不删",
        )
    )  # fmt: skip
