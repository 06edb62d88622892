import os
import threading
import time
from dataclasses import dataclass

from django.db import connections

from yijiaan.core.scope import Actor

BLOCK = 20
MOST_BLOCK = 2000
FAST = 2.0  # seconds: a block used up sooner is followed by one twice as large
_lock = threading.Lock()


@dataclass(slots=True)
class _Block:
    first: int = 0  # the next number
    end: int = 0  # exclusive
    size: int = BLOCK
    taken: float = 0.0


_blocks: dict[str, _Block] = {}


def take(*, actor: Actor, series: str, count: int = 1) -> list[int]:
    """The next `count` numbers of a series, starting from 1.

    A new block costs one statement on the "numbers" connection, outside the caller's transaction: no lock is held until
    the caller commits, and a roll-back leaves a gap.
    """
    with _lock:
        if len(_blocks) > 2000:  # series carry a day in their name: old days leave
            _blocks.clear()
        block = _blocks.setdefault(series, _Block())
        numbers = list(range(block.first, min(block.end, block.first + count)))
        block.first += len(numbers)
        missing = count - len(numbers)
        if missing:
            now = time.monotonic()
            is_fast = bool(block.taken) and now - block.taken < FAST
            block.size = min(MOST_BLOCK, block.size * 2) if is_fast else BLOCK
            size = max(missing, block.size)
            with connections["numbers"].cursor() as cursor:
                cursor.execute(
                    "INSERT INTO number_series AS s (name, last) VALUES (%s, %s) "
                    "ON CONFLICT (name) DO UPDATE SET last = s.last + excluded.last RETURNING last",
                    [series, size],
                )
                last = cursor.fetchone()[0]
            first = last - size + 1
            numbers += range(first, first + missing)
            block.first, block.end, block.taken = first + missing, last + 1, now
    return numbers


def forget_blocks() -> None:
    """Drop what this process still holds, after a fork or between tests."""
    _blocks.clear()


os.register_at_fork(after_in_child=forget_blocks)
