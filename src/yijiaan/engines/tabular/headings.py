"""Where the headings of a ledger stand: titles above them, one or several rows, merged cells; and which lines below are no records."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import Cell, is_filled, text_of
from yijiaan.engines.tabular.opening import MOST_COLUMNS, MOST_ROWS, Book, Merge

LOOKED_AT = 15  # rows among which the headings are looked for
LONGEST_HEADING = 60
DEEPEST = 4  # rows of headings
REMARK_HEAD = "未导入原因"

_FIGURE = re.compile(r"[\d.\-/:年月日\s]+|\d{15,17}[\dXx]")
_TOTAL = re.compile(r"(?:合计|总计|小计|共计)[::]?")
_NOTE = re.compile(
    r"(?:备注|说明|注|填表人|填报人|填表说明|填报单位|填表日期|制表人|制表|审核人|审核|单位负责人|填表时间)[::].*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """first, last: rows of the headings, counted from 0; heads: one a column, several rows joined by “/”."""

    first: int
    last: int
    heads: tuple[str, ...]


def plain_head(text: str) -> str:
    """A heading as it is compared: without spaces, line breaks, stars and remarks in brackets."""
    return re.sub(r"[\s*:_]|\([^)]*\)", "", text)


def find_heading(book: Book, sheet: str, *, known: Collection[str] = ()) -> Heading:
    """The headings of a sheet. known: plain headings that we have a field for; they decide between rows that look alike.

    RuleErrors empty_table, too_many_columns, too_many_rows.
    """
    rows: list[list[Cell]] = []
    for row in book.rows(sheet):
        rows.append(row)
        if len(rows) >= LOOKED_AT + DEEPEST:
            break
    merged = [merge for merge in book.merged(sheet) if merge[0][0] < len(rows)]
    spread = _spread(rows, merged)
    best = _best_row(spread, set(known))
    if best is None:
        raise RuleError("empty_table", "这张表里没有内容，请换一张", "sheet")
    first, last = _block(spread, merged, best)
    width = max(len(row) for row in spread)
    heads = [_joined(spread, first, last, column) for column in range(width)]
    while heads and not heads[-1]:
        heads.pop()
    if len(heads) > MOST_COLUMNS:
        raise RuleError("too_many_columns", f"最多 {MOST_COLUMNS} 列，这里有 {len(heads)} 列，请删掉不用的列", "sheet")
    return Heading(first, last, tuple(_told_apart(heads)))


def _spread(rows: list[list[Cell]], merged: Sequence[Merge]) -> list[list[str]]:
    """Texts of the first rows, a merged cell's in every cell it covers."""
    texts = [[text_of(cell) for cell in row] for row in rows]
    for (top, left), (bottom, right) in merged:
        if left >= len(texts[top]):
            continue
        said = texts[top][left]
        for line in range(top, min(bottom, len(texts) - 1) + 1):
            for column in range(left, min(right, len(texts[line]) - 1) + 1):
                texts[line][column] = said
    return texts


def _best_row(texts: list[list[str]], known: set[str]) -> int | None:
    best, found = 0, None
    for number, row in enumerate(texts[:LOOKED_AT]):
        said = {text for text in row if text and len(text) <= LONGEST_HEADING}
        words = {text for text in said if not _FIGURE.fullmatch(text)}
        score = len(words) - (len(said) - len(words)) + 3 * sum(plain_head(text) in known for text in words)
        if score > best:
            best, found = score, number
    return found


def _block(texts: list[list[str]], merged: Sequence[Merge], best: int) -> tuple[int, int]:
    """All rows that belong to the headings: what a merged cell of them reaches, and the row below a heading over several columns."""
    first = last = best
    is_growing = True
    while is_growing and last - first < DEEPEST:
        is_growing = False
        for (top, left), (bottom, right) in merged:
            if (
                bottom < first - 1
                or top > last
                or bottom - top >= DEEPEST
                or len({text for text in texts[top] if text}) < 2
            ):
                continue  # elsewhere, or a title
            is_group = right > left
            if bottom == first - 1 and not is_group:
                continue
            low = min(bottom + 1, len(texts) - 1) if is_group else bottom
            if top < first or low > last:
                first, last, is_growing = min(first, top), max(last, low), True
    return first, last


def _joined(texts: list[list[str]], first: int, last: int, column: int) -> str:
    parts: list[str] = []
    for row in texts[first : last + 1]:
        said = re.sub(r"\s+", "", row[column]) if column < len(row) else ""
        if said and said not in parts:
            parts.append(said)
    return "/".join(parts)[:LONGEST_HEADING]


def _told_apart(heads: Sequence[str]) -> Iterator[str]:
    """The second 电话 becomes 电话(2)."""
    seen: dict[str, int] = {}
    for head in heads:
        seen[head] = seen.get(head, 0) + 1
        yield f"{head}({seen[head]})" if head and seen[head] > 1 else head


def records_below(book: Book, sheet: str, heading: Heading) -> Iterator[tuple[int, list[Cell], str]]:
    """Every filled row below the headings: its line as the file counts, its cells, and why it is no record (total, note, repeated).

    A cell merged over several rows stands in each of them. RuleError too_many_rows.
    """
    fills = _fills(book.merged(sheet), heading.last)
    heads = [text for text in heading.heads if text]
    holding: dict[int, tuple[int, Cell]] = {}  # column: until which row, what
    taken = 0
    for number, row in enumerate(book.rows(sheet)):
        if number <= heading.last:
            continue
        for column, until in fills.pop(number, ()):
            if column < len(row):
                holding[column] = (until, row[column])
        if holding:
            row = [*row]  # noqa: PLW2901
            for column, (until, cell) in list(holding.items()):
                if number > until:
                    del holding[column]
                elif not is_filled(row[column]):
                    row[column] = cell
        if not any(is_filled(cell) for cell in row):
            continue
        taken += 1
        if taken > MOST_ROWS:
            raise RuleError("too_many_rows", f"一次最多 {MOST_ROWS:,} 行，请分成几份", "file")
        yield number + 1, row, _no_record(row, heads)


def _fills(merged: Sequence[Merge], last: int) -> dict[int, list[tuple[int, int]]]:
    fills: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in merged:
        if top > last and bottom > top and left == right:
            fills.setdefault(top, []).append((left, bottom))
    return fills


def _no_record(row: Sequence[Cell], heads: Sequence[str]) -> str:
    filled = [cell for cell in row if is_filled(cell)]
    first = filled[0]
    if not isinstance(first, str):
        return ""
    text = text_of(first)
    if _TOTAL.fullmatch(re.sub(r"\s", "", text)):
        return "total"
    if len(filled) <= 4 and _NOTE.fullmatch(text):
        return "note"
    # printed ledgers repeat their headings on every sheet
    if len(filled) > 1 and text in heads and sum(text_of(cell) in heads for cell in filled) * 2 > len(heads):
        return "repeated"
    return ""
