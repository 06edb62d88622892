"""Decorators that make a function of an app's `jobs.py` a job. The functions are plain: they call one action."""

import functools
from collections.abc import Callable
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

# waits of 2, 4, 8 … seconds: the last try is a good hour after the first
RETRY = RetryStrategy(max_attempts=11, exponential_wait=2)


def task(function: Callable[..., None]) -> Task[..., Any, Any]:
    """A job to be queued by `queue.defer(job, **arguments)`; a failed one is tried again for about an hour.

    Arguments travel as JSON: pass identifiers as text, never objects.
    """
    made: Task[..., Any, Any] = app.task(name=_name(function), retry=RETRY)(function)
    return made


def periodic(cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A job that the worker runs at the times of a cron line (UTC), never queued twice; a failed one waits for its next time."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        name = _name(function)

        @functools.wraps(function)
        def run(timestamp: int) -> None:
            function()

        app.periodic(cron=cron, periodic_id=name)(app.task(name=name, queueing_lock=name)(run))
        return function

    return register


def _name(function: Callable[..., None]) -> str:
    """`cases.close_unanswered_callbacks` for a function of yijiaan.cases.jobs; queued rows hold it, so it must not change."""
    return f"{function.__module__.removesuffix('.jobs').rpartition('.')[2]}.{function.__name__}"
