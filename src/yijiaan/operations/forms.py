from django import forms


class DaysForm(forms.Form):
    """How many days a kind of record is kept."""

    days = forms.IntegerField(
        label="保存天数", required=False, min_value=0, error_messages={"invalid": "请填整数天，或留空表示一直保存"}
    )
