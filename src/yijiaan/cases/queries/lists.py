from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Q

from yijiaan.accounts.queries import all_units
from yijiaan.cases import limits
from yijiaan.cases.flows import DUTY_LABEL, DUTY_OF, ENDED, FLOW, OPEN
from yijiaan.cases.models import Assignment, Case, CaseQuerySet, Report, Return, SavedView, Summons
from yijiaan.cases.queries.categories import category_of
from yijiaan.cases.queries.page import with_units
from yijiaan.core import clock
from yijiaan.core.compiled import Compiled, CompiledModels, compiled, keep_rows, rows_once, union_of
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor, system


def list_cases(actor: Actor) -> CaseQuerySet:
    """Cases the actor sees, newest first. Filters and keyset paging are laid over it."""
    return Case.objects.listed_to(actor).order_by("-id")  # type: ignore[return-value]


def returned_among(actor: Actor, *, cases: Iterable[Case]) -> set[UUID]:
    """Which of some (already scoped) cases a unit sent back and wait to be dispatched again."""
    waiting = [case.id for case in cases if case.status == "received"]
    if not waiting:
        return set()
    return set(Return.objects.filter(county=actor.county, case_id__in=waiting).values_list("case_id", flat=True))


def list_worklist(actor: Actor, *, statuses: Iterable[str] = OPEN) -> CaseQuerySet:
    """Open cases the actor sees, those due first at the head."""
    cases = Case.objects.listed_to(actor).filter(status__in=tuple(statuses))
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def list_my_orders(actor: Actor, *, group: str = "", now: datetime | None = None) -> CaseQuerySet:
    """Open cases that lie with the actor's unit now, by time left; with a group of ORDER_GROUPS only those in it now."""
    cases = Case.objects.listed_to(actor).filter(owner_id=actor.unit_id, status__in=tuple(GROUP_OF_STATE))
    if group == "late":
        cases = cases.filter(next_due_at__lt=now)
    elif group:
        statuses = [status for status, name in GROUP_OF_STATE.items() if name == group]
        cases = cases.filter(next_due_at__gte=now, status__in=statuses)
    return cases.order_by("next_due_at", "id")  # type: ignore[return-value]


ORDER_GROUPS = {"late": "已超时", "sign": "待签收", "hand": "办理中", "wait": "等补充、挂账的"}
GROUP_OF_STATE = {
    "dispatched": "sign",
    "in_progress": "hand",
    "coordinating": "hand",
    "need_info": "wait",
    "suspended": "wait",
}


def group_of(actor: Actor, *, case: Case, now: datetime) -> str:
    """Which group of 我的单 an order stands in."""
    if case.next_due_at is not None and case.next_due_at < now:
        return "late"
    return GROUP_OF_STATE.get(case.status, "hand")


@dataclass(frozen=True, slots=True)
class Tally:
    """Open cases that an actor sees, alike in state, in being held by his unit, and in being late."""

    status: str
    is_mine: bool
    is_late: bool
    count: int
    first_due_at: datetime


def open_tally(actor: Actor, *, now: datetime) -> list[Tally]:
    """All open cases the actor sees, counted once for menu and page alike; one line and another may be alike."""
    return [Tally(*row) for row in rows_once(_tally_query(actor), now=now)]


def keep_tally(actor: Actor, rows: Iterable[tuple[Any, ...]]) -> None:
    """For this reading of a page: the same, counted another way meanwhile (status, is_mine, is_late, count, first due)."""
    keep_rows(_tally_query(actor), list(rows))


SOME_MOMENT = datetime(2001, 1, 1, tzinfo=UTC)  # stands in composed queries where the time will stand


@lru_cache(maxsize=1024)
def _tally_query(actor: Actor) -> Compiled:
    mine = ExpressionWrapper(Q(owner_id=actor.unit_id), BooleanField())
    late = ExpressionWrapper(Q(next_due_at__lt=SOME_MOMENT), BooleanField())
    parts = [
        compiled(
            cases.open().order_by().values("status", mine=mine, late=late)
            .annotate(n=Count("id"), first=Min("next_due_at")).values_list("status", "mine", "late", "n", "first"),
            now=SOME_MOMENT,
        )
        for cases in Case.objects.listed_parts(actor)
    ]  # fmt: skip
    return union_of(parts)


