"""A fact as text, as value and as words: what is typed becomes a value, a value becomes what a change keeps and what is shown."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from math import isfinite
from types import SimpleNamespace
from typing import Any

from yijiaan.core import clock
from yijiaan.core.checks import (
    mask_id,
    mask_name,
    mask_phone,
    normal_credit_code,
    normal_identity_number,
    normal_phone,
    plain_digits,
)
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import county_of_token
from yijiaan.registry.fields import Field, FieldType, Kind
from yijiaan.registry.models import Record

MOST_COUNT = 10_000_000
PLATE_LENGTH = 20
LATER = ("inspected_until",)  # a day that may lie ahead
SOURCES = {"visit": "入户走访", "office": "来人来电", "resident": "本人告知"}
_TOLD_TOGETHER = ("id_no", "id_kind", "birth_on", "sex", "lon", "lat")  # what `check_together` looks at
# GA 36: one character of the province, a letter, four to six of letters and digits, perhaps one last character
PLATE_NO = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{4,6}[A-Z0-9挂学警港澳]?")


def clean(text: str) -> str:
    """One line, without what cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def read(field: Field, text: str) -> Any:
    """What was typed as a value. RuleErrors at the field: too_long, unknown_choice, bad_day, in_the_future, bad_number,
    bad_plate_no, bad_plate_code and those of `core.checks`; an empty text is the empty value."""
    text = clean(text)
    if not text:
        return field.empty
    match field.type:
        case FieldType.CHOICE:
            return _code(field, text)
        case FieldType.DATE:
            return _day(field, text)
        case FieldType.INTEGER:
            if not (text.isascii() and text.isdigit()) or int(text) > _most(field):
                raise RuleError("bad_number", f"{field.label}应为整数，请检查", field.key)
            return int(text)
        case FieldType.DEGREE:
            return _degree(field, text)
        case FieldType.PHONE:
            return normal_phone(text, field=field.key)
        case FieldType.CREDIT_CODE:
            return normal_credit_code(text, field=field.key)
        case FieldType.PLATE_NO:
            return _plate_no(field, text)
        case FieldType.DOOR_PLATE:
            code = text.replace(" ", "").upper()
            if len(code) != PLATE_LENGTH or not code.isascii() or county_of_token(code) is None:
                raise RuleError("bad_plate_code", "门牌码是门牌上的 20 位字母和数字，请检查", field.key)
            return code
    if len(text) > field.most:
        raise RuleError("too_long", f"{field.label}最多 {field.most} 个字，请写短些", field.key)
    return plain_digits(text).upper() if field.type is FieldType.IDENTITY else text


def check_together(record: Any, kind: Kind) -> None:
    """What facts say of each other: an identity card has its number, with its birthday and sex; a point has both degrees."""
    if kind.code == "person" and record.id_kind in ("", "identity_card") and (said := record.id_no_sealed):
        number = normal_identity_number(said, field="id_no")
        if number != said:
            record.id_no_sealed, record.id_no_search = number, number
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        if record.birth_on is not None and record.birth_on != born:
            raise RuleError("birthday_differs", "出生日期和身份证号里的不一样，请核对其中一个", "birth_on")
        sex = "male" if int(number[16]) % 2 else "female"
        if record.sex and record.sex != sex:
            raise RuleError("sex_differs", "性别和身份证号里的不一样，请核对其中一个", "sex")
    if hasattr(record, "lon") and (record.lon is None) != (record.lat is None):
        raise RuleError("half_point", "经度和纬度要一起填", "lon")


def check_facts(kind: Kind, values: Mapping[str, Any], record: Any = None) -> None:
    """`check_together` for facts that are in no record yet, or would be changed in one; nothing is changed."""
    keys = [key for key in _TOLD_TOGETHER if key in kind.keys]
    if not any(key in values for key in keys):
        return
    fields = [kind.field(key) for key in keys]
    held = {field: field.empty if record is None else value_of(record, field) for field in fields}
    said = {field.attribute: values.get(field.key, held[field]) for field in fields}
    check_together(SimpleNamespace(**said), kind)


