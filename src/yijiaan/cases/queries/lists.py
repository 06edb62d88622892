from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, Min, OuterRef, Q

from yijiaan.accounts.queries import all_units
from yijiaan.cases import limits
from yijiaan.cases.flows import DUTY_LABEL, DUTY_OF, ENDED, FLOW, OPEN
from yijiaan.cases.models import Assignment, Case, CaseQuerySet, Report, Return
from yijiaan.cases.queries.categories import category_of
from yijiaan.cases.queries.page import with_units
from yijiaan.core.compiled import Compiled, compiled
from yijiaan.core.scope import Actor, system


def list_cases(actor: Actor) -> CaseQuerySet:
    """Cases the actor sees, newest first, with what a list shows. Filters and keyset paging are laid over it.

    was_returned: a unit sent it back and it waits to be dispatched again.
    """
    returns = Return.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"))
    cases = Case.objects.listed_to(actor).annotate(was_returned=Exists(returns) & Q(status="received"))
    return cases.order_by("-id")  # type: ignore[no-any-return]


def list_worklist(actor: Actor, *, statuses: Iterable[str] = OPEN) -> CaseQuerySet:
    """Open cases the actor sees, those due first at the head."""
    cases = Case.objects.listed_to(actor).filter(status__in=tuple(statuses))
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def list_my_orders(actor: Actor, *, group: str = "", now: datetime | None = None) -> CaseQuerySet:
    """Open cases that lie with the actor's unit now, by time left; with a group of ORDER_GROUPS only those in it now."""
    cases = Case.objects.listed_to(actor).filter(owner_id=actor.unit_id, status__in=("dispatched", "in_progress"))
    if group == "late":
        cases = cases.filter(next_due_at__lt=now)
    elif group:
        cases = cases.filter(next_due_at__gte=now, status="dispatched" if group == "sign" else "in_progress")
    return cases.order_by("next_due_at", "id")  # type: ignore[return-value]


ORDER_GROUPS = {"late": "已超时", "sign": "待签收", "hand": "办理中"}


def group_of(actor: Actor, *, case: Case, now: datetime) -> str:
    """Which group of 我的单 an order stands in."""
    if case.next_due_at is not None and case.next_due_at < now:
        return "late"
    return "sign" if case.status == "dispatched" else "hand"


def count_orders(actor: Actor, *, now: datetime) -> dict[str, int]:
    """How many orders of the actor's unit stand in each group."""
    orders = list_my_orders(actor).select_related(None).order_by()
    late = Q(next_due_at__lt=now)
    return orders.aggregate(  # type: ignore[no-any-return]
        late=Count("id", filter=late),
        sign=Count("id", filter=~late & Q(status="dispatched")),
        hand=Count("id", filter=~late & Q(status="in_progress")),
    )


def count_by_status(actor: Actor, *, cases: Any = None) -> dict[str, int]:
    """How many of the (already scoped) cases stand in each state; absent states are 0. Without cases: the open ones the actor sees."""
    if cases is None:
        counted = dict(_open_query(actor).rows())
    else:
        counted = dict(_by_status(cases))
    return {status: counted.get(status, 0) for status in (*OPEN, "closed")}


def _by_status(cases: Any) -> Any:
    return cases.order_by().values_list("status").annotate(n=Count("id"))


@lru_cache(maxsize=1024)
def _open_query(actor: Actor) -> Compiled:
    return compiled(_by_status(Case.objects.listed_to(actor).open()))


MOST_ENDED = 1000


def count_ended(actor: Actor, *, cases: Any = None) -> int:
    """How many of the (already scoped) cases have ended, counted up to one more than MOST_ENDED. Without cases: of those the actor sees."""
    if cases is None and actor.areas and len(_ended_inside_query(actor).rows()) > MOST_ENDED:
        return MOST_ENDED + 1
    if cases is None:
        return len(_ended_query(actor).rows())
    return int(cases.order_by().filter(status__in=ENDED)[: MOST_ENDED + 1].count())


@lru_cache(maxsize=1024)
def _ended_query(actor: Actor) -> Compiled:
    return compiled(Case.objects.listed_to(actor).filter(status__in=ENDED).values_list("status")[: MOST_ENDED + 1])


@lru_cache(maxsize=1024)
def _ended_inside_query(actor: Actor) -> Compiled:
    """Those inside the areas alone: an index counts them and stops when they are enough."""
    inside = Case.objects.visible_to(system("count", actor.county)).filter(actor.area_filter(), is_confidential=False)
    return compiled(inside.filter(status__in=ENDED).values_list("status")[: MOST_ENDED + 1])


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
    cases = Case.objects.listed_to(actor).filter(wanted, status__in=OPEN)
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


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
    counts = [
        WaitingCount(status, FLOW.state(status).label, DUTY_LABEL.get(DUTY_OF.get(status, ""), ""), number, first)
        for status, number, first in _waiting_query(actor).rows()
    ]
    return sorted(counts, key=lambda count: count.first_due_at)


@lru_cache(maxsize=1024)
def _waiting_query(actor: Actor) -> Compiled:
    cases = list_waiting(actor).select_related(None).order_by()
    return compiled(cases.values_list("status").annotate(n=Count("id"), first=Min("next_due_at")))


def get_next_like(actor: Actor, *, case: Case) -> Case | None:
    """The most urgent other case that stands in the same state: its number and state, to lead on to it."""
    rows = _next_query(actor, case.status).rows() if case.is_open else []
    number = next((number for (number,) in rows if number != case.number), None)
    return Case(county=case.county, number=number, status=case.status) if number else None


@lru_cache(maxsize=1024)
def _next_query(actor: Actor, status: str) -> Compiled:
    return compiled(list_worklist(actor, statuses=(status,)).select_related(None).values_list("number")[:2])


MOST_REPORTED = 100


def list_reported_by(actor: Actor) -> CaseQuerySet:
    """Cases that the actor's own post took in, newest first, a hundred at most."""
    mine = Report.objects.filter(county=actor.county, entered_by_id=actor.post_id).order_by("-id")
    cases = Case.objects.visible_to(actor).filter(id__any=ArraySubquery(mine.values("case_id")[:MOST_REPORTED]))
    return cases.select_related("owner", "category").order_by("-id")  # type: ignore[return-value]


def list_leads_of(actor: Actor, *, cases: Iterable[Case]) -> dict[Any, list[Assignment]]:
    """The parts that units hold now in some (already scoped) cases, by case id, the lead first."""
    parts: dict[Any, list[Assignment]] = {}
    rows = Assignment.objects.filter(
        county=actor.county, case_id__in=[case.id for case in cases], ended_at__isnull=True
    )
    for row in with_units(actor, list(rows.order_by("-is_lead", "dispatched_at"))):
        parts.setdefault(row.case_id, []).append(row)
    return parts


def get_case(actor: Actor, *, number: str) -> Case:
    """One case by its number; NotFound when it is not the actor's to see."""
    actor.require("cases.view")
    case: Case = Case.objects.get_visible(actor, county=actor.county, number=number)
    case.owner = all_units(actor).get(case.owner_id) or case.owner
    case.category = category_of(actor, case=case)
    return case
