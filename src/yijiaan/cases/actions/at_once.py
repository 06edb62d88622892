"""Two steps by one press, for those who hold a phone in one hand: an order not signed yet is signed by what follows it."""

from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.handling import finish_case, sign_case
from yijiaan.cases.actions.raising import report_up
from yijiaan.cases.actions.returning import return_case
from yijiaan.cases.actions.steps import lock_case
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, ReturnReason
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor

NOT_OURS = "不归本村办"


@transaction.atomic
def finish_order(*, actor: Actor, number: str, result: str, seen_version: int | None = None) -> Case:
    """办好了: sign if need be, and finish. RuleErrors of `sign_case` and `finish_case`; refused, nothing is signed either."""
    _signed(actor, number, seen_version)
    return finish_case(actor=actor, number=number, result=result)


@transaction.atomic
def hand_up_order(
    *, actor: Actor, number: str, tried: str, proposed_id: UUID | None = None, seen_version: int | None = None
) -> Case:
    """办不了，报镇里: sign if need be, and hand up. RuleErrors of `sign_case` and `report_up`; refused, nothing is signed either."""
    _signed(actor, number, seen_version)
    return report_up(actor=actor, number=number, tried=tried, proposed_id=proposed_id)


@transaction.atomic
def disown_order(
    *, actor: Actor, number: str, text: str, proposed_id: UUID | None = None, seen_version: int | None = None
) -> Case:
    """不归我村: return an order not signed yet; one that was taken up already goes to the town, with why it is not the village's.

    RuleErrors of `return_case` and `report_up`, no_text.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    text = clean_text(text, most=300, field="text")
    if case.status == "dispatched":
        return return_case(
            actor=actor, number=number, reason=ReturnReason.NOT_MY_DUTY.value, proposed_id=proposed_id, text=text
        )
    if not text and proposed_id is None:
        raise RuleError("no_text", "请说一句该由谁办，或选一个单位", "text")
    tried = f"{NOT_OURS}：{text}" if text else NOT_OURS
    return report_up(actor=actor, number=number, tried=tried, proposed_id=proposed_id)


def _signed(actor: Actor, number: str, seen_version: int | None) -> None:
    case = lock_case(actor, number=number, seen_version=seen_version)
    if case.status == "dispatched":
        sign_case(actor=actor, number=number)
