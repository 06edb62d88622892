"""走访安排: they follow the care lists by themselves; people pause, resume and end them, and say how often."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, system
from yijiaan.patrols.actions.planning import note
from yijiaan.patrols.models import AGREED, Arrangement, PauseReason, VisitCycle
from yijiaan.patrols.permissions import PLAN_VISITS, VISIT
from yijiaan.patrols.queries.visits import read_cycles
from yijiaan.patrols.visit_flows import FLOW, OPEN
from yijiaan.patrols.visit_rules import AHEAD, Cycle, state_on
from yijiaan.registry.models import CareEntry, CareKind, Membership, Status

SUBJECT = "patrols.arrangement"
MOST_WHO, MOST_REASON = 20, 100
MOST_DAYS = 366
BATCH = 500
NOT_ON_LIST = "不再列入关爱"
BY_ITSELF = (
    NOT_ON_LIST,
    *(Status(value).label for value in Status.values if value != Status.ACTIVE),
)  # not said by anybody


@transaction.atomic
def set_visit_cycle(*, actor: Actor, care_kind: str, every_days: int, who: str) -> VisitCycle:
    """Say how often those of one care list are visited, and by whom; arrangements that run move with it. RuleErrors unknown_kind,
    bad_days, no_who, too_long."""
    actor.require(PLAN_VISITS)
    if care_kind not in CareKind.values:
        raise RuleError("unknown_kind", "请选是哪一类", "care_kind")
    if not 1 <= every_days <= MOST_DAYS:
        raise RuleError("bad_days", f"请写 1 到 {MOST_DAYS} 之间的天数", "every_days")
    who = " ".join(who.split())
    if not who:
        raise RuleError("no_who", "请写由谁去，例如“网格员”", "who")
    if len(who) > MOST_WHO:
        raise RuleError("too_long", f"由谁去最多 {MOST_WHO} 个字", "who")
    now = clock.now()
    known = VisitCycle.objects.select_for_update(no_key=True).filter(county=actor.county, care_kind=care_kind).first()
    if known is not None and (known.every_days, known.who) == (every_days, who):
        return known
    cycle = known or VisitCycle(id=uuid7(), county=actor.county, care_kind=care_kind)
    cycle.every_days, cycle.who, cycle.set_by_id, cycle.set_at = every_days, who, actor.post_id, now
    cycle.save(force_insert=known is None)
    _shift(actor.county, care_kind, every_days)
    note(
        actor, "patrols.visit_cycle", cycle.id, actor.areas[0] if actor.areas else actor.county, "patrols.visit_cycle_set",
        kind=care_kind, days=every_days,
    )  # fmt: skip
    return cycle


def _shift(county: str, care_kind: str, every_days: int) -> None:
    """Move what runs by as many days as its cycle became longer or shorter: a statement for each day on which somebody is due."""
    running = Arrangement.objects.filter(county=county, kind=care_kind, status__in=OPEN).exclude(every_days=every_days)
    today = clock.local_day()
    for old, next_on in sorted(set(running.values_list("every_days", "next_on"))):
        day = next_on + timedelta(days=every_days - old)
        those = running.filter(every_days=old, next_on=next_on)  # none of them has the new length: none is moved twice
        those.update(every_days=every_days, next_on=day, status=state_on(today, day))


@transaction.atomic
def pause_arrangement(*, actor: Actor, arrangement_id: UUID, reason: str, until: date | None) -> Arrangement:
    """先不去: away or in hospital, until a day within a year. RuleErrors wrong_state, unknown_reason, bad_until."""
    one = _locked(actor, arrangement_id)
    FLOW.check(actor, "pause", one.status)
    if reason not in PauseReason.values or not reason:
        raise RuleError("unknown_reason", "请选为什么先不去", "reason")
    today = clock.local_day()
    if until is None or not today < until <= today + AHEAD:
        raise RuleError("bad_until", "请写到哪天，要在今后一年以内", "until")
    FLOW.move(one, "pause", actor, reason=reason, until=until)
    one.pause_reason, one.paused_until = reason, until
    one.save(update_fields=["status", "pause_reason", "paused_until"])
    note(actor, SUBJECT, one.id, one.area_code, "patrols.arrangement_paused", reason=reason, until=until.isoformat())
    return one


@transaction.atomic
def resume_arrangement(*, actor: Actor, arrangement_id: UUID) -> Arrangement:
    """接着去: due today where its day went by meanwhile. RuleError wrong_state."""
    one = _locked(actor, arrangement_id)
    FLOW.check(actor, "resume", one.status)
    _resume(actor, one, clock.local_day())
    return one


@transaction.atomic
def end_arrangement(*, actor: Actor, arrangement_id: UUID, reason: str) -> Arrangement:
    """不再走访. RuleErrors wrong_state, no_reason, too_long."""
    one = _locked(actor, arrangement_id)
    FLOW.check(actor, "end", one.status)
    reason = " ".join(reason.split())
    if not reason:
        raise RuleError("no_reason", "请写为什么不再走访", "reason")
    if len(reason) > MOST_REASON:
        raise RuleError("too_long", f"最多 {MOST_REASON} 个字", "reason")
    _end(actor, one, reason)
    return one


def _locked(actor: Actor, arrangement_id: UUID) -> Arrangement:
    one: Arrangement = Arrangement.objects.select_for_update(of=("self",), no_key=True).get_visible(
        actor, county=actor.county, id=arrangement_id
    )
    if not (actor.may(VISIT) or actor.may(PLAN_VISITS)):
        raise NotAllowed(VISIT)
    return one


def _resume(actor: Actor, one: Arrangement, today: date) -> None:
    one.next_on = max(one.next_on, today)
    FLOW.move(one, "resume", actor, to=state_on(today, one.next_on))
    one.pause_reason, one.paused_until = PauseReason.NONE, None
    one.save(update_fields=["status", "next_on", "pause_reason", "paused_until"])
    note(actor, SUBJECT, one.id, one.area_code, "patrols.arrangement_resumed")


def _end(actor: Actor, one: Arrangement, reason: str) -> None:
    FLOW.move(one, "end", actor, reason=reason)
    one.pause_reason, one.paused_until, one.ended_reason = PauseReason.NONE, None, reason
    one.save(update_fields=["status", "pause_reason", "paused_until", "ended_reason"])
    note(actor, SUBJECT, one.id, one.area_code, "patrols.arrangement_ended")


@transaction.atomic
def follow_care(*, actor: Actor, person_ids: Iterable[UUID] | None = None) -> int:
    """Let the arrangements of a county say what its care lists say now: new ones made, those of ended entries and of the dead or
    moved ended, households followed. For some persons or, from the daily job, for all. Harmless when run twice; returns how many
    rows changed."""
    entries = CareEntry.objects.filter(county=actor.county).select_related("person")
    if person_ids is not None:
        entries = entries.filter(person__in=list(person_ids))
    living = Q(ended_on__isnull=True, person__status=Status.ACTIVE)
    running = Exists(
        Arrangement.objects.filter(county=OuterRef("county"), care_entry=OuterRef("id")).exclude(status="ended")
    )
    cycles = read_cycles(actor)
    wanted = list(entries.filter(living | Q(running)).order_by("id"))
    known: dict[UUID | None, Arrangement] = {}
    homes: dict[UUID, Any] = {}
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        rows = Arrangement.objects.select_for_update(of=("self",), no_key=True).filter(
            county=actor.county, care_entry__in=[entry.id for entry in part]
        )
        known |= {one.care_entry_id: one for one in rows.order_by("id")}
        members = Membership.objects.filter(
            county=actor.county, to_on__isnull=True, person__in=[entry.person_id for entry in part]
        )
        homes |= dict(members.values_list("person_id", "household_id"))
    return sum(_follow(actor, entry, known.get(entry.id), homes.get(entry.person_id), cycles) for entry in wanted)


def _follow(
    actor: Actor, entry: CareEntry, one: Arrangement | None, household_id: UUID | None, cycles: dict[str, Cycle]
) -> bool:
    lives = entry.ended_on is None and entry.person.status == Status.ACTIVE
    if one is None:
        cycle, today = cycles[entry.care_kind], clock.local_day()
        next_on = entry.started_on + timedelta(days=cycle.every_days)
        if next_on < today:  # a list older than its cycle: spread over the days of one, nobody is late on the first day
            next_on = today + timedelta(days=entry.client_key.int % cycle.every_days)
        one = Arrangement(
            id=uuid7(), county=entry.county, household_id=household_id, care_entry=entry, area_code=entry.area_code,
            kind=entry.care_kind, every_days=cycle.every_days, status=state_on(today, next_on), next_on=next_on,
            made_at=clock.now(),
        )  # fmt: skip
        return len(Arrangement.objects.bulk_create([one], ignore_conflicts=True)) == 1
    if not lives:
        if one.status == "ended":
            return False
        reason = NOT_ON_LIST if entry.person.status == Status.ACTIVE else entry.person.get_status_display()
        _end(actor, one, reason)
        return True
    if one.status == "ended" and one.ended_reason in BY_ITSELF:  # came back, or two records were taken apart again
        today = clock.local_day()
        one.next_on = max(one.next_on, today)
        FLOW.move(one, "take_up", actor, to=state_on(today, one.next_on))
        one.household_id, one.area_code, one.ended_reason = household_id, entry.area_code, ""
        one.save(update_fields=["status", "next_on", "household", "area_code", "ended_reason"])
        note(actor, SUBJECT, one.id, one.area_code, "patrols.arrangement_taken_up")
        return True
    if (one.household_id, one.area_code) == (household_id, entry.area_code):
        return False
    one.household_id, one.area_code = household_id, entry.area_code
    one.save(update_fields=["household", "area_code"])
    return True


@transaction.atomic
def follow_homes(*, actor: Actor, household_ids: Iterable[UUID] | None = None) -> int:
    """What was agreed with a household goes where the household lies now; what follows a care list goes with that. For some
    households or, from the daily job, for all of a county. Harmless when run twice; returns how many rows changed."""
    agreed = Arrangement.objects.filter(county=actor.county, care_entry__isnull=True, household__county=actor.county)
    if household_ids is not None:
        agreed = agreed.filter(household__id__any=list(household_ids))
    elsewhere = agreed.exclude(status="ended").exclude(area_code=F("household__area_code"))
    moves = dict(elsewhere.values_list("id", "household__area_code"))
    for area_code in sorted(set(moves.values())):
        ids = [one for one, code in moves.items() if code == area_code]
        Arrangement.objects.filter(county=actor.county, id__any=ids).update(area_code=area_code)
    return len(moves)


def keep_arrangements_of_today(*, actor: Actor) -> int:
    """What the day makes of every arrangement: to its day, over it, paused ones resumed; and the care lists followed. A job;
    harmless when run twice; returns how many rows changed."""
    today, changed = clock.local_day(), 0
    counties = {
        *CareEntry.objects.order_by("county").values_list("county", flat=True).distinct(),
        *Arrangement.objects.order_by("county").values_list("county", flat=True).distinct(),
    }
    for county in sorted(counties):
        here = system(actor.identity, county)
        changed += follow_care(actor=here) + follow_homes(actor=here)
        with transaction.atomic():
            waiting = Arrangement.objects.select_for_update(no_key=True).filter(county=county)
            for one in waiting.filter(status="paused", paused_until__lte=today).order_by("id"):
                _resume(here, one, today)
                changed += 1
            for name, status in (("fall_due", "due"), ("run_over", "overdue")):
                those = waiting.filter(status__in=FLOW.named(name).sources, next_on__lte=today).order_by("id")
                moved = [one for one in those if state_on(today, one.next_on) == status]
                for one in moved:
                    FLOW.check(here, name, one.status)
                for start in range(0, len(moved), BATCH):
                    ids = [one.id for one in moved[start : start + BATCH]]
                    Arrangement.objects.filter(county=county, id__in=ids).update(status=status)
                changed += len(moved)
    return changed


def go_on(actor: Actor, one: Arrangement, *, on: date, next_on: date) -> None:
    """After a visit: the next day, or the end of what was agreed once. A visit that arrives late moves nothing back."""
    if one.last_on is not None and on < one.last_on:
        return
    today = clock.local_day()
    one.last_on, one.next_on = on, next_on
    if one.kind == AGREED and next_on <= on:
        FLOW.move(one, "visit", actor, to="ended")
        one.ended_reason = "去过了"
    else:
        FLOW.check(actor, "visit", one.status)
        one.status = state_on(today, next_on)
    one.save(update_fields=["last_on", "next_on", "status", "ended_reason"])
