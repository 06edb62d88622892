"""How the connection pool makes sure that a connection still lives."""

import time
from typing import Any

from psycopg_pool import ConnectionPool

IDLE_BEFORE_CHECK = 5.0  # seconds: a connection used just now is taken to be alive, which saves a round trip a request


def check_when_idle(given: Any) -> None:
    """For psycopg's pool: ask a connection that has been idle whether it is still there."""
    now = time.monotonic()
    if now - getattr(given, "yijiaan_checked", 0.0) > IDLE_BEFORE_CHECK:
        ConnectionPool.check_connection(given)
        given.yijiaan_checked = now
