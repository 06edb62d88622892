"""The frozen calendar that the arithmetic runs on: every day of a century, counted once.

Days are numbered from 2000-01-01 in Asia/Shanghai. Since 1992 that zone is eight hours ahead of UTC without summer time, so
a moment less `EPOCH` gives the number of its day and the time on the clock by plain subtraction.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from itertools import accumulate

from yijiaan.core import clock

FIRST_YEAR, LAST_YEAR = 2000, 2099
FIRST_DAY = date(FIRST_YEAR, 1, 1).toordinal()
DAYS = date(LAST_YEAR + 1, 1, 1).toordinal() - FIRST_DAY
EPOCH = clock.day_start(date(FIRST_YEAR, 1, 1))
SECOND = 1_000_000  # all spans are whole microseconds, so that sums are exact
MINUTE = 60 * SECOND

Window = tuple[int, int]  # from, until: microseconds after midnight


@dataclass(frozen=True, slots=True)
class Shift:
    """The office hours of a working day from a date on, and within each year from a month and day on."""

    windows: tuple[tuple[time, time], ...]
    valid_from: date = date(FIRST_YEAR, 1, 1)
    season_from: str = "01-01"  # until the next season's first day; the last season of a year goes on into the new one


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Working days and office hours from 2000 to 2099; made by `make_calendar`, never changed."""

    years: frozenset[int]  # those whose holidays are known; elsewhere weekends only
    is_working: bytes = field(repr=False)  # 1 or 0 for each day
    worked_days: "array[int]" = field(repr=False)  # working days before each day, and before the day after the last
    working_days: "array[int]" = field(repr=False)  # the day of the n-th working day
    worked_time: "array[int]" = field(repr=False)  # office hours before each day, in microseconds
    hours: bytes = field(repr=False)  # which of `windows` each day has
    windows: tuple[tuple[Window, ...], ...] = field(repr=False)


def make_calendar(
    special_days: Mapping[date, bool], shifts: Iterable[Shift], years: Iterable[int] | None = None
) -> Calendar:
    """The calendar of special days (True: a working day, False: a day off), office hours and known years.

    Without `years` a year is known when its New Year and National Day are days off. Monday to Friday are working days
    where nothing special is said. Office hours are those of every working day, a make-up Sunday included.
    """
    working = bytearray((day + 5) % 7 < 5 for day in range(DAYS))  # day 0 was a Saturday
    for day, works in special_days.items():
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            working[day.toordinal() - FIRST_DAY] = works
    windows, hours = _hours_of_days(list(shifts))
    spans = [sum(until - start for start, until in one) for one in windows]
    worked = (spans[which] if works else 0 for works, which in zip(working, hours, strict=True))
    return Calendar(
        years=frozenset(known_years(special_days) if years is None else years),
        is_working=bytes(working),
        worked_days=array("q", accumulate(working, initial=0)),
        working_days=array("q", (day for day, works in enumerate(working) if works)),
        worked_time=array("q", accumulate(worked, initial=0)),
        hours=bytes(hours),
        windows=tuple(windows),
    )


def known_years(special_days: Mapping[date, bool]) -> set[int]:
    """The years with a whole table: days off of a New Year may stand in the table of the year before, its National Day does not."""
    off = {day for day, works in special_days.items() if not works}
    return {day.year for day in off if day.month == 1 and day.day == 1 and date(day.year, 10, 1) in off}


def _hours_of_days(shifts: list[Shift]) -> tuple[list[tuple[Window, ...]], bytearray]:
    if not shifts or any(not shift.windows for shift in shifts):
        raise ValueError("a calendar needs office hours")
    numbers: dict[tuple[Window, ...], int] = {}
    for shift in shifts:
        numbers.setdefault(window_numbers(shift.windows), len(numbers))
    if len(shifts) == 1:
        return list(numbers), bytearray(DAYS)
    by_start: dict[date, dict[str, int]] = {}
    for shift in shifts:
        by_start.setdefault(shift.valid_from, {})[shift.season_from] = numbers[window_numbers(shift.windows)]
    starts = sorted(by_start)
    hours = bytearray()
    for day in range(DAYS):
        on = date.fromordinal(FIRST_DAY + day)
        seasons = by_start[starts[max(bisect_right(starts, on) - 1, 0)]]
        if len(seasons) == 1:
            hours.append(next(iter(seasons.values())))
            continue
        today = f"{on.month:02}-{on.day:02}"
        begun = [first for first in seasons if first <= today]
        hours.append(seasons[max(begun or seasons)])
    return list(numbers), hours


def window_numbers(windows: Iterable[tuple[time, time]]) -> tuple[Window, ...]:
    """Windows as microseconds after midnight; ValueError unless each ends after it starts and they follow each other."""
    found = tuple((_since_midnight(start), _since_midnight(until)) for start, until in windows)
    edges = [edge for window in found for edge in window]
    if not edges or any(later <= earlier for earlier, later in zip(edges, edges[1:], strict=False)):
        raise ValueError("office hours must follow each other")
    return found


def _since_midnight(moment: time) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * SECOND + moment.microsecond
