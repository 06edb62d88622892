"""Inputs, lists of choices and text areas written in Python: the same HTML as Django's templates, at a tenth of their cost.

Django draws every option of a list through two templates; a desk page with three lists spent half its time there.
"""

import html
from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]
INPUTS = (
    "text", "hidden", "number", "email", "url", "tel", "search", "color", "password", "date", "datetime", "time", "file", "checkbox",
)  # fmt: skip


def escape(value: Any) -> str:
    """Django's own, without the detour through its lazy texts."""
    return html.escape(str(value))


def _attributes(widget: Widget) -> str:
    parts = []
    for name, value in widget["attrs"].items():
        if value is True:
            parts.append(f" {name}")
        elif value is not False:
            parts.append(f' {name}="{escape(value)}"')
    return "".join(parts)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{escape(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{escape(widget["name"])}"{value}{_attributes(widget)}>'


def _input_option(widget: Widget) -> str:
    drawn = _input(widget)
    if not widget.get("wrap_label"):
        return drawn
    key = widget["attrs"].get("id")
    opening = f'<label for="{escape(key)}">' if key else "<label>"
    return f"{opening}{drawn} {escape(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    text = escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{escape(widget["name"])}"{_attributes(widget)}>\n{text}</textarea>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{escape(widget["name"])}"{_attributes(widget)}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{escape(group)}">')
        parts += [
            f'<option value="{escape(option["value"])}"{_attributes(option)}>{escape(option["label"])}</option>'
            for option in options
        ]
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return "".join(parts)


_FOLDER = "django/forms/widgets/"
_DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}{name}.html": _input for name in INPUTS},
    f"{_FOLDER}input.html": _input,
    f"{_FOLDER}radio_option.html": _input_option,
    f"{_FOLDER}checkbox_option.html": _input_option,
    f"{_FOLDER}textarea.html": _textarea,
    f"{_FOLDER}select.html": _select,
}


class DrawnForms(DjangoTemplates):
    """The form renderer (FORM_RENDERER): draws what is drawn often, and leaves the rest to Django's templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """One widget."""
        draw = _DRAWN.get(template_name)
        if draw is None:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308
        return mark_safe(draw(context["widget"]))  # noqa: S308 - every value above is escaped
