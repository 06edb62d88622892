"""What we draw in Python is what Django's templates draw, but for white space between tags."""

import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from yijiaan.ui.drawn_forms import DrawnForms

NASTY = """<b>"灯" & '井'</b>"""
CHOICES = [("", "还没选"), (NASTY, NASTY), ("村", [("01", "一<组>"), (2, "二组")]), ("z", "最后")]


def same(widget: forms.Widget, value: Any, **attrs: Any) -> None:
    drawn = widget.render("n&m", value, attrs=attrs, renderer=DrawnForms())
    theirs = widget.render("n&m", value, attrs=attrs, renderer=DjangoTemplates())
    assert re.sub(r"\s*\n\s*(?=<)", "", drawn) == re.sub(r"\s*\n\s*(?=<)", "", theirs)


@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(attrs={"placeholder": NASTY, "required": True, "hidden": False}),
        forms.HiddenInput(),
        forms.TelInput(),
        forms.PasswordInput(),
        forms.Textarea(attrs={"rows": 3}),
        forms.CheckboxInput(),
        forms.FileInput(attrs={"accept": "image/*"}),
        forms.DateTimeInput(),
        forms.NumberInput(),
    ],
)
@pytest.mark.parametrize("value", [None, "", NASTY, 0, 12, "第一行\n第二行"])
def test_an_input_is_drawn_as_django_draws_it(widget: forms.Widget, value: Any) -> None:
    same(widget, value, id="id_x")


@pytest.mark.parametrize("value", [None, "", NASTY, "2", 2, "nothing"])
def test_a_list_of_choices_is_drawn_as_django_draws_it(value: Any) -> None:
    same(forms.Select(choices=CHOICES), value, id="id_x", **{"aria-describedby": "id_x_hint"})
    same(forms.SelectMultiple(choices=CHOICES), [value], id="id_x")


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_single_choices_are_drawn_as_django_draws_them(widget: Any) -> None:
    class Form(forms.Form):
        way = forms.ChoiceField(choices=CHOICES[1:2] + CHOICES[3:], widget=widget)

    for wrap in (False, True):
        ours, theirs = (
            "".join(choice.tag(wrap_label=wrap) for choice in Form(initial={"way": NASTY}, renderer=renderer)["way"])
            for renderer in (DrawnForms(), DjangoTemplates())
        )
        assert ours == theirs.replace("\n", "")


def test_what_is_not_drawn_here_is_left_to_django() -> None:
    same(forms.RadioSelect(choices=CHOICES[1:2]), NASTY, id="id_x")
    same(forms.SplitDateTimeWidget(), None, id="id_x")
