"""The shape of what people fill in. Rules are the actions'; what comes back from them is put at the fields of the same name."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.choices import BaseChoiceIterator

from yijiaan.accounts.models import Unit
from yijiaan.areas.queries import list_places
from yijiaan.cases.actions.answering import BY_REPORTER, HEARD, REASONS
from yijiaan.cases.asked_forms import AskingForm, PhotosField, category_line
from yijiaan.cases.field_posts import FieldPost
from yijiaan.cases.intake import TOLD_KINDS, Intake
from yijiaan.cases.models import (
    CallbackResult,
    Case,
    Category,
    Channel,
    Kind,
    RatingResult,
    ReturnReason,
    SolvedLevel,
    Urgency,
)
from yijiaan.cases.queries import list_categories
from yijiaan.cases.queries.page import PURPOSES
from yijiaan.core import clock
from yijiaan.core.scope import Actor

Choices = list[tuple[str, Any]]


def place_choices(actor: Actor, area_code: str, empty: str, with_grids: bool) -> Choices:
    """Villages, with their grids below them for those who know grids. A village of one grid is that grid."""
    choices: Choices = [("", empty)]
    for village, grids in list_places(actor, code=area_code):
        if len(grids) == 1:
            choices.append((grids[0].code, village.name))
        elif with_grids and grids:
            inside = [(village.code, f"{village.name}（网格待定）"), *((grid.code, grid.name) for grid in grids)]
            choices.append((village.name, inside))
        else:
            choices.append((village.code, village.name))
    return choices


def category_choices(actor: Actor, empty: str) -> Choices:
    """Small categories under their big ones."""
    groups = [(big.name, [(leaf.code, leaf.name) for leaf in leaves]) for big, leaves in list_categories(actor)]
    return [("", empty), *(group for group in groups if group[1])]


def number_or_none(text: str) -> float | None:
    """A coordinate that a script wrote; anything else counts as none."""
    try:
        return float(text)
    except ValueError:
        return None


class ReadyChoices(BaseChoiceIterator):
    """Choices that are pairs already: Django would walk through hundreds of them to make sure, twice a list."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices

    def __iter__(self) -> Iterator[Any]:
        return iter(self.choices)


def offer(form: forms.Form, name: str, choices: Choices) -> None:
    """Give a field what can be chosen in it."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = ReadyChoices(choices)  # type: ignore[assignment]


def with_value(form: forms.Form, name: str, value: str) -> QueryDict:
    """What was sent, with one value replaced."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data[name] = value
    return data


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"


class PlaceForm(AskingForm):
    """Where it is: a tap on the map, or a line of the list, or words."""

    area_code = forms.ChoiceField(label="在哪个村", required=False)
    place = forms.CharField(label="具体在哪儿", required=False, max_length=500)
    lon = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.CharField(required=False, widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def point(self) -> tuple[float | None, float | None]:
        """Both coordinates, or neither."""
        lon, lat = number_or_none(self.cleaned_data["lon"]), number_or_none(self.cleaned_data["lat"])
        return (None, None) if lon is None or lat is None else (lon, lat)

    def new_key(self) -> None:
        """Another report is meant: show the form with a key of its own, everything else as typed."""
        self.data = with_value(self, "client_key", str(uuid4()))


class VoiceField(forms.FileField):
    """One recording, never judged here: what cannot be heard must not lose the words beside it."""

    widget = forms.FileInput(attrs={"accept": "audio/*", "capture": True})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="录音", required=False, allow_empty_file=True, **kwargs)


