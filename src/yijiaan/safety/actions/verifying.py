"""复查: by somebody else than who put it right; of a major hazard by two persons, one after the other."""

from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Grade
from yijiaan.safety.actions.steps import clean, lock_hazard, note, owe, save_hazard
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import Hazard
from yijiaan.safety.persons import first_verifier, is_same_person, took_part


@transaction.atomic
def verify_hazard(
    *, actor: Actor, hazard_id: UUID, passed: bool, text: str = "", seen_version: int | None = None
) -> Hazard:
    """复查: it is right, or it is not and goes back. A major one that is right waits for a second person.

    Guards (DOMAIN 3.3): the verifier had no part in putting it right; the two of a major one are two persons. RuleErrors
    wrong_state, own_work, same_verifier, empty_text (what is not right must be said), text_too_long.
    """
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    text = clean(text, most=500, field="text", required="" if passed else "请写哪里还不合格，责任单位照着改")
    FLOW.check(actor, "verify" if passed else "reject", hazard.status)
    if took_part(actor, hazard):
        raise RuleError("own_work", "您参与了整改，要由另一个人去复查")
    now = clock.now()
    if not passed:
        FLOW.move(hazard, "reject", actor, text=text)
        hazard.round += 1
        owe(actor, hazard, now)
        save_hazard(hazard, "status", "round", "next_due_at", "card")
        note(actor, hazard, "reject", "safety.hazard_rejected", now, text=text, old=old, round=hazard.round)
        return hazard
    first = first_verifier(hazard)
    is_second = first is not None and not is_same_person(actor, first)
    if hazard.grade == Grade.MAJOR and first is not None and not is_second:
        raise RuleError("same_verifier", "重大隐患要两个人先后复查，您已经查过了，请另一个人来")
    needs_another = hazard.grade == Grade.MAJOR and first is None
    FLOW.move(hazard, "verify", actor, to="submitted" if needs_another else "verified")
    if not needs_another:
        owe(actor, hazard, now)
    save_hazard(hazard, "status", "next_due_at", "card")
    verb = "safety.hazard_verified_once" if needs_another else "safety.hazard_verified"
    note(actor, hazard, "verify", verb, now, text=text, old=old, round=hazard.round)
    return hazard
