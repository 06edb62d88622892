"""A form filled in, as a table to take away: the layout in which it came, a row a unit, and a second sheet of the same shape that says
where each cell comes from and of which day."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import actor_of_post
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.models import Export
from yijiaan.engines.tabular.providers import Column, Exporter, Head, Value, register_export
from yijiaan.oneform.actions.exporting import KIND, SEE_IDENTITY
from yijiaan.oneform.deriving import Cell, Row
from yijiaan.oneform.models import FormColumn, OneForm
from yijiaan.oneform.permissions import EXPORT
from yijiaan.oneform.queries import (
    get_form,
    list_columns,
    list_home_units,
    list_place_units,
    rows_of_homes,
    rows_of_places,
)

PORTION = 500
BESIDE = "来源和日期"
NOTE = "空着的是还没有问到的；没有写明用途的姓名和号码已遮盖。由驿家安按导出人当时能看到的范围写出，每格的来源和日期在第二张表。"
WAYS = {"gap": "还缺", "blank": "留空", "hidden": ""}


def columns(parameters: Mapping[str, Any]) -> Sequence[Column]:
    """What is written: the columns of the form."""
    return [Column(column.label, 14) for column in _columns(parameters)]


def head(parameters: Mapping[str, Any]) -> Head:
    """The lines in which the form came, and the cells merged in them."""
    found = OneForm.objects.get(county=parameters["county"], id=UUID(parameters["form"])).head
    width = len(_columns(parameters))
    lines = [[*line, *[""] * (width - len(line))] for line in found["lines"]]
    merged = [
        ((top, left), (bottom, min(right, width - 1)))
        for (top, left), (bottom, right) in found["merged"]
        if left < width
    ]  # fmt: skip
    return Head(lines, merged)


def rows(export: Export) -> Iterator[Sequence[Value]]:
    """All rows that the post which asked sees today. NotFound when nobody holds that post any more, or it may not export."""
    actor = actor_of_post(post_id=export.post_id)
    parameters = export.parameters
    if actor is None or not actor.may(EXPORT):
        raise NotFound
    opened = bool(parameters.get("with_identity"))
    if opened:
        actor.require(SEE_IDENTITY)
    form = get_form(actor, form_id=UUID(parameters["form"]))
    for row in filled_rows(actor, form, area_code=parameters["area"], masked=not opened):
        yield [*(_value(cell) for cell in row.cells), *(origin_words(cell) for cell in row.cells)]


def filled_rows(actor: Actor, form: OneForm, *, area_code: str = "", masked: bool = True) -> Iterator[Row]:
    """The rows of a form one after the other, read in portions."""
    shown = list_columns(actor, form=form)
    if not form.is_per_household:
        codes = list_place_units(actor, form=form, area_code=area_code)
        for start in range(0, len(codes), PORTION):
            part = codes[start : start + PORTION]
            yield from rows_of_places(actor, form=form, columns=shown, codes=part, first=start + 1)
        return
    homes = list_home_units(actor, form=form, columns=(), area_code=area_code, only_gaps=False).select_related("room")
    homes, last, count = homes.order_by("id"), None, 0
    while portion := list((homes.filter(id__gt=last) if last else homes)[:PORTION]):
        yield from rows_of_homes(
            actor, form=form, columns=shown, households=portion, masked=masked, first=count + 1
        )  # fmt: skip
        last, count = portion[-1].id, count + len(portion)


def origin_words(cell: Cell) -> str:
    """Where a cell comes from and of which day, in words: 入户走访，2026-11-09."""
    source = cell.source or WAYS.get(cell.state, "")
    return f"{source}，{cell.on.isoformat()}" if cell.on and source else source


def _columns(parameters: Mapping[str, Any]) -> list[FormColumn]:
    rows = FormColumn.objects.filter(county=parameters["county"], form_id=UUID(parameters["form"]))
    return list(rows.order_by("place"))


def _value(cell: Cell) -> Value:
    """Short numbers as numbers, so that they can be added up; everything else, long numbers too, as text."""
    text = cell.text
    is_number = text.isascii() and text.isdigit() and len(text) <= 9 and (text == "0" or not text.startswith("0"))
    return int(text) if is_number else text


def register() -> None:
    """Called once when the apps are ready."""
    register_export(KIND, Exporter(columns, rows, NOTE, head, BESIDE))
