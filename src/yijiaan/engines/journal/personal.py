"""Values about a person inside a journal row: ciphertext under a key of that person, so that a lawful erasure can make them
unreadable without touching the row, and its seal stays valid."""

import base64
import json
from typing import Any
from uuid import UUID

from yijiaan.core.crypto import seal_under, unseal_under
from yijiaan.engines.journal.models import PERSONAL, Entry, PersonKey


def key_of(row: PersonKey) -> bytes | None:
    """The key itself; None once it was destroyed."""
    return bytes.fromhex(row.key_sealed) if row.destroyed_at is None else None


def sealed_values(entry: Entry, person: UUID, key: bytes | None, values: dict[str, str]) -> dict[str, str]:
    """What stands in the row: whose values they are, and the values sealed for this very row."""
    if key is None:
        return {"of": str(person), "sealed": ""}
    token = seal_under(key, json.dumps(values, ensure_ascii=False), _context(entry))
    return {"of": str(person), "sealed": base64.b64encode(token).decode()}


def opened_values(entry: Entry, row: PersonKey | None) -> dict[str, str] | None:
    """The values of a row; None when they were erased."""
    held = entry.data[PERSONAL]
    key = key_of(row) if row is not None else None
    if key is None or not held["sealed"]:
        return None
    values: dict[str, Any] = json.loads(unseal_under(key, base64.b64decode(held["sealed"]), _context(entry)))
    return {name: str(value) for name, value in values.items()}


def _context(entry: Entry) -> str:
    return f"journal_entry.data {entry.county} {entry.id}"
