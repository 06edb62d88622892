"""What is owed to a receiver is pushed in order until it arrives: one machine for hotlines and webhooks.

A receiver that is down keeps what it is owed, with growing pauses; when it answers again all that waits for it becomes due.
What it refuses is stuck until somebody looks, and what belongs behind it waits. No transaction is held while the line is busy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from yijiaan.connectors.models import OutboundState, Owed
from yijiaan.core import clock
from yijiaan.core.retries import growing_pause

LEASE = timedelta(seconds=90)  # one try and its time-out
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
BATCH = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """is_taken: it arrived; is_down: nobody answers now, try later; neither: refused. code: of HTTP, 0 without an answer."""

    is_taken: bool
    is_down: bool = False
    words: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """What is owed to one receiver. line: its rows (column and value); series: the column whose rows keep their order."""

    model: type[Owed]
    county: str
    line: dict[str, Any]
    series: str
    stuck_blocks: bool = True  # whether what is stuck holds up those behind it in its series

    def rows(self) -> Any:
        """All of them."""
        return self.model._default_manager.filter(county=self.county, **self.line)


def push_lane(lane: Lane, send: Callable[[Any], Answer]) -> tuple[int, list[Answer]]:
    """Push what is due, the first of each series; returns how many were tried, and what was answered."""
    claimed, answers = _claim(lane), []
    for number, row in enumerate(claimed, 1):
        answer = send(row)
        answers.append(answer)
        _settle(lane, row, answer)
        if answer.is_down:  # nobody answers there: the others need not try before it does
            waiting = lane.rows().filter(state=OutboundState.WAITING)
            waiting.filter(next_at__lt=row.next_at).update(next_at=row.next_at)
            waiting.filter(id__in=[other.id for other in claimed[number:]]).update(next_at=row.next_at)
            break
    return len(answers), answers


@transaction.atomic
def _claim(lane: Lane) -> list[Any]:
    now = clock.now()
    earlier = lane.rows().filter(
        **{lane.series: OuterRef(lane.series)},
        id__lt=OuterRef("id"),
        state__in=(OutboundState.WAITING, OutboundState.STUCK) if lane.stuck_blocks else (OutboundState.WAITING,),
    )
    due = (
        lane.rows()
        .select_for_update(of=("self",), skip_locked=True)
        .filter(~Exists(earlier), state=OutboundState.WAITING, next_at__lte=now)
        .order_by("next_at", "id")[:BATCH]
    )
    rows = list(due)
    lane.rows().filter(id__in=[row.id for row in rows]).update(next_at=now + LEASE)
    return rows


@transaction.atomic
def _settle(lane: Lane, row: Any, answer: Answer) -> None:
    now = clock.now()
    row.tries += 1
    if answer.is_taken:
        row.state, row.sent_at, row.problem = OutboundState.SENT, now, ""
        lane.rows().filter(state=OutboundState.WAITING, tries__gt=0).exclude(id=row.id).update(next_at=now, tries=0)
    elif answer.is_down:
        row.problem = answer.words[:200]
        row.next_at = now + growing_pause(row.tries, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    else:
        row.state, row.problem = OutboundState.STUCK, answer.words[:200]
    names = ["state", "sent_at", "problem", "tries", "next_at"]
    if hasattr(row, "answer_code"):
        row.answer_code = answer.code or None
        names.append("answer_code")
    row.save(update_fields=names)
