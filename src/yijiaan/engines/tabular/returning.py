"""Refused lines go back as the same table, each with what is wrong with it: corrected there, they come in by the same door."""

from collections.abc import Mapping
from pathlib import Path

from yijiaan.engines.tabular.cells import Cell, is_damaged_number, text_of
from yijiaan.engines.tabular.headings import REMARK_HEAD, records_below
from yijiaan.engines.tabular.models import Import
from yijiaan.engines.tabular.opening import Book
from yijiaan.engines.tabular.providers import Column, Value
from yijiaan.engines.tabular.sheets import Sheet
from yijiaan.engines.tabular.walking import heading_of

WIDEST = 40


def write_refused(path: Path, imported: Import, book: Book, remarks: Mapping[int, str]) -> None:
    """Write the lines that have a remark, as they stood, with the remark behind them."""
    heading = heading_of(imported)
    kept = [column for column, head in enumerate(heading.heads) if head != REMARK_HEAD]
    columns = [Column(heading.heads[column], min(WIDEST, 8 + 2 * len(heading.heads[column]))) for column in kept]
    sheet = Sheet(path, [*columns, Column(REMARK_HEAD, 60)], title="没有导入的行")
    for line, cells, _ in records_below(book, imported.sheet, heading):
        if line in remarks:
            sheet.write([*(_value(cells[column]) if column < len(cells) else "" for column in kept), remarks[line]])
    sheet.close()


def _value(cell: Cell) -> Value:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and not is_damaged_number(cell):
        return cell
    return text_of(cell)
