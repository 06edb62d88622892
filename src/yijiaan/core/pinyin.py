"""Pinyin of Chinese names. Its dictionary takes 55 MB of a process, so it is read at first use: most processes never ask."""

from functools import cache
from importlib import import_module
from typing import Any


@cache
def _library() -> Any:
    return import_module("pypinyin")


def syllables(text: str) -> list[str]:
    """新驿 → xin, yi; what is no Chinese stays as it is."""
    found: list[str] = _library().lazy_pinyin(text)
    return found


def syllables_with_tones(text: str) -> list[str]:
    """新驿 → xin1, yi4."""
    found: list[str] = _library().lazy_pinyin(text, style=_library().Style.TONE3)
    return found


def initials_of(text: str) -> list[str]:
    """新驿 → x, y; what is no Chinese is left out."""
    found: list[str] = _library().lazy_pinyin(text, style=_library().Style.FIRST_LETTER, errors="ignore")
    return found
