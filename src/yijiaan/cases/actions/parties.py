"""回避: who a report is about, or has an interest in it, neither handles, verifies nor calls back."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from yijiaan.accounts.models import User
from yijiaan.cases.actions.steps import lock_case, moment_for, note_deed, save_case, unit_of
from yijiaan.cases.models import Case, Party, PartyKind, Report
from yijiaan.cases.queries.interests import all_interests
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor


@dataclass(frozen=True, slots=True)
class Parties:
    """Units and persons that keep out of a case."""

    units: frozenset[UUID]
    users: frozenset[UUID]


NOBODY = Parties(frozenset(), frozenset())


def parties_of(case: Case) -> Parties:
    """Who keeps out of a (locked) case."""
    if not case.has_parties:
        return NOBODY
    rows = list(Party.objects.filter(county=case.county, case_id=case.id).values_list("unit_id", "user_id"))
    return Parties(
        frozenset(unit for unit, _ in rows if unit is not None), frozenset(user for _, user in rows if user is not None)
    )


def require_no_interest(actor: Actor, case: Case) -> None:
    """RuleError conflict_of_interest when the actor, or his unit, keeps out of this case; related when he declared to be related
    to whom it is about."""
    if actor.user_id is None:
        return
    mine = all_interests(actor).get(actor.user_id)
    if not case.has_parties and mine is None:
        return
    parties = parties_of(case)
    if actor.user_id in parties.users or (actor.unit_id is not None and actor.unit_id in parties.units):
        raise RuleError("conflict_of_interest", "这件事反映的是您、您单位，或与您有利害关系，要回避，请交给别人办")
    if mine is None:
        return
    is_named = bool(mine.names) and any(name in text for text in texts_of(case) for name in mine.names)
    if mine.units & parties.units or mine.persons & parties.users or is_named:
        raise RuleError("related", "您申报过与这件事反映的单位或人有利害关系，要回避，请交给别人办")


def require_no_kin(actor: Actor, unit_id: UUID) -> None:
    """RuleError related when the actor declared to be related to the unit whose work he would judge."""
    mine = all_interests(actor).get(actor.user_id) if actor.user_id is not None else None
    if mine is not None and unit_id in mine.units:
        raise RuleError("related", "您申报过与办理单位有利害关系，要回避，请交给别人")


def texts_of(case: Case) -> list[str]:
    """What the reporters of a case said, and the names of the persons it is about: where a declared name may stand."""
    said = list(Report.objects.filter(county=case.county, case_id=case.id).values_list("text", flat=True))
    if not case.has_parties:
        return said
    named = Party.objects.filter(county=case.county, case_id=case.id, user__isnull=False)
    return [*said, *named.values_list("user__name", flat=True)]


@transaction.atomic
def declare_party(
    *,
    actor: Actor,
    number: str,
    unit_id: UUID | None = None,
    user_id: UUID | None = None,
    kind: str = PartyKind.NAMED.value,
    seen_version: int | None = None,
) -> Case:
    """登记回避: a unit or a person that the report is about. Nobody but the centre and the named posts for tips does it.

    RuleError nobody_named, unknown_unit, unknown_user, unknown_kind, holds_it (the unit must give the case up first), wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    actor.require("cases.declare_party")
    if not case.is_open:
        raise RuleError("wrong_state", "这件事已经结束，不用登记回避")
    if kind not in PartyKind.values:
        raise RuleError("unknown_kind", "请选是被反映，还是有利害关系", "kind")
    if (unit_id is None) == (user_id is None):
        raise RuleError("nobody_named", "请选一个单位，或一个人", "unit")
    if unit_id is not None:
        unit = unit_of(actor, unit_id)
        if unit is None:
            raise RuleError("unknown_unit", "没有这个单位，请另选", "unit")
        if unit.id == case.owner_id and case.status in ("dispatched", "in_progress", "coordinating"):
            raise RuleError("holds_it", f"{unit.name}正拿着这件事，请先撤回或请它退回，再登记回避", "unit")
    elif not User.objects.visible_to(actor).filter(id=user_id).exists():
        raise RuleError("unknown_user", "没有这个人，请另选", "user")
    named = Q(unit_id=unit_id) if unit_id is not None else Q(user_id=user_id)
    if Party.objects.filter(named, county=case.county, case_id=case.id).exists():
        return case
    now = moment_for(case)
    row = Party(
        id=uuid7(), county=case.county, case=case, kind=kind, unit_id=unit_id, user_id=user_id,
        declared_by_id=actor.post_id, declared_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    case.has_parties = True
    save_case(case, "has_parties")
    note_deed(actor, case, "cases.party_declared", now, {"party": str(row.id)})
    return case
