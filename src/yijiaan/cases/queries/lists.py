from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q

from yijiaan.cases import limits
from yijiaan.cases.flows import FLOW, OPEN
from yijiaan.cases.models import Assignment, Case, CaseQuerySet, Report, Return
from yijiaan.core.scope import Actor


def list_cases(actor: Actor) -> CaseQuerySet:
    """Cases the actor sees, newest first, with what a list shows. Filters and keyset paging are laid over it.

    was_returned: a unit sent it back and it waits to be dispatched again.
    """
    returns = Return.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"))
    cases = Case.objects.visible_to(actor).annotate(was_returned=Exists(returns) & Q(status="received"))
    return cases.select_related("owner", "category").order_by("-id")  # type: ignore[no-any-return]


def list_worklist(actor: Actor, *, statuses: Iterable[str] = OPEN) -> CaseQuerySet:
    """Open cases the actor sees, those due first at the head."""
    cases = Case.objects.visible_to(actor).filter(status__in=tuple(statuses))
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def list_my_orders(actor: Actor) -> CaseQuerySet:
    """Open cases that lie with the actor's unit now, by time left."""
    cases = Case.objects.visible_to(actor).filter(owner_id=actor.unit_id, status__in=("dispatched", "in_progress"))
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def count_by_status(actor: Actor, *, cases: Any) -> dict[str, int]:
    """How many of the (already scoped) cases stand in each state; absent states are 0."""
    counted = dict(cases.order_by().values_list("status").annotate(n=Count("id")))
    return {status: counted.get(status, 0) for status in (*OPEN, "closed")}


MOST_ENDED = 1000


def count_ended(actor: Actor, *, cases: Any) -> int:
    """How many of the (already scoped) cases have ended, counted up to one more than MOST_ENDED."""
    return int(cases.order_by().filter(status="closed")[: MOST_ENDED + 1].count())


# moves that only the unit which holds the case can make
BY_OWNER = {"sign", "finish", "return_back", "report_up"}
VERIFYING = {"verify_pass", "verify_fail"}  # the unit that verifies, or the centre for it
BRIEF = {"undo_dispatch"}  # for half a minute, to the sender alone: `can_undo` tells
# what one may do but does not owe: a case that could only be hurried, refused or begun again waits for nobody
FREE = {*BRIEF, "urge", "supervise", "instruct", "reject", "close_explained", "reopen"}


def moves_for(actor: Actor, *, case: Case) -> set[str]:
    """The names of the moves that this actor can make on this case now."""
    names = {move.name for move in FLOW.possible(actor, case.status)} - BRIEF
    if case.owner_id == actor.unit_id:
        return names
    return names - BY_OWNER - (set() if actor.may("cases.dispatch") else VERIFYING)


def can_undo(actor: Actor, *, case: Case, parts: Iterable[Assignment], now: datetime) -> bool:
    """Whether the actor may still take back the dispatch he made; parts are the case's orders."""
    lead = next((part for part in parts if part.is_lead and part.ended_at is None), None)
    return (
        case.status == "dispatched"
        and lead is not None
        and lead.dispatched_by_id == actor.post_id
        and now <= lead.dispatched_at + timedelta(seconds=limits.UNDO_SECONDS)
    )


def list_waiting(actor: Actor) -> CaseQuerySet:
    """Cases that wait for a move of this actor, by time left: what his unit holds, and what his permissions let him move."""
    wanted = Q(pk__in=[])
    for status in OPEN:
        names = {move.name for move in FLOW.possible(actor, status)}
        names -= FREE
        if names - BY_OWNER - VERIFYING:
            wanted |= Q(status=status)
        elif names:
            wanted |= Q(status=status, owner_id=actor.unit_id)
    cases = Case.objects.visible_to(actor).filter(wanted, status__in=OPEN)
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def said_under(actor: Actor, *, number: str) -> Exists:
    """Whether a case (of a scoped list) came in under this number: the report's own, or that of an outside system."""
    said = Report.objects.filter(county=actor.county, case_id=OuterRef("id"))
    return Exists(said.filter(Q(number="".join(number.split()).upper()) | Q(external_number=number)))


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """How many cases wait in a state, and when the first is due."""

    status: str
    label: str
    due_label: str
    count: int
    first_due_at: datetime


def count_waiting(actor: Actor) -> list[WaitingCount]:
    """What waits for this actor by state, the most urgent first."""
    if not actor.may("cases.view"):
        return []
    rows = (
        list_waiting(actor)
        .select_related(None)
        .order_by()
        .values("status")
        .annotate(n=Count("id"), first=Min("next_due_at"))
    )
    counts = [
        WaitingCount(
            row["status"], FLOW.state(row["status"]).label, Case(status=row["status"]).due_label, row["n"], row["first"]
        )
        for row in rows
    ]
    return sorted(counts, key=lambda count: count.first_due_at)


def get_next_like(actor: Actor, *, case: Case) -> Case | None:
    """The most urgent other case that stands in the same state."""
    return list_worklist(actor, statuses=(case.status,)).exclude(id=case.id).first() if case.is_open else None  # type: ignore[no-any-return]


def list_reported_by(actor: Actor) -> CaseQuerySet:
    """Cases that the actor's own post took in, newest first."""
    mine = Report.objects.filter(county=actor.county, case_id=OuterRef("id"), entered_by_id=actor.post_id)
    cases = Case.objects.visible_to(actor).filter(Exists(mine))
    return cases.select_related("owner", "category").order_by("-id")  # type: ignore[return-value]


def list_leads_of(actor: Actor, *, cases: Iterable[Case]) -> dict[Any, list[Assignment]]:
    """The parts that units hold now in some (already scoped) cases, by case id, the lead first."""
    parts: dict[Any, list[Assignment]] = {}
    rows = Assignment.objects.filter(
        county=actor.county, case_id__in=[case.id for case in cases], ended_at__isnull=True
    )
    for row in rows.select_related("unit").order_by("-is_lead", "dispatched_at"):
        parts.setdefault(row.case_id, []).append(row)
    return parts


def get_case(actor: Actor, *, number: str) -> Case:
    """One case by its number; NotFound when it is not the actor's to see."""
    actor.require("cases.view")
    return (  # type: ignore[no-any-return]
        Case.objects.select_related("owner", "category__parent").get_visible(actor, county=actor.county, number=number)
    )
