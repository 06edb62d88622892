"""The shape of what people fill in; rules are the actions'."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from yijiaan.areas.queries import get_area, list_children, list_places
from yijiaan.core.scope import Actor
from yijiaan.oneform.actions import FormFacts, Told
from yijiaan.oneform.catalogue import sources_for
from yijiaan.oneform.deriving import question_of
from yijiaan.oneform.matching import Meaning
from yijiaan.oneform.models import AskedKind, FormColumn, OneForm, UnitKind
from yijiaan.ui.inputs import DayInput, OpenChoice, OpenChoices

SPLIT = re.compile(r"[、，,;；|\n]")
COUNTY, TOWN = 6, 9


def area_choices(actor: Actor) -> list[tuple[str, str]]:
    """The actor's own area as a whole, and what lies right below it."""
    code = actor.areas[0] if actor.areas else actor.county
    own = get_area(actor, code=code).name
    if len(code) == COUNTY:
        return [(code, f"{own}（全部）"), *((area.code, area.name) for area in list_children(actor, code=code))]
    if len(code) == TOWN:
        return [
            (code, f"{own}（全镇）"),
            *((village.code, village.name) for village, _ in list_places(actor, code=code)),
        ]
    return [(code, own)]


class RegisterForm(forms.Form):
    """登记一张表."""

    file = forms.FileField(
        label="上级发来的空表",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls"}),
    )
    name = forms.CharField(label="表名", required=False, max_length=300)
    issuer = forms.CharField(label="下发单位", required=False, max_length=300)
    basis = forms.CharField(label="依据", required=False, max_length=500)
    ends_on = forms.DateField(label="截止日期", required=False, widget=DayInput)
    per = OpenChoice(label="一行是什么", required=False, choices=UnitKind.choices, widget=forms.RadioSelect)
    minutes = forms.IntegerField(label="整张手工填一份要几分钟", required=False, min_value=-999, max_value=99999)
    areas = OpenChoices(label="填哪些地方", required=False, widget=forms.CheckboxSelectMultiple)
    valid_days = forms.IntegerField(
        label="答过的多少天内不再问", required=False, min_value=-999, max_value=99999, initial=365
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas: Any = self.fields["areas"]
        areas.choices = area_choices(actor)
        if areas.choices:
            areas.initial = [areas.choices[0][0]]

    def facts(self) -> FormFacts:
        """What the form says of itself."""
        said = self.cleaned_data
        return FormFacts(
            name=said["name"], issuer=said["issuer"], basis=said["basis"], ends_on=said["ends_on"], per=said["per"],
            minutes=said["minutes"], areas=tuple(said["areas"]), valid_days=said["valid_days"],
        )  # fmt: skip


def source_choices(per: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can be, by group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for source in sources_for(per):
        groups.setdefault(source.group, []).append((source.code, source.label))
    return list(groups.items())


class ColumnsForm(forms.Form):
    """对列: for each column what it is filled from, and how it is asked where nobody knows."""

    def __init__(self, *args: Any, form: OneForm, columns: Sequence[FormColumn], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        choices = source_choices(form.per)
        for column in columns:
            at, label = column.place, column.label or f"第 {column.place + 1} 列"
            self.fields[f"c{at}"] = OpenChoice(label=label, required=False, choices=choices, initial=column.source)
            self.fields[f"k{at}"] = OpenChoice(
                label="怎么填", required=False, choices=AskedKind.choices, initial=column.asked_kind
            )
            self.fields[f"o{at}"] = forms.CharField(
                label="有哪些选项", required=False, max_length=2000, initial="、".join(column.choices)
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """A line a column, with its inputs, in order."""
        return [
            {
                "column": column, "number": column.place + 1, "source": self[f"c{column.place}"],
                "kind": self[f"k{column.place}"], "options": self[f"o{column.place}"],
                "is_asked": self[f"c{column.place}"].value() == "asked",
            }
            for column in self.columns
        ]  # fmt: skip

    def meanings(self) -> dict[int, Meaning]:
        """What was chosen."""
        said = self.cleaned_data
        return {
            column.place: Meaning(
                said[f"c{column.place}"], said[f"k{column.place}"] or AskedKind.TEXT.value,
                tuple(part for part in SPLIT.split(said[f"o{column.place}"]) if part.strip()),
            )
            for column in self.columns
        }  # fmt: skip


class AnswerForm(forms.Form):
    """补缺的项: an input a column that is missing, and a tick for what there is not."""

    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, columns: Sequence[FormColumn], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for column in columns:
            self.fields[f"c{column.place}"] = _input(column)
            self.fields[f"n{column.place}"] = forms.BooleanField(label="没有，或者问不到", required=False)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """What is asked, in order."""
        return [
            {"place": column.place, "answer": self[f"c{column.place}"], "none": self[f"n{column.place}"]}
            for column in self.columns
        ]

    def told(self) -> dict[int, Told]:
        """What was told, by column."""
        said = self.cleaned_data
        return {
            column.place: Told(_text(said[f"c{column.place}"]), bool(said[f"n{column.place}"]))
            for column in self.columns
            if _text(said[f"c{column.place}"]) or said[f"n{column.place}"]
        }


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()


def _input(column: FormColumn) -> forms.Field:
    kind, choices = question_of(column)
    if kind == AskedKind.YES_NO:
        return OpenChoice(
            label=column.label, required=False, choices=(("是", "是"), ("否", "否")), widget=forms.RadioSelect
        )
    if kind == AskedKind.CHOICE:
        return OpenChoice(label=column.label, required=False, choices=(("", "请选"), *choices))
    if kind == AskedKind.DAY:
        return forms.CharField(label=column.label, required=False, max_length=60, widget=DayInput)
    attrs = {"inputmode": "decimal"} if kind == AskedKind.NUMBER else {}
    return forms.CharField(label=column.label, required=False, max_length=400, widget=forms.TextInput(attrs=attrs))


class CloseForm(forms.Form):
    """结束一张表."""

    reason = forms.CharField(label="为什么提前结束", required=False, max_length=300)


class ExportForm(forms.Form):
    """导出填好的表."""

    purpose = forms.CharField(label="用途", required=False, max_length=300)
    with_identity = forms.BooleanField(label="写出全名和全号，不遮盖", required=False)
    area = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
