"""What other apps show on the page of a household: each registers an answer in its `ready()`; a panel is shown only when its app is there."""

from typing import Protocol

from django.utils.safestring import SafeString

from yijiaan.core.scope import Actor
from yijiaan.registry.models import Household


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
