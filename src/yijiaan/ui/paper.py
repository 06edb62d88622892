"""A document on paper: typst sets it in Noto Sans SC, in some 30 ms a page, from plain values and pictures of the store."""

import json
import re
import struct
import threading
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from yijiaan.ui.assets import NODE_FILES

FONTS = ("vendor/noto-sans-sc/regular.ttf", "vendor/noto-sans-sc/semibold.ttf")
MISSING = "〓"  # printers' mark for a letter that the type lacks
UNSEEN = re.compile("[\ufe00-\ufe0f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
LONG_RUN = re.compile(r"[!-~]{24}(?=[!-~])")  # an address without an end: a line must break in it somewhere
_starting = threading.Lock()


class FontsMissing(RuntimeError):
    """Neither node_modules nor the collected files hold the type."""


def font_file(public: str) -> Path:
    """Where a type lies: in node_modules, or among the collected files of a built wheel. FontsMissing when in neither."""
    for path in (Path(settings.NODE_MODULES) / NODE_FILES[public], Path(settings.STATIC_ROOT) / public):
        if path.is_file():
            return path
    raise FontsMissing(f"{public}: run npm ci")


def _fonts() -> typst.Fonts:
    with _starting:  # read once, whoever prints first
        return _read_fonts()


@lru_cache(maxsize=1)
def _read_fonts() -> typst.Fonts:
    folders = {str(font_file(public).parent) for public in FONTS}
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=sorted(folders))


@lru_cache(maxsize=1)
def printable() -> frozenset[int]:
    """The code points that the type can show, from its table of characters (cmap, format 12 or 4)."""
    raw = font_file(FONTS[0]).read_bytes()
    count = struct.unpack_from(">H", raw, 4)[0]
    tables = {raw[at : at + 4]: struct.unpack_from(">II", raw, at + 8) for at in range(12, 12 + 16 * count, 16)}
    begin = tables[b"cmap"][0]
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", raw, begin + 2)[0]):
        at = begin + struct.unpack_from(">I", raw, begin + 4 + 8 * number + 4)[0]
        kind = struct.unpack_from(">H", raw, at)[0]
        if kind == 12:
            for group in range(struct.unpack_from(">I", raw, at + 12)[0]):
                first, last = struct.unpack_from(">II", raw, at + 16 + 12 * group)
                found.update(range(first, last + 1))
        elif kind == 4:
            half = struct.unpack_from(">H", raw, at + 6)[0]
            ends = struct.unpack_from(f">{half // 2}H", raw, at + 14)
            starts = struct.unpack_from(f">{half // 2}H", raw, at + 16 + half)
            for first, last in zip(starts, ends, strict=True):
                found.update(range(first, last + 1))
    return frozenset(found)


class Typesetter:
    """Makes words printable, and remembers which letters the type lacks."""

    def __init__(self) -> None:
        self.missing: dict[str, None] = {}

    def words(self, text: str) -> str:
        """The text with a mark for every letter that the type lacks, and room for a line to break in endless runs."""
        text = UNSEEN.sub("", text)
        known = printable()
        if not all(letter == "\n" or ord(letter) in known for letter in text):
            text = "".join(
                letter if letter == "\n" or ord(letter) in known else self._lacking(letter) for letter in text
            )
        return LONG_RUN.sub(lambda run: run[0] + "\u200b", text)

    def _lacking(self, letter: str) -> str:
        self.missing[letter] = None
        return MISSING

    def all(self, value: Any) -> Any:
        """The same for every text in lists and dicts; a `path` and a drawing (`svg`) are no texts."""
        if isinstance(value, str):
            return self.words(value)
        if isinstance(value, Mapping):
            return {key: part if key in ("path", "svg") else self.all(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.all(part) for part in value]
        return value

    @property
    def note(self) -> str:
        """What a reader must know of the marks; empty when there are none."""
        if not self.missing:
            return ""
        names = "、".join(f"U+{ord(letter):04X}" for letter in list(self.missing)[:12])
        return f"{MISSING} 是字库里没有的字或表情，依次为 {names}{' 等' if len(self.missing) > 12 else ''}，原文见电脑上的页面。"


def write_pdf(form: str, values: Mapping[str, Any]) -> bytes:
    """A document after a form of an app (`cases/dossier.typ` stands in its data), as a PDF. Pictures are named by their place below MEDIA_ROOT.

    FontsMissing where the installation lacks its type.
    """
    setter = Typesetter()
    data = setter.all(values)
    data["missing"] = setter.note
    app, name = form.split("/")
    source = resources.files(f"yijiaan.{app}").joinpath("data", name).read_bytes()
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)  # before the first picture there is none
    compiler = typst.Compiler(
        source,
        root=root,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    made = compiler.compile(format="pdf")
    assert isinstance(made, bytes)
    return made
