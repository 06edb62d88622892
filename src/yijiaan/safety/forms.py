"""The shape of what people fill in; rules are the actions'."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from yijiaan.accounts.queries import all_units, list_units_for
from yijiaan.areas.queries import area_names, list_places
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Grade
from yijiaan.engines.checklists.queries import list_templates
from yijiaan.safety.models import Hazard, HazardKind, Way
from yijiaan.safety.queries import team_choices
from yijiaan.ui.inputs import DayInput, OpenChoice

Choices = list[tuple[str, Any]]


def area_choices(actor: Actor, empty: str) -> Choices:
    """The villages with their grids of the actor's area, or of his unit's town."""
    unit = all_units(actor).get(actor.unit_id) if actor.unit_id else None
    code = actor.areas[0] if actor.areas else unit.area_id if unit is not None else actor.county
    choices: Choices = [("", empty)]
    if len(code) > 12:
        names = area_names(actor, codes=actor.areas)
        return [*choices, *((one, names.get(one, "")) for one in actor.areas if len(one) > 12)] or choices
    for village, grids in list_places(actor, code=code):
        inside = [(village.code, f"{village.name}（全村）"), *((grid.code, grid.name) for grid in grids)]
        choices.append((village.name, inside))
    return choices


class PicturesInput(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Any number of pictures, or none; a bad picture never loses the words beside it."""

    widget = PicturesInput(attrs={"multiple": True, "accept": "image/*"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files sent, whatever they are."""
        return [file for file in data or [] if file]


def words_field(label: str, rows: int = 2, hint: str = "") -> forms.CharField:
    """Words that the action judges."""
    return forms.CharField(
        label=label, help_text=hint, required=False, strip=False, widget=forms.Textarea(attrs={"rows": rows})
    )


def number_or_none(text: str) -> float | None:
    """A coordinate that a script wrote; anything else counts as none."""
    try:
        return float(text)
    except ValueError:
        return None


def with_value(form: forms.Form, name: str, value: str) -> QueryDict:
    """What was sent, with one value replaced."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data[name] = value
    return data


class HazardForm(forms.Form):
    """登记隐患: what and where; picture and grade are up to who writes."""

    text = words_field("是什么隐患")
    kind = OpenChoice(label="哪一类", required=False, choices=HazardKind.choices, initial=HazardKind.FIRE)
    area_code = OpenChoice(label="在哪个村或网格", required=False)
    place = forms.CharField(label="具体在哪儿", required=False, max_length=400)
    lon = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.CharField(required=False, widget=forms.HiddenInput)
    proposed_grade = OpenChoice(
        label="您看是几级",
        required=False,
        choices=[("", "不好说"), *Grade.choices],
        widget=forms.RadioSelect,
        initial="",
    )
    photos = PicturesField(label="照片")
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area_code"].choices = area_choices(actor, "请选")  # type: ignore[attr-defined]

    def point(self) -> tuple[float | None, float | None]:
        """Both coordinates, or neither."""
        lon, lat = number_or_none(self.cleaned_data["lon"]), number_or_none(self.cleaned_data["lat"])
        return (None, None) if lon is None or lat is None else (lon, lat)


class StepForm(forms.Form):
    """A move of a hazard: its fields, and the version on the page it was decided from."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, hazard: Hazard, **kwargs: Any) -> None:
        kwargs["initial"] = {"seen_version": hazard.version} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.ready(actor, hazard)

    def ready(self, actor: Actor, hazard: Hazard) -> None:
        """Fill in what can be chosen."""

    def look_again(self, version: int) -> None:
        """Somebody was faster: the next press decides from what stands there now."""
        self.data = with_value(self, "seen_version", str(version))


class GradeForm(StepForm):
    grade = OpenChoice(label="等级", required=False, choices=Grade.choices, widget=forms.RadioSelect)
    text = words_field("为什么定这一级", hint="可以不填")

    def ready(self, actor: Actor, hazard: Hazard) -> None:
        """What the finder thought is chosen in advance."""
        self.fields["grade"].initial = hazard.grade or hazard.proposed_grade or Grade.GENERAL


class NotifyForm(StepForm):
    unit = OpenChoice(label="交给谁改", required=False)
    due_on = forms.DateField(label="哪天前改好", required=False, widget=DayInput)
    measure = words_field("要怎么改", hint="可以不填")

    def ready(self, actor: Actor, hazard: Hazard) -> None:
        """The units that can act there; the unit it has, if it has one."""
        units = list_units_for(actor, area_code=hazard.area_code)
        self.fields["unit"].choices = [("", "请选"), *((str(unit.id), unit.name) for unit in units)]  # type: ignore[attr-defined]
        self.fields["unit"].initial = str(hazard.unit_id or "")
        self.fields["measure"].initial = hazard.measure

    def unit_id(self) -> UUID | None:
        """The unit chosen; None for anything that is none."""
        try:
            return UUID(self.cleaned_data["unit"])
        except ValueError:
            return None


class TextForm(StepForm):
    text = words_field("说明")


class DayForm(StepForm):
    due_on = forms.DateField(label="延到哪天", required=False, widget=DayInput)
    text = words_field("为什么延期")


class ProtectForm(StepForm):
    text = words_field("做了什么防护")
    review_on = forms.DateField(label="哪天再去看", required=False, widget=DayInput)


class SubmitForm(StepForm):
    text = words_field("怎么改的")
    cost = forms.DecimalField(
        label="花了多少钱（元）", help_text="可以不填", required=False, max_digits=12, decimal_places=2
    )
    photos = PicturesField(label="改好后的照片")


class VerifyForm(StepForm):
    text = words_field("看到的情况", hint="可以不填")
    photos = PicturesField(label="照片")


class InspectionForm(forms.Form):
    """安排一次检查."""

    target = forms.CharField(label="查谁", required=False, max_length=200)
    template = OpenChoice(label="用哪张检查表", required=False)
    area_code = OpenChoice(label="在哪个村或网格", required=False)
    place = forms.CharField(label="具体在哪儿", help_text="可以不填", required=False, max_length=400)
    planned_on = forms.DateField(label="哪天查", required=False, widget=DayInput)
    way = OpenChoice(
        label="怎么查", required=False, choices=Way.choices, widget=forms.RadioSelect, initial=Way.ANNOUNCED
    )
    team = forms.MultipleChoiceField(
        label="和谁一起查", help_text="您自己算在内", required=False, widget=forms.CheckboxSelectMultiple
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = list_templates(actor, active_only=True)
        self.fields["template"].choices = [(str(row.id), row.name) for row in templates]  # type: ignore[attr-defined]
        self.fields["area_code"].choices = area_choices(actor, "请选")  # type: ignore[attr-defined]
        others = [row for row in team_choices(actor) if row[0] != str(actor.post_id)]
        self.fields["team"].choices = others  # type: ignore[attr-defined]
        if not others:
            del self.fields["team"]


class SignForm(forms.Form):
    name = forms.CharField(label="谁签的字", required=False, max_length=100)


class RefuseForm(forms.Form):
    text = words_field("为什么不签")
    witness = forms.CharField(label="见证人", required=False, max_length=100)


class CancelForm(forms.Form):
    text = words_field("为什么取消")


class BareForm(forms.Form):
    """A move that needs no words."""


class CarryForm(forms.Form):
    text = words_field("为什么还没有销号")


class ExportForm(forms.Form):
    query = forms.CharField(required=False, widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
