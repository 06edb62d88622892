"""How long a duty on a case may take: the chosen preset's limits, shortened or lengthened by the category; a petition has the clocks
of the regulation on petitions."""

from datetime import datetime, timedelta

from yijiaan.accounts.models import UnitKind
from yijiaan.cases.models import Category, Channel, Urgency
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.queries import Deadline, get_deadline
from yijiaan.engines.worktime.queries import get_limit

UNDO_SECONDS = 30  # a dispatch can be taken back, as long as nobody signed it
REOPEN_DAYS = 30  # new facts open a closed case again within so many days
URGE_HOURS = 24  # a reporter may urge once in so many hours
MOST_QUESTIONS = 3  # to the reporter of a case
MOST_EXTENSIONS = 2  # of a case
MOST_RELAYED = 5  # messages to the reporter of a case a day
MOST_REPLIES = 10  # his answers to them a day
LONGEST_SUSPENSION = 366  # days until somebody looks again
ARCHIVE_DAYS = 180  # after the end, when every report has its answer
MOST_CALLS = 3  # to a reporter without an answer, on different half-days
CLAIM = timedelta(minutes=10)  # so long a report that somebody has open to ring its reporter is his
CENTRES = (UnitKind.TOWN_CENTRE, UnitKind.COUNTY_CENTRE)
SCOPE_OF = {"normal": "general", "urgent": "urgent", "emergency": "emergency"}
OWN_CLOCKS = {Channel.LETTER.value: "letter_visit"}  # channels whose dispatching and handling have limits of their own
OWN_DUTIES = ("dispatch", "handle")


def deadline_of(
    actor: Actor,
    duty: str,
    start: datetime,
    *,
    urgency: str = "normal",
    category: Category | None = None,
    channel: str = "",
) -> Deadline:
    """The deadline of a duty that begins at the start. A category says in working days how long handling may take.

    channel: what comes by one of OWN_CLOCKS keeps its clocks, unless it is an emergency.
    """
    scope = SCOPE_OF[urgency]
    if duty in OWN_DUTIES and channel in OWN_CLOCKS and urgency != Urgency.EMERGENCY:
        return get_deadline(actor, duty=duty, start=start, scope=OWN_CLOCKS[channel])
    days = category.handle_days if category is not None and duty == "handle" else 0
    return get_deadline(actor, duty=duty, start=start, scope=scope, most_days=days)


def most_extension(actor: Actor, *, urgency: str = "normal") -> int:
    """By how many working days handling may be lengthened at most, as the preset says; ten where it says nothing."""
    return get_limit(actor, duty="handle", scope=SCOPE_OF[urgency]).extension or 10
