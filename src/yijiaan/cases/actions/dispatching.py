from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.models import Post, Unit
from yijiaan.accounts.queries import has_post_with
from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import get_area
from yijiaan.cases.actions.parties import parties_of, require_no_interest, texts_of
from yijiaan.cases.actions.steps import (
    close_duties,
    duty_area,
    hand_over,
    lock_case,
    moment_for,
    note_deed,
    open_duty,
    owe,
    save_case,
    unit_of,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text, owner_for
from yijiaan.cases.models import Assignment, Case, Category, HopKind, Urgency
from yijiaan.cases.permissions import CLASSIFY, VIEW_TIPS
from yijiaan.cases.queries.categories import category_by_code
from yijiaan.cases.queries.interests import all_interests, related_users
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, system
from yijiaan.engines.todos.actions import move_todos

MOST_ASSISTANTS = 5


@transaction.atomic
def dispatch_case(
    *,
    actor: Actor,
    number: str,
    lead_id: UUID | None,
    assistant_ids: Sequence[UUID] = (),
    category: str = "",
    urgency: str = "",
    note: str = "",
    seen_version: int | None = None,
) -> Case:
    """派单: name the lead unit and its assistants; the sign and handle duties begin.

    RuleError no_lead, unknown_unit (not in use, or not responsible for the place), not_for_tips (nobody there may see a
    confidential case), too_many_assistants, unknown_category, unknown_urgency, wrong_state; Conflict when somebody was faster.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.move(case, "dispatch", actor, to="dispatched")
    require_no_interest(actor, case)
    if urgency:
        if urgency not in Urgency.values:
            raise RuleError("unknown_urgency", "轻重只能选一般、加急、紧急", "urgency")
        case.urgency = urgency
    close_duties(actor, case, now, "dispatch")
    out = parties_of(case).units
    assistants = [
        unit_for(actor, case, unit_id, "assistants", out)
        for unit_id in dict.fromkeys(assistant_ids)
        if unit_id != lead_id
    ]
    if len(assistants) > MOST_ASSISTANTS:
        raise RuleError("too_many_assistants", f"协办最多 {MOST_ASSISTANTS} 个单位", "assistants")
    lead, chosen = send_to(
        actor, case, lead_id=lead_id, category=category, note=note, kind=HopKind.DISPATCH, assistants=assistants
    )
    note_deed(
        actor,
        case,
        "cases.dispatched",
        now,
        {
            "lead": str(lead.id),
            "assistants": [str(unit.id) for unit in assistants],
            "category": chosen.code if chosen else "",
        },
    )
    return case


def send_to(
    actor: Actor,
    case: Case,
    *,
    lead_id: UUID | None,
    category: str,
    note: str,
    kind: str,
    assistants: Sequence[Unit] = (),
) -> tuple[Unit, Category | None]:
    """The orders of a locked case whose state is already `dispatched`: lead and assistants, with the duties to sign and to
    handle. Saves the case; the caller writes the journal. RuleErrors as `dispatch_case` says."""
    now = moment_for(case)
    lead = unit_for(actor, case, lead_id, "lead", parties_of(case).units)
    note = clean_text(note, most=200, field="note")
    chosen = _set_category(actor, case, category)
    Assignment.objects.bulk_create(
        Assignment(
            id=uuid7(),
            county=case.county,
            case=case,
            unit=unit,
            is_lead=is_lead,
            note=note,
            dispatched_by_id=actor.post_id,
            dispatched_at=now,
        )
        for unit, is_lead in ((lead, True), *((unit, False) for unit in assistants))
    )
    hand_over(case, lead.id, kind, now)
    case.owner = lead
    owe(actor, case, now)
    open_duty(actor, case, "handle", lead.id, now)
    save_case(case, "status", "owner", "hop_count", "category", "urgency", "next_due_at", "card")
    return lead, chosen


@transaction.atomic
def classify_case(
    *, actor: Actor, number: str, category: str = "", area_code: str = "", seen_version: int | None = None
) -> Case:
    """Correct the category or the grid of an open case; the place it was reported from stays on record.

    RuleError unknown_category, unknown_area, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    actor.require(CLASSIFY)
    if not case.is_open:
        raise RuleError("wrong_state", "这件事已经结束，不能再改")
    before, now = case.area_code, moment_for(case)
    _set_category(actor, case, category)
    if area_code:
        try:
            area = get_area(actor, code=area_code)
        except NotFound as error:
            raise RuleError("unknown_area", "没有这个网格", "area_code") from error
        if not actor.covers(area.code):
            raise RuleError("unknown_area", "这个网格不在您的辖区", "area_code")
        case.area_code = area.code
        case.is_place_unknown = len(area.code) < LENGTH_OF["grid"]
        if case.status == "received":  # the centre of the right place dispatches it
            hand_over(case, owner_for(actor, area_code=area.code, kind=case.kind), HopKind.MOVE, now)
    save_case(case, "category", "area_code", "is_place_unknown", "owner", "hop_count")
    if case.area_code != before:
        move_todos(
            actor=actor,
            county=case.county,
            subject_id=case.id,
            area_code=duty_area(case),
            unit_id=case.owner_id if case.status == "received" else None,
        )
    note_deed(actor, case, "cases.classified", now)
    return case


def unit_for(actor: Actor, case: Case, unit_id: UUID | None, field: str, out: frozenset[UUID]) -> Unit:
    if unit_id is None:
        raise RuleError("no_lead", "请选由哪个单位主办", field)
    unit = unit_of(actor, unit_id)
    if unit is None or not case.area_code.startswith(unit.area_id):
        raise RuleError("unknown_unit", "这个单位不管这个地方，请另选", field)
    if case.is_confidential and not has_post_with(actor, unit_id=unit.id, permission=VIEW_TIPS):
        raise RuleError("not_for_tips", "这个单位没有举报专办员，举报和保密事件不能交给它，请另选", field)
    if unit.id in out:
        raise RuleError("conflict_of_interest", f"{unit.name}是被反映或有利害关系的单位，要回避，请另选", field)
    if _all_related(actor, case, unit, out):
        raise RuleError("related", f"{unit.name}能办的人都申报了与这件事有利害关系，要回避，请另选", field)
    return unit


def _all_related(actor: Actor, case: Case, unit: Unit, out: frozenset[UUID]) -> bool:
    """Whether everybody who could handle a case in a unit declared to be related to whom it is about; asks only where somebody did."""
    if not all_interests(actor):
        return False
    related = related_users(actor, units=out, users=parties_of(case).users, texts=texts_of(case))
    if not related:
        return False
    here = Post.objects.visible_to(system("cases", case.county)).on(clock.local_day()).filter(unit_id=unit.id)
    users = set(here.values_list("user_id", flat=True))
    return bool(users) and users <= related


def _set_category(actor: Actor, case: Case, code: str) -> Category | None:
    if code:
        category = category_by_code(actor, code=code)
        if category is None:
            raise RuleError("unknown_category", "没有这个类别，请重新选", "category")
        case.category = category
    return case.category
