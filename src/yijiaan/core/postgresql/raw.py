"""Statements with $1 placeholders, for the few hot ones: psycopg neither parses nor rewrites them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg import Cursor, RawCursor


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


def ask_anew(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement (placeholders %s) that is planned for its values at every asking: where the best way depends on how
    much an area holds, one plan for all of them is a bad one for most."""
    with connection.cursor() as cursor:

        def run(sql: str, parameters: Any, many: bool, context: Any) -> list[tuple[Any, ...]]:
            connection.validate_no_broken_transaction()
            with connection.wrap_database_errors, Cursor(connection.connection) as plain:
                return plain.execute(sql, parameters, prepare=False).fetchall()

        return cursor._execute_with_wrappers(sql, parameters, many=False, executor=run)  # type: ignore[no-any-return]


def insert_many(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values in one statement, one array a column: many times faster than `bulk_create` for thousands.

    The values stand in the order of the columns and are of the columns' own types; JSON comes as text, an array of integers as a list.
    """
    if not rows:
        return
    kinds = {field.column: str(field.db_type(connection)).split(" COLLATE")[0] for field in model._meta.concrete_fields}
    arrays, picked = [], []
    for place, column in enumerate(columns, 1):
        kind = kinds[column]
        # unnest would take an array of arrays apart altogether
        is_text = kind == "jsonb" or kind.endswith("[]")
        arrays.append(f"${place}::{'text' if is_text else kind}[]")
        picked.append(f"v.c{place}::{kind}" if is_text else f"v.c{place}")
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    values = ", ".join(f"c{place}" for place in range(1, len(columns) + 1))
    table = connection.ops.quote_name(model._meta.db_table)
    execute_raw(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(picked)} FROM unnest({', '.join(arrays)}) AS v({values})",  # noqa: S608 - names come from the model
        [array_literal(kinds[column], values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)],
    )


def insert_row(row: Model, *, once: tuple[str, ...] = ()) -> bool:
    """Insert one new row as `save(force_insert=True)` does, by a statement composed once for its model.

    once: the columns of a unique constraint; where a row with the same values stands already, nothing is written and False returned.
    """
    parameters = [
        field.get_db_prep_save(getattr(row, field.attname), connection) for field in row._meta.local_concrete_fields
    ]
    written = execute_raw(_insert_of(type(row), once), parameters)
    row._state.adding, row._state.db = False, connection.alias
    return bool(written)


@cache
def _insert_of(model: type[Model], once: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    columns = [str(field.column) for field in model._meta.local_concrete_fields]
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    unless = f" ON CONFLICT ({', '.join(quote(name) for name in once)}) DO NOTHING" if once else ""
    return f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(name) for name in columns)}) VALUES ({places}){unless} RETURNING 1"  # noqa: S608 - names come from the model


def array_literal(kind: str, values: Sequence[Any]) -> str:
    """Values of one column as PostgreSQL's text of an array (cast it: `$1::uuid[]`); many times faster than psycopg's general way."""
    write = _WRITERS.get(kind.partition("(")[0], _quoted)
    return "{" + ",".join(["NULL" if value is None else write(value) for value in values]) + "}"


def _quoted(value: Any) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _instant(value: datetime) -> str:
    return f'"{value.isoformat()}"'


_WRITERS: dict[str, Callable[[Any], str]] = {
    "uuid": lambda value: value.hex,
    # a list, or the literal of one
    "integer[]": lambda value: f'"{value}"' if isinstance(value, str) else '"{' + ",".join(map(str, value)) + '}"',
    "bytea": lambda value: f'"\\\\x{value.hex()}"',
    "timestamp with time zone": _instant,
    "double precision": repr,
    "boolean": lambda value: "t" if value else "f",
    "smallint": str,
    "integer": str,
    "bigint": str,
}
