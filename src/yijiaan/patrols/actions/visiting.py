"""记走访: one deed from a phone, with or without a signal: the visit, what changed, and what is raised."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions import Intake, submit_report
from yijiaan.cases.models import Channel
from yijiaan.core import clock
from yijiaan.core.compiled import CompiledModels
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.postgresql.raw import insert_row
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.patrols.actions.arranging import go_on
from yijiaan.patrols.models import AGREED, Arrangement, Visit, VisitKind, VisitWay
from yijiaan.patrols.permissions import VISIT
from yijiaan.patrols.visit_flows import OPEN
from yijiaan.patrols.visit_rules import AFTER_REFUSAL, AHEAD, state_on
from yijiaan.registry.actions import change_facts
from yijiaan.registry.models import Change, Household

SUBJECT = "patrols.visit"
MOST = {"met": 40, "needs": 1000, "moves": 300, "helped": 300, "together": 60}
LABELS = {
    "met": "见到了谁",
    "needs": "有什么需要",
    "moves": "人口变动",
    "helped": "帮了什么",
    "together": "和谁一起去的",
}
OLDEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class FactChange:
    """Facts of the household or of one who lives there that are not as they were registered."""

    kind: str
    record_id: UUID
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What was found on a visit. Nothing of it must be filled in."""

    on: date | None = None
    way: str = VisitWay.HOME.value
    kind: str = ""
    met: str = ""
    needs: str = ""
    moves: str = ""
    helped: str = ""
    together: str = ""
    next_on: date | None = None
    is_refused: bool = False
    is_raised: bool = False
    changes: Sequence[FactChange] = field(default_factory=tuple)


@transaction.atomic
def record_visit(
    *, actor: Actor, household_id: UUID, facts: VisitFacts, client_key: UUID, seen_at: datetime | None = None
) -> Visit:
    """Keep a visit. What changed goes to base data with the source 入户走访 and the day (a proposal where the visitor may not confirm,
    or where somebody changed the same fact after seen_at, the moment at which it was written down); what is raised becomes a
    report; the arrangements of the household go on to their next day.

    The same client_key again gives the first visit. RuleErrors in_the_future, too_long_ago, unknown_way, unknown_kind, too_long,
    bad_next, empty_needs, those of `change_facts` and `submit_report`; Conflict where the key came with something else.
    """
    actor.require(VISIT)
    found = _household_of(actor).rows(household=household_id)
    if not found:
        raise NotFound
    household: Household = found[0]
    said = {name: " ".join(getattr(facts, name).split()) for name in MOST}
    known = _visit_under(actor.county).rows(key=client_key)
    if known:
        return _same(actor, known[0], household, said, facts)
    today, now = clock.local_day(), clock.now()
    on = facts.on or today
    waiting: list[Arrangement] = _arrangements_of(household.county).rows(household=household.id)
    _check(facts, said, on, today)
    visit = Visit(
        id=uuid7(), county=household.county, household=household, area_code=household.area_code, on=on, way=facts.way,
        kind=facts.kind or (VisitKind.CARE if waiting else VisitKind.ROUTINE), met_sealed=said["met"],
        needs_sealed=said["needs"], moves_sealed=said["moves"], help_sealed=said["helped"], together=said["together"],
        next_on=facts.next_on, is_refused=facts.is_refused, visited_by_id=actor.post_id, recorded_at=now, client_key=client_key,
    )  # fmt: skip
    lines = _change(actor, facts.changes, on, client_key, seen_at)
    if facts.is_raised:
        intake = Intake(
            text=said["needs"], client_key=client_key, area_code=household.area_code, place=household.address,
            said_ago=now - seen_at if seen_at is not None and seen_at < now else None,
        )  # fmt: skip
        receipt = submit_report(actor=actor, intake=intake, door=household.area_code, channel=Channel.VISIT.value)
        visit.case_number = receipt.case_number
    if not insert_row(visit, once=("county", "client_key")):
        raise Conflict("这次走访刚才已经收到了", code="client_key_reused")
    _go_on(actor, household, waiting, facts, on)
    record(
        actor=actor, verb="patrols.visit_recorded", county=visit.county, subject_type=SUBJECT, subject_id=visit.id,
        area_code=visit.area_code, at=now,
        data={"way": visit.way, "kind": visit.kind, "refused": visit.is_refused, "changes": len(lines), "case": visit.case_number},
    )  # fmt: skip
    return visit


