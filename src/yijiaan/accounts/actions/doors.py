from datetime import timedelta

from yijiaan.accounts import permissions
from yijiaan.accounts.models import DoorUse
from yijiaan.core import clock
from yijiaan.core.scope import Actor


def forget_door_uses(*, actor: Actor, unused_for: timedelta) -> int:
    """Delete the counters of addresses and devices that have not come for so long; returns how many there were."""
    actor.require(permissions.FORGET_DOOR_USES)
    return DoorUse.objects.filter(spoken_until__lt=clock.now() - unused_for).delete()[0]
