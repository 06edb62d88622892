"""A query composed once and asked many times. Composing one costs Django more than PostgreSQL needs to answer it, and what
stands in a menu is asked by every page in the same words."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of a query of values and what stands in it."""

    sql: str
    parameters: tuple[Any, ...]

    def rows(self) -> list[tuple[Any, ...]]:
        """Ask it now."""
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.parameters)
            return cursor.fetchall()


def compiled(query: QuerySet[Any, Any]) -> Compiled:
    """Compose a query of `values_list`. Keep the result under everything the query depends on: the actor, never the time."""
    try:
        sql, parameters = query.query.sql_with_params()
    except EmptyResultSet:
        return Compiled("", ())
    return Compiled(sql, tuple(parameters))
