"""How often who is visited, unless a county says otherwise, and what a day makes of an arrangement."""

from dataclasses import dataclass
from datetime import date, timedelta

from yijiaan.registry.models import CareKind

GRACE = timedelta(days=7)
AFTER_REFUSAL = timedelta(days=7)
NEAR = timedelta(days=7)
AHEAD = timedelta(days=366)
WORKER, BOTH = "网格员", "网格员和网格长"


@dataclass(frozen=True, slots=True)
class Cycle:
    """Every so many days, by whom."""

    every_days: int
    who: str


# a proposal, for a county to change: those who live alone or cannot help themselves weekly or every fortnight, others monthly or quarterly
DEFAULTS: dict[str, Cycle] = {
    CareKind.ELDER_ALONE: Cycle(7, WORKER),
    CareKind.ELDER_80: Cycle(30, WORKER),
    CareKind.DISABLED: Cycle(30, WORKER),
    CareKind.UNABLE: Cycle(14, WORKER),
    CareKind.LEFT_BEHIND_CHILD: Cycle(14, BOTH),
    CareKind.HARDSHIP_CHILD: Cycle(14, BOTH),
    CareKind.DIBAO: Cycle(90, WORKER),
    CareKind.SPECIAL_SUPPORT: Cycle(30, BOTH),
    CareKind.VETERAN_CARE: Cycle(90, BOTH),
    CareKind.SERIOUS_ILLNESS: Cycle(30, WORKER),
    CareKind.TEMPORARY: Cycle(30, WORKER),
}


def state_on(day: date, next_on: date) -> str:
    """active before the day, due from it on, overdue a week later."""
    if day < next_on:
        return "active"
    return "due" if day <= next_on + GRACE else "overdue"
