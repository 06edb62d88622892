"""A file in the hotline's own columns: which column is what, and each line as a message."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.reading import Table, is_damaged_number, text_of

# our fields, how they are called to people, and how hotlines head their columns
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "number": ("工单编号", ("工单编号", "工单号", "流水号", "受理编号", "业务编号", "诉求编号", "编号")),
    "text": ("诉求内容", ("诉求内容", "工单内容", "问题描述", "反映内容", "来电内容", "内容")),
    "category": ("类别", ("诉求类别", "问题分类", "事项分类", "工单分类", "类别", "二级分类", "分类")),
    "kind": ("诉求类型", ("诉求类型", "工单类型", "业务类型", "类型")),
    "place": ("地点", ("事发地点", "问题地址", "诉求地址", "发生地点", "地址", "地点")),
    "name": ("姓名", ("来电人", "诉求人", "市民姓名", "联系人", "姓名")),
    "phone": ("电话", ("来电号码", "联系电话", "联系方式", "电话", "手机")),
    "happened_at": ("来电时间", ("来电时间", "受理时间", "登记时间", "派发时间", "时间")),
    "due_at": ("办结时限", ("办结时限", "办理时限", "截止时间", "到期时间", "回复时限")),
    "wish": ("诉求目的", ("诉求目的", "诉求请求", "期望")),
}
REQUIRED = ("number", "text")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, as a message or with what is wrong with it."""

    number: int  # as the file counts
    body: dict[str, Any] | None
    problem: str = ""


def guess_columns(heads: list[str]) -> dict[str, str]:
    """Our field for each heading that we know, the surest spelling first; each field once."""
    found: dict[str, str] = {}
    for field, (_, names) in FIELDS.items():
        for name in names:
            index = next((number for number, head in enumerate(heads) if head.replace(" ", "") == name), None)
            if index is not None and str(index) not in found:
                found[str(index)] = field
                break
    return found


def check_columns(columns: dict[str, str]) -> None:
    """RuleErrors lacks_column, twice."""
    chosen = [field for field in columns.values() if field]
    for field in REQUIRED:
        if field not in chosen:
            raise RuleError("lacks_column", f"请指出哪一列是“{FIELDS[field][0]}”")
    doubled = next((field for field in chosen if chosen.count(field) > 1), None)
    if doubled:
        raise RuleError("twice", f"“{FIELDS[doubled][0]}”指了两列，请去掉一列")


def lines_of(table: Table, columns: dict[str, str]) -> Iterator[Line]:
    """Every line that holds anything."""
    for offset, row in enumerate(table.rows):
        cells = {field: row[int(index)] for index, field in columns.items() if field and int(index) < len(row)}
        if not any(text_of(cell) for cell in row):
            continue
        number = table.first_line + offset
        damaged = next((field for field in ("number", "phone") if is_damaged_number(cells.get(field))), None)
        if damaged:
            yield Line(
                number, None, f"“{FIELDS[damaged][0]}”被表格软件改成了小数，后几位已经丢了，请把那一列设成文本再导"
            )
            continue
        said: dict[str, Any] = {field: text_of(cell) for field, cell in cells.items() if text_of(cell)}
        body: dict[str, Any] = {"type": "order", **{name: said[name] for name in said if name not in ("name", "phone")}}
        reporter = {name: said[name] for name in ("name", "phone") if name in said}
        yield Line(number, body | ({"reporter": reporter} if reporter else {}))
