from django import forms

from yijiaan.registry.models import EndReason


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