class ReportForm(PlaceForm):
    """What a resident says. No category, no name, no phone is asked for."""

    text = forms.CharField(label="出了什么事", required=False, strip=False, widget=forms.Textarea)
    voice = VoiceField()
    name = forms.CharField(label="怎么称呼您", required=False, max_length=200)
    phone = forms.CharField(label="您的手机号", required=False, max_length=60, widget=forms.TelInput)
    photos = PhotosField(label="照片")
    category = forms.ChoiceField(label="是不是下面这几类事", required=False, widget=forms.RadioSelect)
    field_order = ("text", "voice", "photos", "category", "area_code", "lon", "place", "phone", "name")

    def __init__(self, *args: Any, actor: Actor, area_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "area_code", place_choices(actor, area_code, "说不准，或不在下面", with_grids=False))
        self.ask(actor)
        if self.asking:
            offer(self, "category", [("", "不是，或说不准"), *category_line(category for category, _ in self.asking)])
        else:  # nobody is asked for a category that would ask nothing
            del self.fields["category"]

    def village_of(self, area_code: str) -> str:
        """The line of the list of villages that a village or grid stands in; empty when there is none."""
        field = self.fields["area_code"]
        assert isinstance(field, forms.ChoiceField)
        lines = list(field.choices)  # type: ignore[arg-type]
        return next((str(code) for code, _ in lines if str(code).startswith(area_code[:12])), "")

    def intake(self) -> Intake:
        """What the action takes."""
        data = self.cleaned_data
        lon, lat = self.point()
        category = data.get("category", "")
        return Intake(
            text=data["text"],
            client_key=data["client_key"],
            category=category,
            answers=self.answers_to(category),
            lon=lon,
            lat=lat,
            place=data["place"],
            area_code=data["area_code"],
            reporter_name=data["name"],
            reporter_phone=data["phone"],
        )


class FieldReportForm(PlaceForm):
    """What a grid worker found, and whether he solved it there and then."""

    text = forms.CharField(label="说明情况", required=False, strip=False, widget=forms.Textarea)
    voice = VoiceField()
    photos = PhotosField(label="照片")
    category = forms.ChoiceField(label="哪一类", help_text="选错不要紧，镇里会改", required=False)
    leaf = forms.ChoiceField(label="细一点", required=False)
    way = forms.ChoiceField(label="怎么办", choices=[("solved", "当场办结"), ("up", "报上去办")], initial="up")
    result = forms.CharField(label="怎么解决的", required=False, max_length=4000)
    accuracy = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, area_code: str, post: FieldPost | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.post = post
        self.fields["area_code"].label = "在哪个网格"
        offer(self, "area_code", place_choices(actor, area_code[:9], "还没选", with_grids=True))
        # what only the county may handle (conduct of officials) is told to a tip officer, not found on patrol
        found = [(big, leaves) for big, leaves in list_categories(actor) if big.lowest_level != SolvedLevel.COUNTY]
        if post is None:
            offer(self, "category", [("", ""), *((big.code, big.name) for big, _ in found)])
            offer(self, "leaf", category_choices(actor, "不用细分"))
        else:
            self._offer_matters(post, found)
        self.ask(actor)

    def _offer_matters(self, post: FieldPost, found: list[tuple[Category, list[Category]]]) -> None:
        """The categories of a post alone: big ones, or single small ones; the first is chosen in advance."""
        every = {row.code: row for big, leaves in found for row in (big, *leaves)}
        matters = [every[code] for code in post.categories if code in every]
        offer(self, "category", [("", ""), *((row.code, row.name) for row in matters)])
        inside = [
            (big.name, [(leaf.code, leaf.name) for leaf in leaves if leaf.code.startswith(post.categories)])
            for big, leaves in found
        ]
        offer(self, "leaf", [("", "不用细分"), *(group for group in inside if group[1])])
        if matters:
            self.initial.setdefault("category", matters[0].code)
        if post.is_confidential:
            offer(self, "way", [("up", "报检察院")])

    def chosen_category(self) -> str:
        """The small category when one was chosen, else the big one."""
        return str(self["leaf"].value() or self["category"].value() or "")

    def intake(self) -> Intake:
        """What the action takes: the small category when one was chosen, else the big one."""
        data = self.cleaned_data
        category = data["leaf"] or data["category"]
        lon, lat = self.point()
        return Intake(
            text=data["text"],
            client_key=data["client_key"],
            kind=self.post.kind if self.post else Kind.HELP.value,
            category=category,
            answers=self.answers_to(category),
            lon=lon,
            lat=lat,
            place=data["place"],
            area_code=data["area_code"],
        )


