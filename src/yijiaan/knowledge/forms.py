from typing import Any

from django import forms

from yijiaan.accounts.queries import all_units
from yijiaan.areas.queries import get_area
from yijiaan.core.scope import Actor
from yijiaan.knowledge.actions import ArticleFacts


def _words(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ArticleForm(forms.Form):
    title = forms.CharField(label="办什么", required=False, max_length=200)
    aliases = forms.CharField(label="别的叫法", required=False, max_length=400, help_text="群众会怎么说，用空格分开")
    area = forms.ChoiceField(label="适用地方", required=False)
    answer = _words("一句话回答", "群众先看到它，也用它直接答复咨询")
    who_may = _words("谁能办")
    documents = _words("带什么", "一行一样")
    place = forms.CharField(label="去哪里", required=False, max_length=600)
    how_long = forms.CharField(label="多久办好", required=False, max_length=400)
    steps = _words("怎么办", "一行一步")
    phone = forms.CharField(label="咨询电话", required=False, max_length=60)
    source = forms.CharField(label="依据", required=False, max_length=400)
    source_on = forms.DateField(label="依据日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(
        label="有效到", help_text="到期前一个月提醒", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = all_units(actor).get(actor.unit_id) if actor.unit_id else None
        codes = list(dict.fromkeys([*(area[:9] for area in actor.areas), *([unit.area_id[:9]] if unit else [])]))
        self.fields["area"].choices = [(code, get_area(actor, code=code).name) for code in codes]  # type: ignore[attr-defined]

    def facts(self) -> ArticleFacts:
        """What was filled in."""
        said = dict(self.cleaned_data)
        said.pop("seen_version")
        return ArticleFacts(area_code=said.pop("area"), **said)