def count_orders(actor: Actor, *, now: datetime) -> dict[str, int]:
    """How many orders of the actor's unit stand in each group."""
    counts = dict.fromkeys(ORDER_GROUPS, 0)
    for part in open_tally(actor, now=now):
        if part.is_mine and part.status in GROUP_OF_STATE:
            counts["late" if part.is_late else GROUP_OF_STATE[part.status]] += part.count
    return counts


def count_by_status(actor: Actor, *, cases: Any = None) -> dict[str, int]:
    """How many of the (already scoped) cases stand in each state; absent states are 0. Without cases: the open ones the actor sees."""
    if cases is None:
        counted = Counter[str]()
        for part in open_tally(actor, now=clock.now()):
            counted[part.status] += part.count
    else:
        counted = Counter(dict(cases.order_by().values_list("status").annotate(n=Count("id"))))
    return {status: counted.get(status, 0) for status in (*OPEN, "closed")}


def count_late(actor: Actor, *, now: datetime) -> int:
    """How many of the open cases the actor sees are past the time of the duty they owe."""
    return sum(part.count for part in open_tally(actor, now=now) if part.is_late)


MOST_ENDED = 1000


def count_ended(actor: Actor, *, cases: Any = None) -> int:
    """How many of the (already scoped) cases have ended, counted up to one more than MOST_ENDED. Without cases: of those the actor sees.

    That somebody sees more than MOST_ENDED is remembered: an ended case stays where it is for years.
    """
    if cases is not None:
        return int(cases.order_by().filter(status__in=ENDED)[: MOST_ENDED + 1].count())
    if _many_ended.get(actor, datetime.min.replace(tzinfo=UTC)) > clock.now() - REMEMBERED:
        return MOST_ENDED + 1
    found = len(_ended_inside_query(actor).rows()) if actor.areas else 0
    if found <= MOST_ENDED:
        found = len(_ended_query(actor).rows())
    if found > MOST_ENDED:
        if len(_many_ended) > MOST_REMEMBERED:
            _many_ended.clear()
        _many_ended[actor] = clock.now()
    return found


REMEMBERED = timedelta(minutes=10)
MOST_REMEMBERED = 1024
_many_ended: dict[Actor, datetime] = {}


@lru_cache(maxsize=1024)
def _ended_query(actor: Actor) -> Compiled:
    return compiled(Case.objects.listed_to(actor).filter(status__in=ENDED).values_list("status")[: MOST_ENDED + 1])


@lru_cache(maxsize=1024)
def _ended_inside_query(actor: Actor) -> Compiled:
    """Those inside the areas alone: an index counts them and stops when they are enough."""
    inside = Case.objects.visible_to(system("count", actor.county)).filter(actor.area_filter(), is_confidential=False)
    return compiled(inside.filter(status__in=ENDED).values_list("status")[: MOST_ENDED + 1])


# moves that only the unit which holds the case can make
BY_OWNER = {
    "sign", "finish", "return_back", "report_up", "ask_reporter", "ask_extension", "ask_suspension",
}  # fmt: skip
VERIFYING = {"verify_pass", "verify_fail"}  # the unit that verifies, or the centre for it
BRIEF = {"undo_dispatch"}  # for half a minute, to the sender alone: `can_undo` tells
# what one may do but does not owe: a case that could only be hurried, refused or begun again waits for nobody
FREE = {
    *BRIEF, "urge", "supervise", "instruct", "reject", "close_explained", "reopen", "ask_reporter", "ask_extension",
    "extend", "ask_suspension", "suspend", "resume", "whistle", "report_in", "end_whistle", "merge", "unmerge", "return_again",
    "answer_enquiry",
}  # fmt: skip


def moves_for(actor: Actor, *, case: Case) -> set[str]:
    """The names of the moves that this actor can make on this case now."""
    names = {move.name for move in FLOW.possible(actor, case.status)} - BRIEF - {"return_again"}
    if case.kind != "enquiry":
        names.discard("answer_enquiry")
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


