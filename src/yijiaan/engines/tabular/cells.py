"""What one cell says, in one spelling, and how it was spoilt on its way."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None

DAMAGED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
FAILED = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")
LONGEST_EXACT = 1e15  # a spreadsheet keeps 15 digits of a number


def text_of(cell: Cell) -> str:
    """A cell as text: full-width digits and letters made narrow, whole numbers without a point, no outer space."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip() if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < LONGEST_EXACT else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def is_filled(cell: Cell) -> bool:
    """Whether anything stands there."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def is_damaged_number(cell: Cell) -> bool:
    """A long number that the spreadsheet turned into floating point: its last digits are gone."""
    if isinstance(cell, int | float):
        return abs(cell) >= LONGEST_EXACT
    return isinstance(cell, str) and DAMAGED.fullmatch(cell.strip()) is not None


def is_failed_formula(cell: Cell) -> bool:
    """A formula that came to nothing: #REF!, #N/A, #DIV/0! …"""
    return isinstance(cell, str) and cell.startswith("#") and FAILED.fullmatch(cell.strip()) is not None
