"""Functions that the worker calls about once a second, each in a thread with a connection of its own."""

import logging
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections, connections

log = logging.getLogger(__name__)

Pump = Callable[[], int | None]
PAUSE = 1.0
LONGEST_PAUSE = 60.0
DATABASE_FAILURES = 2  # as which the loss of the database counts at most: a pause of four seconds

_registered: dict[str, Pump] = {}


def register(name: str, pump: Pump) -> None:
    """Have the worker call `pump` about once a second, and again at once while it answers that it moved something.

    Called in an app's `ready()`. The name is for the log; a second registration replaces the first.
    """
    _registered[name] = pump


def registered() -> dict[str, Pump]:
    """All pumps by name."""
    return dict(_registered)


def run(name: str, pump: Pump, stop: threading.Event) -> None:
    """Call the pump until told to stop; after an error again with growing pauses. Ends with its connection closed."""
    failures = 0
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                moved = pump()
                failures = 0
            except (OperationalError, InterfaceError) as error:
                # it comes back, and news and heartbeat should not wait a minute longer
                log.warning("pump %s lost the database (%s)", name, type(error).__name__)
                moved = 0
                failures = min(failures + 1, DATABASE_FAILURES)
            except Exception:  # a pump that fails must neither end nor stop the others
                log.exception("pump %s failed", name)
                moved = 0
                failures += 1
            if not moved:
                stop.wait(min(LONGEST_PAUSE, PAUSE * 2**failures) if failures else PAUSE)
    finally:
        connections.close_all()
