"""整改, by the responsible unit: begin, protect for the time being, go on, and say that it is done."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.safety.actions.steps import clean, lock_hazard, note, owe, require_holder, save_hazard
from yijiaan.safety.flows import FLOW, RECTIFY
from yijiaan.safety.models import Hazard

MOST_COST = Decimal("9999999999")
MOST_REVIEW_DAYS = 92  # what stays dangerous is looked at again within three months


@transaction.atomic
def begin_rectifying(*, actor: Actor, hazard_id: UUID, seen_version: int | None = None) -> Hazard:
    """开始整改. RuleError wrong_state; NotAllowed for another unit."""
    return _simply(actor, hazard_id, "begin", "safety.rectifying_begun", seen_version)


@transaction.atomic
def resume_rectifying(*, actor: Actor, hazard_id: UUID, seen_version: int | None = None) -> Hazard:
    """继续整改 of what was only protected. RuleError wrong_state; NotAllowed for another unit."""
    return _simply(actor, hazard_id, "resume", "safety.rectifying_resumed", seen_version)


@transaction.atomic
def protect_hazard(
    *, actor: Actor, hazard_id: UUID, text: str, review_on: date | None, seen_version: int | None = None
) -> Hazard:
    """一时改不了，先防护: what keeps people from harm meanwhile, and when it is looked at again. RuleErrors wrong_state, required,
    empty_text, text_too_long, bad_day; NotAllowed for another unit."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    text = clean(text, most=300, field="text", required="请写做了什么防护，例如“拉了警戒线，立了牌子”")
    FLOW.move(hazard, "protect", actor, text=text, review_on=review_on)
    require_holder(actor, hazard, RECTIFY)
    assert review_on is not None
    today = clock.local_day()
    if review_on <= today or (review_on - today).days > MOST_REVIEW_DAYS:
        raise RuleError("bad_day", "复看日期要在今天以后、三个月以内", "review_on")
    now = clock.now()
    hazard.protection, hazard.review_on = text, review_on
    owe(actor, hazard, now)
    save_hazard(hazard, "status", "protection", "review_on", "next_due_at", "card")
    note(
        actor, hazard, "protect", "safety.hazard_protected", now, text=text, old=old, due_on=review_on,
        review=review_on.isoformat(),
    )  # fmt: skip
    return hazard


@transaction.atomic
def submit_rectified(
    *, actor: Actor, hazard_id: UUID, text: str, cost: Decimal | None = None, seen_version: int | None = None
) -> Hazard:
    """整改好了，请复查: what was done, and what it cost where somebody cares to say. RuleErrors wrong_state, empty_text, text_too_long,
    bad_cost; NotAllowed for another unit."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    text = clean(text, most=500, field="text", required="请写怎么改的，一句话就行")
    FLOW.move(hazard, "submit", actor, text=text)
    require_holder(actor, hazard, RECTIFY)
    if cost is not None and not 0 <= cost <= MOST_COST:
        raise RuleError("bad_cost", "花费填元，不填也行", "cost")
    now = clock.now()
    hazard.review_on = None
    owe(actor, hazard, now)
    save_hazard(hazard, "status", "review_on", "next_due_at", "card")
    note(actor, hazard, "submit", "safety.hazard_submitted", now, text=text, old=old, cost=cost, round=hazard.round)
    return hazard


def _simply(actor: Actor, hazard_id: UUID, move: str, verb: str, seen_version: int | None) -> Hazard:
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    FLOW.move(hazard, move, actor)
    require_holder(actor, hazard, RECTIFY)
    now = clock.now()
    hazard.review_on = None
    if move == "resume":
        owe(actor, hazard, now)
    save_hazard(hazard, "status", "review_on", "next_due_at", "card")
    note(actor, hazard, move, verb, now, old=old)
    return hazard
