"""The ui kit: a template builtin, so every template has these tags and filters without loading anything."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from lucide import _render_icon as render_icon

from yijiaan.core import clock
from yijiaan.ui import drawing, sides, way, words
from yijiaan.ui.tables import Cell, draw_cell

register = template.Library()

CHOICE_WIDGETS = {"radioselect", "checkboxselectmultiple"}


# ---- words ----


@register.filter
def when(moment: datetime | None) -> str:
    """{{ case.received_at|when }}: 今天 09:42 inside <time>."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        clock.local(moment).isoformat(timespec="minutes"),
        words.when_words(moment, clock.now()),
    )


@register.filter
def hour(moment: datetime | None) -> str:
    """{{ moment|hour }}: 09:42 inside <time>, for lists where the day is said elsewhere."""
    if moment is None:
        return ""
    local = clock.local(moment)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), f"{local:%H:%M}")


@register.filter
def day(value: date | datetime | None) -> str:
    """{{ report.received_at|day }}: 今天, 11月23日."""
    if value is None:
        return ""
    moment = clock.local_day(value) if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), words.day_words(moment, clock.local_day()))


@register.filter
def weekday(value: date | datetime | None) -> str:
    """{{ report.promised_at|weekday }}: 周二."""
    if value is None:
        return ""
    return words.weekday_words(clock.local_day(value) if isinstance(value, datetime) else value)


