"""What the base does on news from below."""

from yijiaan.areas.providers import register_tally
from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.registry.actions import follow_redraw
from yijiaan.registry.queries import stands_of_households, stands_of_people


def follow_grids(entry: Entry) -> None:
    """Records go with their ground."""
    follow_redraw(actor=system("redraw", entry.county), county=entry.county, before=entry.data["before"])


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("registry.follow_grids", ("areas.redraw_in_force",), follow_grids)
    register_tally("住户", "户", stands_of_households)
    register_tally("住的人", "人", stands_of_people)
