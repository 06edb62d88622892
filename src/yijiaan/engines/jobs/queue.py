"""Putting jobs into the queue and waking the worker."""

import threading
import time
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

CHANNEL = "procrastinate_any_queue_v1"
SIGN = '{"type": "job_inserted", "job_id": 0}'
PAUSE = 0.1  # seconds between two signs of one process

_lock = threading.Lock()
_last = float("-inf")


def defer(task: Task[Any, Any, Any] | str, *, at: datetime | None = None, **arguments: Any) -> int:
    """Queue a job in the present transaction, to run at once or at a moment; returns the job's number.

    A deed whose own app runs the job names it by its text (`tabular.write_wanted_export`): the job imports the deed.
    """
    configured = app.configure_task(task, schedule_at=at) if isinstance(task, str) else task.configure(schedule_at=at)
    number: int = configured.defer(**arguments)
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
