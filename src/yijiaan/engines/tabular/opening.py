"""Opening a file that somebody brings: xlsx, xls or csv, looked at before it is unpacked; its sheets, and their rows one by one."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import Cell

MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED = 600 * 1024 * 1024
MOST_RATIO = 200  # a sheet of equal cells packs to a hundredth; beyond this somebody means harm
SMALL = 20 * 1024 * 1024  # what may pack however well
MOST_COLUMNS = 300
MOST_ROWS = 200_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PIECE = 1 << 20
MOST_ROW = 16 << 20  # bytes of one row

Place = tuple[int, int]
Merge = tuple[Place, Place]

_ROW = re.compile(rb"<(?:x:)?row\b[^>]*\bhidden=\"(?:1|true)\"")
_FAILED = re.compile(
    rb"<(?:x:)?c r=\"([A-Z]+)(\d+)\"[^>]*\bt=\"e\"[^>]*>(?:(?!</(?:x:)?c>).){0,2000}?<(?:x:)?v>([^<]{1,20})</",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet as the user chooses it. rows: how many it has, headings counted in."""

    name: str
    is_hidden: bool
    hidden_rows: int
    rows: int
    columns: int


@dataclass(slots=True)
class Scanned:
    """What the reading library does not tell of a sheet: rows that are hidden, cells whose formula failed."""

    hidden_rows: int = 0
    failed: dict[Place, str] = field(default_factory=dict)


class Book:
    """An open file. Rows count from 0 here."""

    def __init__(self, *, book: Any = None, lines: list[list[Cell]] | None = None, raw: bytes = b"") -> None:
        self._book, self._lines, self._raw = book, lines, raw
        self._scanned: dict[str, Scanned] = {}
        self._latest: tuple[str, Any] = ("", None)  # reading a long sheet takes seconds, and memory for one is enough

    def sheets(self) -> list[SheetInfo]:
        """Every sheet that holds anything, in the order of the file."""
        if self._lines is not None:
            width = max((len(line) for line in self._lines), default=0)
            return [SheetInfo("表1", False, 0, len(self._lines), width)] if self._lines else []
        found = []
        for about in self._book.sheets_metadata:
            try:
                sheet = self._sheet(about.name)
            except CalamineError:
                continue  # a sheet of charts
            if sheet.end is None:
                continue
            rows, columns = sheet.end[0] + 1, sheet.end[1] + 1
            hidden = self._scan(about.name).hidden_rows
            found.append(SheetInfo(about.name, about.visible != SheetVisibleEnum.Visible, hidden, rows, columns))
        return found

    @property
    def counts_from_1904(self) -> bool:
        """Whether numbers that stand for days count from 1904, as files of old Macs do."""
        if not self._raw.startswith(b"PK"):
            return False
        with zipfile.ZipFile(io.BytesIO(self._raw)) as packed:
            if "xl/workbook.xml" not in packed.namelist():
                return False
            return re.search(rb"date1904=\"(?:1|true)\"", packed.read("xl/workbook.xml")) is not None

    def merged(self, name: str) -> list[Merge]:
        """The merged ranges of a sheet, corners included."""
        if self._lines is not None:
            return []
        return list(self._sheet(name).merged_cell_ranges or ())

    def rows(self, name: str) -> Iterator[list[Cell]]:
        """Every row from the first of the sheet on; a failed formula says its error."""
        if self._lines is not None:
            yield from self._lines
            return
        sheet = self._sheet(name)
        before: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
        failed = self._scan(name).failed
        lines_with = {line for line, _ in failed}
        for line, row in enumerate(sheet.iter_rows()):
            if before:
                row = before + row  # noqa: PLW2901 - columns count from A
            if line in lines_with:
                row = [failed.get((line, column), cell) for column, cell in enumerate(row)]  # noqa: PLW2901
            yield row

    def _sheet(self, name: str) -> Any:
        if self._latest[0] != name:
            self._latest = (name, self._book.get_sheet_by_name(name))
        return self._latest[1]

    def _scan(self, name: str) -> Scanned:
        if name not in self._scanned:
            self._scanned[name] = self._scan_part(name) if self._raw.startswith(b"PK") else Scanned()
        return self._scanned[name]

    def _scan_part(self, name: str) -> Scanned:
        """The sheet's own XML in pieces: only marks are looked for, nothing is kept."""
        found = Scanned()
        with zipfile.ZipFile(io.BytesIO(self._raw)) as packed:
            part = _part_of(packed, name)
            if part is None:
                return found
            with packed.open(part) as stream:
                rest = b""
                while piece := stream.read(PIECE):
                    text = rest + piece
                    # a cell is never cut: what follows the last whole row waits for the next piece
                    cut = text.rfind(b"</row>") + 6 if b"</row>" in text else len(text) if len(text) > MOST_ROW else 0
                    _note_marks(text[:cut], found)
                    rest = text[cut:]
                _note_marks(rest, found)
        return found


