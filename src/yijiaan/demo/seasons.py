"""The year of the plain: which days have a market, a school, heavy rain, and how busy each is. Days are of Asia/Shanghai."""

import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from yijiaan.core import clock
from yijiaan.engines.worktime import Calendar, is_working_day

# days of the lunar month, by their last digit, on which a town's big market is held
MARKETS = {
    "370812102": (3, 8),
    "370812103": (2, 7),
    "370812101": (1, 6),
    "370812107": (5, 0),
    "370812111": (4, 9),
    "370812105": (1, 6),
    "370812007": (2, 7),
}
_NEW_MOON = datetime(2000, 1, 6, 18, 14, tzinfo=UTC)
_MONTH = 29.530588861  # days between two new moons, on the mean
WEEK = (1.42, 1.12, 1.04, 1.0, 0.98, 0.78, 0.5)  # Monday to Sunday
_SCHOOL = (((2, 26), (7, 5)), ((9, 1), (12, 31)), ((1, 1), (1, 22)))
_RAINS = ((7, 6), (7, 12), (7, 21), (7, 22), (7, 28), (8, 3), (8, 9), (8, 10), (8, 18), (8, 25))


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _new_moon(number: int) -> datetime:
    """The n-th new moon after January 2000, to about a quarter of an hour (Meeus, Astronomical Algorithms, chapter 49)."""
    t = number / 1236.85
    jde = 2451550.09766 + 29.530588861 * number + 0.00015437 * t * t
    e = 1 - 0.002516 * t
    sun = math.radians(2.5534 + 29.1053567 * number)
    moon = math.radians(201.5643 + 385.81693528 * number + 0.0107582 * t * t)
    node = math.radians(160.7108 + 390.67050284 * number - 0.0016118 * t * t)
    jde += (
        -0.4072 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon)
        + 0.01039 * math.sin(2 * node) + 0.00739 * e * math.sin(moon - sun) - 0.00514 * e * math.sin(moon + sun)
        + 0.00208 * e * e * math.sin(2 * sun) - 0.00111 * math.sin(moon - 2 * node) - 0.00057 * math.sin(moon + 2 * node)
    )  # fmt: skip
    return datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(days=jde - 2451545.0, seconds=-69)


def lunar_day(day: date) -> int:
    """The day of the lunar month, 1 to 30: the month begins on the day of the new moon by Chinese time."""
    evening = clock.day_start(day + timedelta(days=1)) - timedelta(microseconds=1)
    number = math.floor((evening - _NEW_MOON) / timedelta(days=_MONTH)) + 1
    while clock.local_day(_new_moon(number)) > day:
        number -= 1
    return (day - clock.local_day(_new_moon(number))).days + 1


def is_market_day(town: str, day: date) -> bool:
    """Whether a town holds its big market."""
    return lunar_day(day) % 10 in MARKETS.get(town, ())


def is_school_day(day: date, calendar: Calendar) -> bool:
    """Whether children go to school: working days inside a term."""
    in_term = any(first <= (day.month, day.day) <= last for first, last in _SCHOOL)
    return in_term and day.weekday() < 5 and is_working_day(noon(day), calendar)


def is_rain_day(day: date) -> bool:
    """Whether it was one of the heavy rains of a summer, or the day after."""
    yesterday = day - timedelta(days=1)
    return any((when.month, when.day) in _RAINS for when in (day, yesterday))


def noon(day: date) -> datetime:
    """The middle of a day."""
    return clock.day_start(day) + timedelta(hours=12)


def busyness(day: date, calendar: Calendar, first: date, last: date) -> float:
    """How much is told on a day: more on Mondays, less on Sundays and feasts, more as people come to know the door."""
    weight = WEEK[day.weekday()]
    if not is_working_day(noon(day), calendar) and day.weekday() < 5:
        weight *= 0.5
    elif is_working_day(noon(day), calendar) and day.weekday() >= 5:
        weight = 1.0
    return weight * (0.85 + 0.45 * (day - first).days / max((last - first).days, 1))


def is_fit(kind: str, town: str, day: date, calendar: Calendar) -> bool:
    """Whether a trouble of market, school or rain days can happen on a day."""
    match kind:
        case "market":
            return is_market_day(town, day)
        case "school":
            return is_school_day(day, calendar)
        case "rain":
            return is_rain_day(day)
    return True


# how the hours of a day are spread over those who tell, from five in the morning to ten at night
_AT_HOME = (1, 5, 9, 11, 10, 8, 6, 4, 3, 5, 6, 7, 8, 7, 6, 4, 2)
_AT_WORK = (0, 0, 6, 11, 12, 10, 7, 2, 2, 8, 9, 9, 6, 3, 0, 0, 0)
_AT_SCHOOL = (0, 0, 12, 4, 1, 0, 0, 0, 0, 0, 0, 12, 10, 2, 0, 0, 0)
HOURS: dict[str, Sequence[int]] = {"home": _AT_HOME, "work": _AT_WORK, "school": _AT_SCHOOL}


def moment_of(day: date, hours: str, chance: random.Random) -> datetime:
    """A moment of a day at which somebody like that speaks."""
    hour = chance.choices(range(5, 22), HOURS[hours])[0]
    return clock.day_start(day) + timedelta(hours=hour, seconds=chance.randrange(3600))
