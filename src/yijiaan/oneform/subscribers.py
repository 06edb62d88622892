"""What forms do on the news of grids."""

from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.oneform.actions import follow_redraw


def follow_grids(entry: Entry) -> None:
    """A form goes on in the grids that came of one for which it asks."""
    here = system("redraw", entry.county)
    follow_redraw(actor=here, county=entry.county, before=entry.data["before"], after=entry.data["after"])


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("oneform.follow_grids", ("areas.redraw_in_force",), follow_grids)
