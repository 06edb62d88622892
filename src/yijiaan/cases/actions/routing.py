"""Rules of routing as data: made switched off, tried on last month's cases, then put in force."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from yijiaan.areas.queries import get_area
from yijiaan.cases import permissions
from yijiaan.cases.actions.steps import unit_of
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Channel, RoutingRule, RuleSource
from yijiaan.cases.queries.categories import category_by_code
from yijiaan.cases.queries.routing import forget_rules
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

SUBJECT = "cases.routingrule"
STEP = 10


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a rule says. category and channel empty: any; hours None: at any time, over midnight when the first is later."""

    name: str
    area_code: str
    unit_id: UUID | None
    category: str = ""
    channel: str = ""
    hour_from: int | None = None
    hour_to: int | None = None
    position: int | None = None


@transaction.atomic
def set_rule(*, actor: Actor, facts: RuleFacts, rule_id: UUID | None = None) -> RoutingRule:
    """Make a rule (switched off) or change one. A changed rule stays as it was, on or off.

    RuleErrors no_name, unknown_area, unknown_unit, unknown_category, unknown_channel, half_hours, bad_hours, says_nothing.
    """
    actor.require(permissions.SET_ROUTING)
    name = clean_text(facts.name, most=60, field="name")
    if not name:
        raise RuleError("no_name", "请起个名字，例如“集市占道归交警”", "name")
    if not facts.area_code or not actor.covers(facts.area_code):
        raise RuleError("unknown_area", "请选一个您管的地方", "area")
    try:
        area = get_area(actor, code=facts.area_code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选一个您管的地方", "area") from error
    unit = unit_of(actor, facts.unit_id)
    if unit is None or not (area.code.startswith(unit.area_id) or unit.area_id.startswith(area.code)):
        raise RuleError("unknown_unit", "请选一个管这个地方的单位", "unit")
    category = category_by_code(actor, code=facts.category) if facts.category else None
    if facts.category and category is None:
        raise RuleError("unknown_category", "没有这个类别，请重新选", "category")
    if facts.channel and facts.channel not in Channel.values:
        raise RuleError("unknown_channel", "没有这个来源，请重新选", "channel")
    hours = (facts.hour_from, facts.hour_to)
    if (hours[0] is None) != (hours[1] is None):
        raise RuleError("half_hours", "钟点要么都填，要么都空着", "hour_from")
    if any(hour is not None and not 0 <= hour <= 24 for hour in hours) or (
        hours[0] is not None and hours[0] == hours[1]
    ):  # noqa: PLR2004
        raise RuleError("bad_hours", "钟点填 0 到 24，起止不能一样", "hour_from")
    if category is None and not facts.channel and hours[0] is None:
        raise RuleError("says_nothing", "类别、来源、钟点至少定一样，不然所有的件都归它", "category")
    last = RoutingRule.objects.aggregate(last=Max("position"))["last"] or 0
    values: dict[str, Any] = {
        "name": name, "area_id": area.code, "unit_id": unit.id, "category_id": category.id if category else None,
        "channel": facts.channel, "hour_from": hours[0], "hour_to": hours[1],
    }  # fmt: skip
    if rule_id is None:
        rule = RoutingRule(id=uuid7(), position=facts.position or last + STEP, created_at=clock.now(), **values)
        rule.save(force_insert=True)
        _note(actor, rule, "cases.rule_added", {})
        return rule
    rule = _locked(actor, rule_id)
    if facts.position:
        values["position"] = facts.position
    changed = {
        key: [_said(getattr(rule, key)), _said(value)] for key, value in values.items() if getattr(rule, key) != value
    }
    if changed:
        for key, value in values.items():
            setattr(rule, key, value)
        rule.save(update_fields=list(values))
        _note(actor, rule, "cases.rule_changed", {"changed": changed})
    return rule


@transaction.atomic
def switch_rule(*, actor: Actor, rule_id: UUID, is_active: bool) -> RoutingRule:
    """Put a rule in force, or out of it."""
    actor.require(permissions.SET_ROUTING)
    rule = _locked(actor, rule_id)
    if rule.is_active != is_active:
        rule.is_active = is_active
        rule.save(update_fields=["is_active"])
        _note(actor, rule, "cases.rule_switched", {"changed": {"is_active": [not is_active, is_active]}})
    return rule


@transaction.atomic
def delete_rule(*, actor: Actor, rule_id: UUID) -> str:
    """Forget a rule that is not in force; the journal keeps that it was there. RuleError in_force."""
    actor.require(permissions.SET_ROUTING)
    rule = _locked(actor, rule_id)
    if rule.is_active:
        raise RuleError("in_force", "启用着的规则先停用，再删")
    _note(actor, rule, "cases.rule_deleted", {})
    name = rule.name
    rule.delete()
    return name


def remember_precedent(actor: Actor, rule: RoutingRule) -> None:
    """A rule that a ruling made: written down like any other."""
    _note(actor, rule, "cases.rule_added", {"source": RuleSource.PRECEDENT.value, "reference": rule.reference})


def _locked(actor: Actor, rule_id: UUID) -> RoutingRule:
    rule = RoutingRule.objects.select_for_update().filter(actor.area_filter("area_id"), id=rule_id).first()
    if rule is None:
        raise NotFound
    return rule


def _note(actor: Actor, rule: RoutingRule, verb: str, data: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=rule.id,
        area_code=rule.area_id,
        at=clock.now(),
        data={"name": rule.name, **data},
    )
    forget_rules()
    transaction.on_commit(forget_rules)


def _said(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)
