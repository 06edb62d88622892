"""Adding and comparing on the four clocks. No tables: every function takes the calendar.

Moments go in aware and come out in UTC; days are days in Asia/Shanghai. Amounts are whole minutes, or whole working days.
- `calendar_minutes`: minutes on the wall. `always`: the same minutes, of a duty that also no pause of its subject stops.
- `working_minutes`: minutes inside the office hours of working days.
- `working_days`: the day of the start never counts, whatever its hour; the duty ends at the end of the office hours of the
  n-th working day after it (Civil Code, articles 201 and 203).
"""

from bisect import bisect_left
from datetime import datetime, timedelta

from yijiaan.core import clock
from yijiaan.engines.worktime.calendars import DAYS, EPOCH, FIRST_YEAR, LAST_YEAR, MINUTE, SECOND, Calendar

CALENDAR_MINUTES = "calendar_minutes"
WORKING_MINUTES = "working_minutes"
WORKING_DAYS = "working_days"
ALWAYS = "always"
KINDS = (CALENDAR_MINUTES, WORKING_MINUTES, WORKING_DAYS, ALWAYS)
WARNING_MONTH = 11  # the State Council tells the next year's holidays in November


def add(start: datetime, amount: int, kind: str, calendar: Calendar) -> datetime:
    """The moment at which `amount` of this clock has passed since the start; an amount of 0 gives the start."""
    if amount < 0:
        raise ValueError("amounts are not negative")
    since = start - EPOCH
    day = since.days
    if not 0 <= day < DAYS:
        raise _outside(start)
    if amount == 0:
        return EPOCH + since
    if kind == WORKING_DAYS:
        which = calendar.worked_days[day + 1] + amount - 1
        if which >= len(calendar.working_days):
            raise _outside(start)
        day = calendar.working_days[which]
        return EPOCH + timedelta(day, 0, calendar.windows[calendar.hours[day]][-1][1])
    if kind == WORKING_MINUTES:
        time = since.seconds * SECOND + since.microseconds
        return _moment_worked(_worked(day, time, calendar) + amount * MINUTE, start, calendar)
    _check_kind(kind)
    found = since + timedelta(minutes=amount)
    if found.days >= DAYS:
        raise _outside(start)
    return EPOCH + found


def elapsed(start: datetime, end: datetime, kind: str, calendar: Calendar) -> int:
    """How many whole minutes, or whole working days, of this clock lie between: the largest n with add(start, n) <= end.

    0 when the end is not after the start.
    """
    if end <= start:
        return 0
    if kind in (CALENDAR_MINUTES, ALWAYS):
        return (end - start) // timedelta(minutes=1)
    (first, first_time), (last, last_time) = _day_and_time(start), _day_and_time(end)
    if kind == WORKING_MINUTES:
        return (_worked(last, last_time, calendar) - _worked(first, first_time, calendar)) // MINUTE
    _check_kind(kind)
    if last == first:
        return 0
    whole = calendar.worked_days[last] - calendar.worked_days[first + 1]
    is_over = calendar.is_working[last] and last_time >= calendar.windows[calendar.hours[last]][-1][1]
    return whole + 1 if is_over else whole


def remaining(now: datetime, due: datetime, kind: str, calendar: Calendar) -> int:
    """What is left of this clock: whole minutes, or working days after today up to the day it is due; negative when overdue.

    0 may be "due today", or overdue since less than one minute or day: whether it is overdue is `now > due`.
    """
    if kind == WORKING_DAYS:
        return working_days_between(now, due, calendar)
    return elapsed(now, due, kind, calendar) if now <= due else -elapsed(due, now, kind, calendar)


def working_days_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Working days after the day of the start up to and including the day of the end; negative the other way round."""
    first, _ = _day_and_time(start)
    last, _ = _day_and_time(end)
    return calendar.worked_days[last + 1] - calendar.worked_days[first + 1]


def previous_working_day(due: datetime, calendar: Calendar, days: int = 1) -> datetime:
    """When the office opens on the n-th working day before the day that something is due: the hour of a yellow card."""
    day, _ = _day_and_time(due)
    which = calendar.worked_days[day] - days
    if days < 1 or which < 0:
        raise _outside(due)
    return _opening(calendar.working_days[which], calendar)


def next_working_day_start(due: datetime, calendar: Calendar) -> datetime:
    """When the office opens on the first working day after the day that something was due: the hour of a red card."""
    day, _ = _day_and_time(due)
    which = calendar.worked_days[day + 1]
    if which >= len(calendar.working_days):
        raise _outside(due)
    return _opening(calendar.working_days[which], calendar)


def is_working_day(moment: datetime, calendar: Calendar) -> bool:
    """Whether people work on the day of a moment."""
    day, _ = _day_and_time(moment)
    return bool(calendar.is_working[day])


def is_office_time(moment: datetime, calendar: Calendar) -> bool:
    """Whether offices are open at a moment; not any more at the minute they close."""
    day, time = _day_and_time(moment)
    windows = calendar.windows[calendar.hours[day]] if calendar.is_working[day] else ()
    return any(opens <= time < closes for opens, closes in windows)


def is_provisional(start: datetime, end: datetime, kind: str, calendar: Calendar) -> bool:
    """Whether a span was counted through a year whose holidays are not known yet, so that it may still change."""
    if kind in (CALENDAR_MINUTES, ALWAYS):
        return False
    first, last = sorted(clock.local_day(moment).year for moment in (start, end))
    return any(year not in calendar.years for year in range(first, last + 1))


def missing_years(now: datetime, calendar: Calendar) -> tuple[int, ...]:
    """Which years' holidays are missing: this year's at any time, the next year's from 1 November on."""
    today = clock.local_day(now)
    wanted = (today.year, today.year + 1) if today.month >= WARNING_MONTH else (today.year,)
    return tuple(year for year in wanted if year not in calendar.years)


def _day_and_time(moment: datetime) -> tuple[int, int]:
    """The number of the day, and the microseconds since its midnight."""
    since = moment - EPOCH
    if not 0 <= since.days < DAYS:
        raise _outside(moment)
    return since.days, since.seconds * SECOND + since.microseconds


def _worked(day: int, until: int, calendar: Calendar) -> int:
    """Office time from the beginning of the calendar up to a time of a day."""
    passed = calendar.worked_time[day]
    if calendar.is_working[day]:
        for opens, closes in calendar.windows[calendar.hours[day]]:
            if until <= opens:
                break
            passed += min(until, closes) - opens
    return passed


def _moment_worked(target: int, start: datetime, calendar: Calendar) -> datetime:
    """The first moment by which so much office time has passed."""
    day = bisect_left(calendar.worked_time, target) - 1
    if day >= DAYS:
        raise _outside(start)
    left = target - calendar.worked_time[day]
    for opens, closes in calendar.windows[calendar.hours[day]]:
        if left <= closes - opens:
            return EPOCH + timedelta(day, 0, opens + left)
        left -= closes - opens
    raise AssertionError("a day holds less office time than was counted for it")


def _opening(day: int, calendar: Calendar) -> datetime:
    return EPOCH + timedelta(day, 0, calendar.windows[calendar.hours[day]][0][0])


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"no clock is called {kind}")


def _outside(moment: datetime) -> ValueError:
    return ValueError(f"{moment} leads outside the calendar of {FIRST_YEAR} to {LAST_YEAR}")
