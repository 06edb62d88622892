"""A ledger row by row as an import meets it: each line read for the fields its columns are, or refused with what is wrong with it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import Cell
from yijiaan.engines.tabular.fields import Field, Kind
from yijiaan.engines.tabular.headings import Heading, records_below
from yijiaan.engines.tabular.models import Import
from yijiaan.engines.tabular.opening import Book, open_book
from yijiaan.engines.tabular.targets import ImportTarget, Judgement, Row, Verdict
from yijiaan.engines.tabular.values import value_of
from yijiaan.engines.tabular.vault import take_out

DAYS_TO_1904 = 1462  # between 1899-12-30 and 1904-01-01
FIRST_DAY, LAST_DAY = 0, 73_050
PORTION = 500  # rows judged and written together
MOST_REMARK = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file. refusal: why it cannot even be judged; is_record: no total, note or repeated heading."""

    row: Row
    refusal: Judgement | None = None
    is_record: bool = True


def book_of(imported: Import) -> Book:
    """The file of an import, open; RuleError file_gone when it has been deleted by its date."""
    return open_book(raw_of(imported))


def raw_of(imported: Import) -> bytes:
    """The bytes that somebody brought; RuleError file_gone."""
    try:
        return take_out(imported.path, str(imported.id))
    except FileNotFoundError as error:
        raise RuleError("file_gone", "这份文件已经到期删掉了，请重新传一次") from error


def heading_of(imported: Import) -> Heading:
    """Where its headings stand, as they were found."""
    return Heading(imported.head_first, imported.head_last, tuple(imported.heads))


def walk(imported: Import, target: ImportTarget, only: Container[str] | None = None) -> Iterator[Line]:
    """Every filled line below the headings. only: these fields alone are read. Two lines that the target cannot tell apart: the second is refused."""
    by_key = {field.key: field for field in target.fields}
    columns = [
        (column, by_key[key])
        for column, key in imported.columns.items()
        if key in by_key and (only is None or key in only)
    ]
    first_with: dict[str, int] = {}
    book = book_of(imported)
    later = DAYS_TO_1904 if book.counts_from_1904 else 0
    for line, cells, reason in records_below(book, imported.sheet, heading_of(imported)):
        if reason:
            yield Line(Row(line, {}), is_record=False)
            continue
        read = _read(line, cells, columns, later)
        if imported.fixed:
            read = replace(read, row=Row(line, {**imported.fixed, **read.row.values}))
        if read.refusal is None:
            key = target.key_of(read.row.values)
            earlier = first_with.setdefault(key, line) if key else line
            if earlier != line:
                remark = f"和第 {earlier} 行是同一个，只导第 {earlier} 行"
                read = Line(read.row, Judgement(Verdict.REFUSED, remark))
        yield read


def _read(line: int, cells: list[Cell], columns: list[tuple[int, Field]], later: int) -> Line:
    values: dict[str, str] = {}
    wrong: list[RuleError] = []
    for column, field in columns:
        if column >= len(cells):
            continue
        try:
            cell = cells[column]
            if later and field.kind is Kind.DATE and isinstance(cell, float) and FIRST_DAY < cell < LAST_DAY:
                cell += later  # a day that lost its format; those that kept it are days already
            value = value_of(field, cell)
        except RuleError as error:
            wrong.append(error)
            continue
        if value:
            values[field.key] = value
    row = Row(line, values)
    if wrong:
        remark = "；".join(error.message.rstrip("。") for error in wrong)[:MOST_REMARK]
        return Line(row, Judgement(Verdict.REFUSED, remark, wrong[0].field or ""))
    if not values:
        return Line(row, Judgement(Verdict.REFUSED, "选了的列在这一行都是空的"))
    return Line(row)


def portions(lines: Iterator[Line], *, after: int = 0, size: int = PORTION) -> Iterator[list[Line]]:
    """Lines in portions, those behind a line number only; the earlier ones are read all the same, to know doubles."""
    held: list[Line] = []
    for line in lines:
        if line.row.line <= after:
            continue
        held.append(line)
        if len(held) >= size:
            yield held
            held = []
    if held:
        yield held
