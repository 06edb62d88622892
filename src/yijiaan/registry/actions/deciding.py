"""核实: what was proposed is confirmed or refused, and what was confirmed by mistake is taken back."""

import json
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.changing import ADDED, move_members
from yijiaan.registry.actions.moving import DEEDS, perform
from yijiaan.registry.actions.rooms import IN_ROOM, put_in_room
from yijiaan.registry.actions.writing import field_text, locked, note, read_all, require_active, save_facts, set_facts
from yijiaan.registry.fields import KINDS, Kind
from yijiaan.registry.models import Change, ChangeState, Membership, Status
from yijiaan.registry.permissions import CONFIRM

MOST_REASON = 200


@transaction.atomic
def confirm_change(*, actor: Actor, change_id: UUID, over: bool = False) -> Change:
    """采纳 what somebody proposed: the fact, or the deed, is done now. over: the decider saw that the fact was changed
    meanwhile, and chose the proposed one.

    RuleErrors changed_meanwhile, not_active and those of the facts and deeds; Conflict where it was decided already.
    """
    change, record, kind = _open(actor, change_id)
    if change.field in DEEDS:
        perform(actor, record, change.field, json.loads(change.new_sealed), change.source)
    elif change.field == IN_ROOM:
        put_in_room(actor, record, json.loads(change.new_sealed))
    elif change.field != ADDED:
        require_active(record)
        field = kind.field(change.field)
        if field_text(record, field) != change.old_sealed and not over:
            raise RuleError("changed_meanwhile", "提出以后这一项又改过，请对照两边，选定一个")
        change.old_sealed = field_text(record, field)
        values = read_all(actor, kind, {change.field: change.new_sealed})
        save_facts(actor, record, kind, set_facts(record, kind, values, change.source, change.told_on))
        if kind.code == "household" and change.field == "area_code":
            move_members(record)
    _decide(actor, change, ChangeState.CONFIRMED)
    note(actor, record, kind.code, "change_confirmed", {"fields": [change.field], "change": str(change.id)})
    return change


@transaction.atomic
def refuse_change(*, actor: Actor, change_id: UUID, reason: str) -> Change:
    """不采纳: the record stays as it is; a record that somebody added by mistake is put aside with it. RuleErrors no_reason,
    still_lived_in; Conflict where it was decided already."""
    change, record, kind = _open(actor, change_id)
    if not reason.strip():
        raise RuleError("no_reason", "请写一句为什么，提出的人看得到", "reason")
    if change.field == ADDED:
        _put_aside(record, kind)
    _decide(actor, change, ChangeState.REFUSED, reason.strip()[:MOST_REASON])
    note(actor, record, kind.code, "change_refused", {"fields": [change.field], "change": str(change.id)})
    return change


@transaction.atomic
def undo_change(*, actor: Actor, change_id: UUID) -> Change:
    """撤回 a confirmed change of a fact: what stood there before stands there again. RuleErrors not_to_undo (deeds, new
    records, what was not confirmed), changed_meanwhile, not_active."""
    actor.require(CONFIRM)
    change = Change.objects.select_for_update(of=("self",)).get_visible(actor, id=change_id)
    kind = KINDS[change.kind]
    if change.state != ChangeState.CONFIRMED or change.field not in kind.keys:
        raise RuleError("not_to_undo", "这一条不能撤回")
    record = locked(actor, kind, change.subject_id)
    require_active(record)
    field = kind.field(change.field)
    if field_text(record, field) != change.new_sealed:
        raise RuleError("changed_meanwhile", "后来又改过，不能撤回这一条，请直接改成对的")
    values = {change.field: field.empty}
    if change.old_sealed:
        values = read_all(actor, kind, {change.field: change.old_sealed})
    elif field.is_named:
        raise RuleError("not_to_undo", "这一条不能撤回")
    save_facts(actor, record, kind, set_facts(record, kind, values, change.source, clock.local_day()))
    if kind.code == "household" and change.field == "area_code":
        move_members(record)
    _decide(actor, change, ChangeState.UNDONE)
    note(actor, record, kind.code, "change_undone", {"fields": [change.field]})
    return change


def _open(actor: Actor, change_id: UUID) -> tuple[Change, Any, Kind]:
    actor.require(CONFIRM)
    change: Change = Change.objects.select_for_update(of=("self",)).get_visible(actor, id=change_id)
    if change.state != ChangeState.OPEN:
        raise Conflict("这一条刚才已经有人定了，请看看最新的", code="decided_already")
    kind = KINDS[change.kind]
    return change, locked(actor, kind, change.subject_id), kind


def _decide(actor: Actor, change: Change, state: ChangeState, reason: str = "") -> None:
    change.state, change.reason = state, reason
    change.decided_by_id, change.decided_at = actor.post_id, clock.now()
    change.save(update_fields=["state", "reason", "decided_by", "decided_at", "old_sealed"])


def _put_aside(record: Any, kind: Kind) -> None:
    today = clock.local_day()
    if kind.code == "household" and record.memberships.filter(county=record.county, to_on__isnull=True).exists():
        raise RuleError("still_lived_in", "这一户登记了人，请先把人改到别的户或者不采纳")
    if kind.code == "person":
        for here in Membership.objects.filter(county=record.county, person=record, to_on__isnull=True):
            here.to_on = max(today, here.from_on or today)
            here.save(update_fields=["to_on"])
    record.status, record.ended_on = Status.MISTAKEN, today
    record.version += 1
    record.save(update_fields=["status", "ended_on", "version"])
