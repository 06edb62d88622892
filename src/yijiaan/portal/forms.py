from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from yijiaan.engines.worktime.models import LimitPreset

MOST_BYTES = 512 * 1024


class HolidaysForm(forms.Form):
    """A table of holidays, as a file or pasted."""

    file = forms.FileField(
        label="节假日表（CSV 文件）", required=False, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )
    text = forms.CharField(
        label="或者贴在这里",
        help_text="第一行写 日期,名称,类别；类别写 休 或 班",
        required=False,
        strip=False,
        widget=forms.Textarea,
    )
    source = forms.CharField(
        label="依据", help_text="例如：国务院办公厅关于 2027 年部分节假日安排的通知", required=False, max_length=200
    )

    def clean(self) -> dict[str, Any]:
        """One of both; files of Excel are often GB18030."""
        data: dict[str, Any] = super().clean() or {}
        file = data.get("file")
        if file is None and not (data.get("text") or "").strip():
            self.add_error("file", "请选一个文件，或把表贴在下面")
        elif file is not None and file.size > MOST_BYTES:
            self.add_error("file", "文件超过 512 KB，不像节假日表，请检查")
        elif file is not None:
            try:
                data["text"] = _decoded(file.read())
            except UnicodeDecodeError:
                self.add_error("file", "文件不是 UTF-8 或 GB18030 文字，请另存为 CSV 再传")
        return data


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


class PresetForm(forms.Form):
    code = forms.ChoiceField(label="时限方案", error_messages={"required": "请选一个方案"})

    def __init__(self, *args: Any, presets: list[LimitPreset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(preset.code, preset.name) for preset in presets]


class OwnPresetForm(forms.Form):
    name = forms.CharField(label="名称", required=False, max_length=100, help_text="例如 兖州区办法")
    base = forms.ChoiceField(label="没有单独定的按")
    source = forms.CharField(label="依据", required=False, max_length=300, help_text="哪一份文件")

    def __init__(self, *args: Any, presets: list[LimitPreset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["base"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(preset.code, preset.name) for preset in presets]


class CallBackForm(forms.Form):
    """Who would rather talk: a number to ring, nothing else."""

    phone = forms.CharField(
        label="您的电话号码",
        max_length=60,
        widget=forms.TelInput,
        error_messages={"required": "请填电话号码，我们打给您"},
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def new_key(self) -> None:
        """Another number is meant: show it again with a key of its own."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["client_key"] = str(uuid4())
        self.data = data


class KeptFileForm(forms.Form):
    """A file that a phone wrote of what it could not send."""

    file = forms.FileField(
        label="手机导出的文件",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".html,text/html"}),
    )
