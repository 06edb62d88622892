"""The shape of numbers that a county wrote on its walls before: YZ-######, where # is a digit, @ a letter, all else itself.

A mask is no regular expression that somebody typed: nothing in it can run long or match what it should not.
"""

import re
import unicodedata
from collections.abc import Iterable

from yijiaan.core.errors import RuleError

MOST_MASKS = 10
SHORTEST, LONGEST = 4, 19  # one less than a code of ours, so that no number is taken for one
LEAST_DIGITS = 3
MASK = re.compile(r"[A-Z0-9#@\-]+")
DIGITS, LETTERS = frozenset("0123456789"), frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def plain_number(text: str) -> str:
    """A number as it is kept: full-width letters made plain, no spaces, capitals."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper().replace("—", "-").replace("－", "-")


def read_masks(text: str) -> list[str]:
    """Masks as they were typed, one a line. RuleErrors bad_mask, mask_too_open, too_many_masks, masks_alike at `masks`."""
    masks = list(dict.fromkeys(mask for mask in (plain_number(line) for line in text.splitlines()) if mask))
    if len(masks) > MOST_MASKS:
        raise RuleError("too_many_masks", f"编号样式最多 {MOST_MASKS} 种", "masks")
    for number, mask in enumerate(masks):
        if MASK.fullmatch(mask) is None or not SHORTEST <= len(mask) <= LONGEST:
            raise RuleError(
                "bad_mask",
                f"“{mask[:20]}”看不懂：只能用字母、数字、横线，# 代表一位数字，@ 代表一个字母，{SHORTEST} 到 {LONGEST} 位",
                "masks",
            )
        if mask.count("#") < LEAST_DIGITS:
            raise RuleError("mask_too_open", f"“{mask}”里至少要有 {LEAST_DIGITS} 个 #，不然分不出是编号", "masks")
        if any(are_alike(mask, other) for other in masks[:number]):
            raise RuleError("masks_alike", f"“{mask}”和上面的样式会认出同一个编号，请去掉一个", "masks")
    return masks


def fits(number: str, masks: Iterable[str]) -> bool:
    """Whether a plain number has one of these shapes."""
    return any(
        len(number) == len(mask) and all(sign in _signs(place) for sign, place in zip(number, mask, strict=True))
        for mask in masks
    )


def are_alike(one: str, other: str) -> bool:
    """Whether some number has both shapes."""
    return len(one) == len(other) and all(_signs(a) & _signs(b) for a, b in zip(one, other, strict=True))


def _signs(place: str) -> frozenset[str]:
    return {"#": DIGITS, "@": LETTERS}.get(place) or frozenset(place)
