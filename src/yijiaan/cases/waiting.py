"""What waits for an actor in the case base, as other pages say it."""

from uuid import UUID

from yijiaan.accounts.providers import Waiting
from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Case
from yijiaan.cases.queries import count_waiting
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.ui.words import left_words


def count_mine(actor: Actor) -> int:
    """How many cases wait for the actor."""
    return sum(part.count for part in count_waiting(actor))


def count_to_send(actor: Actor) -> int:
    """The same for those who dispatch; for others the number stands at their own list."""
    return count_mine(actor) if actor.may("cases.dispatch") and not actor.may("cases.sign") else 0


def say_waiting(actor: Actor) -> Waiting | None:
    """要我办 19 件; 6 件待派单，最急的派单剩 38 分."""
    if not actor.may("cases.view"):
        return None
    parts = count_waiting(actor)
    if not parts:
        return Waiting("没有要办的")
    first = parts[0]
    note = f"{first.count} 件{first.label}，最急的{left_words(first.first_due_at, clock.now(), first.due_label)}"
    return Waiting(f"要我办 {sum(part.count for part in parts)} 件", note)


def say_held(actor: Actor, *, unit_id: UUID) -> str:
    """3 件在办事件: what lies open with a unit."""
    number = Case.objects.filter(county=actor.county, owner_id=unit_id, status__in=OPEN).count()
    return f"{number} 件在办事件" if number else ""
