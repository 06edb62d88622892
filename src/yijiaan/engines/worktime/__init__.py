"""The arithmetic of deadlines: working days and office hours with the public holidays of China.

Tables: `Holiday` (days off and make-up working days), `OfficeHours`, `LimitPreset` and `Limit` (how long a duty may take),
`Version` (one row per change of these). Deeds: `load_default_calendar`, `import_holidays`, `set_office_hours`, `set_limit`,
`choose_preset`. Queries: `get_calendar`, `get_limit`, `plan_times`, `list_missing_years`.
The arithmetic itself has no tables: `from yijiaan.engines import worktime`, then `worktime.add(start, 5, "working_days", calendar)`.
"""

from yijiaan.engines.worktime.arithmetic import (
    ALWAYS,
    CALENDAR_MINUTES,
    KINDS,
    WORKING_DAYS,
    WORKING_MINUTES,
    add,
    elapsed,
    is_office_time,
    is_provisional,
    is_working_day,
    missing_years,
    next_working_day_start,
    previous_working_day,
    remaining,
    working_days_between,
)
from yijiaan.engines.worktime.calendars import Calendar, Shift, make_calendar
from yijiaan.engines.worktime.terms import Terms, Times, plan

__all__ = [
    "ALWAYS",
    "CALENDAR_MINUTES",
    "KINDS",
    "WORKING_DAYS",
    "WORKING_MINUTES",
    "Calendar",
    "Shift",
    "Terms",
    "Times",
    "add",
    "elapsed",
    "is_office_time",
    "is_provisional",
    "is_working_day",
    "make_calendar",
    "missing_years",
    "next_working_day_start",
    "plan",
    "previous_working_day",
    "remaining",
    "working_days_between",
]
