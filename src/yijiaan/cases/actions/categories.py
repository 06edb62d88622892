import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import Any

from django.db import transaction

from yijiaan.accounts.models import UnitKind
from yijiaan.cases import permissions
from yijiaan.cases.models import Category, CategoryMapping, Duty, SolvedLevel, Urgency
from yijiaan.cases.queries.categories import forget_categories
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.journal.actions import record

SINCE = date(2025, 1, 1)


@transaction.atomic
def load_default_categories(*, actor: Actor) -> int:
    """Make the shipped categories, duties and mappings that are missing; returns how many categories were made. What was edited stays."""
    if actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed("cases.load_categories")
    rows = list(csv.DictReader((files("yijiaan.cases") / "data" / "categories.csv").read_text("utf-8").splitlines()))
    known = {category.code: category for category in Category.objects.filter(valid_to__isnull=True)}
    made = 0
    for row in rows:
        if row["code"] in known:
            continue
        category = Category.objects.create(
            code=row["code"],
            parent=known.get(row["parent"]),
            name=row["name"],
            keywords=row["keywords"].split(),
            lowest_level=row["lowest_level"],
            urgency=row["urgency"],
            handle_days=int(row["handle_days"] or 0),
            is_verified=row["is_verified"] == "yes",
            valid_from=SINCE,
        )
        known[row["code"]] = category
        made += 1
        for rank, duty in enumerate(row["duties"].split(), 1):
            kind, part, item = duty.split(":")
            Duty.objects.create(category=category, unit_kind=kind, is_lead=part == "lead", rank=rank, item=item)
        for mapping in row["mappings"].split():
            system, code = mapping.split(":")
            CategoryMapping.objects.create(category=category, system=system, code=code, valid_from=SINCE)
    forget_categories()
    return made


