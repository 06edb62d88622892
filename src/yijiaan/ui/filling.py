"""Every form that people fill in, in one table: who fills it, what for, how long it takes, which deeds of the journal come from it.

Each app registers its own in `ready()`. The burden meter counts them; a test holds the table complete. Law: 国办函〔2026〕12号 forbids
arbitrary and repeated form-filling, so a form without a use or a time has no place here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django import forms
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Filled:
    """One form. form: its class, below the package; deeds: verbs of the journal, `verb:way` where the verb has several ways in
    (its channel, kind or source); minutes: what filling it in takes, by estimate; has_own_fields: they depend on what is filled in."""

    form: str
    label: str
    who: str
    minutes: float
    use: str
    deeds: tuple[str, ...]
    has_own_fields: bool = False

    @property
    def app(self) -> str:
        """The package that the form belongs to."""
        return self.form.split(".")[0]

    @property
    def fields(self) -> tuple[int, int]:
        """How many inputs people see, and how many of them must be filled in."""
        return _inputs(self.form)


@cache
def _inputs(form: str) -> tuple[int, int]:
    found: type[forms.Form] = import_string(f"yijiaan.{form}")
    shown = [field for field in found.base_fields.values() if not field.widget.is_hidden]
    return len(shown), sum(field.required for field in shown)


_forms: dict[str, Filled] = {}


def register_filled(forms_of_app: Iterable[Filled]) -> None:
    """Put the forms of an app into the table; the same form again replaces the first."""
    _forms.update({row.form: row for row in forms_of_app})


def filled_forms() -> list[Filled]:
    """The whole table, by app and in the order of each app."""
    return sorted(_forms.values(), key=lambda row: row.app)
