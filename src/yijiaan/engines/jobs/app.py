"""Decorators that make a function of an app's `jobs.py` a job. The functions are plain: they call one action."""

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

log = logging.getLogger(__name__)

PAUSES = (1, 2, 4, 8, 16, 32)  # seconds
# waits of 2, 4, 8 … seconds: the last try is a good hour after the first
RETRY = RetryStrategy(max_attempts=11, exponential_wait=2)


def task(function: Callable[..., None]) -> Task[..., Any, Any]:
    """A job to be queued by `queue.defer(job, **arguments)`; a failed one is tried again for about an hour.

    Arguments travel as JSON: pass identifiers as text, never objects.
    """
    made: Task[..., Any, Any] = app.task(name=_name(function), retry=RETRY)(function)
    return made


def periodic(cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A job that the worker runs at the times of a cron line (UTC), never queued twice.

    One that loses the database is tried again at once for a minute; any other failure waits for the next time.
    """

    def register(function: Callable[[], None]) -> Callable[[], None]:
        name = _name(function)

        @functools.wraps(function)
        def run(timestamp: int) -> None:
            for pause in (*PAUSES, None):
                try:
                    function()
                except (OperationalError, InterfaceError):
                    # the queue's own retry would put it beside its next run, which the queue refuses
                    if pause is None:
                        raise
                    log.warning("%s lost the database, again in %s s", name, pause)
                    close_old_connections()
                    time.sleep(pause)
                else:
                    return

        app.periodic(cron=cron, periodic_id=name)(app.task(name=name, queueing_lock=name)(run))
        return function

    return register


def _name(function: Callable[..., None]) -> str:
    """`cases.close_unanswered_callbacks` for a function of yijiaan.cases.jobs; queued rows hold it, so it must not change."""
    return f"{function.__module__.removesuffix('.jobs').rpartition('.')[2]}.{function.__name__}"
