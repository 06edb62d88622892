from uuid import uuid4

from django import forms

from yijiaan.operations.models import OpinionKind


class DaysForm(forms.Form):
    """How many days a kind of record is kept."""

    days = forms.IntegerField(
        label="保存天数", required=False, min_value=0, error_messages={"invalid": "请填整数天，或留空表示一直保存"}
    )


class OpinionForm(forms.Form):
    """Three lines at most: what it is about, the words, a picture if one likes."""

    kind = forms.ChoiceField(
        label="是哪一类",
        required=False,
        choices=OpinionKind.choices,
        initial=OpinionKind.OPINION,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label="想说什么", required=False, strip=False, widget=forms.Textarea)
    photo = forms.FileField(
        label="照片或截图", required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": "image/*"})
    )
    is_anonymous = forms.BooleanField(
        label="匿名", help_text="不记是谁、哪个单位、几点写的；凭查看码看答复", required=False
    )
    page = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class WordsForm(forms.Form):
    text = forms.CharField(label="内容", required=False, strip=False, widget=forms.Textarea)
