"""A hazard that is better handled as a case: handed over, and back when the case has ended. Cases know nothing of hazards."""

from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions import Intake, submit_report
from yijiaan.cases.models import Case, Outcome
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.safety.actions.steps import clean, lock_hazard, note, owe, save_hazard
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import Hazard, Source

CHANNEL = {Source.PATROL.value: "patrol"}


@transaction.atomic
def hand_to_case(*, actor: Actor, hazard_id: UUID, text: str = "", seen_version: int | None = None) -> Hazard:
    """转成事件办: opens a case with what the hazard says; the centre dispatches it like any other. RuleErrors wrong_state,
    text_too_long, those of `submit_report`."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    FLOW.move(hazard, "hand_to_case", actor)
    text = clean(text, most=300, field="text")
    told = f"安全隐患（{hazard.get_grade_display()}）：{hazard.text}{'。' + text if text else ''}"
    turn = hazard.steps.filter(county=hazard.county, move="hand_to_case").count()
    intake = Intake(
        text=told, client_key=UUID(int=hazard.client_key.int ^ (turn + 1)), lon=hazard.lon, lat=hazard.lat, place=hazard.place,
        area_code="" if hazard.lon is not None else hazard.area_code,
    )  # fmt: skip
    receipt = submit_report(
        actor=actor, intake=intake, door=hazard.area_code, channel=CHANNEL.get(hazard.source, "inspection")
    )
    now = clock.now()
    hazard.case_id = receipt.case_id
    owe(actor, hazard, now)
    save_hazard(hazard, "status", "case_id", "next_due_at", "card")
    note(
        actor,
        hazard,
        "hand_to_case",
        "safety.hazard_handed_to_case",
        now,
        text=text,
        old=old,
        case=str(receipt.case_id),
    )
    return hazard


@transaction.atomic
def take_back_from_case(*, actor: Actor, case: Case) -> list[Hazard]:
    """The case has ended: what it handled waits for somebody to verify it, what it did not goes back to be given to a unit. Called by
    the subscriber; harmless twice."""
    waiting = Hazard.objects.select_for_update(no_key=True).filter(
        county=case.county, case_id=case.id, status="in_case"
    )
    back = []
    for hazard in waiting.order_by("id"):
        outcome = Outcome.objects.filter(county=case.county, case_id=case.id).order_by("-finished_at", "-id").first()
        is_done = case.status in ("closed", "archived") and outcome is not None
        move = "case_done" if is_done else "case_back"
        now, old = clock.now(), hazard.status
        FLOW.move(hazard, move, actor)
        if is_done and outcome is not None:
            hazard.unit_id = outcome.unit_id
            hazard.due_on = hazard.due_on or clock.local_day()
        owe(actor, hazard, now)
        save_hazard(hazard, "status", "unit", "due_on", "next_due_at", "card")
        verb = "safety.hazard_case_done" if is_done else "safety.hazard_case_back"
        # who handled the case put it right, and may not verify it
        words, by = (outcome.text[:500], outcome.finished_by_id) if is_done and outcome is not None else ("", None)
        note(actor, hazard, move, verb, now, text=words, old=old, by=by)
        back.append(hazard)
    return back
