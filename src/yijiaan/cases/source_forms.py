"""What is written down of a trusted reporter, what he tells by his link, and who tells for whom."""

from typing import Any
from uuid import uuid4

from django import forms

from yijiaan.areas.queries import list_places
from yijiaan.cases.actions.telling_for import ProxyFacts
from yijiaan.cases.forms import PhotosField, offer, place_choices
from yijiaan.cases.intake import Intake
from yijiaan.cases.models import ProxyRelation
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry.actions import PURPOSES, SourceFacts
from yijiaan.registry.models import ConsentWay, SourceKind, TrustedReporter
from yijiaan.ui.inputs import DayInput


class SourceForm(forms.Form):
    area_code = forms.ChoiceField(label="哪个村", required=False)
    kind = forms.ChoiceField(label="哪一类人", required=False, choices=[("", "请选"), *SourceKind.choices])
    name = forms.CharField(label="怎么称呼", required=False, max_length=200)
    phone = forms.CharField(label="电话", required=False, max_length=60, widget=forms.TelInput)
    consented_on = forms.DateField(
        label="本人哪天同意的",
        required=False,
        widget=DayInput,
        error_messages={"invalid": "日子没看懂，请重新选"},
    )
    consent_way = forms.ChoiceField(
        label="怎么同意的", choices=ConsentWay.choices, initial=ConsentWay.IN_PERSON, required=False
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = [
            (village.code, village.name) for area in actor.areas for village, _ in list_places(actor, code=area)
        ]
        offer(self, "area_code", villages if len(villages) == 1 else [("", "请选"), *villages])
        self.fields["consented_on"].initial = clock.local_day

    def facts(self) -> SourceFacts:
        """What the action takes."""
        said = self.cleaned_data
        return SourceFacts(
            said["area_code"], said["kind"], said["name"], said["phone"], said["consented_on"], said["consent_way"]
        )


class SeeSourceForm(forms.Form):
    purpose = forms.ChoiceField(label="看了做什么", required=False, choices=[("", "请选"), *PURPOSES.items()])


class SourceReportForm(forms.Form):
    """The quick link's form: who tells is known, and so is his village."""

    text = forms.CharField(label="出了什么事", required=False, strip=False, widget=forms.Textarea)
    photos = PhotosField(label="照片")
    area_code = forms.ChoiceField(label="在哪个村", required=False)
    place = forms.CharField(label="具体在哪儿", required=False, max_length=500)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, source: TrustedReporter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = place_choices(actor, source.area_code[:9], "说不准", with_grids=False)
        offer(self, "area_code", places)
        self.initial["area_code"] = next(
            (code for code, _ in places if isinstance(code, str) and code.startswith(source.area_code)), ""
        )

    def intake(self) -> Intake:
        """What the action takes."""
        said = self.cleaned_data
        return Intake(
            text=said["text"], client_key=said["client_key"], place=said["place"], area_code=said["area_code"]
        )


class ProxyForm(forms.Form):
    """代报 at the desk: the caller speaks for the person whose name and phone stand above."""

    is_proxy = forms.BooleanField(label="替别人打来的（代报）", required=False)
    relation = forms.ChoiceField(
        label="打电话的是他什么人",
        required=False,
        choices=[row for row in ProxyRelation.choices if row[0] != ProxyRelation.GRID_WORKER],
        initial=ProxyRelation.FAMILY,
    )
    proxy_name = forms.CharField(label="打电话的怎么称呼", required=False, max_length=200)
    proxy_phone = forms.CharField(label="打电话的电话", required=False, max_length=60, widget=forms.TelInput)

    def proxy(self) -> ProxyFacts | None:
        """Who tells; None when the caller speaks for himself."""
        said = self.cleaned_data
        if not (said["is_proxy"] or said["proxy_name"].strip() or said["proxy_phone"].strip()):
            return None
        return ProxyFacts(said["relation"], said["proxy_name"], said["proxy_phone"])


class TellForForm(forms.Form):
    """替…报 in the field: the grid worker tells for an elder, who gets receipt and callback."""

    for_name = forms.CharField(label="替谁报", required=False, max_length=200)
    for_phone = forms.CharField(label="他的电话", required=False, max_length=60, widget=forms.TelInput)

    @property
    def is_meant(self) -> bool:
        """Whether somebody is named."""
        said = self.cleaned_data
        return bool(said["for_name"].strip() or said["for_phone"].strip())
