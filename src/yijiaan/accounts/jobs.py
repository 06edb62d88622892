from datetime import timedelta

from yijiaan.accounts.actions import forget_door_uses
from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic


@periodic("17 * * * *")
def forget_old_door_uses() -> None:
    """Who has not come to a public door for a day is forgotten."""
    forget_door_uses(actor=system("worker"), unused_for=timedelta(days=1))
