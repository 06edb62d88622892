"""An xls or xlsx file as plain rows: where the headings stand, what the cells say, in one spelling."""

from dataclasses import dataclass

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import Cell, is_damaged_number, is_filled, text_of
from yijiaan.engines.tabular.opening import MOST_BYTES, MOST_ROWS, open_book

__all__ = ["MOST_BYTES", "Cell", "Table", "is_damaged_number", "read_table", "text_of"]

LONGEST_HEADING = 40
LOOKED_AT = 12  # rows among which the headings are looked for


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. heads: the headings; first_line: the number, as the file counts, of the first row below them."""

    sheet: str
    heads: list[str]
    rows: list[list[Cell]]
    first_line: int


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
