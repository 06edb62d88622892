"""Fields of ours that a column of a ledger can be, and how a value of them shows before anybody has given a purpose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from yijiaan.core.checks import mask_id, mask_name, mask_phone


class Kind(StrEnum):
    """What kind of value a field holds."""

    TEXT = "text"
    NAME = "name"  # of a person
    IDENTITY = "identity"  # identity number
    PHONE = "phone"
    CREDIT = "credit"  # unified social credit code
    CODE = "code"  # letters and digits without spaces
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. aliases: how ledgers head it; choices: (code, label, other spellings …) of a choice.

    is_needed: without a column for it nothing can be told apart or written; is_personal: masked on screen, of names, identity
    numbers and phones always. may_be_fixed: a ledger of one village has no column for it: the user says it once for all lines.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    is_needed: bool = False
    choices: tuple[tuple[str, ...], ...] = ()
    longest: int = 200
    is_personal: bool = False
    may_be_fixed: bool = False

    def masked(self, value: str) -> str:
        """A value as it shows on screen."""
        match self.kind:
            case Kind.NAME:
                return mask_name(value if value.isascii() else value.replace(" ", ""))
            case Kind.PHONE:
                return mask_phone(value)
            case Kind.IDENTITY:
                return mask_id(value)
            case Kind.CHOICE:
                return next((choice[1] for choice in self.choices if choice[0] == value), value)
            case Kind.YES_NO:
                return {"1": "是", "0": "否"}.get(value, value)
        if self.is_personal and len(value) > 2:
            return value[: max(2, len(value) // 3)] + "*" * (len(value) - max(2, len(value) // 3))
        return mask_unknown(value)


_LONG = re.compile(r"\d{15,17}[\dXx]|\d{15}")
_PHONE = re.compile(r"1[3-9]\d{9}")
_NAME_HEAD = re.compile(r"姓名|户主|联系人|负责人|法人|监护人|配偶|父亲|母亲|本人|称呼|房主|业主")
_PHONE_HEAD = re.compile(r"电话|手机|联系方式")
_PLACE_HEAD = re.compile(r"地址|住址|住所|居住地")


def mask_unknown(value: str, head: str = "") -> str:
    """A value of a column that nobody has explained yet: whatever looks like a person's number, name or address is covered."""
    if head and _PHONE_HEAD.search(head):
        return mask_phone(value)
    covered = _LONG.sub(lambda found: mask_id(found[0]), value)
    covered = _PHONE.sub(lambda found: mask_phone(found[0]), covered)
    if head and _NAME_HEAD.search(head):
        return mask_name(covered)
    if head and _PLACE_HEAD.search(head) and len(covered) > 4:
        return covered[:4] + "*" * (len(covered) - 4)
    return covered


def masked_values(fields: Mapping[str, Field], values: Mapping[str, str]) -> dict[str, str]:
    """Values by key as they show on screen."""
    return {key: fields[key].masked(value) if key in fields else mask_unknown(value) for key, value in values.items()}
