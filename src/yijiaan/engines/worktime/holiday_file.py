"""Reading a table of holidays: CSV with date, name, kind and, if known, the notice it follows. Pure; every fault names its line."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date

from yijiaan.core.errors import RuleError
from yijiaan.engines.worktime.calendars import FIRST_YEAR, LAST_YEAR

MOST_ROWS = 5000
HEADINGS = {
    "date": "day",
    "日期": "day",
    "name": "name",
    "名称": "name",
    "节日": "name",
    "kind": "kind",
    "类别": "kind",
    "official_notice": "source",
    "依据": "source",
}
KINDS = {"rest": "rest", "休": "rest", "休息": "rest", "work": "work", "班": "work", "上班": "work"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One row of the table."""

    day: date
    kind: str
    name: str
    source: str = ""


def read_holidays(text: str) -> tuple[SpecialDay, ...]:
    """The rows in order of days. RuleError: no_columns, too_many, bad_line, bad_date, bad_kind, bad_name, day_twice, work_on_weekday."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    found: dict[date, tuple[int, SpecialDay]] = {}
    try:
        columns = [HEADINGS.get(heading.strip(), "") for heading in next(reader, [])]
        if not {"day", "name", "kind"} <= set(columns):
            raise RuleError("no_columns", "文件第一行要有 date、name、kind（或 日期、名称、类别）三列", "file")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = reader.line_num
            row = _read_row(line, dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
            if row.day in found:
                raise _wrong("day_twice", line, f"{row.day} 在第 {found[row.day][0]} 行已经写过，请留一行")
            if len(found) == MOST_ROWS:
                raise RuleError("too_many", f"一次最多导入 {MOST_ROWS} 天，请分开导入", "file")
            found[row.day] = (line, row)
    except csv.Error as error:
        raise _wrong("bad_line", reader.line_num, "不是正确的 CSV，请检查引号") from error
    if not found:
        raise RuleError("no_rows", "文件里没有日期，请检查", "file")
    return tuple(row for _, (_, row) in sorted(found.items()))


def whole_years(rows: tuple[SpecialDay, ...]) -> tuple[int, ...]:
    """The years whose whole table this is: those with a New Year. RuleError year_incomplete when its National Day is missing."""
    off = {row.day for row in rows if row.kind == "rest"}
    years = tuple(sorted(day.year for day in off if (day.month, day.day) == (1, 1)))
    for year in years:
        if date(year, 10, 1) not in off:
            raise RuleError("year_incomplete", f"{year} 年的表不完整：缺国庆节（10 月 1 日），请补全后再导入", "file")
    return years


def _read_row(line: int, cells: dict[str, str]) -> SpecialDay:
    day = _read_date(line, cells.get("day", ""))
    kind = KINDS.get(cells.get("kind", ""))
    if kind is None:
        raise _wrong("bad_kind", line, "类别应为 rest（休）或 work（班）")
    if kind == "work" and day.isoweekday() <= 5:
        raise _wrong("work_on_weekday", line, f"{day} 是周一至周五，本来上班，请核对日期")
    name, source = cells.get("name", ""), cells.get("source", "")
    if not 0 < len(name) <= 40:
        raise _wrong("bad_name", line, "节日名称应为 1 到 40 个字")
    return SpecialDay(day, kind, name, source[:200])


def _read_date(line: int, text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong("bad_date", line, f"日期应写成 2027-01-01，年份在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    return day


def _wrong(code: str, line: int, what: str) -> RuleError:
    return RuleError(code, f"第 {line} 行：{what}", "file")
