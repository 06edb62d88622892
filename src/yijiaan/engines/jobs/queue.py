"""Putting jobs into the queue and waking the worker."""

import threading
import time
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from procrastinate.tasks import Task

CHANNEL = "procrastinate_any_queue_v1"
SIGN = '{"type": "job_inserted", "job_id": 0}'
PAUSE = 0.1  # seconds between two signs of one process

_lock = threading.Lock()
_last = float("-inf")


def defer(task: Task[Any, Any, Any], *, at: datetime | None = None, **arguments: Any) -> int:
    """Queue a job in the present transaction, to run at once or at a moment; returns the job's number."""
    number: int = task.configure(schedule_at=at).defer(**arguments)
    if at is None:
        wake()
    return number


def wake() -> None:
    """Tell the worker after commit that there are jobs, at most every 100 ms: it looks every second anyway."""
    transaction.on_commit(_notify)


def _notify() -> None:
    global _last
    now = time.monotonic()
    with _lock:
        if now - _last < PAUSE:
            return
        _last = now
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, SIGN])
