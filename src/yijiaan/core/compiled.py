"""A query composed once and asked many times. Composing one costs Django more than PostgreSQL needs to answer it, and what
stands in a menu, or leads to the viewer himself, is asked by every page in the same words.

What differs from time to time (a moment, a number) is left open: the query is composed with a sample, and each asking puts
its own value in the sample's place.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of a query of values and what stands in it. gaps: where in the parameters a value is left open, by its name."""

    sql: str
    parameters: tuple[Any, ...]
    gaps: tuple[tuple[int, str], ...] = ()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Ask it now, with a value for each gap."""
        if not self.sql:
            return []
        parameters: Any = self.parameters
        if self.gaps:
            parameters = list(parameters)
            for place, name in self.gaps:
                parameters[place] = values[name]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return cursor.fetchall()


def compiled(query: QuerySet[Any, Any], **samples: Any) -> Compiled:
    """Compose a query of `values_list`. Keep the result under everything the query depends on (the actor), never under the time:
    samples are the values in it that each asking replaces; each must stand nowhere else in the query."""
    try:
        sql, parameters = query.query.sql_with_params()
    except EmptyResultSet:
        return Compiled("", ())
    return Compiled(sql, tuple(parameters), _gaps(parameters, samples))


def union_of(parts: Sequence[Compiled]) -> Compiled:
    """Queries of the same columns in one statement: the rows of each, those that stand in two of them twice."""
    parts = [part for part in parts if part.sql]
    if len(parts) < 2:  # noqa: PLR2004
        return parts[0] if parts else Compiled("", ())
    parameters: list[Any] = []
    gaps: list[tuple[int, str]] = []
    for part in parts:
        gaps += [(len(parameters) + place, name) for place, name in part.gaps]
        parameters += part.parameters
    return Compiled(" UNION ALL ".join(f"({part.sql})" for part in parts), tuple(parameters), tuple(gaps))


def _gaps(parameters: Any, samples: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    found = tuple(
        (place, name)
        for place, value in enumerate(parameters)
        for name, sample in samples.items()
        if type(value) is type(sample) and value == sample
    )
    if {name for _, name in found} != set(samples):
        raise ValueError("a sample does not stand in the query as it was given")
    return found


class CompiledModels:
    """A query of model rows, with what `select_related` joins to them and what is annotated."""

    def __init__(self, query: QuerySet[Any, Any], **samples: Any) -> None:
        """samples as for `compiled`. Prefetching is not done: the caller asks for it."""
        compiler = query.query.get_compiler(using=query.db)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:  # nobody's: there are no areas, or the right is not his
            self._asked = Compiled("", ())
            return
        self._asked = Compiled(sql, tuple(parameters), _gaps(parameters, samples))
        self._annotations = compiler.annotation_col_map
        expressions = [part[0] for part in compiler.select[: compiler.col_count]]
        self._compiler, self._converters = compiler, compiler.get_converters(expressions)
        kind = compiler.klass_info
        self._model, places = kind["model"], kind["select_fields"]
        self._first, self._last = places[0], places[-1] + 1
        self._names = [part[0].target.attname for part in compiler.select[self._first : self._last]]
        self._related = get_related_populators(kind, compiler.select, query.db)  # type: ignore[call-arg]  # the stubs are ahead of 5.2
        self._database = query.db

    def rows(self, **values: Any) -> list[Any]:
        """Ask it now."""
        return list(self._built(self._asked.rows(**values))) if self._asked.sql else []

    def _built(self, fetched: list[tuple[Any, ...]]) -> Iterator[Any]:
        rows: Any = fetched
        if self._converters:
            rows = self._compiler.apply_converters(fetched, self._converters)
        for row in rows:
            built = self._model.from_db(self._database, self._names, row[self._first : self._last])
            for populator in self._related:
                populator.populate(row, built)
            for name, place in self._annotations.items():
                setattr(built, name, row[place])
            yield built


_asked: ContextVar[dict[Any, Any] | None] = ContextVar("asked", default=None)


class AskedOnce:
    """While a page is being read (not while something is done), what was asked is not asked again."""

    def __init__(self, *, is_reading: bool) -> None:
        self.is_reading = is_reading

    def __enter__(self) -> None:
        self._token = _asked.set({} if self.is_reading else None)

    def __exit__(self, *error: object) -> None:
        _asked.reset(self._token)


def rows_once(query: Compiled, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query; within one reading of a page they are those of its first asking, whatever the time then."""
    kept = _asked.get()
    if kept is None:
        return query.rows(**values)
    key = (query.sql, query.parameters)
    if key not in kept:
        kept[key] = query.rows(**values)
    return kept[key]  # type: ignore[no-any-return]


def keep_rows(query: Compiled, rows: list[tuple[Any, ...]]) -> None:
    """Within this reading of a page: what `rows_once` shall give, learnt by another question."""
    kept = _asked.get()
    if kept is not None:
        kept[query.sql, query.parameters] = rows
