"""What a cell means for a field: a name, a date, a number of a person, yes or no. A cell that cannot be trusted is refused with a sentence."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from yijiaan.core.bigrams import normal
from yijiaan.core.checks import normal_credit_code, normal_identity_number, normal_phone
from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import Cell, is_damaged_number, is_failed_formula, text_of
from yijiaan.engines.tabular.fields import Field, Kind

YES = frozenset(("是", "有", "√", "✓", "✔", "☑", "对", "1", "y", "yes", "true", "已", "on"))
NO = frozenset(("否", "无", "没有", "×", "✗", "✘", "☐", "x", "0", "n", "no", "false", "不是", "未", "-", "/"))
SERIAL = re.compile(r"\d{5}")
FIRST_SERIAL, LAST_SERIAL = 1, 73_050  # of days since 1899-12-30: up to the end of 2099
_DAY = re.compile(r"(\d{4})\s*[.\-/年。,]\s*(\d{1,2})\s*[.\-/月。,]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
_CLOSE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT_YEAR = re.compile(r"\d{1,2}\s*[.\-/年]\s*\d{1,2}\s*[.\-/月]\s*\d{1,4}日?")
_MONTH = re.compile(r"\d{4}\s*[.\-/年]\s*\d{1,2}月?")
_LONG_NUMBER = re.compile(r"\d{15}000")


def value_of(field: Field, cell: Cell) -> str:
    """What a cell says for a field, in the form we keep: dates as 2024-03-05, yes and no as 1 and 0, choices as their codes.

    RuleErrors at the field: failed_formula, damaged_number, too_long, bad_date, ambiguous_date, bad_number, unknown_choice,
    not_yes_or_no, and those of `core.checks`. An empty cell is an empty text.
    """
    if is_failed_formula(cell):
        raise RuleError("failed_formula", f"“{field.label}”的公式出错（{text_of(cell)}），请改成实际的内容", field.key)
    text = text_of(cell)
    if not text:
        return ""
    return _READERS[field.kind](field, cell, text)


def _text(field: Field, cell: Cell, text: str) -> str:
    if field.kind is Kind.TEXT and is_damaged_number(cell):
        raise _damaged(field)
    said = " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())
    if len(said) > field.longest:
        raise RuleError("too_long", f"“{field.label}”最多 {field.longest} 个字，这里有 {len(said)} 个", field.key)
    return said


def _name(field: Field, cell: Cell, text: str) -> str:
    said = _text(field, cell, text)
    # 张 三 is 张三; the words of a foreign name stay apart
    return said if said.isascii() else re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", said).replace("•", "·")


def _damaged(field: Field) -> RuleError:
    return RuleError(
        "damaged_number",
        f"“{field.label}”被表格软件改成了小数，后几位已经丢了，请把那一列设成文本、重新填上这个号码",
        field.key,
    )


def _identity(field: Field, cell: Cell, text: str) -> str:
    if is_damaged_number(cell):
        raise _damaged(field)
    number = normal_identity_number(text, field.key) if not _LONG_NUMBER.fullmatch(text) else ""
    if not number:
        # of 18 digits a spreadsheet keeps 15 and writes 000; one check character in eleven fits all the same
        raise RuleError(
            "damaged_number",
            f"“{field.label}”末三位是 000，多半被表格软件改过，请对照证件重新填；真是 000 的请单独登记",
            field.key,
        )
    return number


def _phone(field: Field, cell: Cell, text: str) -> str:
    if is_damaged_number(cell):
        raise _damaged(field)
    return normal_phone(text, field.key)


def _credit(field: Field, cell: Cell, text: str) -> str:
    if is_damaged_number(cell):
        raise _damaged(field)
    return normal_credit_code(text, field.key)


def _code(field: Field, cell: Cell, text: str) -> str:
    if is_damaged_number(cell):
        raise _damaged(field)
    return _text(field, cell, text).replace(" ", "")


def _number(field: Field, cell: Cell, text: str) -> str:
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:人|户|间|层|平方米|平米|㎡|元|年|个|亩|岁)?", text.replace(",", ""))
    if found is None or is_damaged_number(cell):
        raise RuleError("bad_number", f"“{field.label}”应是数字，这里写的是“{text[:20]}”", field.key)
    return found[1].rstrip("0").rstrip(".") if "." in found[1] else found[1]


def _date(field: Field, cell: Cell, text: str) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if SERIAL.fullmatch(text) and FIRST_SERIAL <= int(text) <= LAST_SERIAL:
        # a date whose cell lost its format; in files that count from 1904 the reader has turned dates already
        return (date(1899, 12, 30) + timedelta(days=int(text))).isoformat()
    found = _DAY.fullmatch(text) or _CLOSE.fullmatch(text)
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        except ValueError as error:
            raise RuleError("bad_date", f"“{field.label}”没有这一天：{text[:20]}", field.key) from error
    if _SHORT_YEAR.fullmatch(text):
        raise RuleError(
            "ambiguous_date", f"“{field.label}”写的“{text[:20]}”分不清年月日，请写四位年份，例如 2024-03-05", field.key
        )
    if _MONTH.fullmatch(text):
        raise RuleError("bad_date", f"“{field.label}”只写了年月，请写到日，例如 2024-03-05", field.key)
    raise RuleError("bad_date", f"“{field.label}”没看懂：“{text[:20]}”，请写成 2024-03-05", field.key)


def _yes_no(field: Field, cell: Cell, text: str) -> str:
    said = text.casefold()
    if said in YES:
        return "1"
    if said in NO:
        return "0"
    raise RuleError("not_yes_or_no", f"“{field.label}”请写是或否，这里写的是“{text[:20]}”", field.key)


def _choice(field: Field, cell: Cell, text: str) -> str:
    said = text.replace(" ", "")
    for code, label, *others in field.choices:
        if said in (code, label, *others):
            return code
    wide = normal(said)  # brackets and letters of another width are the same
    for code, *spelled in field.choices:
        if wide in map(normal, (code, *spelled)):
            return code
    labels = "、".join(choice[1] for choice in field.choices[:12])
    raise RuleError("unknown_choice", f"“{field.label}”没有“{text[:20]}”这一种，请从这些里选：{labels}", field.key)


_READERS: dict[Kind, Callable[[Field, Cell, str], str]] = {
    Kind.TEXT: _text,
    Kind.NAME: _name,
    Kind.IDENTITY: _identity,
    Kind.PHONE: _phone,
    Kind.CREDIT: _credit,
    Kind.CODE: _code,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}