def value_of(record: Any, field: Field) -> Any:
    """The present value of a fact."""
    return getattr(record, field.attribute)


def is_filled(record: Any, field: Field) -> bool:
    """Whether a fact is there; what is sealed stays so."""
    if field.is_sealed:
        return bool(record.__dict__[field.attribute])
    return bool(as_text(field, value_of(record, field)))


def as_text(field: Field, value: Any) -> str:
    """A value as a change keeps it; `read` turns it back."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def words(field: Field, text: str, *, masked: bool) -> str:
    """What a change or a record holds, as people read it; sealed ones masked unless somebody gave a purpose."""
    if not text:
        return ""
    if field.is_sealed and masked:
        return _mask(field, text)
    match field.type:
        case FieldType.CHOICE:
            return dict(field.choices).get(text, text)
        case FieldType.DATE:
            day = date.fromisoformat(text)
            return f"{day.year}年{day.month}月{day.day}日"
    return text


def title_of(record: Record, kind: Kind, *, masked: bool = True) -> str:
    """What a record is called; a person or a vehicle masked."""
    fields = [kind.field(key) for key in kind.title]
    parts = [words(field, as_text(field, value_of(record, field)), masked=masked) for field in fields]
    return " ".join(part for part in parts if part) or f"没有写{kind.named.label}的{kind.label}"


def source_words(source: str) -> str:
    """visit → 入户走访; import:… → 表格导入; form:… → 一表通."""
    head = source.split(":")[0]
    return {"import": "表格导入", "form": "一表通", "merge": "并档", "redraw": "网格调整"}.get(head) or SOURCES.get(
        head, source
    )


def _mask(field: Field, text: str) -> str:
    if field.type is FieldType.PHONE:
        return mask_phone(text)
    if field.type in (FieldType.IDENTITY, FieldType.PLATE_NO):
        return mask_id(text) if len(text) > 8 else text[:2] + "*" * (len(text) - 3) + text[-1:]
    return text[:6] + "***" if field.key == "registered_at" else mask_name(text)


def _code(field: Field, text: str) -> str:
    for code, label in field.choices:
        if text in (code, label):
            return code
    raise RuleError("unknown_choice", f"{field.label}请从列出的里面选", field.key)


def _day(field: Field, text: str) -> date:
    try:
        day = date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError as error:
        raise RuleError("bad_day", f"{field.label}没看懂，请写成 1957-03-09 这样", field.key) from error
    if day.year < 1850:
        raise RuleError("bad_day", f"{field.label}太早了，请检查年份", field.key)
    if day > clock.local_day() and field.key not in LATER:
        raise RuleError("in_the_future", f"{field.label}不能晚于今天", field.key)
    return day


def _most(field: Field) -> int:
    return {"built_year": clock.local_day().year + 1, "floors": 200, "units_count": 100, "seats": 500}.get(
        field.key, MOST_COUNT
    )


def _degree(field: Field, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise RuleError("bad_coordinates", f"{field.label}应为数字，例如 116.6012", field.key) from error
    if not isfinite(value):
        raise RuleError("bad_coordinates", f"{field.label}应为数字，例如 116.6012", field.key)
    return value


def plain_plate_no(text: str) -> str:
    """A vehicle's plate as it is kept: 鲁H·12345 → 鲁H12345."""
    return re.sub(r"[\s·.\-]", "", unicodedata.normalize("NFKC", text)).upper()


def _plate_no(field: Field, text: str) -> str:
    number = plain_plate_no(text)
    if PLATE_NO.fullmatch(number) is None:
        raise RuleError("bad_plate_no", "车牌号应是省简称、字母和号码，请照行驶证核对", field.key)
    return number


def age_words(born: date | None, today: date) -> str:
    """68 岁; empty when the birthday is not known."""
    if born is None:
        return ""
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{years} 岁"
