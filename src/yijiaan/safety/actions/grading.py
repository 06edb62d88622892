"""定级, 核实不是隐患 and 挂牌督办."""

from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Grade
from yijiaan.safety.actions.steps import clean, lock_hazard, note, owe, save_hazard
from yijiaan.safety.actions.writing_off import number_off
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import EndKind, Hazard
from yijiaan.safety.persons import is_same_person


@transaction.atomic
def grade_hazard(
    *, actor: Actor, hazard_id: UUID, grade: str, text: str = "", seen_version: int | None = None
) -> Hazard:
    """定级: 一般, 较大 or 重大; it is given to a unit next. RuleErrors wrong_state, unknown_grade, text_too_long."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old, before = hazard.status, hazard.grade
    FLOW.move(hazard, "grade", actor, grade=grade)
    if grade not in Grade.values:
        raise RuleError("unknown_grade", "请选一般、较大或重大", "grade")
    text = clean(text, most=300, field="text")
    now = clock.now()
    hazard.grade = grade
    if grade != Grade.MAJOR:
        hazard.is_listed = False
    if old != hazard.status:
        owe(actor, hazard, now)
    save_hazard(hazard, "status", "grade", "is_listed", "next_due_at", "card")
    note(actor, hazard, "grade", "safety.hazard_graded", now, text=text, old=old, grade=[before, grade])
    return hazard


@transaction.atomic
def dismiss_hazard(*, actor: Actor, hazard_id: UUID, text: str, seen_version: int | None = None) -> Hazard:
    """核实不是隐患: it is none, somebody else than who registered it has looked. It takes a write-off number like any other.
    RuleErrors wrong_state, empty_text, text_too_long, own_hazard."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    text = clean(text, most=300, field="text", required="请写去看了什么，为什么不是隐患")
    FLOW.move(hazard, "dismiss", actor, text=text)
    if is_same_person(actor, hazard.found_by_id):
        raise RuleError("own_hazard", "您登记的，要由另一个人核实", "text")
    now = clock.now()
    number_off(actor, hazard, EndKind.NO_HAZARD, now)
    owe(actor, hazard, now)
    save_hazard(
        hazard, "status", "end_kind", "write_off_year", "write_off_serial", "written_off_at", "books_year", "next_due_at",
        "card",
    )  # fmt: skip
    note(actor, hazard, "dismiss", "safety.hazard_dismissed", now, text=text, old=old, number=hazard.write_off_serial)
    return hazard


@transaction.atomic
def supervise_hazard(*, actor: Actor, hazard_id: UUID, text: str, seen_version: int | None = None) -> Hazard:
    """挂牌督办 a major hazard: it stands at the head of the town's list until it is written off. RuleErrors wrong_state, not_major,
    listed_already, empty_text, text_too_long."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    text = clean(text, most=300, field="text", required="请写督办什么，例如“十日内封闭整改，每周报进展”")
    FLOW.move(hazard, "supervise", actor, text=text)
    if hazard.grade != Grade.MAJOR:
        raise RuleError("not_major", "只有重大隐患才挂牌督办")
    if hazard.is_listed:
        raise RuleError("listed_already", "已经挂牌督办了")
    hazard.is_listed = True
    save_hazard(hazard, "is_listed")
    note(actor, hazard, "supervise", "safety.hazard_listed", clock.now(), text=text)
    return hazard
