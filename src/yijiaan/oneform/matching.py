"""What a column means, by its label: as it was explained last time, else by labels and aliases, else it is asked. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from yijiaan.core.bigrams import normal
from yijiaan.oneform.catalogue import BLANK, sources_for
from yijiaan.oneform.models import ASKED, AskedKind

LONGEST_KEY = 80
TWIN = re.compile(r"\(\d+\)$")
REMARK = re.compile(r"\((?!\d+\))[^)]*\)")
OTHERS = ("配偶", "子女", "父", "母", "成员", "联系人", "法人", "监护", "赡养", "亲属", "紧急")
YES_NO = ("是否", "有无", "有没有", "能否")
NUMBERS = (
    "数",
    "数量",
    "人数",
    "户数",
    "面积",
    "金额",
    "收入",
    "支出",
    "元",
    "亩",
    "亩数",
    "吨",
    "次",
    "个",
    "头",
    "只",
    "辆",
    "%",
    "比例",
)
DAYS = ("日期", "时间", "年月日")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is filled from; kind and choices count where it is asked."""

    source: str
    asked_kind: str = AskedKind.TEXT.value
    choices: tuple[str, ...] = ()


def label_key(label: str) -> str:
    """A label as it is compared between forms: without spaces, stars and remarks; the number of a twin stays."""
    plain = re.sub(r"[*:/_]", "", REMARK.sub("", normal(label))) or normal(label)
    if len(plain) > LONGEST_KEY:
        plain = plain[: LONGEST_KEY - 17] + "~" + sha256(plain.encode()).hexdigest()[:16]
    return plain


def answer_key(label: str, meaning: Meaning) -> str:
    """Under which key what is told of a column is kept: columns with the same key ask once. What the base ought to know has one key
    however a form calls it."""
    if meaning.source != ASKED:
        return meaning.source
    kind = meaning.asked_kind
    if kind == AskedKind.CHOICE:
        kind += ":" + sha256("\n".join(sorted(meaning.choices)).encode()).hexdigest()[:12]
    return f"{label_key(label)}|{kind}"


@cache
def _by_name(per: str) -> dict[str, str]:
    names: dict[str, str] = {}
    ordered = sources_for(per)
    for wanted in (lambda source: (source.label,), lambda source: source.aliases):
        for source in ordered:
            for name in wanted(source):
                names.setdefault(label_key(name), source.code)
    return names


def propose(labels: Sequence[str], *, per: str, remembered: Mapping[str, Meaning]) -> list[Meaning]:
    """A meaning for each label. remembered: by label key, what was decided before."""
    return [_meaning(label, per, remembered) for label in labels]


def _meaning(label: str, per: str, remembered: Mapping[str, Meaning]) -> Meaning:
    key = label_key(label)
    if key in remembered:
        return remembered[key]
    if not label:
        return Meaning(BLANK)
    names = _by_name(per)
    if key in names and names[key] != ASKED:
        return Meaning(names[key])
    group, _, leaf = label.rpartition("/")
    if group and not any(word in group for word in OTHERS):
        for name in (f"户主{leaf}" if "户主" in group else leaf, leaf):
            if label_key(name) in names and not TWIN.search(normal(leaf)):
                return Meaning(names[label_key(name)])
    return Meaning(ASKED, _guess(leaf or label))


def _guess(label: str) -> str:
    """How an unknown column is asked."""
    plain = normal(TWIN.sub("", normal(label)))
    bare = REMARK.sub("", plain)
    unit = "".join(re.findall(r"\(([^)\d][^)]*)\)", plain))
    if bare.startswith(YES_NO):
        return AskedKind.YES_NO.value
    if bare.endswith(DAYS):
        return AskedKind.DAY.value
    if bare.endswith(NUMBERS) or unit.endswith(NUMBERS):
        return AskedKind.NUMBER.value
    return AskedKind.TEXT.value