SUBJECT = "cases.category"
MOST_KEYWORDS = 60
MOST_DUTIES = 12


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What can be said of a category. duties: unit kind, whether it leads, item of the duty list; best first."""

    name: str
    keywords: Sequence[str] = ()
    lowest_level: str = SolvedLevel.GRID
    urgency: str = Urgency.NORMAL
    handle_days: int = 0  # working days; 0: as the preset of limits says
    is_verified: bool = False
    duties: Sequence[tuple[str, bool, str]] = ()


@transaction.atomic
def add_category(*, actor: Actor, parent: str, facts: CategoryFacts) -> Category:
    """A new small category under a big one, or a new big one (parent empty); its code follows the last of its kind.

    RuleErrors as `change_category`; no_room when a big one has 99 already. NotFound for an unknown parent.
    """
    actor.require(permissions.SET_CATEGORIES)
    over = _current(parent) if parent else None
    if over is not None and over.parent_id:
        raise NotFound
    facts = _checked(facts, over, None)
    codes = Category.objects.filter(parent=over).values_list("code", flat=True)
    serial = max((int(code[-2:]) for code in codes), default=0) + 1
    if serial > 99:
        raise RuleError("no_room", "这一类下面已有 99 个，请先停用不用的", "name")
    category = Category.objects.create(
        code=f"{parent}{serial:02d}", parent=over, valid_from=clock.local_day(), **_columns(facts)
    )
    _set_duties(category, facts.duties)
    forget_categories()
    _note(actor, "cases.category_added", category, {"code": category.code, "name": category.name})
    return category


@transaction.atomic
def change_category(*, actor: Actor, code: str, facts: CategoryFacts) -> Category:
    """Change a category in use; cases keep it, and what it promised to cases before stays promised.

    RuleErrors at their fields: empty_name, long_name, name_taken, long_keywords, bad_days, unknown_unit_kind, no_lead.
    """
    actor.require(permissions.SET_CATEGORIES)
    category = _current(code)
    facts = _checked(facts, category.parent, category)
    before = _told(category)
    for name, value in _columns(facts).items():
        setattr(category, name, value)
    category.save(update_fields=list(_columns(facts)))
    _set_duties(category, facts.duties)
    after = _told(category)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        forget_categories()
        _note(actor, "cases.category_changed", category, {"code": code, "changed": changed})
    return category


@transaction.atomic
def stop_category(*, actor: Actor, code: str) -> Category:
    """Take a category out of use from now on; cases that have it keep it. RuleError has_children while small ones are in use."""
    actor.require(permissions.SET_CATEGORIES)
    category = _current(code)
    if Category.objects.filter(parent=category, valid_to__isnull=True).exists():
        raise RuleError("has_children", "这一大类下面还有在用的小类，请先停用小类")
    category.valid_to = clock.local_day()
    category.save(update_fields=["valid_to"])
    forget_categories()
    _note(actor, "cases.category_stopped", category, {"code": code, "name": category.name})
    return category


@transaction.atomic
def restart_category(*, actor: Actor, code: str) -> Category:
    """Take a stopped category into use again. NotFound when none of that code was stopped; RuleErrors name_taken, parent_stopped."""
    actor.require(permissions.SET_CATEGORIES)
    stopped = Category.objects.select_for_update().filter(code=code).order_by("-version").first()
    if stopped is None or stopped.valid_to is None:
        raise NotFound
    if stopped.parent is not None and stopped.parent.valid_to is not None:
        raise RuleError("parent_stopped", "它的大类停用了，请先启用大类")
    if Category.objects.filter(parent=stopped.parent, name=stopped.name, valid_to__isnull=True).exists():
        raise RuleError("name_taken", "同一类下面已有同名的在用，请先改名")
    stopped.valid_to = None
    stopped.save(update_fields=["valid_to"])
    forget_categories()
    _note(actor, "cases.category_restarted", stopped, {"code": code, "name": stopped.name})
    return stopped


def _current(code: str) -> Category:
    found = Category.objects.select_for_update().filter(code=code, valid_to__isnull=True).first()
    if found is None:
        raise NotFound
    return found


def _checked(facts: CategoryFacts, parent: Category | None, itself: Category | None) -> CategoryFacts:
    name = " ".join(facts.name.split())
    if not name:
        raise RuleError("empty_name", "请填写名称", "name")
    if len(name) > 30:
        raise RuleError("long_name", "名称最多 30 个字", "name")
    others = Category.objects.filter(parent=parent, name=name, valid_to__isnull=True)
    if itself is not None:
        others = others.exclude(id=itself.id)
    if others.exists():
        raise RuleError("name_taken", "同一类下面已有同名的，请换一个名称", "name")
    keywords = list(dict.fromkeys(word for word in facts.keywords if word.strip()))
    if len(keywords) > MOST_KEYWORDS or any(len(word) > 20 for word in keywords):
        raise RuleError("long_keywords", f"关键词最多 {MOST_KEYWORDS} 个，每个 20 字以内", "keywords")
    if not 0 <= facts.handle_days <= 366:
        raise RuleError("bad_days", "办结工作日填 0 到 366", "handle_days")
    kinds = [kind for kind, _, _ in facts.duties]
    if len(kinds) > MOST_DUTIES or len(set(kinds)) < len(kinds) or not set(kinds) <= set(UnitKind.values):
        raise RuleError("unknown_unit_kind", "责任清单里的单位类别有误或重复，请检查", "leads")
    if kinds and not any(is_lead for _, is_lead, _ in facts.duties):
        raise RuleError("no_lead", "有协办就要有主办，请选主办", "leads")
    return replace(facts, name=name, keywords=keywords)


def _columns(facts: CategoryFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "keywords": list(facts.keywords),
        "lowest_level": facts.lowest_level,
        "urgency": facts.urgency,
        "handle_days": facts.handle_days,
        "is_verified": facts.is_verified,
    }


def _set_duties(category: Category, duties: Sequence[tuple[str, bool, str]]) -> None:
    Duty.objects.filter(category=category).delete()
    Duty.objects.bulk_create(
        Duty(category=category, unit_kind=kind, is_lead=is_lead, rank=rank, item=item[:60])
        for rank, (kind, is_lead, item) in enumerate(duties, 1)
    )


def _told(category: Category) -> dict[str, Any]:
    duties = Duty.objects.filter(category=category).order_by("-is_lead", "rank")
    labels = dict(UnitKind.choices)
    return {
        "name": category.name,
        "keywords": "、".join(category.keywords),
        "lowest_level": category.get_lowest_level_display(),
        "urgency": category.get_urgency_display(),
        "handle_days": category.handle_days,
        "is_verified": category.is_verified,
        "leads": "、".join(labels[duty.unit_kind] for duty in duties if duty.is_lead),
        "assists": "、".join(labels[duty.unit_kind] for duty in duties if not duty.is_lead),
    }


def _note(actor: Actor, verb: str, category: Category, data: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=category.id,
        area_code=actor.county,
        at=clock.now(),
        data=data,
    )