def waiting_states(actor: Actor) -> dict[str, bool]:
    """The states in which cases wait for a move of this actor; True: only those that his unit holds."""
    found = {}
    for status in OPEN:
        names = {move.name for move in FLOW.possible(actor, status)} - FREE
        if names:
            found[status] = not names - BY_OWNER - VERIFYING
    return found


def list_waiting(actor: Actor) -> CaseQuerySet:
    """Cases that wait for a move of this actor, by time left: what his unit holds, and what his permissions let him move."""
    wanted = Q(pk__in=[])
    for status, is_own in waiting_states(actor).items():
        wanted |= Q(status=status, owner_id=actor.unit_id) if is_own else Q(status=status)
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
    states = waiting_states(actor)
    found: dict[str, list[Tally]] = {}
    for part in open_tally(actor, now=clock.now()):
        if part.status in states and (part.is_mine or not states[part.status]):
            found.setdefault(part.status, []).append(part)
    counts = [
        WaitingCount(
            status,
            FLOW.state(status).label,
            DUTY_LABEL.get(DUTY_OF.get(status, ""), ""),
            sum(part.count for part in parts),
            min(part.first_due_at for part in parts),
        )
        for status, parts in found.items()
    ]
    return sorted(counts, key=lambda count: count.first_due_at)


def get_next_like(actor: Actor, *, case: Case) -> Case | None:
    """The most urgent other case that the actor sees in the same state."""
    if not case.is_open:
        return None
    return list_worklist(actor, statuses=(case.status,)).exclude(id=case.id).first()  # type: ignore[no-any-return]


MOST_BATCH = 100


def list_chosen(actor: Actor, *, numbers: Sequence[str]) -> list[Case]:
    """Cases by their numbers, those the actor sees, in the order of the numbers; MOST_BATCH of them at most."""
    wanted = [number for number in dict.fromkeys(numbers) if "\0" not in number][:MOST_BATCH]
    found = Case.objects.visible_to(actor).filter(county=actor.county, number__in=wanted)
    place = {number: at for at, number in enumerate(wanted)}
    return with_owners(actor, sorted(found, key=lambda case: place[case.number]))


def with_owners(actor: Actor, cases: list[Case]) -> list[Case]:
    """Give cases their owner from what the process remembers; one no longer in use is read when it is asked for."""
    units = all_units(actor)
    for case in cases:
        if case.owner_id in units:
            case.owner = units[case.owner_id]
    return cases


MOST_REPORTED = 100


def list_reported_by(actor: Actor) -> CaseQuerySet:
    """Cases that the actor's own post took in, newest first, a hundred at most."""
    mine = Report.objects.filter(county=actor.county, entered_by_id=actor.post_id).order_by("-id")
    cases = Case.objects.visible_to(actor).filter(id__any=ArraySubquery(mine.values("case_id")[:MOST_REPORTED]))
    return cases.select_related("owner", "category").order_by("-id")  # type: ignore[return-value]


def list_summonses(actor: Actor) -> list[Summons]:
    """What the actor's unit is whistled for and has not come to yet, by when it must be there."""
    if actor.unit_id is None:
        return []
    rows = Summons.objects.filter(
        county=actor.county, unit_id=actor.unit_id, released_at__isnull=True, arrived_at__isnull=True
    )
    return list(rows.select_related("case").order_by("due_at", "id"))


def list_saved_views(actor: Actor) -> list[SavedView]:
    """The ways to narrow 事件中心 that the actor's post keeps, then those shared in his unit, by name."""
    views = SavedView.objects.visible_to(actor).order_by("name", "id").select_related("post__user")
    today = clock.local_day()
    for view in views:
        view.is_editable = view.post_id == actor.post_id or not view.post.is_held_on(today)
    return sorted(views, key=lambda view: view.post_id != actor.post_id)


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
    found = [] if "\0" in number else _case_query(actor).rows(number=number)
    if not found:
        raise NotFound
    case: Case = found[0]
    case.owner = all_units(actor).get(case.owner_id) or case.owner
    case.category = category_of(actor, case=case)
    return case


SOME_NUMBER = "some number"


@lru_cache(maxsize=1024)
def _case_query(actor: Actor) -> CompiledModels:
    cases = Case.objects.visible_to(actor).filter(county=actor.county, number=SOME_NUMBER)
    return CompiledModels(cases, number=SOME_NUMBER)
