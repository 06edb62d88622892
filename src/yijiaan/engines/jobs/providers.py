"""How long each kind of record is kept: apps name their kinds in `ready()`, one nightly job purges them all.

The journal has no kind: it is never purged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

# before, at most so many rows in one transaction; how many went
Purge = Callable[[datetime, int], int]


@dataclass(frozen=True, slots=True)
class KindOfRecord:
    """One kind of record that may be deleted when it is old. `days` is the preset, None: kept for good unless somebody sets it."""

    code: str  # app.noun
    label: str  # Chinese
    days: int | None
    least: int  # fewer days cannot be set
    purge: Purge
    note: str = ""  # Chinese: from when on the days count, what stays


_kinds: dict[str, KindOfRecord] = {}


def register_retention(*kinds: KindOfRecord) -> None:
    """Let the nightly purge know kinds of records; the same code again replaces the first."""
    for kind in kinds:
        _kinds[kind.code] = kind


def kinds_of_records() -> list[KindOfRecord]:
    """All kinds, by code."""
    return [_kinds[code] for code in sorted(_kinds)]