@register.filter
def deadline(moment: datetime | None) -> str:
    """{{ report.promised_at|deadline }}: 11月24日 21:50 前."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        clock.local(moment).isoformat(timespec="minutes"),
        words.deadline_words(moment),
    )


@register.filter
def left(due: datetime | None, what: str = "") -> str:
    """{{ case.next_due_at|left:"派单" }}: 派单剩 38 分, 派单超时 2 时."""
    return words.left_words(due, clock.now(), what) if due else ""


@register.filter
def left_kind(due: datetime | None, what: str = "") -> str:
    """{{ case.next_due_at|left_kind:"派单" }}: late, soon or nothing."""
    return words.left_kind(due, clock.now(), what) if due else ""


@register.filter
def span(length: timedelta) -> str:
    """{{ held|span }}: 1 时 22 分."""
    return words.span_words(length)


@register.filter
def span_since(moment: datetime | None) -> str:
    """{{ case.received_at|span_since }}: 1 时 22 分, the time that has passed."""
    return words.span_words(clock.now() - moment) if moment else ""


@register.filter
def spaced(number: str) -> str:
    """{{ report.number|spaced }}: XY 2026 1123 0041, easier to read out; {{ query_code|spaced }}: 482 719."""
    digits = "".join(ch for ch in number if ch.isdigit())
    letters = number[: len(number) - len(digits)]
    size = 3 if len(digits) == 6 else 4
    groups = [digits[start : start + size] for start in range(0, len(digits), size)]
    return " ".join([letters, *groups] if letters else groups)


@register.simple_tag
def greeting() -> str:
    """上午好."""
    return words.greeting(clock.now())


# ---- signs ----


@lru_cache(maxsize=512)
def _icon(name: str, size: int, kind: str) -> SafeString:
    attributes = {"aria_hidden": "true", "focusable": "false"} | ({"class": kind} if kind else {})
    return mark_safe(render_icon(name, size, **attributes))  # noqa: S308 - shapes of the lucide set, names come from templates


@register.simple_tag
def icon(name: str, size: int = 18, kind: str = "") -> SafeString:
    """An icon of the lucide set; decoration only, so it is hidden from readers."""
    return _icon(str(name), int(size), str(kind))


@register.simple_tag
def pill(text: str, kind: str = "", icon: str = "") -> SafeString:
    """A status: words, and a colour of new, doing, check, soon, late, done, hold; late and soon bring their icon."""
    sign = icon or {"late": "triangle-alert", "soon": "clock"}.get(kind, "")
    return format_html('<span class="pill {}">{}{}</span>', kind, _icon(sign, 13, "") if sign else "", text)


@register.simple_tag
def due(moment: datetime | None, what: str = "", plain: bool = False) -> SafeString:
    """How long is left of which limit, as a pill (in lists of cards) or as plain coloured words (in tables)."""
    if moment is None:
        return SafeString("")
    now = clock.now()
    kind = words.left_kind(moment, now, what)
    sign = _icon("triangle-alert" if kind == "late" else "clock", 14 if plain else 13, "")
    return format_html(
        '<span class="{} {} num" title="{}">{}{}</span>',
        "left" if plain else "pill",
        kind,
        words.when_words(moment, now),
        sign if kind or not plain else "",
        words.left_words(moment, now, what),
    )


@register.simple_tag
def spark(values: Sequence[float], kind: str = "") -> SafeString:
    """A small line of values."""
    return drawing.spark(values, kind)


@register.simple_tag
def bar(part: float, label: str, kind: str = "") -> SafeString:
    """A bar filled to `part` per cent; label is read out."""
    return drawing.bar(part, label, kind)


@register.simple_tag
def minimap(
    features: Iterable[dict[str, Any]] | None, code: str, point: drawing.Point | None = None, wide: bool = False
) -> SafeString:
    """The grid `code` among its neighbours, wide for a card or small for a line; nothing without its borders."""
    return drawing.minimap(features or (), code, point, *((280, 108) if wide else (104, 82)))


@register.simple_tag
def way_map(features: Iterable[dict[str, Any]], stops: Sequence[way.Stop], own: str = "") -> SafeString:
    """A way with its stops over the borders around; nothing where no stop has a place."""
    return way.way_map(features, stops, own)


@register.simple_tag
def way_key(stops: Sequence[way.Stop], words: Sequence[tuple[str, str]]) -> SafeString:
    """What the shapes on a way mean, and how many of each there are."""
    return way.way_key(stops, words)


@register.simple_tag
def two_sides(differing: Sequence[sides.Sides]) -> SafeString:
    """Facts of which two told different things, each with both values, authors and times."""
    return sides.draw_sides(differing)


# ---- pieces ----


STAMP_WIDTH, STAMP_HEIGHT = 300, 64


@register.simple_tag(takes_context=True)
def stamp_over(context: template.Context) -> SafeString:
    """{% stamp_over %}, last in an element of the class `stamped`: who looks and when, quietly and again and again over what he sees."""
    shell = context["shell"]
    words_ = f"{shell.seat} {words.today_words(clock.now())}"
    return format_html(
        '<svg class="stamp" aria-hidden="true" focusable="false"><defs><pattern id="stamp" width="{}" height="{}" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(-14)"><text x="4" y="24">{}</text><text x="-120" y="56">{}</text>'
        '<text x="180" y="56">{}</text></pattern></defs><rect width="100%" height="100%" fill="url(#stamp)"/></svg>',
        STAMP_WIDTH, STAMP_HEIGHT, words_, words_, words_,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def print_stamp(context: template.Context) -> SafeString:
    """{% print_stamp %}: who prints this page and when, at the foot of every sheet; nothing on the screen."""
    shell = context["shell"]
    if not shell.seat:
        return SafeString("")
    return format_html(
        '<p class="print-stamp">由 {} {} 于 {} 打印</p>', shell.seat, shell.viewer, words.today_words(clock.now())
    )


@register.simple_tag
def button(label: str, kind: str = "", icon: str = "", name: str = "", value: str = "") -> SafeString:
    """A submit button. kind: pri, soft, plain, danger, and sm, big, wide."""
    return format_html(
        '<button class="btn {}" type="submit"{}>{}{}</button>',
        kind,
        format_html(' name="{}" value="{}"', name, value) if name else "",
        _icon(icon, 18, "") if icon else "",
        label,
    )


@register.simple_tag
def link(label: str, url: str, kind: str = "", icon: str = "", dialog: bool = False) -> SafeString:
    """A link that looks like a button. dialog: its page opens over this one where scripts run."""
    return format_html(
        '<a class="btn {}" href="{}"{}>{}{}</a>',
        kind,
        url,
        mark_safe(" data-dialog") if dialog else "",
        _icon(icon, 18, "") if icon else "",
        label,
    )


@register.simple_block_tag
def card(content: str, title: str = "", note: str = "", kind: str = "") -> SafeString:
    """A white box with a heading, an optional remark beside it, and whatever stands between the tags."""
    heading = (
        format_html("<h2>{}{}</h2>", title, format_html("<small>{}</small>", note) if note else "") if title else ""
    )
    return format_html('<section class="card {}">{}{}</section>', kind, heading, content)


@register.simple_tag
def table(heads: Sequence[str], rows: Iterable[Sequence[Cell | str]]) -> SafeString:
    """A list for the desk: one heading a column, one row of cells a record. A cell is a text, or `ui.tables.Cell` for more."""
    head = "".join([f"<th>{escape(words)}</th>" for words in heads])
    body = "".join(["<tr>" + "".join([draw_cell(cell) for cell in row]) + "</tr>" for row in rows])
    drawn = f'<div class="table-scroll" role="region" aria-label="表格" tabindex="0"><table class="tbl"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    return mark_safe(drawn)  # noqa: S308 - cells escape what they hold


@register.simple_tag
def cell(value: Cell | str) -> SafeString:
    """One cell of a table that a template draws itself."""
    return mark_safe(draw_cell(value))  # noqa: S308 - escaped there


@register.inclusion_tag("ui/kit/kpi.html")
def kpi(
    label: str,
    value: Any,
    unit: str = "",
    note: str = "",
    url: str = "",
    kind: str = "",
    values: Sequence[float] = (),
    code: str = "",
) -> dict[str, Any]:
    """One figure: what, how many, its recent line, one comparison; with a url it opens its records, by its code a script finds it."""
    shown = {"label": label, "value": value, "unit": unit, "note": note, "url": url, "kind": kind, "values": values}
    return shown | {"code": code}


@register.inclusion_tag("ui/kit/topbar.html", takes_context=True)
def topbar(context: template.Context, title: str, back: str = "", status: str = "") -> dict[str, Any]:
    """The bar on top of a phone page: back, title, and the size of type or the state of saving."""
    return {"shell": context.get("shell"), "title": title, "back": back, "status": status}


@register.simple_tag
def timeline(steps: Iterable[Any]) -> SafeString:
    """Steps with title, by, at, text, took, state ("now", "done" or "ahead") and expected; each may lack any of them."""
    lines = []
    for step in steps:
        by = format_html(" <span>{}</span>", step.by) if step.by else ""
        at = when(step.at) if step.at else escape(step.expected or "")
        text = format_html('<p class="sub">{}</p>', step.text) if step.text else ""
        took = format_html('<p class="dur num">{}</p>', step.took) if step.took else ""
        current = ' aria-current="step"' if step.state == "now" else ""
        lines.append(
            f'<li class="{escape(step.state)}"{current}><p><b>{escape(step.title)}</b>{by}'
            f'<span class="t num">{at}</span></p>{text}{took}</li>'
        )
    return mark_safe(f'<ol class="steps">{"".join(lines)}</ol>')  # noqa: S308 - every part is escaped above


@register.inclusion_tag("ui/kit/person.html")
def person(name: str, role: str = "", phone: str = "") -> dict[str, Any]:
    """Somebody to turn to, with a button that calls."""
    return {"name": name, "role": role, "phone": phone}


@register.inclusion_tag("ui/kit/empty.html")
def empty(text: str, url: str = "", action: str = "") -> dict[str, Any]:
    """Why there is nothing here, since when we know, and one thing to do."""
    return {"text": text, "url": url, "action": action, "now": clock.now()}


@register.inclusion_tag("ui/kit/photos.html")
def photos(items: Iterable[Any]) -> dict[str, Any]:
    """A strip of photos; each has url, thumbnail_url and label."""
    return {"photos": items}


@register.inclusion_tag("ui/kit/pager.html")
def pager(page: Any) -> dict[str, Any]:
    """Forward and back through a list; page has previous_url, next_url and words."""
    return {"page": page}


# ---- forms ----


@register.simple_tag
def field(bound: BoundField, hint: str = "", kind: str = "", **attributes: Any) -> SafeString:
    """Label, hint, input, message. attributes go to the input (`placeholder="…"`, `rows=3`; `_` becomes `-`)."""
    hint = str(hint or bound.help_text)
    key = escape(bound.auto_id)
    described = [f"{key}_hint"] if hint else []
    if bound.errors:
        described.append(f"{key}_error")
    words = f'<small id="{key}_hint">{escape(hint)}</small>' if hint else ""
    error = field_error(bound)
    kind = f"fd {escape(kind)}{' bad' if error else ''}"
    if bound.widget_type in CHOICE_WIDGETS:
        by = f' aria-describedby="{" ".join(described)}"' if described else ""
        # a group of choices has no input of its own: its fieldset carries the id
        chips = [
            f'<label for="{escape(choice.id_for_label)}">{choice.tag()}<span>{escape(choice.choice_label)}</span></label>'
            for choice in bound
        ]
        drawn = (
            f'<fieldset class="{kind}" id="{key}" tabindex="-1"{by}><legend>{escape(bound.label)}{words}</legend>'
            f'<div class="chips">{"".join(chips)}</div>{error}</fieldset>'
        )
        return mark_safe(drawn)  # noqa: S308 - every part is escaped above
    attrs = {name.replace("_", "-"): value for name, value in attributes.items()}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    widget = bound.as_widget(attrs=attrs)
    if bound.is_hidden:
        return widget
    target = escape(bound.id_for_label)
    if bound.widget_type == "checkbox":
        body = f'<label class="check" for="{target}">{widget}<span>{escape(bound.label)}{words}</span></label>'
    else:
        body = f'<label for="{target}">{escape(bound.label)}{words}</label>{widget}'
    return mark_safe(f'<div class="{kind}">{body}{error}</div>')  # noqa: S308


@register.simple_tag
def field_error(bound: BoundField) -> SafeString:
    """What is wrong with a field, below it; nothing when nothing is."""
    if not bound.errors:
        return SafeString("")
    return format_html(
        '<p class="em" id="{}_error">{}<span>{}</span></p>',
        bound.auto_id,
        _icon("circle-alert", 15, ""),
        " ".join(str(error) for error in bound.errors),
    )


@register.inclusion_tag("ui/kit/errors.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What must be changed, each line leading to its field. Stands above the form."""
    lines = [{"text": text, "target": ""} for text in form.non_field_errors()]
    for name, messages in form.errors.items():
        if name in form.fields:
            bound = form[name]
            lines += [{"text": text, "target": bound.auto_id} for text in messages]
    return {"lines": lines, "count": len(lines)}


