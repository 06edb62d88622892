from typing import Any
from uuid import uuid4

from django import forms

from yijiaan.registry.models import EndReason, PlateSize

MOST_LOGO_BYTES = 4 * 1024 * 1024


class PlatesForm(forms.Form):
    """A village or grid, and its places, one a line."""

    area_code = forms.ChoiceField(label="哪个村或网格", required=False)
    places = forms.CharField(
        label="地点", help_text="一行一块门牌", required=False, strip=False, max_length=100_000, widget=forms.Textarea
    )


class EndPlateForm(forms.Form):
    """Why a plate does not hang any more."""

    reason = forms.ChoiceField(
        label="原因", choices=EndReason.choices, error_messages={"required": "请选原因"}, widget=forms.RadioSelect
    )


class PlateNumberingForm(forms.Form):
    """The shapes of the numbers on plates that hang already."""

    masks = forms.CharField(
        label="编号样式",
        help_text="一行一种。# 代表一位数字，@ 代表一个字母，其余照写",
        required=False,
        strip=False,
        max_length=400,
        widget=forms.Textarea,
    )


class PlatePrintForm(forms.Form):
    """Which plates on paper, and how large."""

    area_code = forms.ChoiceField(label="哪个村或网格", required=False)
    size = forms.ChoiceField(
        label="大小",
        choices=PlateSize.choices,
        initial=PlateSize.NINE_UP.value,
        required=False,
        widget=forms.RadioSelect,
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class PlateStyleForm(forms.Form):
    """What stands on every plate beside place and code."""

    slogan = forms.CharField(label="门牌上的话", required=False, max_length=200)
    logo = forms.FileField(
        label="徽标图片", help_text="JPEG 或 PNG，不选就不变", required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )  # fmt: skip
    drops_logo = forms.BooleanField(label="不要徽标", required=False)

    def clean_logo(self) -> Any:
        """Not larger than a logo can be."""
        logo = self.cleaned_data["logo"]
        if logo is not None and logo.size > MOST_LOGO_BYTES:
            raise forms.ValidationError("图片超过 4 MB，请换一张小的")
        return logo
