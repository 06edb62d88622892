"""看一次: sealed values in full for a purpose, each look with its row in the journal."""

from uuid import UUID

from django.db import transaction

from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.writing import kind_of, locked, note
from yijiaan.registry.fields import PERSON, Kind
from yijiaan.registry.models import CareEntry, Membership, Record
from yijiaan.registry.permissions import KEEP_CARE, SEE_IDENTITY
from yijiaan.registry.values import value_of

LOOKS = {"visit": "入户走访", "contact": "联系本人", "check": "核对信息", "service": "帮他办事"}
Seen = dict[UUID, dict[str, str]]


@transaction.atomic
def see_identity(*, actor: Actor, kind: str, record_id: UUID, purpose: str) -> Seen:
    """The sealed values of a record in full, by key; of a household also those of who lives there, by person. Health texts come
    only to who keeps the care lists. RuleError no_purpose."""
    actor.require(SEE_IDENTITY)
    which = kind_of(kind)
    record = locked(actor, which, record_id)
    if purpose not in LOOKS:
        raise RuleError("no_purpose", "没有打开：请先选查看的用途", "purpose")
    seen: Seen = {record.id: _sealed(record, which)}
    note(actor, record, which.code, "identity_seen", {"purpose": purpose})
    if which.code == "household":
        living = Membership.objects.visible_to(actor).filter(household=record, to_on__isnull=True)
        for member in living.select_related("person").order_by("person_id"):
            seen[member.person_id] = _sealed(member.person, PERSON)
            note(actor, member.person, "person", "identity_seen", {"purpose": purpose})
    if which.code == "person" and actor.may(KEEP_CARE):
        for entry in CareEntry.objects.visible_to(actor).filter(person=record).order_by("id"):
            seen[entry.id] = {"health": entry.health_sealed}
    return seen


def _sealed(record: Record, kind: Kind) -> dict[str, str]:
    return {field.key: value_of(record, field) for field in kind.fields if field.is_sealed}
