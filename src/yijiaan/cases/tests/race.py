"""Deeds at the same moment, for tests that commit."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from django.db import connections


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run each deed in a thread of its own, all from one starting line; their results or errors, in order."""
    line = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        try:
            line.wait(timeout=10)
            results[place] = deed()
        except Exception as error:  # the test looks at it
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(run, place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
