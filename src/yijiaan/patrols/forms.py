"""The shape of what people fill in; rules are the actions'."""

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from yijiaan.accounts.queries import list_units_for
from yijiaan.areas.queries import get_area, list_places
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.patrols.actions import PlanFacts, PointFacts
from yijiaan.patrols.models import PatrolKind, PatrolPoint, PatrolTemplate, Result, RuleKind
from yijiaan.patrols.queries import list_patrol_templates
from yijiaan.ui.inputs import DayInput, OpenChoice

SPLIT = re.compile(r"[|｜]")
BETWEEN = re.compile(r"[,，\s]+")
GRADES = (("", "不好说"), ("general", "一般"), ("larger", "较大"), ("major", "重大"))
POINTS_HINT = "一行一个：地点，后面可以写“|看什么|网格代码|经度，纬度”，例如 粮库后门|门锁着没有；不写的空着。位置在下面的地图上点一下就自己填"


def words_field(label: str, hint: str = "", rows: int = 3) -> forms.CharField:
    """Words that the action judges."""
    return forms.CharField(
        label=label, help_text=hint, required=False, strip=False, widget=forms.Textarea(attrs={"rows": rows})
    )


class PicturesInput(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Any number of pictures, or none."""

    widget = PicturesInput(attrs={"multiple": True, "accept": "image/*"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files sent, whatever they are."""
        return [file for file in data or [] if file]


def area_choices(actor: Actor) -> list[tuple[str, Any]]:
    """The town itself, its villages with their grids."""
    code = actor.areas[0] if actor.areas else actor.county
    choices: list[tuple[str, Any]] = [("", "请选")]
    if len(code) == 9:
        choices.append((code, f"{get_area(actor, code=code).name}（全镇）"))
    for village, grids in list_places(actor, code=code):
        inside = [(village.code, f"{village.name}（全村）"), *((grid.code, grid.name) for grid in grids)]
        choices.append((village.name, inside))
    return choices


def uuid_or_none(text: str) -> UUID | None:
    """A key; None for anything that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class TemplateForm(forms.Form):
    """A way and its points."""

    name = forms.CharField(label="叫什么", required=False, max_length=100)
    kind = OpenChoice(label="哪一类", required=False, choices=PatrolKind.choices)
    area_code = OpenChoice(label="在哪儿", required=False)
    points = words_field("有哪些点", POINTS_HINT, rows=8)
    is_ordered = forms.BooleanField(label="按顺序走，一个一个来", required=False)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area_code"].choices = area_choices(actor)  # type: ignore[attr-defined]

    def facts(self) -> list[PointFacts]:
        """The points that stand in the lines. RuleError bad_position for a place that is no two numbers."""
        points: list[PointFacts] = []
        for line in self.cleaned_data["points"].splitlines():
            parts = [part.strip() for part in SPLIT.split(line)]
            if any(parts):
                place, hint, area_code, position = (*parts, "", "", "")[:4]
                lon, lat = _position(position, len(points) + 1)
                points.append(PointFacts(place=place, hint=hint, area_code=area_code, lon=lon, lat=lat))
        return points


def _position(text: str, number: int) -> tuple[float, float] | tuple[None, None]:
    if not text:
        return None, None
    try:
        lon, lat = (float(word) for word in BETWEEN.split(text))
    except ValueError as error:
        words = f"第 {number} 个点的位置没看懂，请写“经度，纬度”，例如 116.612345，35.612345"
        raise RuleError("bad_position", words, "points") from error
    return lon, lat


def lines_of(points: list[PatrolPoint]) -> str:
    """Points as lines, to be changed."""
    rows = (
        (p.place, p.hint, p.area_code, "" if p.lon is None or p.lat is None else f"{p.lon:.6f},{p.lat:.6f}")
        for p in points
    )
    return "\n".join("|".join(row).rstrip("|") for row in rows)


class PlanForm(forms.Form):
    """By which rule who walks a way."""

    unit = OpenChoice(label="谁去", required=False)
    rule = OpenChoice(
        label="什么时候", required=False, choices=RuleKind.choices, widget=forms.RadioSelect, initial=RuleKind.WEEKLY
    )
    days = forms.CharField(
        label="哪几天",
        help_text="每周写 1 至 7，每月写 1 至 31，农历逢写尾数（逢三逢八写 3、8，逢十写 0）",
        required=False,
        max_length=200,
    )
    dates = words_field("写定的日子", "一行一个，例如 2026-12-01", rows=2)
    starts_on = forms.DateField(label="从哪天起", required=False, widget=DayInput)
    ends_on = forms.DateField(label="到哪天止", help_text="不写就一直", required=False, widget=DayInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, template: PatrolTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = list_units_for(actor, area_code=template.area_code)
        self.fields["unit"].choices = [("", "请选"), *((str(unit.id), unit.name) for unit in units)]  # type: ignore[attr-defined]

    def facts(self) -> PlanFacts:
        """What was filled in. RuleErrors bad_days, bad_dates for what is no number and no day."""
        said = self.cleaned_data
        rule = said["rule"]
        with_days = rule in (RuleKind.WEEKLY, RuleKind.MONTHLY, RuleKind.MARKET)
        words = re.split(r"[、，,\s]+", said["days"].strip()) if with_days and said["days"].strip() else []
        if any(not (word.isascii() and word.isdigit() and len(word) <= 2) for word in words):
            raise RuleError("bad_days", "请写数，用顿号或空格分开，例如 1、4", "days")
        dates = []
        for line in said["dates"].split() if rule == RuleKind.DATES else []:
            try:
                dates.append(date.fromisoformat(line))
            except ValueError as error:
                raise RuleError("bad_dates", f"“{line[:20]}”不是日子，照 2026-12-01 这样写", "dates") from error
        return PlanFacts(
            unit_id=uuid_or_none(said["unit"]), rule=rule, days=tuple(int(word) for word in words), dates=tuple(dates),
            starts_on=said["starts_on"], ends_on=said["ends_on"],
        )  # fmt: skip


class SweepForm(forms.Form):
    """拉网式巡查."""

    name = forms.CharField(label="这次叫什么", required=False, max_length=100)
    template = OpenChoice(label="照哪条路线", required=False)
    area_code = OpenChoice(label="在哪儿", required=False)
    on = forms.DateField(label="哪天", required=False, widget=DayInput)
    ends_on = forms.DateField(label="到哪天止", help_text="不写就只有那一天", required=False, widget=DayInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = [(str(row.id), row.name) for row in list_patrol_templates(actor)[:100]]  # type: ignore[attr-defined]
        self.fields["area_code"].choices = area_choices(actor)  # type: ignore[attr-defined]


class PointForm(forms.Form):
    """What was found at one point."""

    result = OpenChoice(label="结果", required=False, choices=Result.choices)
    text = forms.CharField(label="说明", required=False, max_length=1000)
    grade = OpenChoice(label="您看是几级", required=False, choices=GRADES)
    photos = PicturesField(label="照片", required=False)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ReasonForm(forms.Form):
    text = words_field("为什么", rows=2)