class RegisterForm(PlaceForm):
    """What a caller says, written down by the centre."""

    channel = forms.ChoiceField(
        label="从哪儿来",
        choices=[
            (Channel.PHONE.value, "打到镇里的电话"),
            (Channel.HOTLINE.value, "12345 转来"),
            (Channel.LETTER.value, "信访转来"),
        ],
        initial=Channel.PHONE.value,
        widget=forms.RadioSelect,
    )
    external_number = forms.CharField(label="来件编号", required=False, max_length=40)
    outside_due_at = forms.DateTimeField(
        label="要求什么时候办结",
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=MomentInput(format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "时间没看懂，请重新选，或空着"},
    )
    kind = forms.ChoiceField(
        label="哪一类",
        choices=[(kind, Kind(kind).label) for kind in TOLD_KINDS],
        initial=Kind.HELP.value,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="原话", help_text="照着说的记，不用改成公文", required=False, strip=False, widget=forms.Textarea
    )
    category = forms.ChoiceField(label="类别", help_text="说不准就不选，派单时再定", required=False)
    wish = forms.CharField(label="想要什么结果", required=False, max_length=1000)
    name = forms.CharField(label="怎么称呼", required=False, max_length=200)
    phone = forms.CharField(
        label="电话", help_text="可不留，凭编号查进度", required=False, max_length=60, widget=forms.TelInput
    )
    happened_at = forms.DateTimeField(
        label="什么时候的事",
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=MomentInput(format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "时间没看懂，请重新选，或空着"},
    )
    field_order = (
        "channel",
        "external_number",
        "outside_due_at",
        "name",
        "phone",
        "kind",
        "text",
        "category",
        "area_code",
        "lon",
        "place",
        "wish",
    )

    def __init__(self, *args: Any, actor: Actor, area_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area_code"].label = "网格"
        offer(self, "area_code", place_choices(actor, area_code, "地点不明，先收下", with_grids=True))
        offer(self, "category", category_choices(actor, "不选"))
        self.ask(actor)
        self.fields["place"].label = "在哪里"

    def intake(self) -> Intake:
        """What the action takes."""
        data = self.cleaned_data
        lon, lat = self.point()
        return Intake(
            text=data["text"],
            client_key=data["client_key"],
            kind=data["kind"],
            category=data["category"],
            answers=self.answers_to(data["category"]),
            lon=lon,
            lat=lat,
            place=data["place"],
            area_code=data["area_code"],
            reporter_name=data["name"],
            reporter_phone=data["phone"],
            happened_at=data["happened_at"],
            wish=data["wish"],
            external_number=data["external_number"].strip() if data["channel"] != Channel.PHONE else "",
            outside_due_at=data["outside_due_at"] if data["channel"] != Channel.PHONE else None,
        )


class FindForm(forms.Form):
    number = forms.CharField(label="编号", max_length=40, error_messages={"required": "请填编号"})
    query_code = forms.CharField(label="查询码", max_length=12, error_messages={"required": "请填 6 位查询码"})


class RateForm(forms.Form):
    result = forms.ChoiceField(
        label="您满意吗",
        choices=[(value, RatingResult(value).label) for value in BY_REPORTER],
        widget=forms.RadioSelect,
        error_messages={"required": "请选满意、基本满意或不满意"},
    )
    reasons = forms.MultipleChoiceField(
        label="哪里没办好",
        help_text="可多选",
        required=False,
        choices=[(reason, reason) for reason in REASONS],
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(label="说一句也行", required=False, strip=False, widget=forms.Textarea)


class PhotosForm(forms.Form):
    photos = PhotosField(label="照片")
    purpose = forms.ChoiceField(choices=[("before", "办前"), ("after", "办后")], initial="before", required=False)


# ---- moves on a case ----


class MoveForm(forms.Form):
    """seen_version: the state of the case that the page showed; the action refuses when somebody was faster."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def typed(self) -> list[str]:
        """The words that were typed, for a page that can no longer show the form."""
        return [
            str(self.data.get(name, ""))
            for name, field in self.fields.items()
            if isinstance(field, forms.CharField) and self.data.get(name)
        ]

    def look_again(self, version: int) -> None:
        """Show the form once more over the case as it is now, with what was typed."""
        self.data = with_value(self, "seen_version", str(version))


class BareForm(MoveForm):
    """A move that needs no words: sign, take."""


class DispatchForm(MoveForm):
    lead = forms.ChoiceField(label="主办", required=False)
    assistants = forms.MultipleChoiceField(label="协办", required=False, widget=forms.CheckboxSelectMultiple)
    category = forms.ChoiceField(label="类别", required=False)
    urgency = forms.ChoiceField(label="轻重", choices=Urgency.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="派单说明", required=False, strip=False, widget=forms.Textarea)

    def __init__(self, *args: Any, actor: Actor, units: Sequence[Unit], likely: Iterable[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(unit.id), unit.name) for unit in units]
        first = {str(key) for key in likely}
        offer(self, "lead", [("", "请选单位"), *named])
        # a town has a score of units: those on the duty list stand first
        offer(self, "assistants", sorted(named, key=lambda choice: choice[0] not in first))
        offer(self, "category", category_choices(actor, "还没有定"))

    def lead_id(self) -> UUID | None:
        """The unit chosen to lead."""
        return UUID(self.cleaned_data["lead"]) if self.cleaned_data["lead"] else None

    def assistant_ids(self) -> list[UUID]:
        """The units chosen to assist."""
        return [UUID(value) for value in self.cleaned_data["assistants"]]


class ClassifyForm(MoveForm):
    category = forms.ChoiceField(label="类别", required=False)
    area_code = forms.ChoiceField(label="网格", required=False)

    def __init__(self, *args: Any, actor: Actor, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "category", category_choices(actor, "不改"))
        around = next((area for area in actor.areas if case.area_code.startswith(area)), case.area_code[:9])
        offer(self, "area_code", place_choices(actor, around, "不改", with_grids=True))


class FinishForm(MoveForm):
    result = forms.CharField(
        label="办理结果", help_text="报事人会看到这一句", required=False, strip=False, widget=forms.Textarea
    )
    photos = PhotosField(label="照片")


class ReturnForm(MoveForm):
    reason = forms.ChoiceField(
        label="为什么退",
        choices=ReturnReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个退回原因"},
    )
    proposed = forms.ChoiceField(label="该由谁牵头", required=False)
    text = forms.CharField(
        label="说明", help_text="镇里和下一个单位都会看到", required=False, strip=False, widget=forms.Textarea
    )

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "proposed", [("", "说不准"), *((str(unit.id), unit.name) for unit in units)])

    def proposed_id(self) -> UUID | None:
        """The unit proposed to lead."""
        return UUID(self.cleaned_data["proposed"]) if self.cleaned_data["proposed"] else None


class HeardField(forms.ChoiceField):
    """What a caller heard; the plain answers of a page opened before are understood too."""

    def valid_value(self, value: Any) -> bool:
        """One of the list, or a plain answer."""
        return value in HEARD or super().valid_value(value)


class CallbackForm(MoveForm):
    result = HeardField(
        label="报事人怎么说",
        choices=CallbackResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个回访结果"},
    )
    text = forms.CharField(label="说明", required=False, strip=False, widget=forms.Textarea)


class MergeForm(MoveForm):
    parts = forms.MultipleChoiceField(label="并进来", required=False, widget=forms.CheckboxSelectMultiple)
    other = forms.CharField(label="别的事件编号", help_text="不在上面的，写编号", required=False, max_length=60)

    def __init__(self, *args: Any, similar: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "parts", list(similar))

    def numbers(self) -> list[str]:
        """All cases named."""
        return [*self.cleaned_data["parts"], *self.cleaned_data["other"].replace("，", " ").replace(",", " ").split()]


class SplitForm(MoveForm):
    report = forms.CharField(max_length=40, widget=forms.HiddenInput)


class WordsForm(forms.Form):
    """A remark, or the record of a talk."""

    text = forms.CharField(required=False, strip=False, widget=forms.Textarea)

    def typed(self) -> list[str]:
        """The words that were typed."""
        return [self.data.get("text", "")] if self.data.get("text") else []


class SeeReporterForm(forms.Form):
    report_id = forms.UUIDField(widget=forms.HiddenInput)
    purpose = forms.ChoiceField(
        label="查看的用途",
        help_text="报事人能看到",
        choices=list(PURPOSES.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "没有打开：请先选查看的用途，报事人能看到",
            "invalid_choice": "没有打开：请先选查看的用途，报事人能看到",
        },
    )
    words = forms.CharField(label="说明", help_text="选“其他”必填，审计员能看到", max_length=100, required=False)

    def typed(self) -> list[str]:
        """What was written, to give back where the form is no longer offered."""
        return [words] if (words := self.data.get("words", "").strip()) else []


def opened_at() -> str:
    """The latest moment a form accepts, for its input."""
    return f"{clock.local():%Y-%m-%dT%H:%M}"
