"""The dead and those who moved away stay registered for good unless a county sets a term; their journal stays in any case. The day
counts of door plates go after two years, printed sheets after a month."""

from datetime import datetime

from django.db import transaction

from yijiaan.core import clock
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.registry.models import CareEntry, Change, Membership, Person, PersonMerge, PlateDay, PlatePrint, Status

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


def purge_plate_days(before: datetime, most: int) -> int:
    """Delete the day counts of plates before a day."""
    gone = 0
    old = PlateDay.objects.filter(on__lt=clock.local_day(before))
    for county in old.order_by("county").values_list("county", flat=True).distinct():
        ids = list(old.filter(county=county).order_by("on", "id").values_list("id", flat=True)[: most - gone])
        gone += PlateDay.objects.filter(county=county, id__in=ids).delete()[0]
        if gone >= most:
            break
    return gone


def purge_plate_prints(before: datetime, most: int) -> int:
    """Delete prints asked for before a moment, file and row."""
    gone = 0
    for wish in PlatePrint.objects.filter(requested_at__lt=before).order_by("requested_at")[:most]:
        wish.path.unlink(missing_ok=True)
        wish.delete()
        gone += 1
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord(
            "registry.left", "去世、迁出的人", None, TEN_YEARS, purge_left,
            "预设一直保存。要清理的，最少满十年，从去世、迁出那天算起；住处、关爱、变更历史一起删，日志不删",
        )
    )  # fmt: skip
    register_retention(
        KindOfRecord(
            "registry.plate_days", "门牌每天使用次数", 731, 93, purge_plate_days,
            "只有次数，没有是谁；从那一天算起",
        ),
        KindOfRecord("registry.plate_print", "打印的门牌", 30, 1, purge_plate_prints, "从提出算起；门牌本身不删"),
    )  # fmt: skip
