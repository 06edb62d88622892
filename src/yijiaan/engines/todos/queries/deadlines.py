"""The moments of a duty, computed once when it begins and stored with it, so that alerts never depend on when somebody looks."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.worktime import (
    ALWAYS,
    CALENDAR_MINUTES,
    WORKING_DAYS,
    WORKING_MINUTES,
    Calendar,
    Terms,
    elapsed,
    plan,
    previous_working_day,
    working_days_between,
)
from yijiaan.engines.worktime.queries import get_calendar, get_calendar_version, get_limit

END_OF_DAY = timedelta(hours=17, minutes=30)
BY_CALENDAR = (WORKING_DAYS, WORKING_MINUTES)  # clocks that a corrected table of holidays or office hours moves


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a duty is due and when something must be told about it.

    tell_at: the yellow card, or the red one where nothing warns before. terms: by which clock and amount it was counted, for
    a table corrected later; a limit changed later moves nothing, for a promise given stays as given.
    """

    due_at: datetime
    alert_at: datetime
    tell_at: datetime
    terms: str
    calendar_version: int


def get_deadline(actor: Actor, *, duty: str, start: datetime, scope: str = "general", most_days: int = 0) -> Deadline:
    """The deadline of a duty that begins at the start, under the chosen preset.

    most_days: working days that hold instead of the preset's, as a category may say (0: the preset alone); a limit of
    another scope that is shorter stays.
    """
    terms = get_limit(actor, duty=duty, scope=scope)
    if most_days and terms.clock == WORKING_DAYS and (scope == "general" or most_days < terms.amount):
        terms = replace(terms, amount=most_days, warn_before=min(terms.warn_before, most_days - 1))
    return _planned(terms, start, get_calendar(actor), get_calendar_version(actor))


@lru_cache(maxsize=256)  # a batch of reports begins its duties at one moment
def _planned(terms: Terms, start: datetime, calendar: Calendar, version: int) -> Deadline:
    times = plan(start, terms, calendar)
    written = f"{terms.clock} {terms.amount} {terms.warn_before}"
    tell_at = times.warn_at if terms.warn_before else times.alert_at
    return Deadline(times.due_at, times.alert_at, tell_at, written, version)


def get_deadline_on(actor: Actor, *, start: datetime, day: date, warn_days: int = 1) -> Deadline:
    """The deadline of a duty with a day of its own: due when that day's offices close, told some working days before."""
    return get_deadline_at(actor, start=start, due=clock.day_start(day) + END_OF_DAY, warn_days=warn_days)


def get_deadline_at(actor: Actor, *, start: datetime, due: datetime, warn_days: int = 1) -> Deadline:
    """The deadline of a duty whose moment somebody else has set, told some working days before; never before it begins."""
    due = max(due, start)
    warn = max(previous_working_day(due, get_calendar(actor), warn_days), start) if warn_days else due
    minutes = max(int((due - start).total_seconds() // 60), 1)
    return Deadline(due, due, warn, f"{CALENDAR_MINUTES} {minutes} 0", get_calendar_version(actor))


def get_deadline_in_days(actor: Actor, *, start: datetime, days: int, warn_days: int = 1) -> Deadline:
    """The deadline of a duty that has so many working days whatever the preset says, told some of them before."""
    return recount(f"{WORKING_DAYS} {days} {warn_days}", start, get_calendar(actor), get_calendar_version(actor))


def lengthened(actor: Actor, *, terms: str, start: datetime, by: int) -> Deadline:
    """The deadline of the same terms with so much more: working days for a clock of working days, else minutes."""
    kind, amount, warn_before = terms.split()
    return recount(f"{kind} {int(amount) + by} {warn_before}", start, get_calendar(actor), get_calendar_version(actor))


def stood_still(actor: Actor, *, terms: str, since: datetime, until: datetime) -> int:
    """How much of a clock passed while it stood still: working days begun since, or minutes; nothing for one that no pause stops."""
    kind = terms.partition(" ")[0]
    if kind == ALWAYS:
        return 0
    if kind == WORKING_DAYS:  # two parts of days lost are a day: a day that has begun counts
        return working_days_between(since, until, get_calendar(actor))
    return elapsed(since, until, kind, get_calendar(actor))


def recount(terms: str, start: datetime, calendar: Calendar, version: int) -> Deadline:
    """The deadline of the same terms under another calendar."""
    clock, amount, warn_before = terms.split()
    return _planned(Terms("", "", clock, int(amount), warn_before=int(warn_before)), start, calendar, version)


def has_calendar(terms: str) -> bool:
    """Whether a corrected table can move this deadline."""
    return terms.partition(" ")[0] in BY_CALENDAR
