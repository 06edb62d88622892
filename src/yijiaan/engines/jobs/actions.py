from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs import permissions
from yijiaan.engines.jobs.models import Heartbeat


def beat(*, actor: Actor, name: str) -> None:
    """Write the sign of life of the process `name`."""
    actor.require(permissions.BEAT)
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beaten_at=clock.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beaten_at"],
    )
