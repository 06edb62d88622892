"""Rules of routing: which unit leads a kind of case in a place. Precedents stand among them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import all_units, unit_name
from yijiaan.cases.models import Assignment, Case, RoutingRule, RuleSource
from yijiaan.cases.queries.categories import category_table
from yijiaan.core import clock
from yijiaan.core.scope import Actor

_KEEP = 15.0  # seconds; a rule that changes is seen by every process within this time
_lock = Lock()
_kept: tuple[float, tuple[RoutingRule, ...]] = (0.0, ())
DRY_RUN_DAYS = 31
MOST_COMPARED = 5000


def active_rules(actor: Actor) -> tuple[RoutingRule, ...]:
    """The rules in force by order, as the process remembers them: every suggestion asks."""
    global _kept
    until, rules = _kept
    if until < time.monotonic():
        rules = tuple(RoutingRule.objects.filter(is_active=True).order_by("position", "id"))
        with _lock:
            _kept = (time.monotonic() + _KEEP, rules)
    return rules


def forget_rules() -> None:
    """Drop what this process remembers."""
    global _kept
    with _lock:
        _kept = (0.0, ())


def list_rules(actor: Actor) -> list[RoutingRule]:
    """All rules for places in the actor's areas, those in force first, by order."""
    rows = RoutingRule.objects.filter(actor.area_filter("area_id")).select_related("category", "area", "unit")
    return list(rows.order_by("-is_active", "position", "id"))


def fits(rule: RoutingRule, *, area_code: str, categories: Sequence[UUID | None], channel: str, at: datetime) -> bool:
    """Whether a rule speaks of such a case; categories: the small one and the big one above it."""
    if not area_code.startswith(rule.area_id):
        return False
    if rule.category_id is not None and rule.category_id not in categories:
        return False
    if rule.channel and rule.channel != channel:
        return False
    if rule.hour_from is None or rule.hour_to is None:
        return True
    hour = clock.local(at).hour
    if rule.hour_from <= rule.hour_to:
        return rule.hour_from <= hour < rule.hour_to
    return hour >= rule.hour_from or hour < rule.hour_to  # over midnight


def lead_by_rule(actor: Actor, *, case: Case, category_id: UUID | None) -> tuple[Unit, str] | None:
    """The unit that the first fitting rule names, with the reason in words; None where no rule speaks."""
    table = category_table(actor)
    small = table.by_id.get(category_id) if category_id else None
    categories = (category_id, small.parent_id if small else None)
    for rule in active_rules(actor):
        if fits(rule, area_code=case.area_code, categories=categories, channel=case.channel, at=case.received_at):
            unit = all_units(actor).get(rule.unit_id)
            if unit is not None and case.area_code.startswith(unit.area_id):
                is_precedent = rule.source == RuleSource.PRECEDENT
                return unit, f"裁定先例（{rule.reference}）" if is_precedent else f"派单规则“{rule.name}”"
    return None


@dataclass(frozen=True, slots=True)
class Difference:
    """A case of last month that a rule would have sent elsewhere."""

    number: str
    title: str
    area_code: str
    went_to: str
    would_go_to: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have done to the cases of the last month: how many it speaks of, how many go the same way, which do not."""

    compared: int
    same: int
    differences: tuple[Difference, ...]


def dry_run(actor: Actor, *, rule: RoutingRule, most: int = 50) -> DryRun:
    """Try a rule on the cases that were dispatched within the last month, without changing anything."""
    now = clock.now()
    cases = (
        Case.objects.listed_to(actor)
        .filter(
            actor.area_filter(),
            area_code__gte=rule.area_id,
            area_code__lt=rule.area_id + "~",
            received_at__gte=now - timedelta(days=DRY_RUN_DAYS),
            is_confidential=False,
        )
        .order_by("-id")[:MOST_COMPARED]
    )
    table = category_table(actor)
    spoken_of = []
    for case in cases:
        small = table.by_id.get(case.category_id) if case.category_id else None
        categories = (case.category_id, small.parent_id if small else None)
        if fits(rule, area_code=case.area_code, categories=categories, channel=case.channel, at=case.received_at):
            spoken_of.append(case)
    leads: dict[UUID, UUID] = {}
    for case_id, unit_id in (
        Assignment.objects.filter(county=actor.county, case_id__in=[case.id for case in spoken_of], is_lead=True)
        .order_by("dispatched_at", "id")
        .values_list("case_id", "unit_id")
    ):
        leads[case_id] = unit_id
    sent = [case for case in spoken_of if case.id in leads]
    other = [case for case in sent if leads[case.id] != rule.unit_id]
    would = unit_name(actor, unit_id=rule.unit_id)
    return DryRun(
        len(sent),
        len(sent) - len(other),
        tuple(
            Difference(case.number, case.title, case.area_code, unit_name(actor, unit_id=leads[case.id]), would)
            for case in other[:most]
        ),
    )
