"""Forms beside the list of cases: what is kept of it, and what is taken away."""

from uuid import uuid4

from django import forms

from yijiaan.cases.actions.exporting import CONTACT_PURPOSES


class SaveViewForm(forms.Form):
    name = forms.CharField(label="名字", required=False, max_length=200)
    is_shared = forms.BooleanField(
        label="同单位同岗位的人也能用", help_text="改和删归您；您离了岗，他们可以删", required=False
    )
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


class ExportForm(forms.Form):
    with_words = forms.BooleanField(label="带上诉求原话", help_text="原话里可能有个人信息，要写明用途", required=False)
    contact_purpose = forms.ChoiceField(
        label="带上姓名和电话", help_text="每位报事人在进度页上看得到", required=False,
        choices=[("", "不带"), *((code, f"带，为了{words}") for code, words in CONTACT_PURPOSES.items())],
    )  # fmt: skip
    purpose = forms.CharField(
        label="用途", help_text="带原话或联系方式时必填，审计员能看到谁导出过", required=False, max_length=200
    )
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
