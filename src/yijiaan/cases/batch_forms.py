"""What is done to several cases at once: the cases as they were ticked, and what is said of all of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.accounts.models import Unit
from yijiaan.cases.actions.batch import Chosen
from yijiaan.cases.forms import offer


def chosen_of(sent: QueryDict) -> list[Chosen]:
    """The ticked cases as an address or a form names them: `number` from a list, `number:version` from our own page."""
    found = []
    for value in sent.getlist("case"):
        number, _, version = value.partition(":")
        found.append(
            Chosen(number[:40], int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0)
        )
    return found


class BatchForm(forms.Form):
    """back: the list that the cases were ticked in."""

    back = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


class BatchDispatchForm(BatchForm):
    lead = forms.ChoiceField(label="主办", required=False)
    note = forms.CharField(label="派单说明", required=False, strip=False, widget=forms.Textarea)

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "lead", [("", "请选单位"), *((str(unit.id), unit.name) for unit in units)])

    def lead_id(self) -> UUID | None:
        """The unit chosen to lead."""
        return UUID(self.cleaned_data["lead"]) if self.cleaned_data["lead"] else None


class BatchUrgeForm(BatchForm):
    text = forms.CharField(label="说一句（可不写）", required=False, strip=False, widget=forms.Textarea)
