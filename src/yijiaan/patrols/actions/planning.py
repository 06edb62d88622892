"""安排巡查: ways with their points, plans by rule, sweeps over grids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.models import Post, Unit
from yijiaan.accounts.queries import list_units_for
from yijiaan.areas.queries import get_area, list_places
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.geo import check_point
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.patrols.actions.making import make_run
from yijiaan.patrols.models import PatrolKind, PatrolPlan, PatrolPoint, PatrolTemplate, RuleKind, Sweep
from yijiaan.patrols.permissions import PLAN

MOST_POINTS = 60
MOST_DATES = 60
MOST_GRIDS = 400
MOST_SWEEP_DAYS = 31
BOUNDS = {RuleKind.WEEKLY: (1, 7), RuleKind.MONTHLY: (1, 31), RuleKind.MARKET: (0, 9)}


@dataclass(frozen=True, slots=True)
class PointFacts:
    """One point as it is written."""

    place: str
    hint: str = ""
    area_code: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """Who walks a way, and on which days."""

    unit_id: UUID | None
    rule: str
    days: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    post_id: UUID | None = None


@transaction.atomic
def write_patrol_template(
    *,
    actor: Actor,
    name: str,
    kind: str,
    area_code: str,
    points: Sequence[PointFacts],
    client_key: UUID,
    is_ordered: bool = False,
    safety_track: bool = False,
    template_id: UUID | None = None,
) -> PatrolTemplate:
    """Write a way with its points, or write it anew: walks that were made keep the points they were made with.

    RuleErrors empty_name, name_too_long, unknown_kind, unknown_area, no_points, too_many_points, empty_place, place_too_long,
    hint_too_long, point_outside, those of `geo.check_point`. The same client_key again gives the first one.
    """
    actor.require(PLAN)
    name = name.strip()
    if not name:
        raise RuleError("empty_name", "请写这条路线叫什么", "name")
    if len(name) > 40:
        raise RuleError("name_too_long", f"名称写了 {len(name)} 个字，最多 40 个字", "name")
    if kind not in PatrolKind.values:
        raise RuleError("unknown_kind", "请选是哪一类巡查", "kind")
    area_code = own_area(actor, area_code)
    _check_points(points, area_code)
    if template_id is None:
        known = PatrolTemplate.objects.filter(county=actor.county, client_key=client_key).first()
        if known is not None:
            if (known.name, known.made_by_id) != (name, actor.post_id):
                raise Conflict("刚才那条路线已经存了", code="client_key_reused")
            return known
        template = PatrolTemplate(
            id=uuid7(), county=actor.county, client_key=client_key, made_by_id=actor.post_id, made_at=clock.now()
        )
    else:
        template = PatrolTemplate.objects.select_for_update(no_key=True).get_visible(actor, id=template_id)
        if not actor.covers(template.area_code):
            raise NotFound
    template.name, template.kind, template.area_code = name, kind, area_code
    template.is_ordered, template.safety_track = is_ordered, safety_track
    template.save(force_insert=template_id is None)
    PatrolPoint.objects.filter(county=template.county, template_id=template.id).delete()
    PatrolPoint.objects.bulk_create(
        PatrolPoint(
            id=uuid7(), county=template.county, template=template, place_number=number, place=point.place.strip(),
            hint=point.hint.strip(), area_code=point.area_code, lon=point.lon, lat=point.lat,
        )
        for number, point in enumerate(points, 1)
    )  # fmt: skip
    note(actor, "patrols.template", template.id, area_code, "patrols.template_written", points=len(points))
    return template


@transaction.atomic
def plan_patrol(*, actor: Actor, template_id: UUID, facts: PlanFacts, client_key: UUID) -> PatrolPlan:
    """Let a unit (or one post of it) walk a way by a rule. RuleErrors unknown_unit, unknown_post, unknown_rule, no_days, bad_days,
    no_dates, too_many_dates, bad_start, bad_end. The same client_key again gives the first plan."""
    actor.require(PLAN)
    known = PatrolPlan.objects.filter(county=actor.county, client_key=client_key).first()
    if known is not None:
        if known.template_id != template_id or known.rule != facts.rule:
            raise Conflict("刚才那次安排已经存了", code="client_key_reused")
        return known
    template: PatrolTemplate = PatrolTemplate.objects.get_visible(actor, id=template_id, is_active=True)
    if not actor.covers(template.area_code):
        raise NotFound
    unit = unit_for(actor, template.area_code, facts.unit_id)
    if (
        facts.post_id is not None
        and not Post.objects.on(clock.local_day()).filter(id=facts.post_id, unit=unit).exists()
    ):
        raise RuleError("unknown_post", "请选这个单位里的人，或者不选", "post")
    days, dates = _days(facts)
    today = clock.local_day()
    starts_on = facts.starts_on or today
    if starts_on < today:
        raise RuleError("bad_start", "从今天起，或者以后", "starts_on")
    if facts.ends_on is not None and facts.ends_on < starts_on:
        raise RuleError("bad_end", "结束的日子要在开始以后", "ends_on")
    plan = PatrolPlan(
        id=uuid7(), county=actor.county, template=template, area_code=template.area_code, unit=unit, post_id=facts.post_id,
        rule=facts.rule, days=days, dates=dates, starts_on=starts_on, ends_on=facts.ends_on, made_at=clock.now(),
        client_key=client_key,
    )  # fmt: skip
    plan.save(force_insert=True)
    note(actor, "patrols.plan", plan.id, plan.area_code, "patrols.plan_made", rule=facts.rule, unit=str(unit.id))
    make_run(actor, plan, today)
    return plan


@transaction.atomic
def switch_plan(*, actor: Actor, plan_id: UUID, is_active: bool) -> PatrolPlan:
    """Stop a plan, or let it go on; walks that were made stay."""
    actor.require(PLAN)
    plan: PatrolPlan = PatrolPlan.objects.select_for_update(no_key=True).get_visible(actor, id=plan_id)
    if not actor.covers(plan.area_code):
        raise NotFound
    if plan.is_active != is_active:
        plan.is_active = is_active
        plan.save(update_fields=["is_active"])
        verb = f"patrols.plan_{'restarted' if is_active else 'stopped'}"
        note(actor, "patrols.plan", plan.id, plan.area_code, verb)
    return plan


@transaction.atomic
def start_sweep(
    *,
    actor: Actor,
    name: str,
    template_id: UUID,
    area_code: str,
    on: date | None,
    client_key: UUID,
    ends_on: date | None = None,
) -> Sweep:
    """拉网式: one walk for each grid of a place, by its village; a grid without points of its own looks at those that belong to none.
    It lasts from one day to another, both included; without an end it is that one day.

    RuleErrors empty_name, name_too_long, unknown_area, bad_day, bad_end, no_grids, too_many_grids. The same client_key again gives the first.
    """
    actor.require(PLAN)
    name = name.strip()
    if not name:
        raise RuleError("empty_name", "请写这次叫什么，例如“冬季消防拉网”", "name")
    if len(name) > 40:
        raise RuleError("name_too_long", f"名称写了 {len(name)} 个字，最多 40 个字", "name")
    known = Sweep.objects.filter(county=actor.county, client_key=client_key).first()
    if known is not None:
        if (known.name, known.template_id) != (name, template_id):
            raise Conflict("刚才那次已经安排了", code="client_key_reused")
        return known
    template: PatrolTemplate = PatrolTemplate.objects.get_visible(actor, id=template_id, is_active=True)
    area_code = own_area(actor, area_code)
    today = clock.local_day()
    if on is None or not 0 <= (on - today).days <= 92:
        raise RuleError("bad_day", "请选今天起三个月以内的一天", "on")
    if ends_on is not None and not 0 <= (ends_on - on).days < MOST_SWEEP_DAYS:
        raise RuleError("bad_end", f"结束的日子不能早于开始，一次最多 {MOST_SWEEP_DAYS} 天", "ends_on")
    grids = [grid.code for _, inside in list_places(actor, code=area_code) for grid in inside]
    grids = [code for code in grids if code.startswith(area_code)]
    if not grids:
        raise RuleError("no_grids", "那里还没有网格，不能拉网", "area_code")
    if len(grids) > MOST_GRIDS:
        raise RuleError("too_many_grids", f"一次最多 {MOST_GRIDS} 个网格，请按镇来", "area_code")
    sweep = Sweep(
        id=uuid7(), county=actor.county, name=name, template=template, area_code=area_code, on=on, ends_on=ends_on,
        made_by_id=actor.post_id, made_at=clock.now(), client_key=client_key,
    )  # fmt: skip
    sweep.save(force_insert=True)
    for code in grids:
        make_run(actor, sweep, on, area_code=code)
    note(actor, "patrols.sweep", sweep.id, area_code, "patrols.sweep_started", grids=len(grids))
    return sweep


def own_area(actor: Actor, code: str) -> str:
    """A town, village or grid inside the actor's area."""
    try:
        if len(code) < 9 or not code.startswith(actor.county) or not actor.covers(code):
            raise NotFound
        return str(get_area(actor, code=code).code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选您辖区里的镇、村或网格", "area_code") from error


def unit_for(actor: Actor, area_code: str, unit_id: UUID | None) -> Unit:
    """A unit that can act there."""
    units = {unit.id: unit for unit in list_units_for(actor, area_code=area_code)}
    if unit_id is None or unit_id not in units:
        raise RuleError("unknown_unit", "请选一个管得到那里的单位", "unit")
    return units[unit_id]


def note(actor: Actor, subject: str, subject_id: UUID, area_code: str, verb: str, **data: object) -> None:
    """A row of the journal."""
    record(
        actor=actor, verb=verb, county=actor.county, subject_type=subject, subject_id=subject_id, area_code=area_code,
        at=clock.now(), data=dict(data),
    )  # fmt: skip


def _check_points(points: Sequence[PointFacts], area_code: str) -> None:
    if not points:
        raise RuleError("no_points", "请至少写一个点，一行一个", "points")
    if len(points) > MOST_POINTS:
        raise RuleError("too_many_points", f"一条路线最多 {MOST_POINTS} 个点", "points")
    for number, point in enumerate(points, 1):
        if not point.place.strip():
            raise RuleError("empty_place", f"第 {number} 个点没有写地点", "points")
        if len(point.place.strip()) > 60:
            raise RuleError("place_too_long", f"第 {number} 个点的地点最多写 60 个字", "points")
        if len(point.hint.strip()) > 120:
            raise RuleError("hint_too_long", f"第 {number} 个点“看什么”最多写 120 个字", "points")
        if point.area_code and not point.area_code.startswith(area_code):
            raise RuleError("point_outside", f"第 {number} 个点不在这条路线的地方里", "points")
        check_point(point.lon, point.lat, "points")


def _days(facts: PlanFacts) -> tuple[list[int], list[date]]:
    if facts.rule not in RuleKind.values:
        raise RuleError("unknown_rule", "请选什么时候巡", "rule")
    if facts.rule == RuleKind.DAILY:
        return [], []
    if facts.rule == RuleKind.DATES:
        if not facts.dates:
            raise RuleError("no_dates", "请写哪几天，一行一个，例如 2026-12-01", "dates")
        if len(facts.dates) > MOST_DATES:
            raise RuleError("too_many_dates", f"最多写 {MOST_DATES} 天", "dates")
        return [], sorted(set(facts.dates))
    least, most = BOUNDS[RuleKind(facts.rule)]
    if not facts.days:
        raise RuleError("no_days", "请写哪几天，用顿号或空格分开，例如 1、4", "days")
    if any(not least <= day <= most for day in facts.days):
        raise RuleError("bad_days", f"要在 {least} 到 {most} 之间", "days")
    return sorted(set(facts.days)), []
