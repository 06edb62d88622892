"""利害关系申报: a member of staff says to whom he is related; deeds on cases about them are refused to him."""

from uuid import UUID

from django.db import transaction

from yijiaan.accounts.models import User
from yijiaan.cases.actions.steps import unit_of
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import DeclaredInterest
from yijiaan.cases.permissions import DECLARE_INTEREST
from yijiaan.cases.queries.interests import forget_interests
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

SUBJECT = "cases.declaredinterest"
MOST = 30  # of one person
SHORTEST_NAME = 2


@transaction.atomic
def declare_interest(
    *, actor: Actor, relation: str, unit_id: UUID | None = None, person_id: UUID | None = None, name: str = ""
) -> DeclaredInterest:
    """Declare a relation of one's own to a unit, to another member of staff, or to somebody else by name. Once more the same: the
    first row. RuleErrors nobody_named, no_relation, name_too_short, unknown_unit, unknown_user, oneself, too_many."""
    actor.require(DECLARE_INTEREST)
    if actor.user_id is None:
        raise NotFound
    relation = clean_text(relation, most=20, field="relation")
    name = clean_text(name, most=30, field="name")
    if sum(1 for said in (unit_id, person_id, name) if said) != 1:
        raise RuleError("nobody_named", "请选一个单位或一位工作人员，或者写一个人的姓名，只填一样", "name")
    if not relation:
        raise RuleError("no_relation", "请写是什么关系，例如 配偶、兄弟、曾在那里任职", "relation")
    if name and len(name) < SHORTEST_NAME:
        raise RuleError("name_too_short", "请写全姓名", "name")
    if unit_id is not None and unit_of(actor, unit_id) is None:
        raise RuleError("unknown_unit", "没有这个单位，请另选", "unit")
    if person_id is not None and person_id == actor.user_id:
        raise RuleError("oneself", "不用申报自己", "person")
    if person_id is not None and not User.objects.filter(id=person_id, is_active=True).exists():
        raise RuleError("unknown_user", "没有这个人，请另选", "person")
    mine = list(
        DeclaredInterest.objects.select_for_update(of=("self",)).filter(user_id=actor.user_id, ended_at__isnull=True)
    )
    for row in mine:
        if (row.unit_id, row.person_id, row.name_sealed or "") == (unit_id, person_id, name):
            return row
    if len(mine) >= MOST:
        raise RuleError("too_many", f"最多申报 {MOST} 条，请先终止不再有关的")
    row = DeclaredInterest(
        user_id=actor.user_id, unit_id=unit_id, person_id=person_id, name_sealed=name, relation=relation,
        declared_at=clock.now(),
    )  # fmt: skip
    row.save(force_insert=True)
    forget_interests()
    _note(actor, "cases.interest_declared", row)
    return row


@transaction.atomic
def end_interest(*, actor: Actor, interest_id: UUID) -> DeclaredInterest:
    """It no longer holds. NotFound for another's; once more changes nothing."""
    actor.require(DECLARE_INTEREST)
    if actor.user_id is None:
        raise NotFound
    row = DeclaredInterest.objects.select_for_update(of=("self",)).filter(id=interest_id, user_id=actor.user_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        forget_interests()
        _note(actor, "cases.interest_ended", row)
    return row


def _note(actor: Actor, verb: str, row: DeclaredInterest) -> None:
    kind = "unit" if row.unit_id else "person" if row.person_id else "name"
    record(
        actor=actor,
        verb=verb,
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=row.id,
        area_code=actor.county,
        at=clock.now(),
        data={"kind": kind},
    )
