"""The day counts as boards read them."""

from datetime import date
from typing import Any

from django.db.models import Sum

from yijiaan.cases.models import COUNTED, CaseDayCount, CountAxis, CountCheck
from yijiaan.core.scope import Actor

Counts = dict[str, int]


def count_by_day(actor: Actor, *, first_day: date, last_day: date, area_code: str = "") -> dict[date, Counts]:
    """What happened on each day in the actor's areas, or in one of them; days without anything are left out."""
    return dict(_summed(actor, "day", CountAxis.VILLAGE, first_day, last_day, area_code))


def count_by_village(actor: Actor, *, first_day: date, last_day: date, area_code: str = "") -> dict[str, Counts]:
    """What happened in each village of the actor's areas; what has no village stands under its town's code."""
    return dict(_summed(actor, "key", CountAxis.VILLAGE, first_day, last_day, area_code))


def count_by_category(actor: Actor, *, first_day: date, last_day: date, area_code: str = "") -> dict[str, Counts]:
    """What happened by the code of the category, for whoever sees a whole town."""
    return _folded(_summed(actor, "key", CountAxis.CATEGORY, first_day, last_day, area_code))


def count_by_channel(actor: Actor, *, first_day: date, last_day: date, area_code: str = "") -> dict[str, Counts]:
    """What happened by the channel it came through, for whoever sees a whole town."""
    return _folded(_summed(actor, "key", CountAxis.CHANNEL, first_day, last_day, area_code))


def last_count_check(actor: Actor) -> CountCheck | None:
    """The newest nightly comparison of the actor's county, for the operations page."""
    checks = CountCheck.objects.filter(county=actor.county) if actor.county else CountCheck.objects.all()
    return checks.order_by("-checked_at", "-id").first()


def _summed(
    actor: Actor, by: str, axis: str, first_day: date, last_day: date, area_code: str
) -> list[tuple[Any, Counts]]:
    rows = CaseDayCount.objects.visible_to(actor).filter(axis=axis, day__gte=first_day, day__lte=last_day)
    if area_code:
        rows = rows.filter(key__gte=area_code, key__lt=area_code + "~")
    summed = rows.order_by(by).values_list(by).annotate(**{f"{name}_sum": Sum(name) for name in COUNTED})
    return [(value, dict(zip(COUNTED, counts, strict=True))) for value, *counts in summed]


def _folded(rows: list[tuple[Any, Counts]]) -> dict[str, Counts]:
    """Towns and slots put together: the second part of a key is what it counts."""
    found: dict[str, dict[str, int]] = {}
    for key, counts in rows:
        line = found.setdefault(key.split(".")[1], dict.fromkeys(COUNTED, 0))
        for name, number in counts.items():
            line[name] += number
    return found
