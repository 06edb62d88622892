"""What every test may use: the query lint on each statement, and the shared checks of deeds and pages.

A pytest plugin, switched on by the root `conftest.py`. A test that must run a statement across counties says why:
`@pytest.mark.crosses_counties("recomputes the figures of all counties")`.
"""

import contextlib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from yijiaan.core import linting
from yijiaan.core.errors import NotAllowed, NotFound
from yijiaan.core.scope import Actor

_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET CONSTRAINTS")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "crosses_counties(reason): runs statements over big tables that name no county")


class StatementLint:
    """An execute_wrapper that reads each distinct statement once."""

    known: dict[tuple[str, frozenset[str]], list[str]] = {}  # noqa: RUF012 - shared by all tests of a process on purpose

    def __init__(self, distributed: list[str]) -> None:
        self.distributed = frozenset(distributed)
        self.found: list[str] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str):
            for problem in self.problems(sql):
                self.found.append(f"{problem}\n    {sql[:600]}\n    {_asked_by()}")
        return execute(sql, params, many, context)

    def problems(self, sql: str) -> list[str]:
        """What is wrong with a statement; twins that differ only in the length of lists are read once."""
        shape = (linting.same_shape(sql), self.distributed)
        if shape not in self.known:
            self.known[shape] = linting.query_problems(*shape)
        return self.known[shape]


@contextlib.contextmanager
def linted_statements(distributed: list[str] | None = None) -> Iterator[StatementLint]:
    """Read every statement of this thread; `.found` lists what is wrong."""
    lint = StatementLint(linting.tables_of("distributed") if distributed is None else distributed)
    with contextlib.ExitStack() as stack:
        for connection in _distinct_connections():
            stack.enter_context(connection.execute_wrapper(lint))
        yield lint


@pytest.fixture(autouse=True)
def statements_name_their_county(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test whose statements a cluster would refuse."""
    marker = request.node.get_closest_marker("crosses_counties")
    if marker is not None:
        if not marker.args or not str(marker.args[0]).strip():
            pytest.fail("crosses_counties needs its reason")
        yield
        return
    with linted_statements() as lint:
        yield
    if lint.found:
        pytest.fail("\n".join(dict.fromkeys(lint.found)), pytrace=False)


@contextlib.contextmanager
def assert_statements(exactly: int | None = None, *, at_most: int | None = None) -> Iterator[list[str]]:
    """Count the SQL statements inside, without BEGIN, COMMIT and SAVEPOINT. Gives the list of them."""
    seen: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).lstrip().upper().startswith(_CONTROL):
            seen.append(str(sql))
        return execute(sql, params, many, context)

    with contextlib.ExitStack() as stack:
        for connection in _distinct_connections():
            stack.enter_context(connection.execute_wrapper(note))
        yield seen
    wrong = (exactly is not None and len(seen) != exactly) or (at_most is not None and len(seen) > at_most)
    if wrong:
        wanted = exactly if exactly is not None else f"at most {at_most}"
        raise AssertionError(f"{len(seen)} statements instead of {wanted}:\n" + "\n".join(seen))


@contextlib.contextmanager
def unchanged(*tables: type[models.Model]) -> Iterator[None]:
    """Assert that no row of these models came, went or changed inside."""
    before = [_rows(model) for model in tables]
    yield
    for model, rows in zip(tables, before, strict=True):
        now = _rows(model)
        assert now == rows, f"{model._meta.label}: {len(rows)} rows before, {len(now)} now, or a value changed"


def without(actor: Actor, *permissions: str) -> Actor:
    """The same actor lacking these permissions (all of them, when none is named)."""
    return replace(actor, permissions=actor.permissions - set(permissions) if permissions else frozenset())


def holding(actor: Actor, *permissions: str) -> Actor:
    """The same actor with these permissions too."""
    return replace(actor, permissions=actor.permissions | set(permissions))


def check_refusals(
    deed: Callable[..., Any],
    *,
    stranger: Actor,
    unprivileged: Actor | None = None,
    tables: tuple[type[models.Model], ...],
    **values: Any,
) -> None:
    """The two refusals of every action: whoever cannot see the object hears NotFound, whoever lacks the permission
    hears NotAllowed, and nothing changes in these tables. values are the other arguments of the deed."""
    with unchanged(*tables), pytest.raises(NotFound):
        deed(actor=stranger, **values)
    if unprivileged is not None:
        with unchanged(*tables), pytest.raises(NotAllowed):
            deed(actor=unprivileged, **values)


def check_needs_sign_in(client: Client, *paths: str) -> None:
    """Who has not signed in is sent to the sign-in page and comes back from there."""
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 302, f"{path} answered {answer.status_code} to a stranger"
        assert answer["Location"].startswith(str(settings.LOGIN_URL)), path


def _distinct_connections() -> list[BaseDatabaseWrapper]:
    """Several aliases may share one connection in tests."""
    return list({id(one): one for one in connections.all()}.values())


def _rows(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """All rows as stored: managers may hide some, and sealed values stay sealed."""
    connection = connections["default"]
    table, key = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY {key}")  # noqa: S608 - names of our own models
        return cursor.fetchall()


def _asked_by() -> str:
    """The nearest line of ours that led to the statement."""
    for frame in reversed(traceback.extract_stack()):
        if "yijiaan" in frame.filename and not frame.filename.endswith("core/testing.py"):
            return f"{frame.filename}:{frame.lineno} {frame.name}"
    return ""
