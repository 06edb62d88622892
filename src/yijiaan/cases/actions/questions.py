"""What the categories ask: registered, changed, no longer asked. Reports keep the wording that they were asked with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Category, CategoryQuestion, QuestionKind
from yijiaan.cases.permissions import SET_CATEGORIES
from yijiaan.cases.queries.categories import forget_categories
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

SUBJECT = "cases.categoryquestion"
CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_QUESTIONS = 10  # of one category: more nobody answers
MOST_OPTIONS = 30
CHOICES = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """What a question consists of. code, empty: made from its number; it and the kind never change."""

    wording: str
    kind: str
    code: str = ""
    options: Sequence[str] = ()
    is_required: bool = False
    use: str = ""
    rank: int | None = None


@transaction.atomic
def add_question(*, actor: Actor, category: str, facts: QuestionFacts) -> CategoryQuestion:
    """Ask something in a category (by its code) from now on.

    RuleErrors at their fields: no_category, no_wording, wording_too_long, unknown_kind, bad_code, code_taken, no_options,
    long_option, too_many, no_use (a required question states what its answer is for).
    """
    actor.require(SET_CATEGORIES)
    row = Category.objects.select_for_update().filter(code=category, valid_to__isnull=True).first()
    if row is None:
        raise RuleError("no_category", "请选是哪一类", "category")
    if facts.kind not in QuestionKind.values:
        raise RuleError("unknown_kind", "请选怎么答", "kind")
    facts = _checked(facts, facts.kind)
    mine = CategoryQuestion.objects.filter(category=row)
    if mine.filter(is_active=True).count() >= MOST_QUESTIONS:
        raise RuleError("too_many", f"一类最多问 {MOST_QUESTIONS} 个，请先停用不用的", "wording")
    codes = set(mine.values_list("code", flat=True))
    code = facts.code.strip() or next(f"q{n}" for n in range(1, len(codes) + 2) if f"q{n}" not in codes)
    if not CODE.fullmatch(code):
        raise RuleError("bad_code", "代码用小写字母、数字和下划线，字母开头，最多 30 个", "code")
    if code in codes:
        raise RuleError("code_taken", "这一类里已有这个代码，请换一个", "code")
    question = CategoryQuestion(category=row, code=code, kind=facts.kind, **_columns(facts, len(codes) + 1))
    question.save(force_insert=True)
    forget_categories()
    _note(actor, "cases.question_added", question, {"name": f"{row.name}：{question.wording}"})
    return question


@transaction.atomic
def change_question(*, actor: Actor, question_id: UUID, facts: QuestionFacts) -> CategoryQuestion:
    """Change wording, options, use, order or whether it must be answered; what was answered before keeps the old wording.

    RuleErrors as `add_question`. NotFound for an unknown one.
    """
    actor.require(SET_CATEGORIES)
    question = _locked(question_id)
    facts = _checked(facts, question.kind)
    before = _told(question)
    for name, value in _columns(facts, question.rank).items():
        setattr(question, name, value)
    question.save(update_fields=["wording", "options", "is_required", "use", "rank"])
    after = _told(question)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        forget_categories()
        _note(actor, "cases.question_changed", question, {"changed": changed})
    return question


@transaction.atomic
def switch_question(*, actor: Actor, question_id: UUID, is_active: bool) -> CategoryQuestion:
    """Ask it no longer, or again; answers given stay. RuleError too_many."""
    actor.require(SET_CATEGORIES)
    question = _locked(question_id)
    if question.is_active == is_active:
        return question
    asked = CategoryQuestion.objects.filter(category_id=question.category_id, is_active=True).count()
    if is_active and asked >= MOST_QUESTIONS:
        raise RuleError("too_many", f"一类最多问 {MOST_QUESTIONS} 个，请先停用不用的")
    question.is_active = is_active
    question.save(update_fields=["is_active"])
    forget_categories()
    verb = "cases.question_restarted" if is_active else "cases.question_stopped"
    _note(actor, verb, question, {"name": question.wording})
    return question


def _locked(question_id: UUID) -> CategoryQuestion:
    found = CategoryQuestion.objects.select_for_update(of=("self",)).filter(id=question_id).first()
    if found is None:
        raise NotFound
    return found


def _checked(facts: QuestionFacts, kind: str) -> QuestionFacts:
    wording = clean_text(facts.wording, most=80, field="wording")
    if not wording:
        raise RuleError("no_wording", "请写怎么问", "wording")
    use = clean_text(facts.use, most=200, field="use")
    if facts.is_required and not use:
        raise RuleError("no_use", "必须答的，请写明答案用来做什么；写不出来就不要设成必须", "use")
    options = list(dict.fromkeys(option.strip() for option in facts.options if option.strip()))
    if kind in CHOICES and not 2 <= len(options) <= MOST_OPTIONS:
        raise RuleError("no_options", f"选择题要有 2 到 {MOST_OPTIONS} 个选项，一行一个", "options")
    if any(len(option) > 40 for option in options):
        raise RuleError("long_option", "每个选项最多 40 个字", "options")
    return replace(facts, wording=wording, use=use, options=options if kind in CHOICES else [])


def _columns(facts: QuestionFacts, rank: int) -> dict[str, Any]:
    return {
        "wording": facts.wording,
        "options": list(facts.options),
        "is_required": facts.is_required,
        "use": facts.use,
        "rank": facts.rank or rank,
    }


def _told(question: CategoryQuestion) -> dict[str, Any]:
    return {
        "wording": question.wording,
        "options": "、".join(question.options),
        "is_required": question.is_required,
        "use": question.use,
        "rank": question.rank,
    }


def _note(actor: Actor, verb: str, question: CategoryQuestion, data: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=question.id,
        area_code=actor.county,
        at=clock.now(),
        data=data,
    )
