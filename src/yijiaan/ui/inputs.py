"""Inputs that several apps use."""

from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """A day, chosen from the browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%Y-%m-%d", **kwargs})


class OpenChoice(forms.ChoiceField):
    """One of the choices that are offered; whether what was sent may be chosen is the action's to judge."""

    def valid_value(self, value: Any) -> bool:
        """Anything."""
        return True


class OpenChoices(forms.MultipleChoiceField):
    """Several of them."""

    def valid_value(self, value: Any) -> bool:
        """Anything."""
        return True