SOME_HOUSEHOLD, SOME_KEY = uuid.uuid5(uuid.NAMESPACE_OID, "household"), uuid.uuid5(uuid.NAMESPACE_OID, "key")


@lru_cache(maxsize=1024)
def _household_of(actor: Actor) -> CompiledModels:
    """One that the actor sees, locked."""
    homes = Household.objects.select_for_update(of=("self",), no_key=True).visible_to(actor)
    return CompiledModels(homes.filter(id=SOME_HOUSEHOLD), household=SOME_HOUSEHOLD)


@lru_cache(maxsize=256)
def _arrangements_of(county: str) -> CompiledModels:
    """Why and when a household is visited, locked."""
    those = Arrangement.objects.select_for_update(no_key=True).filter(
        county=county, household_id=SOME_HOUSEHOLD, status__in=OPEN
    )
    return CompiledModels(those.order_by("id"), household=SOME_HOUSEHOLD)


@lru_cache(maxsize=256)
def _visit_under(county: str) -> CompiledModels:
    """What came under a client key before."""
    return CompiledModels(Visit.objects.filter(county=county, client_key=SOME_KEY), key=SOME_KEY)


def _same(actor: Actor, known: Visit, household: Household, said: Mapping[str, str], facts: VisitFacts) -> Visit:
    mine = (
        household.id, actor.post_id, said["met"], said["needs"], said["moves"], said["helped"], facts.is_refused, facts.next_on,
    )  # fmt: skip
    first = (
        known.household_id, known.visited_by_id, known.met_sealed, known.needs_sealed, known.moves_sealed, known.help_sealed,
        known.is_refused, known.next_on,
    )  # fmt: skip
    if mine != first:
        raise Conflict("这次走访刚才已经收到了，要另记一次请重新打开这一页", code="client_key_reused")
    return known


def _check(facts: VisitFacts, said: Mapping[str, str], on: date, today: date) -> None:
    if on > today:
        raise RuleError("in_the_future", "走访的日子不能晚于今天", "on")
    if on < today - OLDEST:
        raise RuleError("too_long_ago", "一年以前的走访不用补记，请看看日子写对没有", "on")
    if facts.way not in VisitWay.values:
        raise RuleError("unknown_way", "请选怎么走访的", "way")
    if facts.kind and facts.kind not in VisitKind.values:
        raise RuleError("unknown_kind", "请选是哪一类走访", "kind")
    for name, most in MOST.items():
        if len(said[name]) > most:
            raise RuleError("too_long", f"{LABELS[name]}写了 {len(said[name])} 个字，最多 {most} 个字", name)
    if facts.next_on is not None and not on < facts.next_on <= today + AHEAD:
        raise RuleError("bad_next", "下次去的日子要在这次以后、一年以内", "next_on")
    if facts.is_raised and not said["needs"]:
        raise RuleError("empty_needs", "要报上去办，请写是什么事", "needs")


def _change(
    actor: Actor, changes: Sequence[FactChange], on: date, client_key: UUID, seen_at: datetime | None
) -> list[Change]:
    lines: list[Change] = []
    for change in changes:
        try:
            lines += change_facts(
                actor=actor, kind=change.kind, record_id=change.record_id, values=change.values, source="visit",
                client_key=key_of(client_key, change.record_id), told_on=on, seen_at=seen_at,
            )  # fmt: skip
        except RuleError as error:
            if error.code != "nothing_changed":  # the office heard the same and was faster
                raise
    return lines


def key_of(client_key: UUID, record_id: UUID) -> UUID:
    """The key under which a visit changes one record: a household and those who live there have one each."""
    return uuid.uuid5(client_key, str(record_id))


def _go_on(actor: Actor, household: Household, waiting: list[Arrangement], facts: VisitFacts, on: date) -> None:
    for one in waiting:
        if facts.is_refused:
            if one.last_on is None or on >= one.last_on:
                one.next_on = facts.next_on or on + AFTER_REFUSAL
                one.status = state_on(clock.local_day(), one.next_on)
                one.save(update_fields=["next_on", "status"])
            continue
        go_on(actor, one, on=on, next_on=facts.next_on or on + timedelta(days=one.every_days))
    if facts.next_on is not None and not waiting:
        Arrangement(
            id=uuid7(), county=household.county, household=household, area_code=household.area_code, kind=AGREED, every_days=0,
            status=state_on(clock.local_day(), facts.next_on), last_on=on, next_on=facts.next_on, made_at=clock.now(),
        ).save(force_insert=True)  # fmt: skip
