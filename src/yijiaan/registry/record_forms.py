"""Forms of base data, made from the field table. They hold the shape only; what was typed goes to the actions as it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from yijiaan.areas.queries import area_names, list_places
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry.actions import LOOKS
from yijiaan.registry.fields import PERSON, Field, FieldType, Kind
from yijiaan.registry.models import Membership, Relation
from yijiaan.registry.models.codes import CareBasis, CareKind
from yijiaan.registry.values import SOURCES, as_text, value_of, words
from yijiaan.ui.inputs import DayInput

MOST_TYPED = 400
UNKNOWN = "不清楚"


def day_field(label: str, hint: str = "") -> forms.DateField:
    """A day that may be left out."""
    widget = DayInput
    messages = {"invalid": "日子没看懂，请重新选"}
    return forms.DateField(label=label, help_text=hint, required=False, widget=widget, error_messages=messages)


def area_choices(
    actor: Actor, codes: tuple[str, ...] = (), *, whole: str = "（网格待定）", blank: str = "请选"
) -> list[tuple[str, Any]]:
    """Villages with their grids below them; one grid alone where the actor has no more. whole: what a village itself stands for."""
    choices: list[tuple[str, Any]] = []
    for area in codes or actor.areas:
        for village, grids in list_places(actor, code=area):
            own = [(village.code, f"{village.name}{whole}")] if actor.covers(village.code) else []
            inside = [*own, *((grid.code, grid.name) for grid in grids if actor.covers(grid.code))]
            if inside:
                choices.append((village.name, inside))
    flat = [line for _, inside in choices for line in inside]
    return flat if len(flat) == 1 else [("", blank), *choices]


def input_of(field: Field, actor: Actor) -> forms.Field:
    """The input of a fact."""
    common: dict[str, Any] = {"label": field.label, "required": False, "help_text": field.hint}
    match field.type:
        case FieldType.AREA:
            return forms.ChoiceField(choices=area_choices(actor), **common)
        case FieldType.CHOICE:
            return forms.ChoiceField(choices=[("", UNKNOWN), *field.choices], **common)
        case FieldType.DATE:
            return forms.CharField(max_length=MOST_TYPED, widget=forms.TextInput(attrs={"type": "date"}), **common)
        case FieldType.INTEGER:
            return forms.CharField(
                max_length=MOST_TYPED, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **common
            )
        case FieldType.PHONE:
            return forms.CharField(
                max_length=MOST_TYPED, widget=forms.TelInput(attrs={"autocomplete": "off"}), **common
            )
    return forms.CharField(max_length=MOST_TYPED, widget=forms.TextInput(attrs={"autocomplete": "off"}), **common)


class SourceForm(forms.Form):
    """How it is known, since when; and the key of this deed."""

    source = forms.ChoiceField(label="怎么知道的", choices=list(SOURCES.items()), initial="visit", required=False)
    told_on = day_field("哪天知道的", "不填就是今天")
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def how(self) -> dict[str, Any]:
        """The arguments that every deed takes."""
        said = self.cleaned_data
        return {"source": said["source"] or "visit", "told_on": said["told_on"], "client_key": said["client_key"]}

    def deed(self) -> dict[str, Any]:
        """The same for a deed that has a day of its own."""
        return {"source": self.cleaned_data["source"] or "visit", "client_key": self.cleaned_data["client_key"]}


class RecordForm(SourceForm):
    """The facts of one kind: all empty, or those of a record. A sealed fact is never put into the page: left empty it stays."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_at = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)  # our clock, in milliseconds

    def __init__(
        self, *args: Any, kind: Kind, actor: Actor, record: Any = None, skip: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.record = kind, record
        own: dict[str, forms.Field] = {}
        for field in kind.fields:
            if field.key in skip:
                continue
            own[field.key] = input_of(field, actor)
            if record is None:
                continue
            text = as_text(field, value_of(record, field))
            if not field.is_sealed:
                own[field.key].initial = text
            elif text:
                own[field.key].help_text = f"现在是 {words(field, text, masked=True)}，不改就空着"
                if not field.is_named:
                    own[f"clear_{field.key}"] = forms.BooleanField(label=f"{field.label}没有了，清空", required=False)
        self.fields = own | self.fields
        self.fields["seen_version"].initial = record.version if record is not None else None
        self.fields["seen_at"].initial = _milliseconds() if record is not None else None

    def values(self) -> dict[str, str]:
        """What was said of the facts."""
        said, values = self.cleaned_data, {}
        for field in self.kind.fields:
            if field.key not in self.fields:
                continue
            text = said[field.key] or ""
            if self.record is not None and field.is_sealed and not text:
                if said.get(f"clear_{field.key}"):
                    values[field.key] = ""
                continue
            if text or self.record is not None:
                values[field.key] = text
        return values

    def seen_moment(self) -> datetime:
        """When the writer saw the record; long ago where the page did not say."""
        seen = min(self.cleaned_data["seen_at"] or 0, _milliseconds())
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=seen)

    def see_version(self, version: int, taken: Mapping[str, str]) -> None:
        """What was typed stays; the newer version counts as seen from now on. taken: facts that the writer left as they were and
        somebody else changed; they take the newer value, or sending the form again would write the old one over it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["seen_version"], data["seen_at"] = str(version), str(_milliseconds())
        for key, text in taken.items():
            data[key] = text
        self.data = data


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


class PersonForm(RecordForm):
    """Somebody new in a household."""

    relation = forms.ChoiceField(label="与户主关系", choices=[("", "请选"), *Relation.choices], required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, kind=PERSON, actor=actor, **kwargs)
        self.order_fields(["name", "relation", *PERSON.keys])


class BirthForm(RecordForm):
    """A new child: its name, sex and birthday."""

    relation = forms.ChoiceField(
        label="与户主关系", choices=[("child", "子女"), ("grandchild", "孙子女"), ("other", "其他")], required=False
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        wanted = ("name", "sex", "birth_on", "id_no")
        skip = tuple(key for key in PERSON.keys if key not in wanted)
        super().__init__(*args, kind=PERSON, actor=actor, skip=skip, **kwargs)


class MoveInForm(SourceForm):
    number = forms.CharField(label="他的证件号码或手机号", required=False, max_length=MOST_TYPED)
    relation = forms.ChoiceField(label="与户主关系", choices=[("", "请选"), *Relation.choices], required=False)
    on = day_field("哪天迁来的", "不填就是今天")
    field_order = ("number", "relation", "on", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["told_on"]


class LeaveForm(SourceForm):
    """迁出 or 去世: the day; of a head who leaves others behind, the new head."""

    on = day_field("哪天", "不填就是今天")
    new_head = forms.ChoiceField(label="新户主", required=False)
    field_order = ("on", "new_head", "source")

    def __init__(self, *args: Any, others: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["told_on"]
        if not others:
            del self.fields["new_head"]
            return
        name = PERSON.field("name")
        lines = [
            (str(row.person_id), f"{words(name, row.person.name_sealed, masked=True)} {row.get_relation_display()}")
            for row in others
        ]
        self.fields["new_head"].choices = [("", "请选"), *lines]  # type: ignore[attr-defined]


class HeadForm(SourceForm):
    old_relation = forms.ChoiceField(
        label="原户主是他的什么人",
        choices=[row for row in Relation.choices if row[0] != Relation.HEAD],
        initial=Relation.OTHER,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["told_on"]


class RelationForm(SourceForm):
    relation = forms.ChoiceField(
        label="与户主关系", choices=[row for row in Relation.choices if row[0] != Relation.HEAD], required=False
    )
    field_order = ("relation", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["told_on"]


class RoomForm(SourceForm):
    """In which room a household lives."""

    NONE = "none"
    room = forms.ChoiceField(label="哪间房", required=False)
    field_order = ("room", "source", "told_on")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], has_one: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = [(self.NONE, "不住在登记的房屋里")] if has_one else []
        self.fields["room"].choices = [("", "请选"), *choices, *none]  # type: ignore[attr-defined]


class CareForm(forms.Form):
    care_kind = forms.ChoiceField(label="哪一类", choices=[("", "请选"), *CareKind.choices], required=False)
    basis = forms.ChoiceField(label="凭什么列入", choices=[("", "请选"), *CareBasis.choices], required=False)
    source = forms.CharField(label="依据", help_text="哪份文件，或者谁同意的", required=False, max_length=MOST_TYPED)
    health = forms.CharField(
        label="身体情况", help_text="可以不填；加密保存，查看要说明用途", required=False, max_length=MOST_TYPED
    )
    started_on = day_field("列入日期", "不填就是今天")
    review_on = day_field("复核日期", "到这天再问一次还需不需要；不填就是半年后")
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class LookForm(forms.Form):
    purpose = forms.ChoiceField(label="看了做什么", required=False, choices=[("", "请选"), *LOOKS.items()])


class ReasonForm(forms.Form):
    reason = forms.CharField(label="为什么", required=False, max_length=MOST_TYPED)


class MergeForm(ReasonForm):
    merged = forms.ChoiceField(label="哪一份和他是同一个人", required=False)
    field_order = ("merged", "reason")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merged"].choices = [("", "请选"), *choices]  # type: ignore[attr-defined]
        self.fields["reason"].label = "凭什么说是同一个人"


def asked_area(query: QueryDict, actor: Actor) -> str:
    """The place that an address asks for; empty where it names none of the actor's."""
    code = query.get("area", "")
    return code if code.isdigit() and actor.covers(code) else ""


