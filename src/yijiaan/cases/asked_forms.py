"""The questions of categories as fields of a report's form: all are on the page, for it may be filled in without signal or script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField

from yijiaan.cases.asking import Question
from yijiaan.cases.models import Category, QuestionKind
from yijiaan.cases.queries.categories import asked_categories
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.inputs import OpenChoice, OpenChoices

FIELD = "answers."


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of pictures. They are never judged here: a bad picture must not lose the words beside it."""

    widget = PhotosInput(attrs={"multiple": True, "accept": "image/*"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files sent, whatever they are."""
        return [file for file in data or [] if file]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one category asks, as fields."""

    code: str
    name: str
    fields: Sequence[BoundField]
    is_chosen: bool


def field_of(question: Question) -> forms.Field:
    """The field of one question; whether it must be answered is the action's to say."""
    label = question.wording
    hint = "" if question.is_required else "可以不填"
    if question.is_required and question.use:
        hint = f"用来{question.use}"
    said: dict[str, Any] = {"label": label, "help_text": hint, "required": False}
    options = [(option, option) for option in question.options]
    attrs = {"data-fact": label}
    match question.kind:
        case QuestionKind.NUMBER:
            return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal", **attrs}), **said)
        case QuestionKind.SINGLE:
            widget: forms.Widget = forms.Select(attrs=attrs)
            return OpenChoice(choices=[("", "请选"), *options], widget=widget, **said)
        case QuestionKind.MULTIPLE:
            return OpenChoices(choices=options, widget=forms.CheckboxSelectMultiple, **said)
        case QuestionKind.DATE:
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date", **attrs}), **said)
        case QuestionKind.PHOTO:
            return PhotosField(label=label, help_text=hint)
    return forms.CharField(max_length=2000, widget=forms.TextInput(attrs=attrs), **said)


class AskingForm(forms.Form):
    """A form that asks what the chosen category asks; `ask` is called once the other fields stand."""

    def ask(self, actor: Actor) -> None:
        """Add the questions of all categories that ask something, each under the name `ask-<category>-<code>`."""
        self.asking: list[tuple[Category, tuple[Question, ...]]] = asked_categories(actor)
        for category, questions in self.asking:
            for question in questions:
                self.fields[name_of(category.code, question.code)] = field_of(question)

    def chosen_category(self) -> str:
        """The category that the form says, for showing it again; forms with other fields override it."""
        return str(self["category"].value() or "") if "category" in self.fields else ""

    @property
    def asked(self) -> list[Asked]:
        """What to draw."""
        chosen = self.chosen_category()
        return [
            Asked(
                category.code,
                category.name,
                [self[name_of(category.code, question.code)] for question in questions],
                category.code == chosen,
            )
            for category, questions in self.asking
        ]

    def answers_to(self, category: str) -> dict[str, Any]:
        """What was answered to the questions of the chosen category; of photos how many there are."""
        found: dict[str, Any] = {}
        for row, questions in self.asking:
            for question in questions if row.code == category else ():
                value = self.cleaned_data.get(name_of(row.code, question.code))
                value = len(value or ()) if question.kind == QuestionKind.PHOTO else value
                if value:
                    found[question.code] = value
        return found

    def photos_for(self, category: str) -> list[UploadedFile]:
        """The pictures that answer a question of the chosen category."""
        names = [
            name_of(row.code, question.code)
            for row, questions in self.asking
            for question in questions
            if row.code == category and question.kind == QuestionKind.PHOTO
        ]
        return [file for name in names for file in self.cleaned_data.get(name) or ()]

    def refuse(self, error: RuleError, category: str) -> None:
        """Put a refused rule on the form, one about an answer at its question."""
        if error.field and error.field.startswith(FIELD):
            error = RuleError(error.code, error.message, name_of(category, error.field.removeprefix(FIELD)))
        apply_rule_error(self, error)


def name_of(category: str, code: str) -> str:
    """What the field of a question is called."""
    return f"ask-{category}-{code}"


def category_line(categories: Iterable[Category]) -> list[tuple[str, str]]:
    """Categories as choices."""
    return [(category.code, category.name) for category in categories]
