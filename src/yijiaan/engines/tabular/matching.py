"""Which column of a ledger is which field of ours: known from last time, by its heading, by a heading alike, by what stands in it."""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import text_of
from yijiaan.engines.tabular.fields import Field, Kind
from yijiaan.engines.tabular.headings import REMARK_HEAD, plain_head
from yijiaan.engines.tabular.values import value_of

ALIKE = 0.75
SURE_SHARE = 0.8  # of the samples must be values of that kind
TELLING = (Kind.IDENTITY, Kind.CREDIT, Kind.PHONE)  # kinds that a value alone gives away


def fingerprint(heads: Sequence[str]) -> str:
    """By which a layout is known again; a column of remarks that we added does not count."""
    named = [plain_head(head) for head in heads if head and head != REMARK_HEAD]
    return hashlib.sha256(json.dumps(named, ensure_ascii=False).encode()).hexdigest()[:32]


def known_heads(fields: Sequence[Field]) -> set[str]:
    """Plain headings for which there is a field."""
    return {plain_head(name) for field in fields for name in (field.label, *field.aliases)}


def suggest(
    heads: Sequence[str],
    fields: Sequence[Field],
    *,
    learned: Mapping[str, str],
    samples: Sequence[Sequence[str]] = (),
) -> dict[int, str]:
    """Our field for each column that can be told, each field once. learned: field by heading, from former imports."""
    found: dict[int, str] = {}
    keys = {field.key for field in fields}

    def take(column: int, key: str) -> None:
        if column not in found and key not in found.values() and key in keys:
            found[column] = key

    plain = [plain_head(head) for head in heads]
    for column, head in enumerate(heads):
        if head in learned:
            take(column, learned[head])
    passed_over = {column for column, head in enumerate(heads) if learned.get(head) == ""}
    for field in fields:
        for name in (field.label, *field.aliases):
            for column, head in enumerate(plain):
                if head and column not in passed_over and plain_head(name) in (head, head.rpartition("/")[2]):
                    take(column, field.key)
    for _, column, key in sorted(_alike(plain, fields, set(found) | passed_over), reverse=True):
        take(-column, key)
    for column in range(len(heads)):
        said = [value for value in (samples[column] if column < len(samples) else ()) if value]
        if said and column not in found and column not in passed_over:
            for field in fields:
                if field.kind in TELLING and sum(_reads(field, value) for value in said) >= SURE_SHARE * len(said):
                    take(column, field.key)
                    break
    return found


def _alike(plain: Sequence[str], fields: Sequence[Field], done: set[int]) -> Iterator[tuple[float, int, str]]:
    for column, head in enumerate(plain):
        if not head or column in done or head == REMARK_HEAD:
            continue
        for field in fields:
            for name in (field.label, *field.aliases):
                likeness = difflib.SequenceMatcher(None, head, plain_head(name)).ratio()
                if likeness >= ALIKE:
                    yield likeness, -column, field.key


def _reads(field: Field, value: str) -> bool:
    try:
        return bool(value_of(field, text_of(value)))
    except RuleError:
        return False


def check_fixed(fields: Sequence[Field], said: Mapping[str, str]) -> dict[str, str]:
    """What the user says once for all lines, in the form we keep. RuleErrors at `fixed_<key>`: unknown_field, those of `value_of`."""
    by_key = {field.key: field for field in fields if field.may_be_fixed}
    fixed = {}
    for key, text in said.items():
        if key not in by_key:
            raise RuleError("unknown_field", "这一项不能整张表写一次，请重新选")
        try:
            value = value_of(by_key[key], text)
        except RuleError as error:
            raise RuleError(error.code, error.message, f"fixed_{key}") from error
        if value:
            fixed[key] = value
    return fixed


def check_mapping(
    heads: Sequence[str], fields: Sequence[Field], mapping: Mapping[int, str], fixed: Mapping[str, str] | None = None
) -> None:
    """RuleErrors nothing_mapped, unknown_column, unknown_field, twice, lacks_column."""
    by_key = {field.key: field for field in fields}
    chosen = list(mapping.values())
    if not chosen:
        raise RuleError("nothing_mapped", "请至少给一列选好对应的内容")
    for column, key in mapping.items():
        if not 0 <= column < len(heads):
            raise RuleError("unknown_column", "表里没有这一列，请重新选")
        if key not in by_key:
            raise RuleError("unknown_field", f"“{heads[column]}”选的内容不存在，请重新选", f"column_{column}")
    for column, key in mapping.items():
        if chosen.count(key) > 1:
            raise RuleError("twice", f"“{by_key[key].label}”指了两列，请去掉一列", f"column_{column}")
    for field in fields:
        if field.is_needed and field.key not in chosen and field.key not in (fixed or {}):
            other = "，表里没有这一列就在下面写一次" if field.may_be_fixed else "；表里没有这一列就导不进来"
            raise RuleError("lacks_column", f"请指出哪一列是“{field.label}”{other}")