def _note_marks(text: bytes, found: Scanned) -> None:
    if b"hidden=" in text:
        found.hidden_rows += len(_ROW.findall(text))
    if b't="e"' in text:
        for letters, line, error in _FAILED.findall(text):
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            found.failed[int(line) - 1, column - 1] = error.decode("ascii", "replace")


def _part_of(packed: zipfile.ZipFile, name: str) -> str | None:
    """Under which name a sheet lies in the package."""
    try:
        book = packed.read("xl/workbook.xml").decode()
        links = packed.read("xl/_rels/workbook.xml.rels").decode()
    except (KeyError, UnicodeDecodeError):
        return None
    for tag in re.findall(r"<(?:x:)?sheet\b[^>]*>", book):
        marks = dict(re.findall(r"([\w:]+)=\"([^\"]*)\"", tag))
        if _plain(marks.get("name", "")) != name:
            continue
        wanted = marks.get("r:id", "")
        for link in re.findall(r"<Relationship\b[^>]*>", links):
            about = dict(re.findall(r"(\w+)=\"([^\"]*)\"", link))
            if about.get("Id") == wanted:
                target = about.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                return path if path in packed.namelist() else None
    return None


def _plain(text: str) -> str:
    for mark, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(mark, letter)
    return text


def open_book(raw: bytes, *, name: str = "", field: str = "file") -> Book:
    """The file, open. RuleErrors at the field: empty_file, too_large, zip_bomb, has_password, not_a_table, unknown_letters."""
    if not raw:
        raise RuleError("empty_file", "这个文件是空的，请检查是不是选错了", field)
    if len(raw) > MOST_BYTES:
        raise RuleError("too_large", f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几份", field)
    if raw.startswith(OLE) and ENCRYPTED in raw:
        raise _locked(field)
    if not raw.startswith((b"PK", OLE)):
        return Book(lines=_read_csv(raw, name, field))
    check_packed(raw, field)
    try:
        return Book(book=CalamineWorkbook.from_filelike(io.BytesIO(raw)), raw=raw)
    except PasswordError as error:
        raise _locked(field) from error
    except (CalamineError, OSError, ValueError) as error:
        raise RuleError("not_a_table", "打不开，请存成 .xlsx 或 .xls 再传", field) from error


def _locked(field: str) -> RuleError:
    return RuleError("has_password", "这个文件设了密码，请在表格软件里取消密码、另存一份再传", field)


def check_packed(raw: bytes, field: str) -> None:
    """A file of a few kB may unpack to gigabytes: look before it is opened. RuleErrors not_a_table, zip_bomb."""
    if not raw.startswith(b"PK"):
        return
    most = min(MOST_UNPACKED, max(SMALL, MOST_RATIO * len(raw)))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            is_bomb = sum(entry.file_size for entry in packed.infolist()) > most or _unpacked(packed, most) > most
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise RuleError("not_a_table", "文件没有传完整，请再传一次", field) from error
    if is_bomb:
        raise RuleError("zip_bomb", "文件里的内容大得不正常，没有收", field)


def _unpacked(packed: zipfile.ZipFile, most: int) -> int:
    """How large the parts really are, whatever the file says of itself; stops where it is too much."""
    total = 0
    for entry in packed.infolist():
        entry.file_size = most + 2 * PIECE  # or reading would stop at what it claims
        with packed.open(entry) as part:
            while piece := part.read(PIECE):
                total += len(piece)
                if total > most:
                    return total
    return total


def _read_csv(raw: bytes, name: str, field: str) -> list[list[Cell]]:
    """Lines of a csv file in UTF-8 or GB18030, parted by comma, tab or semicolon."""
    if b"\0" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RuleError("not_a_table", "这不是表格，请传 .xlsx、.xls 或 .csv", field)
    if raw.lstrip()[:1] in (b"<", b"{", b"%") or (name and not name.lower().endswith((".csv", ".txt", ".tsv"))):
        raise RuleError("not_a_table", "打不开，请存成 .xlsx 或 .xls 再传", field)
    coding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(coding)
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise RuleError("unknown_letters", "文字读不出来，请用表格软件打开后另存为 .xlsx 再传", field) from error
    first = text[:4096].split("\n", 1)[0]
    mark = max((",", "\t", ";"), key=first.count) if any(letter in first for letter in ",\t;") else ","
    try:
        lines: list[list[Cell]] = []
        for line in csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=mark):
            lines.append([*line])
            if len(lines) > MOST_ROWS + 100:
                break
    except csv.Error as error:
        raise RuleError("not_a_table", "这个 csv 文件有一格没有写完（引号不成对），请检查后再传", field) from error
    while lines and not any(isinstance(cell, str) and cell.strip() for cell in lines[-1]):
        lines.pop()
    return lines
