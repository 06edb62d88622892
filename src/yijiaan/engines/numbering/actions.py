import threading

from django.db import connections

from yijiaan.core.scope import Actor

BLOCK = 20
_lock = threading.Lock()
_blocks: dict[str, tuple[int, int]] = {}  # series -> next number, end of the block (exclusive)


def take(*, actor: Actor, series: str, count: int = 1, least_block: int = BLOCK) -> list[int]:
    """The next `count` numbers of a series, starting from 1.

    A new block costs one statement on the "numbers" connection, outside the caller's transaction: no lock is held until
    the caller commits, and a roll-back leaves a gap.
    """
    with _lock:
        first, end = _blocks.get(series, (0, 0))
        numbers = list(range(first, min(end, first + count)))
        missing = count - len(numbers)
        if missing:
            size = max(missing, least_block)
            with connections["numbers"].cursor() as cursor:
                cursor.execute(
                    "INSERT INTO number_series AS s (name, last) VALUES (%s, %s) "
                    "ON CONFLICT (name) DO UPDATE SET last = s.last + excluded.last RETURNING last",
                    [series, size],
                )
                end = cursor.fetchone()[0] + 1
            first = end - size
            numbers += range(first, first + missing)
        if len(_blocks) > 2000:  # series carry a day in their name: old days leave
            _blocks.clear()
        _blocks[series] = (numbers[-1] + 1, end)
    return numbers


def forget_blocks() -> None:
    """Drop what this process still holds, after a fork or between tests."""
    with _lock:
        _blocks.clear()
