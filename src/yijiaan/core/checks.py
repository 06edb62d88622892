"""Checks and masks of the numbers people write down: phones, identity numbers, credit codes.

Each `normal_…` takes what was typed and returns the form that is stored, or raises RuleError at the field.
"""

import re
import unicodedata
from datetime import date

from yijiaan.core import clock
from yijiaan.core.errors import RuleError

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}")
_LOCAL_LANDLINE = re.compile(r"[2-9]\d{6,7}")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: without I, O, S, V, Z
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
# provinces of GB/T 2260; 71, 81, 82, 83 also stand in the numbers of residence permits
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")


def plain_digits(text: str) -> str:
    """The text with full-width characters made half-width; spaces, dashes, brackets and a leading +86 go."""
    plain = re.sub(r"[\s\-‐-―()·.]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(?:\+|00)86", "", plain)


def is_mobile(digits: str) -> bool:
    """Whether these plain digits are a mobile number."""
    return _MOBILE.fullmatch(digits) is not None


def normal_phone(text: str, field: str | None = None) -> str:
    """A mobile number of 11 digits, or a landline (with or without area code), as plain digits."""
    if text.isascii() and is_mobile(text):
        return text  # as nearly everybody writes it
    digits = plain_digits(text)
    if digits.startswith("86") and is_mobile(digits[2:]):
        digits = digits[2:]
    if is_mobile(digits) or _LANDLINE.fullmatch(digits) or _LOCAL_LANDLINE.fullmatch(digits):
        return digits
    if digits.startswith("0"):
        raise RuleError("bad_phone", "座机应写区号加号码，例如 0537-3412345，请检查。", field)
    raise RuleError("bad_phone", "手机号应为 11 位，请检查。", field)


def normal_identity_number(text: str, field: str | None = None) -> str:
    """An identity number of 18 characters (GB 11643) whose date exists and whose check character fits.

    An area code that is not in our table is no error: `identity_number_warnings` tells.
    """
    number = (text if text.isascii() and text.isalnum() else plain_digits(text)).upper()
    if re.fullmatch(r"\d{17}[\dX]", number) is None:
        raise RuleError("bad_identity_number", "身份证号应为 18 位数字（最后一位可以是 X），请检查。", field)
    born = _birthday(number)
    if born is None or not date(1900, 1, 1) <= born <= clock.local_day():
        raise RuleError("bad_identity_number", "身份证号中的出生日期不对，请检查第 7 到 14 位。", field)
    if number[17] != identity_check(number[:17]):
        raise RuleError("bad_identity_number", "身份证号的校验位不对，多半有一位写错，请逐位检查。", field)
    return number


def identity_number_warnings(number: str) -> list[str]:
    """What is unusual about a valid number but may well be right."""
    if not _PROVINCES.match(number) or number[2:6] == "0000":
        return ["身份证号的前 6 位不在现行区划代码里，可能是旧代码，请与证件核对。"]
    return []


def identity_check(first17: str) -> str:
    """The check character for the first 17 digits."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def normal_credit_code(text: str, field: str | None = None) -> str:
    """A unified social credit code of 18 characters (GB 32100) whose check character fits."""
    code = plain_digits(text).upper()
    if len(code) != 18 or any(letter not in _CREDIT_ALPHABET for letter in code):
        raise RuleError(
            "bad_credit_code", "统一社会信用代码应为 18 位数字和大写字母（没有 I、O、S、V、Z），请检查。", field
        )
    if code[17] != credit_check(code[:17]):
        raise RuleError("bad_credit_code", "统一社会信用代码的校验位不对，多半有一位写错，请逐位检查。", field)
    return code


def credit_check(first17: str) -> str:
    """The check character for the first 17 characters."""
    total = sum(
        _CREDIT_ALPHABET.index(letter) * weight for letter, weight in zip(first17, _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[-total % 31]


def mask_phone(phone: str) -> str:
    """138****5678; of a landline the last four digits stay."""
    if is_mobile(phone):
        return f"{phone[:3]}****{phone[7:]}"
    return f"{'*' * max(len(phone) - 4, 0)}{phone[-4:]}" if len(phone) > 4 else "*" * len(phone)


def mask_name(name: str) -> str:
    """The family name and a star for each further character: 张*, 欧阳*."""
    name = name.strip()
    if len(name) <= 1:
        return name
    shown = 2 if len(name) >= 3 and _DOUBLE_SURNAMES.match(name) else 1
    return name[:shown] + "*" * (len(name) - shown)


def mask_id(number: str) -> str:
    """The first six and the last two characters."""
    return f"{number[:6]}{'*' * (len(number) - 8)}{number[-2:]}" if len(number) > 8 else "*" * len(number)


_DOUBLE_SURNAMES = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|轩辕|端木|长孙|宇文|南宫|闻人|澹台|公冶|太史|申屠"
)


def _birthday(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