@register.inclusion_tag("ui/kit/tiles.html")
def tiles(bound: BoundField, icons: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Choices as large tiles with icons; icons by value of the choice."""
    return {
        "bound": bound,
        "choices": [
            {
                "value": value,
                "label": label,
                "icon": (icons or {}).get(str(value), "circle"),
                "checked": str(bound.value() or "") == str(value),
            }
            for value, label in getattr(bound.field, "choices", ())
            if value != ""
        ],
    }


@register.inclusion_tag("ui/kit/photo_input.html")
def photo_input(bound: BoundField, label: str = "拍照", hint: str = "") -> dict[str, Any]:
    """A camera button; where scripts run photos are shrunk before they are sent and shown as they are taken."""
    return {"bound": bound, "label": label, "hint": hint}


@register.inclusion_tag("ui/kit/voice_input.html")
def voice_input(bound: BoundField, label: str = "说一段") -> dict[str, Any]:
    """A recorder: one tap begins, one ends; without a recorder in the browser the phone's own opens."""
    return {"bound": bound, "label": label}


@register.inclusion_tag("ui/kit/voices.html")
def voices(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Recordings to listen to; each has url and seconds (0: not known)."""
    return {"voices": [{**item, "length": words.clock_words(item["seconds"])} for item in items]}
