"""Series carry a day in their name; those of past days give no more numbers."""

import re
from datetime import datetime

from yijiaan.core import clock
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.engines.numbering.models import Series

_DAY = re.compile(r":(\d{6})$")


def purge_series(before: datetime, most: int) -> int:
    """Delete the series of days before a moment; a series without a day in its name stays."""
    last = clock.local(before).strftime("%y%m%d")
    names = Series.objects.order_by("name").values_list("name", flat=True)
    old = [name for name in names.iterator() if (found := _DAY.search(name)) and found[1] < last]
    return Series.objects.filter(name__in=old[:most]).delete()[0]


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("numbering.series", "用过的编号序列", 60, 7, purge_series, "按名称里的日子；编号本身不变")
    )