class NarrowForm(forms.Form):
    """What a list of base data is narrowed to: a part of it, and a place. What an address asks wrongly narrows nothing."""

    of = forms.ChoiceField(label="哪一些", required=False)
    area = forms.ChoiceField(label="哪里的", required=False)

    def __init__(
        self, query: QueryDict, *, actor: Actor, parts: Sequence[tuple[str, str]] = (), part: str = "of"
    ) -> None:
        self.inside = asked_area(query, actor)
        self.chosen = asked_part if (asked_part := query.get(part, "")) in dict(parts) else ""
        super().__init__({part: self.chosen, "area": self.inside})
        places = area_choices(actor, whole="（全部）", blank="全部辖区")
        known = {code for value, label in places for code, _ in (label if isinstance(label, list) else [(value, "")])}
        if self.inside and self.inside not in known:  # a figure opens to a town too, which the choice does not name
            places.append((self.inside, area_names(actor, codes=[self.inside]).get(self.inside, self.inside)))
        shown = self.fields.pop("of")
        if parts:
            shown.choices = [("", "全部"), *parts]  # type: ignore[attr-defined]
            self.fields = {part: shown, **self.fields}
        self.fields["area"].choices = places  # type: ignore[attr-defined]
        if len(places) == 1:
            del self.fields["area"]
