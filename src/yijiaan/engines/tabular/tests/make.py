"""Ledgers as clerks keep them, made by the tests; and a small table of records to import into."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import xlsxwriter

from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.fields import Field, Kind
from yijiaan.engines.tabular.targets import Done, Judgement, Origin, Row, Verdict, Written

HEADS = ("姓名", "身份证号", "电话", "出生日期", "党员")
NUMBERS = ("370882199001017772", "370882198505053334", "370882197007071113")  # made up


def xlsx(
    rows: Sequence[Sequence[Any]],
    *,
    merges: Sequence[tuple[int, int, int, int, str]] = (),
    failed: Mapping[tuple[int, int], str] | None = None,
    hidden_rows: Sequence[int] = (),
    sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    hidden_sheets: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> bytes:
    """A file of Excel. merges: first row, first column, last row, last column, text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, **(options or {})})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, held in {**(sheets or {}), "台账": rows}.items() if sheets else {"台账": rows}.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(held):
            for column, cell in enumerate(row):
                if hasattr(cell, "isoformat"):
                    sheet.write_datetime(line, column, cell, day)
                elif cell is not None:
                    sheet.write(line, column, cell)
        if name in hidden_sheets:
            sheet.hide()
        if held is rows:
            sheet.activate()
            for merge in merges:
                sheet.merge_range(*merge)
            for (line, column), error in (failed or {}).items():
                sheet.write_formula(line, column, "=A99", None, error)
            for line in hidden_rows:
                sheet.set_row(line, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


class Villagers:
    """Records in memory, told apart by their identity number: new, changed, same, in conflict, and undone."""

    kind = "tests.villagers"
    title = "测试村民"
    permission = "tabular.import"
    note = "只给测试用。"
    looks_at: frozenset[str] = frozenset()
    fields = (
        Field("name", "姓名", Kind.NAME, is_needed=True),
        Field("identity", "身份证号", Kind.IDENTITY, ("证件号码", "公民身份号码"), is_needed=True),
        Field("phone", "电话", Kind.PHONE, ("联系电话",)),
        Field("born_on", "出生日期", Kind.DATE, ("出生年月日",)),
        Field("is_member", "党员", Kind.YES_NO, ("是否党员",)),
    )

    def __init__(self) -> None:
        self.records: dict[UUID, dict[str, str]] = {}
        self.used: set[UUID] = set()  # somebody built on these since
        self.batches: list[int] = []

    def key_of(self, values: Mapping[str, str]) -> str:
        return values.get("identity", "")

    def _known(self, values: Mapping[str, str]) -> UUID | None:
        return next((key for key, held in self.records.items() if held["identity"] == values.get("identity")), None)

    def reading(self, *, actor: Actor, rows: Iterator[Row]) -> "Villagers":
        """Each line stands for itself."""
        return self

    def prepare(self, *, actor: Actor, rows: Sequence[Row]) -> list[Judgement]:
        self.batches.append(len(rows))
        return [self._judge(row) for row in rows]

    def _judge(self, row: Row) -> Judgement:
        if "identity" not in row.values:
            return Judgement(Verdict.REFUSED, "没有写身份证号", "identity")
        known = self._known(row.values)
        if known is None:
            return Judgement(Verdict.NEW)
        held = self.records[known]
        if held.get("name") != row.values.get("name"):
            return Judgement(Verdict.CONFLICT, "身份证号一样，姓名不一样", "name")
        return Judgement(Verdict.SAME if {**held, **row.values} == held else Verdict.CHANGED)

    def apply(
        self, *, actor: Actor, rows: Sequence[Row], judgements: Sequence[Judgement], origin: Origin
    ) -> list[Written | Judgement]:
        return [self._write(row) for row in rows]

    def _write(self, row: Row) -> Written | Judgement:
        known = self._known(row.values)
        if known is None:
            key = uuid7()
            self.records[key] = dict(row.values)
            return Written(key, Verdict.NEW)
        former = self.records[known]
        self.records[known] = {**former, **row.values}
        return Written(known, Verdict.CHANGED, former)

    def hindrances(self, *, actor: Actor, rows: Sequence[Done]) -> list[str]:
        return ["后来有人用过" if row.written.subject_id in self.used else "" for row in rows]

    def undo(self, *, actor: Actor, rows: Sequence[Done], origin: Origin) -> list[str]:
        remarks = self.hindrances(actor=actor, rows=rows)
        for row, remark in zip(rows, remarks, strict=True):
            if remark:
                continue
            if row.written.verdict is Verdict.NEW:
                del self.records[row.written.subject_id]
            else:
                self.records[row.written.subject_id] = dict(row.written.former)
        return remarks
