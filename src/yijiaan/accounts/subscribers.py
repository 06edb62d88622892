"""What the posts do on news from below."""

from yijiaan.accounts.actions import follow_redraw
from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe


def give_new_grids(entry: Entry) -> None:
    """Whoever had a grid that was merged or cut has what came of it too."""
    follow_redraw(
        actor=system("redraw", entry.county),
        county=entry.county,
        before=entry.data["before"],
        after=entry.data["after"],
    )


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("accounts.give_new_grids", ("areas.redraw_in_force",), give_new_grids)
