"""What a clerk says of a ledger: the file and where it goes, the sheet, and each column."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms

from yijiaan.engines.tabular.models import Import
from yijiaan.engines.tabular.providers import Field, ImportTarget, mask_unknown
from yijiaan.engines.tabular.reading import MOST_BYTES

NOT_IMPORTED = "不导入"


class LedgerForm(forms.Form):
    kind = forms.ChoiceField(label="导入到哪里", error_messages={"required": "请选导入到哪里"})
    file = forms.FileField(
        label="表格文件",
        help_text=f".xlsx、.xls 或 .csv，最大 {MOST_BYTES // 1024 // 1024} MB；原来的表头、标题、合并的格子都不用改",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={
            "required": "请选一个表格文件",
            "empty": "这个文件是空的，请检查是不是选错了",
            "missing": "请选一个表格文件",
            "invalid": "请选一个表格文件",
        },
        max_length=None,
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, targets: Sequence[ImportTarget], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        choices = [(target.kind, target.title) for target in targets]
        field.choices = choices if len(choices) == 1 else [("", "请选"), *choices]

    def clean_file(self) -> Any:
        """Too large a file is refused before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                f"文件有 {file.size // 1024 // 1024} MB，超过 {MOST_BYTES // 1024 // 1024} MB，请分成几份"
            )
        return file


class SheetForm(forms.Form):
    """Which sheet of the file."""

    sheet = forms.ChoiceField(label="用哪张表", error_messages={"invalid_choice": "文件里没有这张表，请重新选"})

    def __init__(self, *args: Any, imported: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["sheet"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each["name"], _sheet_words(each)) for each in imported.sheets]
        field.initial = imported.sheet


def _sheet_words(sheet: dict[str, Any]) -> str:
    marks = [f"{sheet['rows']} 行"]
    if sheet["is_hidden"]:
        marks.append("隐藏的表")
    if sheet["hidden_rows"]:
        marks.append(f"有 {sheet['hidden_rows']} 行是隐藏的")
    return f"{sheet['name']}（{'，'.join(marks)}）"


class MappingForm(forms.Form):
    """Our field for each column of theirs, with what stands in it, covered where it is personal."""

    def __init__(
        self, *args: Any, imported: Import, target: ImportTarget, mapping: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        by_key: dict[str, Field] = {field.key: field for field in target.fields}
        choices = [
            ("", NOT_IMPORTED),
            *((field.key, f"{field.label}{'（必须有）' if field.is_needed else ''}") for field in target.fields),
        ]
        samples = imported.samples
        for column, head in enumerate(imported.heads):
            field = by_key.get(mapping.get(column, ""))
            values = samples[column] if column < len(samples) else []
            if not head and not values:
                continue
            shown = [field.masked(value) if field else mask_unknown(value, head) for value in values]
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=head or f"第 {column + 1} 列（没有表头）",
                choices=choices,
                required=False,
                initial=mapping.get(column, ""),
                help_text="、".join(shown) if shown else "这一列是空的",
                error_messages={"invalid_choice": "选的内容不存在，请重新选"},
            )

        for each in target.fields:
            if each.may_be_fixed:
                self.fields[f"fixed_{each.key}"] = self._fixed(each, imported.fixed.get(each.key, ""))

    @staticmethod
    def _fixed(field: Field, initial: str) -> forms.Field:
        """What holds for the whole table."""
        label, hint = f"整张表都是同一个“{field.label}”", "表里没有这一列，或这一格空着时用；没有就不填"
        if field.choices:
            return forms.ChoiceField(
                label=label, help_text=hint, required=False, initial=initial,
                choices=[("", "不填"), *((choice[0], choice[1]) for choice in field.choices)],
                error_messages={"invalid_choice": "选的内容不存在，请重新选"},
            )  # fmt: skip
        return forms.CharField(label=label, help_text=hint, required=False, initial=initial, max_length=200)

    @property
    def columns(self) -> list[forms.BoundField]:
        """The columns of theirs."""
        return [bound for bound in self if bound.name.startswith("column_")]

    @property
    def for_all(self) -> list[forms.BoundField]:
        """What can be said once for all lines."""
        return [bound for bound in self if bound.name.startswith("fixed_")]

    def fixed(self) -> dict[str, str]:
        """What was said for all lines, by field."""
        return {
            name.removeprefix("fixed_"): said
            for name, said in self.cleaned_data.items()
            if said and name[:6] == "fixed_"
        }

    def mapping(self) -> dict[int, str]:
        """Our field by column, those that are imported."""
        return {
            int(name.removeprefix("column_")): key
            for name, key in self.cleaned_data.items()
            if key and name[:7] == "column_"
        }
