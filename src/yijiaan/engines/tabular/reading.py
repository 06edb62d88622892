"""An xls or xlsx file as plain rows: where the headings stand, what the cells say, in one spelling."""

from collections.abc import Collection
from dataclasses import dataclass

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import Cell, is_damaged_number, is_filled, text_of
from yijiaan.engines.tabular.headings import find_heading, plain_head
from yijiaan.engines.tabular.opening import MOST_BYTES, MOST_ROWS, Merge, open_book

__all__ = [
    "MOST_BYTES", "Cell", "Table", "Template", "is_damaged_number", "plain_head", "read_table", "read_template", "text_of",
]  # fmt: skip

LONGEST_HEADING = 40
LOOKED_AT = 12  # rows among which the headings are looked for


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. heads: the headings; first_line: the number, as the file counts, of the first row below them."""

    sheet: str
    heads: list[str]
    rows: list[list[Cell]]
    first_line: int


@dataclass(frozen=True, slots=True)
class Template:
    """The head of a sheet without its rows. heads: one a column, several rows joined by “/”, twins numbered; lines: what stands
    in the sheet, as it is written, down to the last heading; merged: corners of the cells merged in it, rows and columns from 0."""

    sheet: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    merged: tuple[Merge, ...]


def read_template(raw: bytes, *, name: str = "", field: str = "file", known: Collection[str] = ()) -> Template:
    """The headings of an empty (or filled) table that somebody brings: of the first sheet that is shown and has any. What stands
    below them is left alone. known: plain headings that tell a row of headings from others.

    RuleErrors at the field: those of `open_book`, no_heading, too_many_columns.
    """
    book = open_book(raw, name=name, field=field)
    for sheet in book.sheets():
        if sheet.is_hidden:
            continue
        try:
            heading = find_heading(book, sheet.name, known=known)
        except RuleError as error:
            if error.code == "empty_table":
                continue
            raise RuleError(error.code, error.message, field) from error
        if not any(heading.heads):
            continue
        lines = []
        for number, row in enumerate(book.rows(sheet.name)):
            if number > heading.last:
                break
            lines.append(tuple(_as_written(cell) for cell in row[: len(heading.heads)]))
        merged = tuple(merge for merge in book.merged(sheet.name) if merge[1][0] <= heading.last)
        return Template(sheet.name, heading.heads, tuple(lines), merged)
    raise RuleError("no_heading", "表里没有找到表头，请检查是不是选错了文件", field)


def _as_written(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else text_of(cell)


def read_table(raw: bytes, *, field: str = "file", most_rows: int = MOST_ROWS) -> Table:
    """The first sheet that holds anything. RuleErrors at the field: those of `open_book`, empty_table, too_many_rows."""
    book = open_book(raw, name="table.xlsx", field=field)  # whoever asks for it offers no csv
    for sheet in book.sheets():
        rows = list(book.rows(sheet.name))
        head = _head_line(rows)
        if head is None:
            continue
        below = rows[head + 1 :]
        while below and not any(is_filled(cell) for cell in below[-1]):
            below.pop()
        if len(below) > most_rows:
            raise RuleError("too_many_rows", f"一次最多 {most_rows:,} 行，这里有 {len(below):,} 行，请分成几份", field)
        return Table(sheet.name, [text_of(cell)[:LONGEST_HEADING] for cell in rows[head]], below, head + 2)
    raise RuleError("empty_table", "表里没有内容", field)


def _head_line(rows: list[list[Cell]]) -> int | None:
    """The row with most texts among the first: titles above it fill one cell, numbers below it are no headings."""
    best, found = 0, None
    for number, row in enumerate(rows[:LOOKED_AT]):
        texts = sum(1 for cell in row if isinstance(cell, str) and cell.strip())
        if texts > best:
            best, found = texts, number
    return found
