"""How long one duty may take, and the three moments that follow from it. No tables: the queries make `Terms` from rows."""

from dataclasses import dataclass
from datetime import datetime

from yijiaan.engines.worktime.arithmetic import (
    WORKING_DAYS,
    add,
    is_provisional,
    next_working_day_start,
    previous_working_day,
)
from yijiaan.engines.worktime.calendars import Calendar


@dataclass(frozen=True, slots=True)
class Terms:
    """The limit of one duty in one scope, as a preset says it; amounts are minutes or working days of the clock."""

    duty: str
    scope: str
    clock: str
    amount: int
    extension: int = 0  # at most so much more, where somebody approves it
    warn_before: int = 0  # 0: no warning
    preset: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """What is stored with a duty when it begins, so that alerts follow from stored times and never from a polling window."""

    due_at: datetime
    warn_at: datetime  # the yellow card; the due time itself where nothing warns
    alert_at: datetime  # the red card
    clock: str
    is_provisional: bool  # counted through a year whose holidays are not known yet


def plan(start: datetime, terms: Terms, calendar: Calendar, extra: int = 0) -> Times:
    """The moments of a duty that begins at the start; extra lengthens it, by an approved extension for instance.

    Working days: the warning comes when the office opens `warn_before` working days earlier, the alert when it opens on the
    first working day after. Minutes: the warning comes so many minutes of the same clock earlier, the alert at once.
    """
    amount = terms.amount + extra
    due = add(start, amount, terms.clock, calendar)
    if terms.clock == WORKING_DAYS:
        alert = next_working_day_start(due, calendar)
        warn = previous_working_day(due, calendar, terms.warn_before) if terms.warn_before else due
    else:
        alert = due
        warn = add(start, max(amount - terms.warn_before, 0), terms.clock, calendar) if terms.warn_before else due
    return Times(
        due_at=due,
        warn_at=max(warn, add(start, 0, terms.clock, calendar)),
        alert_at=alert,
        clock=terms.clock,
        is_provisional=is_provisional(start, due, terms.clock, calendar),
    )
