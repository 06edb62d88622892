"""One sheet of an xlsx file, written row by row: memory does not grow with the list."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from yijiaan.core import clock
from yijiaan.engines.tabular.providers import Column, Head, Value

MOST_ROWS = 1_000_000  # a sheet holds 1,048,576
# what XML cannot hold; xlsxwriter would write it and Excel would call the file damaged
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Sheet:
    """A file while it is written. Texts are never formulas, whatever they begin with."""

    def __init__(
        self, path: Path, columns: Sequence[Column], *, title: str, head: Head | None = None, beside: str = ""
    ) -> None:
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._book.set_properties({"title": title, "author": "驿家安"})
        self._sheet = self._book.add_worksheet("表1")
        self._sheets = [self._sheet, *([self._book.add_worksheet(beside)] if beside else [])]
        self._bold = self._book.add_format({"bold": True, "bg_color": "#E8F0FB", "bottom": 1, "text_wrap": True})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._quiet = self._book.add_format({"font_color": "#5B6B80"})
        self._head = head or Head([[column.head for column in columns]])
        for sheet in self._sheets:
            for place, column in enumerate(columns):
                sheet.set_column(place, place, column.width)
            sheet.freeze_panes(len(self._head.lines), 0)
            for number, line in enumerate(self._head.lines):
                sheet.write_row(number, 0, [_UNWRITABLE.sub("", text) for text in line], self._bold)
            # not by merge_range: it writes cells of later rows, and a file written row by row takes no earlier one after that
            sheet.merge += [[first, left, last, right] for (first, left), (last, right) in self._head.merged]
        self._columns = len(columns)
        self.count = 0

    def write(self, row: Iterable[Value]) -> None:
        """One more row."""
        self.count += 1
        line = len(self._head.lines) - 1 + self.count
        for place, value in enumerate(row):
            self._cell(self._sheets[place // self._columns], line, place % self._columns, value)

    def _cell(self, sheet: Any, line: int, place: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            sheet.write_datetime(line, place, clock.local(value).replace(tzinfo=None), self._moment)
        elif isinstance(value, int | float):
            sheet.write_number(line, place, value)
        else:
            sheet.write_string(line, place, _UNWRITABLE.sub("", str(value)))

    def close(self, note: str = "", stamp: str = "") -> None:
        """Finish the file; note: a line below the table; stamp: a second one, and the foot of every printed sheet."""
        top = len(self._head.lines) - 1
        end = top + self.count
        if self.count:
            self._sheet.autofilter(top, 0, end, self._columns - 1)
        if note:
            self._sheet.write_string(end + 2, 0, note, self._quiet)
        if stamp:
            self._sheet.write_string(end + (3 if note else 2), 0, stamp, self._quiet)
        if stamp:
            self._sheet.set_footer(f"&L&8{stamp.replace('&', '&&')[:200]}&R&8&P/&N")
        self._book.close()
