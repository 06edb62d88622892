"""How long a duty on a case may take: the chosen preset's limits, shortened or lengthened by the category."""

from datetime import datetime

from yijiaan.cases.models import Category
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.queries import Deadline, get_deadline

UNDO_SECONDS = 30  # a dispatch can be taken back, as long as nobody signed it
REOPEN_DAYS = 30  # new facts open a closed case again within so many days
URGE_HOURS = 24  # a reporter may urge once in so many hours
SCOPE_OF = {"normal": "general", "urgent": "urgent", "emergency": "emergency"}


def deadline_of(
    actor: Actor, duty: str, start: datetime, *, urgency: str = "normal", category: Category | None = None
) -> Deadline:
    """The deadline of a duty that begins at the start. A category says in working days how long handling may take."""
    days = category.handle_days if category is not None and duty == "handle" else 0
    return get_deadline(actor, duty=duty, start=start, scope=SCOPE_OF[urgency], most_days=days)
