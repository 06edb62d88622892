"""A file as Excel 97 to 2003 wrote it: the records of one sheet in the smallest container that holds them ([MS-XLS], [MS-CFB])."""

import struct
from collections.abc import Sequence
from datetime import date
from typing import Any

SECTOR, SMALLEST = 512, 4096  # shorter streams would lie elsewhere in the container
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
FIRST_DAY = date(1899, 12, 30)
GLOBALS, SHEET = 5, 16
DAY_FORMAT = 14  # the built-in format of dates


def xls(
    rows: Sequence[Sequence[Any]], *, merges: Sequence[tuple[int, int, int, int]] = (), name: str = "台账"
) -> bytes:
    """The file. Cells: text, numbers, dates, None; merges: first row, first column, last row, last column."""
    sheet = _begin(SHEET) + b"".join(
        _cell(line, column, cell)
        for line, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell is not None
    )
    if merges:
        corners = b"".join(struct.pack("<4H", top, bottom, left, right) for top, left, bottom, right in merges)
        sheet += _record(0x00E5, struct.pack("<H", len(merges)) + corners)
    sheet += _record(0x000A)
    head = _begin(GLOBALS) + _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, b"\0\0")
    head += b"".join(_record(0x00E0, struct.pack("<2H16x", 0, form)) for form in (0, DAY_FORMAT))
    said = _text(name, "<B")
    start = len(head) + 4 + 6 + len(said) + 4
    head += _record(0x0085, struct.pack("<IBB", start, 0, 0) + said) + _record(0x000A)
    return _container((head + sheet).ljust(SMALLEST, b"\0"))


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(body)) + body


def _begin(what: int) -> bytes:
    return _record(0x0809, struct.pack("<4H8x", 0x0600, what, 0x0DBB, 1996))


def _text(text: str, length: str) -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def _cell(line: int, column: int, cell: Any) -> bytes:
    if isinstance(cell, date):
        return _record(0x0203, struct.pack("<3Hd", line, column, 1, (cell - FIRST_DAY).days))
    if isinstance(cell, int | float):
        return _record(0x0203, struct.pack("<3Hd", line, column, 0, cell))
    return _record(0x0204, struct.pack("<3H", line, column, 0) + _text(cell, "<H"))


def _container(stream: bytes) -> bytes:
    """One stream, its directory and one table of sectors: enough for 60 kB."""
    count = -(-len(stream) // SECTOR)
    chain = [*range(1, count), END, END, TABLE]  # the stream, the directory, the table itself
    assert len(chain) <= SECTOR // 4
    table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    header = struct.pack(
        "<8s16s5H6x10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 1, count, 0, SMALLEST, END, 0, END, 0,
        count + 1,
    ).ljust(SECTOR, b"\xff")  # fmt: skip
    entries = _entry("Root Entry", 5, END, 0, child=1) + _entry("Workbook", 2, 0, len(stream)) + 2 * _entry("", 0, 0, 0)
    return header + stream.ljust(count * SECTOR, b"\0") + entries + table


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    said = name.encode("utf-16-le") + b"\0\0" if name else b""
    return said.ljust(64, b"\0") + struct.pack("<HBB3I36xIQ", len(said), kind, 1, FREE, FREE, child, start, size)
