"""What a process remembers of the tables; thrown away as soon as it sees a newer version."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock_time
from threading import Lock
from uuid import UUID

from yijiaan.core.scope import Actor, system
from yijiaan.engines.worktime.arithmetic import missing_years, working_days_between
from yijiaan.engines.worktime.calendars import Calendar, Shift, make_calendar
from yijiaan.engines.worktime.models import Holiday, Limit, LimitPreset, OfficeHours, Version
from yijiaan.engines.worktime.terms import Terms, Times, plan

CHECK_EVERY = (
    5.0  # seconds between two looks at the version: how long another process may still count by the old tables
)
GENERAL = "general"
_PAGES = system("pages")
_WIDER = {"emergency": "urgent"}  # a scope without a limit of its own takes that of a wider one, in the end the general


@dataclass(slots=True)
class _Kept:
    stamp: UUID | None
    number: int
    checked: float
    days: dict[date, bool]
    shifts: dict[str, list[Shift]]
    terms: dict[tuple[str, str, str], Terms]  # by preset, duty and scope
    bases: dict[str, str | None]
    default: str
    calendars: dict[str, Calendar] = field(default_factory=dict)


_lock = Lock()
_kept: _Kept | None = None


def forget_calendar() -> None:
    """Drop what this process remembers of the tables."""
    global _kept
    with _lock:
        _kept = None


def _current() -> _Kept:
    global _kept
    kept, now = _kept, time.monotonic()
    if kept is not None and now - kept.checked < CHECK_EVERY:
        return kept
    # the stamp is read before the rows: a change in between is then seen at the next look
    newest = Version.objects.order_by("-number").values_list("stamp", "number").first()
    stamp, number = newest or (None, 0)
    if kept is not None and kept.stamp == stamp:
        kept.checked = now
        return kept
    fresh = _read(stamp, number, now)
    with _lock:
        _kept = fresh
    return fresh


def _read(stamp: UUID | None, number: int, now: float) -> _Kept:
    shifts: dict[str, list[Shift]] = {}
    for hours in OfficeHours.objects.order_by("code", "valid_from", "season_from"):
        windows = tuple((clock_time.fromisoformat(a), clock_time.fromisoformat(b)) for a, b in hours.windows)
        shifts.setdefault(hours.code, []).append(Shift(windows, hours.valid_from, hours.season_from))
    presets = list(LimitPreset.objects.order_by("code"))
    return _Kept(
        stamp=stamp,
        number=number,
        checked=now,
        days={day: kind == "work" for day, kind in Holiday.objects.order_by("day").values_list("day", "kind")},
        shifts=shifts,
        terms={
            (limit.preset_id, limit.duty, limit.scope): Terms(
                duty=limit.duty,
                scope=limit.scope,
                clock=limit.clock,
                amount=limit.amount,
                extension=limit.extension,
                warn_before=limit.warn_before,
                preset=limit.preset_id,
                source=limit.source,
            )
            for limit in Limit.objects.order_by("preset_id", "duty", "scope")
        },
        bases={preset.code: preset.base_id for preset in presets},
        default=next((preset.code for preset in presets if preset.is_default), ""),
    )


def get_calendar(actor: Actor, *, hours: str = "default") -> Calendar:
    """The calendar with the office hours of a code, remembered by the process; a change reaches every process in seconds.

    LookupError when there are no such hours: `load_default_calendar` has not run, or the code is wrong.
    """
    kept = _current()
    calendar = kept.calendars.get(hours)
    if calendar is None:
        if hours not in kept.shifts:
            raise LookupError(f"no office hours are called {hours}; has load_calendar run?")
        calendar = kept.calendars[hours] = make_calendar(kept.days, kept.shifts[hours])
    return calendar


def get_calendar_version(actor: Actor) -> int:
    """The number of the last change that this process has seen: deadlines remember by which tables they were counted."""
    return _current().number


def get_limit(actor: Actor, *, duty: str, scope: str = GENERAL, preset: str = "") -> Terms:
    """The limit of a duty under a preset (default: the chosen one). LookupError when no preset says anything.

    The exact scope counts before a wider one, and within a scope the preset counts before its base.
    """
    kept = _current()
    wanted: str | None = scope
    while wanted:
        code: str | None = preset or kept.default
        while code:
            terms = kept.terms.get((code, duty, wanted))
            if terms is not None:
                return terms
            code = kept.bases.get(code)
        wanted = None if wanted == GENERAL else _WIDER.get(wanted, GENERAL)
    raise LookupError(f"no limit for {duty} under {preset or kept.default or 'no preset'}; has load_calendar run?")


def plan_times(
    actor: Actor,
    *,
    duty: str,
    start: datetime,
    scope: str = GENERAL,
    preset: str = "",
    hours: str = "default",
    extra: int = 0,
) -> Times:
    """When a duty that begins at the start is due, when it warns and when it alerts; extra lengthens it."""
    return plan(start, get_limit(actor, duty=duty, scope=scope, preset=preset), get_calendar(actor, hours=hours), extra)


def list_missing_years(actor: Actor, *, now: datetime) -> tuple[int, ...]:
    """The years whose holidays somebody should import now: this year's, and from 1 November on the next one's."""
    return missing_years(now, get_calendar(actor))


def count_working_days(start: datetime, end: datetime) -> int:
    """Working days after the day of the start up to that of the end, for words on pages; 0 while no calendar is loaded."""
    try:
        calendar = get_calendar(_PAGES)
    except LookupError:
        return 0
    return working_days_between(start, end, calendar)
