from django import forms


class PlatesForm(forms.Form):
    """A village or grid, and its places, one a line."""

    area_code = forms.ChoiceField(label="哪个村或网格", required=False)
    places = forms.CharField(
        label="地点", help_text="一行一块门牌", required=False, strip=False, max_length=100_000, widget=forms.Textarea
    )
