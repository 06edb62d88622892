"""What other apps show on the page of a household: each registers an answer in its `ready()`; a panel is shown only when its app is there.

And what they may know of base data beyond its rows: the field table, how a fact is read, written in words and masked, and the parts
under which records are listed and counted.
"""

from typing import Protocol

from django.utils.safestring import SafeString

from yijiaan.core.scope import Actor
from yijiaan.registry.fields import HOUSEHOLD, ORGANISATION, PERSON, ROOM, Field, FieldType, Kind
from yijiaan.registry.models import Household
from yijiaan.registry.subsets import subsets
from yijiaan.registry.values import as_text, read, source_words, value_of, words

__all__ = [
    "HOUSEHOLD", "ORGANISATION", "PERSON", "ROOM", "Field", "FieldType", "HouseholdPanel", "Kind", "as_text", "household_panels",
    "read", "register_household_panel", "source_words", "subsets", "value_of", "words",
]  # fmt: skip


class HouseholdPanel(Protocol):
    def __call__(self, actor: Actor, *, household: Household, is_field: bool) -> SafeString | str:
        """A piece of the page below who lives there, empty for nothing. is_field: on the phone's face."""


_panels: list[HouseholdPanel] = []


def register_household_panel(panel: HouseholdPanel) -> None:
    """Show something of another app below the members of a household."""
    if panel not in _panels:
        _panels.append(panel)


def household_panels(actor: Actor, *, household: Household, is_field: bool) -> list[str]:
    """What all apps show."""
    return [drawn for panel in _panels if (drawn := panel(actor, household=household, is_field=is_field))]
