"""The moments of a duty, computed once when it begins and stored with it, so that alerts never depend on when somebody looks."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from yijiaan.core.scope import Actor
from yijiaan.engines.worktime import WORKING_DAYS, WORKING_MINUTES, Calendar, Terms, plan
from yijiaan.engines.worktime.queries import get_calendar, get_calendar_version, get_limit

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


def recount(terms: str, start: datetime, calendar: Calendar, version: int) -> Deadline:
    """The deadline of the same terms under another calendar."""
    clock, amount, warn_before = terms.split()
    return _planned(Terms("", "", clock, int(amount), warn_before=int(warn_before)), start, calendar, version)


def has_calendar(terms: str) -> bool:
    """Whether a corrected table can move this deadline."""
    return terms.partition(" ")[0] in BY_CALENDAR
