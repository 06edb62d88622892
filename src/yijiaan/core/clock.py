"""The only source of time. Times are aware and in UTC; days are days in Asia/Shanghai."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_set: ContextVar[datetime | None] = ContextVar("clock_set", default=None)


def now() -> datetime:
    """The present moment in UTC; inside `at` the moment that was set. An action asks once."""
    return _set.get() or datetime.now(UTC)


def milliseconds() -> int:
    """The present moment in ms since 1970, for identifiers: no datetime is built where the clock runs by itself."""
    held = _set.get()
    return time.time_ns() // 1_000_000 if held is None else int(held.timestamp() * 1000)


def local(moment: datetime | None = None) -> datetime:
    """The moment (default: now) on a clock in Shandong."""
    return (moment or now()).astimezone(SHANGHAI)


def local_day(moment: datetime | None = None) -> date:
    """The day in Asia/Shanghai that the moment (default: now) falls on."""
    return local(moment).date()


def day_start(day: date) -> datetime:
    """The first moment of a day in Asia/Shanghai, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand at a moment: tests and the demo loader use it. The moment must be aware."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware moments only")
    token = _set.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)


@contextmanager
def later(by: timedelta) -> Iterator[None]:
    """Stand a while after the present moment."""
    with at(now() + by):
        yield
