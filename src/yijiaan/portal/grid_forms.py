"""What a redraw of grids is told by."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from yijiaan.areas.models import Area, RedrawKind
from yijiaan.areas.queries import Drawing
from yijiaan.ui.inputs import DayInput

MOST_LINES = 400


class RedrawForm(forms.Form):
    kind = forms.ChoiceField(
        label="怎么调", choices=RedrawKind.choices, initial=RedrawKind.MERGE, widget=forms.RadioSelect, required=False
    )
    grids = forms.MultipleChoiceField(
        label="并哪几个", help_text="挨着的两个或几个", widget=forms.CheckboxSelectMultiple, required=False
    )
    giver = forms.ChoiceField(label="要切开、或者要划出地方的网格", required=False)
    taker = forms.ChoiceField(label="接过去的网格", help_text="只有“划一块给邻格”要选", required=False)
    points = forms.CharField(
        label="线上的点",
        help_text="在地图上点就自己填；也可以写“经度，纬度”，一行一个",
        widget=forms.Textarea,
        required=False,
        max_length=20_000,
    )
    names = forms.CharField(
        label="新网格叫什么",
        help_text="一行一个，从西往东；不写就按序号起名",
        widget=forms.Textarea,
        required=False,
        max_length=1000,
    )
    effective_on = forms.DateField(
        label="从哪天起",
        help_text="生效前可以撤销",
        widget=DayInput,
        required=False,
        error_messages={"invalid": "日子没看懂，请重新选"},
    )
    reason = forms.CharField(label="为什么调", max_length=400, required=False)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, grids: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(grid.code, grid.name) for grid in grids]
        self.fields["grids"].choices = choices  # type: ignore[attr-defined]
        for name in ("giver", "taker"):
            self.fields[name].choices = [("", "请选"), *choices]  # type: ignore[attr-defined]

    def clean_points(self) -> tuple[tuple[float, float], ...]:
        """The points, each of a line; a line that is no point is named."""
        found = []
        for number, line in enumerate(self.cleaned_data["points"].splitlines()[:MOST_LINES], 1):
            words = line.replace("，", ",").replace(",", " ").split()
            if not words:
                continue
            try:
                lon, lat = (float(word) for word in words)
            except ValueError as error:
                raise ValidationError(f"第 {number} 行没看懂，请写“经度，纬度”，例如 116.612345，35.612345") from error
            if not (73 < lon < 136 and 3 < lat < 54):
                raise ValidationError(f"第 {number} 行不在中国的经纬度范围里，经度写在前面")
            found.append((lon, lat))
        return tuple(found)

    def drawing(self, village: str) -> Drawing:
        """What is drawn, for the village."""
        said = self.cleaned_data
        kind = said["kind"] or RedrawKind.MERGE
        chosen = {
            RedrawKind.MERGE: tuple(said["grids"]),
            RedrawKind.SPLIT: (said["giver"],),
            RedrawKind.SHIFT: (said["giver"], said["taker"]),
        }[RedrawKind(kind)]
        return Drawing(
            kind=kind,
            village=village,
            grids=tuple(code for code in chosen if code),
            points=said["points"] if kind != RedrawKind.MERGE else (),
            names=tuple(said["names"].splitlines()) if kind != RedrawKind.SHIFT else (),
        )
