"""The chain of seals: SM3 (GB/T 32905) over the seal before and the entry as it is stored, one chain a county.

Whoever changes, removes or inserts a row below the last seal breaks the chain at that row, and `verify` names it. Whoever rewrites the
whole chain must also rewrite the heads that were printed or sent elsewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.db import connection

from yijiaan.engines.journal.models import Entry

FORMAT = b"yijiaan journal 1"
SUBSCRIBER = "journal.seal"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = (
    "id", "county", "actor_kind", "actor_id", "post_id", "verb", "subject_type", "subject_id", "area_code", "data",
    "happened_at", "request_id",
)  # fmt: skip


def first_hash(county: str) -> bytes:
    """What the first seal of a county is chained to."""
    return _sm3(FORMAT + county.encode())


def next_hash(before: bytes, row: tuple[Any, ...]) -> bytes:
    """The seal of one entry, its columns in the order of COLUMNS."""
    return _sm3(before + _canonical(row))


def row_of(entry: Entry) -> tuple[Any, ...]:
    """The columns of an entry, as `next_hash` takes them."""
    return tuple(getattr(entry, column) for column in COLUMNS)


def _canonical(row: tuple[Any, ...]) -> bytes:
    """One spelling for one row: JSON with sorted keys; times as microseconds since 1970, so that no session setting matters."""
    return json.dumps(
        [_plain(value) for value in row], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        passed = value - EPOCH
        return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    return value


def _sm3(text: bytes) -> bytes:
    work = hashes.Hash(hashes.SM3())
    work.update(text)
    return work.finalize()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along one chain found. fault is empty when the chain is whole; head is the last good link."""

    county: str
    links: int
    head: bytes
    fault: str = ""


def verify(county: str) -> Verdict:
    """Walk the chain of a county from its first link; stops at the first fault and names the row."""
    before, expected = first_hash(county), 1
    for number, kept, entry_id, row in _links(county):
        if number != expected:
            return Verdict(county, expected - 1, before, f"缺第 {expected} 号封印（下一个是第 {number} 号）")
        if row is None:
            return Verdict(county, expected - 1, before, f"第 {number} 号封印的日志 {entry_id} 不见了")
        if next_hash(before, row) != kept:
            return Verdict(
                county,
                expected - 1,
                before,
                f"第 {number} 号封印对不上，日志 {entry_id} 被改过（{row[10]:%Y-%m-%d %H:%M} {row[5]}）",
            )
        before, expected = kept, expected + 1
    return Verdict(county, expected - 1, before)


def _links(county: str) -> Iterator[tuple[int, bytes, UUID, tuple[Any, ...] | None]]:
    """Every link with its entry, in order, in batches by number: constant memory, whatever the length."""
    columns = ", ".join(f"e.{column}" for column in COLUMNS)
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.number, s.hash, s.entry_id, {columns} FROM journal_seal s "  # noqa: S608 - columns stand above
                "LEFT JOIN journal_entry e ON e.county = s.county AND e.id = s.entry_id "
                "WHERE s.county = %s AND s.number > %s ORDER BY s.number LIMIT 5000",
                [county, after],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        for number, kept, entry_id, *row in rows:
            if row[0] is not None and isinstance(row[9], str):
                row[9] = json.loads(row[9])
            yield number, bytes(kept), entry_id, tuple(row) if row[0] is not None else None
        after = rows[-1][0]
