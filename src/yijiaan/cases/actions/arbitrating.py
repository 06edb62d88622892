"""裁定: two units sent a case back; the centre rules whose it is, with the duty list on the table. A ruling binds, and routes the
next case of its kind."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from yijiaan.cases.actions.dispatching import send_to
from yijiaan.cases.actions.routing import remember_precedent
from yijiaan.cases.actions.steps import close_duties, lock_case, moment_for, note_deed
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, HopKind, RoutingRule, RuleSource, Ruling
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor


@transaction.atomic
def rule_case(
    *,
    actor: Actor,
    number: str,
    lead_id: UUID | None,
    text: str,
    category: str = "",
    is_precedent: bool = True,
    seen_version: int | None = None,
) -> Case:
    """裁定: the unit named leads from now on and cannot return it; where it is a precedent, the next alike goes there at once.

    RuleError no_text, and those of `dispatch_case` about lead and category; wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    now = moment_for(case)
    FLOW.move(case, "rule", actor, to="dispatched")
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_text", "请写一句裁定的理由，两家单位都会看到", "text")
    close_duties(actor, case, now, "rule")
    lead, chosen = send_to(
        actor, case, lead_id=lead_id, category=category, note=f"裁定：{text}"[:200], kind=HopKind.RULE
    )
    ruling = Ruling(
        id=uuid7(), county=case.county, case=case, lead=lead, category=chosen, text=text,
        is_precedent=is_precedent and chosen is not None, ruled_by_id=actor.post_id, ruled_at=now,
    )  # fmt: skip
    ruling.save(force_insert=True)
    if ruling.is_precedent:
        _remember(actor, case, ruling, now)
    note_deed(
        actor,
        case,
        "cases.ruled",
        now,
        {"lead": str(lead.id), "assistants": [], "category": chosen.code if chosen else "", "ruling": str(ruling.id)},
    )
    return case


def _remember(actor: Actor, case: Case, ruling: Ruling, now: datetime) -> None:
    """A rule of routing from the ruling; an older precedent for the same kind and place gives way."""
    town = case.area_code[:9]
    if ruling.category is None:
        return
    RoutingRule.objects.filter(
        source=RuleSource.PRECEDENT, category=ruling.category, area_id=town, is_active=True
    ).update(is_active=False)
    last = RoutingRule.objects.aggregate(last=Max("position"))["last"] or 0
    rule = RoutingRule(
        id=uuid7(),
        name=f"先例：{ruling.category.name}归{ruling.lead.name}",
        position=last + 10,
        category=ruling.category,
        area_id=town,
        unit=ruling.lead,
        is_active=True,
        source=RuleSource.PRECEDENT,
        reference=case.number,
        created_at=now,
    )
    rule.save(force_insert=True)
    remember_precedent(actor, rule)
