"""Calendars for tests, and the same arithmetic done the slow way: one minute, one day after the other."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from yijiaan.engines import worktime

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = Path(worktime.__file__).parent / "data" / "holidays_2024_2026.csv"
WINDOWS = ((time(8, 30), time(12)), (time(14), time(17, 30)))


def special_days():
    """The shipped table as {day: is it a working day}."""
    with FILE.open(encoding="utf-8") as file:
        return {date.fromisoformat(row["date"]): row["kind"] == "work" for row in csv.DictReader(file)}


def calendar(*shifts, days=None):
    """A calendar of the shipped holidays, 8:30–12:00 and 14:00–17:30 unless told otherwise."""
    return worktime.make_calendar(special_days() if days is None else days, list(shifts) or [worktime.Shift(WINDOWS)])


def at(text):
    """A moment on a clock in Shandong, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment):
    """The moment on a clock in Shandong."""
    assert moment.utcoffset() == timedelta(0)
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


SPECIAL = special_days()


def works(day):
    return SPECIAL.get(day, day.isoweekday() <= 5)


def is_open(moment):
    here = moment.astimezone(SHANGHAI)
    return works(here.date()) and any(opens <= here.time() < closes for opens, closes in WINDOWS)


def slow_add(start, amount, kind):
    """`add`, for starts on a whole minute."""
    if kind == "working_days":
        day = start.astimezone(SHANGHAI).date()
        while amount:
            day += timedelta(days=1)
            amount -= works(day)
        return datetime.combine(day, WINDOWS[-1][1], SHANGHAI).astimezone(UTC)
    moment = start
    while amount:
        amount -= kind != "working_minutes" or is_open(moment)
        moment += timedelta(minutes=1)
    return moment
