"""When people act: offices in their hours, the desk of a centre every day, the village from morning to evening, nobody at night."""

import random
from datetime import datetime, timedelta

from yijiaan.core import clock
from yijiaan.engines.worktime import Calendar, is_working_day

Windows = tuple[tuple[float, float], ...]  # hours of a day
OFFICE: Windows = ((8.6, 11.9), (14.1, 17.4))
DESK: Windows = ((7.8, 11.9), (13.6, 19.6))
FIELD: Windows = ((6.7, 11.7), (14.4, 19.4))
HOME: Windows = ((7.0, 21.2),)
MOST_WAIT = 40  # minutes after a door opens until the first in line is served


def within(
    moment: datetime,
    windows: Windows,
    chance: random.Random,
    calendar: Calendar | None = None,
    *,
    at_leisure: bool = False,
) -> datetime:
    """The moment, or the next at which somebody is there; with a calendar on working days only. at_leisure: not first thing
    when the door opens, but some time while it is open."""
    while True:
        midnight = clock.day_start(clock.local_day(moment))
        if calendar is None or is_working_day(midnight + timedelta(hours=12), calendar):
            for opens, closes in windows:
                start, end = midnight + timedelta(hours=opens), midnight + timedelta(hours=closes)
                if moment < start and at_leisure:
                    return start + (end - start) * chance.uniform(0.03, 0.97)
                if moment < start:
                    return start + timedelta(minutes=chance.uniform(1, MOST_WAIT))
                if moment <= end:
                    return moment
        moment = midnight + timedelta(days=1)
