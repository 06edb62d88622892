"""What a column of a ledger can be, derived from the field table."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.providers import Field as Column
from yijiaan.engines.tabular.providers import Kind as ColumnKind
from yijiaan.registry.fields import Field, FieldType, Kind
from yijiaan.registry.importing.spellings import spelled
from yijiaan.registry.values import read

_KINDS = {
    FieldType.TEXT: ColumnKind.TEXT,
    FieldType.CHOICE: ColumnKind.CHOICE,
    FieldType.DATE: ColumnKind.DATE,
    FieldType.INTEGER: ColumnKind.NUMBER,
    FieldType.IDENTITY: ColumnKind.IDENTITY,
    FieldType.PHONE: ColumnKind.PHONE,
    FieldType.CREDIT_CODE: ColumnKind.CREDIT,
    FieldType.DEGREE: ColumnKind.NUMBER,
}
_NAMES = ("name", "head", "owner", "legal_person", "safety_head")
TOLD_ON = Column(
    "told_on", "台账日期", ColumnKind.DATE, ("更新日期", "采集日期", "统计日期", "填表日期"), may_be_fixed=True
)
WHERE = (
    Column(
        "village", "村或网格", aliases=(
            "村", "所在村", "所属村", "村（居）", "村居", "行政村", "村名", "社区", "所属村居", "社区/村", "村/社区",
            "所在村或网格", "所属网格", "网格名称", "网格", "所在网格", "网格编号", "网格编码",
        ),
        is_needed=True, may_be_fixed=True,
    ),
    Column("grid", "网格", aliases=("所属网格", "网格名称", "所在网格", "网格编号", "网格编码")),
    Column("town", "镇街", aliases=("所在镇", "镇", "乡镇", "镇（街道）", "街道", "乡镇/街道")),
)  # fmt: skip


def columns_of(
    kind: Kind, *, prefix: str = "", leave: tuple[str, ...] = (), needed: tuple[str, ...] = ()
) -> list[Column]:
    """The columns of a kind of record; places are named by `WHERE`, door plates are bound on the spot."""
    return [
        Column(
            prefix + field.key, field.label, _kind_of(field), field.aliases, is_needed=field.key in needed,
            choices=spelled(f"{kind.code}.{field.key}", field.choices), longest=field.most, is_personal=field.is_sealed,
        )
        for field in kind.fields
        if field.type in _KINDS and field.key not in leave
    ]  # fmt: skip


def _kind_of(field: Field) -> ColumnKind:
    if field.is_sealed and field.key in _NAMES:
        return ColumnKind.NAME
    return _KINDS[field.type]


def read_fact(field: Field, text: str, at: str = "") -> Any:
    """A cell as a value of the field; a number with a fraction is rounded where we keep whole ones. RuleErrors at the column."""
    if field.type is FieldType.INTEGER and "." in text:
        text = str(Decimal(text).quantize(Decimal(1), ROUND_HALF_UP))
    try:
        return read(field, text)
    except RuleError as error:
        raise RuleError(error.code, error.message, at or field.key) from error


def read_day(text: str) -> date:
    """The day of which a ledger tells: today where it says none. RuleError in_the_future."""
    today = clock.local_day()
    if not text:
        return today
    day = date.fromisoformat(text)
    if day > today:
        raise RuleError("in_the_future", "台账日期不能晚于今天", "told_on")
    return day
