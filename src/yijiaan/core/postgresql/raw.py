"""Statements with $1 placeholders, for the few hot ones: psycopg neither parses nor rewrites them."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import RawCursor


def execute_raw(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one statement on Django's connection, inside its transaction and its wrappers; returns the rows, if there are any.

    Database errors come as Django's, as from any other cursor.
    """
    with connection.cursor() as cursor:

        def run(sql: str, parameters: Any, many: bool, context: Any) -> list[tuple[Any, ...]]:
            connection.validate_no_broken_transaction()
            with connection.wrap_database_errors, RawCursor(connection.connection) as raw:
                raw.execute(sql, parameters, prepare=True)
                return raw.fetchall() if raw.description else []

        # Django's own way in for wrappers (statement counts, lints); there is no public one for another cursor class
        return cursor._execute_with_wrappers(sql, parameters, many=False, executor=run)  # type: ignore[no-any-return]
