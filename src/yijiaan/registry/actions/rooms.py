"""住在哪间房: a household stands in a room of the base, or in none that is registered. Set when it is added or at any time later."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.writing import checked_source, locked, new_change, note, require_active, told
from yijiaan.registry.fields import HOUSEHOLD, ROOM
from yijiaan.registry.models import Change, Household
from yijiaan.registry.permissions import CHANGE, CONFIRM
from yijiaan.registry.values import title_of

IN_ROOM = "in_room"  # the change that says so
VILLAGE = 12  # digits


@transaction.atomic
def set_room(
    *,
    actor: Actor,
    household_id: UUID,
    room_id: UUID | None,
    source: str,
    client_key: UUID,
    told_on: date | None = None,
) -> Change:
    """Say in which room a household lives; None: in none that is registered. Done at once by who may confirm, else proposed. The same
    client_key again gives the first line.

    RuleErrors not_active, same_room, room_elsewhere (of another village), unknown_source, in_the_future; NotFound for a room outside
    the actor's areas; Conflict where the key was used for something else.
    """
    actor.require(CHANGE)
    household: Household = locked(actor, HOUSEHOLD, household_id)
    known = Change.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        said = json.loads(known.new_sealed) if known.field == IN_ROOM else {}
        if (known.subject_id, said.get("room")) != (household.id, str(room_id or "")):
            raise Conflict("刚才那件事已经登记好了，要另登记请重新打开这一页", code="client_key_reused")
        return known
    require_active(household)
    room = locked(actor, ROOM, room_id) if room_id is not None else None
    _check(household, room)
    if household.room_id == room_id:
        raise RuleError("same_room", "和现在登记的一样，没有要改的", "room")
    day, source, now, is_confirmed = told(told_on), checked_source(source), clock.now(), actor.may(CONFIRM)
    words = title_of(room, ROOM) if room is not None else "没有登记的房屋"
    line = new_change(
        actor, household, HOUSEHOLD, field=IN_ROOM, old="",
        new=json.dumps({"room": str(room_id or ""), "words": words}, ensure_ascii=False), source=source, day=day,
        client_key=client_key, is_confirmed=is_confirmed, at=now,
    )  # fmt: skip
    if is_confirmed:
        _put(household, room_id)
    line.save(force_insert=True)
    note(actor, household, "household", "room_set" if is_confirmed else "change_proposed", {"fields": [IN_ROOM]}, now)
    return line


def put_in_room(actor: Actor, household: Household, said: dict[str, Any]) -> None:
    """Do what was proposed, to a locked household; RuleErrors not_active, room_elsewhere."""
    require_active(household)
    room_id = UUID(said["room"]) if said["room"] else None
    _check(household, locked(actor, ROOM, room_id) if room_id is not None else None)
    _put(household, room_id)


def _check(household: Household, room: Any) -> None:
    if room is None:
        return
    if not room.is_active:
        raise RuleError("not_active", "这间房已经注销，请选别的", "room")
    if room.area_code[:VILLAGE] != household.area_code[:VILLAGE]:
        raise RuleError("room_elsewhere", "这间房在别的村，要搬过去请先改这一户的网格", "room")


def _put(household: Household, room_id: UUID | None) -> None:
    household.room_id = room_id
    household.version += 1
    household.save(update_fields=["room", "version"])
