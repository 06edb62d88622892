"""What a process remembers of rows, and how a test makes it forget."""

from django.core.cache import cache

from yijiaan.accounts.queries import forget_units
from yijiaan.areas.queries.locate import forget_borders
from yijiaan.areas.queries.tree import forget_areas
from yijiaan.cases.queries.board import forget_live
from yijiaan.cases.queries.categories import forget_categories
from yijiaan.cases.queries.channels import forget_channels
from yijiaan.cases.queries.interests import forget_interests
from yijiaan.cases.queries.kept import forget_kept
from yijiaan.cases.queries.routing import forget_rules
from yijiaan.engines.numbering.actions import forget_blocks
from yijiaan.engines.texts.queries import forget_wordings
from yijiaan.engines.worktime.queries.current import forget_calendar

FORGETS = (
    forget_interests,
    forget_areas, forget_borders, forget_units, forget_categories, forget_channels, forget_wordings, forget_blocks,
    forget_calendar, forget_rules, forget_live, forget_kept,
)  # fmt: skip


def forget_everything() -> None:
    """What this process remembers of rows that a roll-back took away."""
    cache.clear()
    for forget in FORGETS:
        forget()
