"""An xls or xlsx file as plain rows: where the headings stand, what the cells say, in one spelling."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from yijiaan.core.errors import RuleError

MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED = 600 * 1024 * 1024
LONGEST_HEADING = 40
LOOKED_AT = 12  # rows among which the headings are looked for
DAMAGED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")

Cell = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. heads: the headings; first_line: the number, as the file counts, of the first row below them."""

    sheet: str
    heads: list[str]
    rows: list[list[Cell]]
    first_line: int


def read_table(raw: bytes, *, field: str = "file", most_rows: int = 200_000) -> Table:
    """The first sheet that holds anything. RuleErrors at the field: too_large, zip_bomb, not_a_table, empty_table, too_many_rows."""
    if len(raw) > MOST_BYTES:
        raise RuleError("too_large", f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几份", field)
    _check_packed(raw, field)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise RuleError("not_a_table", "打不开，请存成 .xlsx 或 .xls 再传", field) from error
    for name, sheet in sheets:
        rows: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        head = _head_line(rows)
        if head is None:
            continue
        below = list(rows[head + 1 :])
        while below and not any(_filled(cell) for cell in below[-1]):
            below.pop()
        if len(below) > most_rows:
            raise RuleError("too_many_rows", f"一次最多 {most_rows:,} 行，这里有 {len(below):,} 行，请分成几份", field)
        return Table(name, [text_of(cell)[:LONGEST_HEADING] for cell in rows[head]], below, head + 2)
    raise RuleError("empty_table", "表里没有内容", field)


def _check_packed(raw: bytes, field: str) -> None:
    """A file of a few kB may unpack to gigabytes: look before it is opened."""
    if not raw.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise RuleError("not_a_table", "文件没有传完整，请再传一次", field) from error
    if unpacked > MOST_UNPACKED:
        raise RuleError("zip_bomb", "文件里的内容大得不正常，没有收", field)


def _head_line(rows: list[list[Cell]]) -> int | None:
    """The row with most texts among the first: titles above it fill one cell, numbers below it are no headings."""
    best, found = 0, None
    for number, row in enumerate(rows[:LOOKED_AT]):
        texts = sum(1 for cell in row if isinstance(cell, str) and cell.strip())
        if texts > best:
            best, found = texts, number
    return found


def _filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def text_of(cell: Cell) -> str:
    """A cell as text: full-width digits and letters made narrow, whole numbers without a point, no outer space."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def is_damaged_number(cell: Cell) -> bool:
    """A long number that the spreadsheet turned into floating point: its last digits are gone."""
    if isinstance(cell, float):
        return abs(cell) >= 1e15  # noqa: PLR2004
    return isinstance(cell, str) and DAMAGED.fullmatch(cell.strip()) is not None
