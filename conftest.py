"""The test database: one template per state of the migrations, one clone of it per pytest process."""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg.sql import SQL, Identifier

from tests.memory import forget_everything
from yijiaan.accounts.actions import load_default_roles
from yijiaan.cases.actions import load_default_categories
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.worktime.actions import load_default_calendar
from yijiaan.engines.worktime.queries import current

pytest_plugins = ["yijiaan.core.testing", "tests.browsers"]

ROOT = Path(__file__).resolve().parent
SOURCE = ROOT / "src" / "yijiaan"
GATE = 0x79_6A_61  # advisory lock that lets one process at a time make templates and clones


def pytest_configure() -> None:
    """Refuse to run on anything but test settings."""
    if not settings.TESTING:
        raise pytest.UsageError("YIJIAAN_TESTING=1 must be set; ./test sets it")
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder


class TestDatabase:
    """Templates and clones, named after the database of DATABASE_URL so that working copies keep apart."""

    __test__ = False

    def __init__(self) -> None:
        self.base = settings.DATABASES["default"]["NAME"]
        self.clone = f"{self.base}_run{os.getpid()}"

    def set_up(self) -> None:
        """Make the clone and point Django at it."""
        with self._admin() as admin:
            self._sweep(admin)
            schema = self._template(admin, "schema", _digest(_migrations()), None)
            filled = self._template(admin, "filled", _digest([*_migrations(), *_contents()]), schema)
            self._create(admin, self.clone, filled)
        self._filled = filled
        _point_at(self.clone)

    def renew(self) -> None:
        """Replace the clone by a fresh one: quicker than emptying tables, and the reference data is there again."""
        connections.close_all()
        with self._admin() as admin:
            self._drop(admin, self.clone)
            self._create(admin, self.clone, self._filled)

    def tear_down(self) -> None:
        """Drop the clone."""
        connections.close_all()
        with self._admin() as admin:
            self._drop(admin, self.clone)

    def _admin(self) -> psycopg.Connection:
        parameters = connections["default"].get_connection_params()
        wanted = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
        connection = psycopg.connect(**wanted, dbname=self.base, autocommit=True)
        connection.execute("select pg_advisory_lock(%s)", [GATE])
        return connection

    def _template(self, admin: psycopg.Connection, kind: str, digest: str, source: str | None) -> str:
        name = f"{self.base}_{kind}_{digest}"
        if _names(admin, name):
            return name
        for old in _names(admin, f"{self.base}_{kind}_%"):
            self._drop(admin, old)
        building = f"{self.base}_run{os.getpid()}_new"
        self._create(admin, building, source)
        _point_at(building)
        if source is None:
            call_command("migrate", verbosity=0, interactive=False)
        else:
            call_command("load_divisions", verbosity=0)
            load_default_roles(actor=system("tests"))
            load_default_categories(actor=system("tests"))
            load_default_calendar(actor=system("tests"))
            while deliver(actor=system("tests")):  # so that no test meets news of the reference data
                pass
        connections.close_all()
        admin.execute(SQL("alter database {} rename to {}").format(Identifier(building), Identifier(name)))
        return name

    def _sweep(self, admin: psycopg.Connection) -> None:
        """Drop what killed runs left behind."""
        for name in _names(admin, f"{self.base}_run%"):
            pid = name.removeprefix(f"{self.base}_run").split("_")[0]
            if pid.isdigit() and not _is_alive(int(pid)):
                self._drop(admin, name)

    def _create(self, admin: psycopg.Connection, name: str, template: str | None) -> None:
        self._drop(admin, name)
        source = Identifier(template or "template0")
        admin.execute(SQL("create database {} template {}").format(Identifier(name), source))

    def _drop(self, admin: psycopg.Connection, name: str) -> None:
        # a vacuum of the server's own may be inside, which only its owner may end: it goes by itself
        for _ in range(100):
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))
                return
            time.sleep(0.2)
        raise AssertionError(f"{name} is still in use")


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def _names(admin: psycopg.Connection, pattern: str) -> list[str]:
    like = pattern.replace("_", r"\_")
    return [name for (name,) in admin.execute("select datname from pg_database where datname like %s", [like])]


def _point_at(name: str) -> None:
    connections.close_all()
    for alias in connections:
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def _migrations() -> list[Path]:
    return [*SOURCE.rglob("migrations/*.py"), *SOURCE.rglob("*.sql"), ROOT / "requirements" / "base.txt"]


def _contents() -> list[Path]:
    """What the reference data is made from."""
    code = [path for path in SOURCE.rglob("*.py") if "tests" not in path.parts]
    return [*code, Path(__file__), *(path for path in SOURCE.rglob("data/**/*") if path.is_file())]


def _digest(paths: list[Path]) -> str:
    whole = hashlib.sha256(repr(settings.INSTALLED_APPS).encode())
    for path in sorted(set(paths)):
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Replaces pytest-django's own: see TestDatabase."""
    database = TestDatabase()
    with django_db_blocker.unblock():
        database.set_up()
    original = TransactionTestCase._fixture_teardown
    aliases = TransactionTestCase.databases
    # a committing test ends with a fresh clone instead of empty tables; it may use every connection
    TransactionTestCase._fixture_teardown = lambda test: database.renew()
    TransactionTestCase.databases = frozenset(settings.DATABASES)
    yield
    TransactionTestCase._fixture_teardown = original
    TransactionTestCase.databases = aliases
    with django_db_blocker.unblock():
        database.tear_down()


@pytest.fixture(autouse=True)
def one_connection(request: pytest.FixtureRequest) -> Iterator[None]:
    """In a test that is rolled back every alias is the one connection, so that all of it is rolled back."""
    wants = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if not wants and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    default = connections["default"]
    if not default.in_atomic_block:
        yield
        return
    others = {alias: connections[alias] for alias in connections if alias != "default"}
    for alias in others:
        connections[alias] = default
    yield
    for alias, connection in others.items():
        connections[alias] = connection


# a look at the version of the calendar every few seconds would be one statement more in a slow test
current.CHECK_EVERY = 3600.0


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test finds what another one cached, or what the process remembers of rows that were rolled back."""
    yield
    forget_everything()


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files that a test stores lie in a folder of this run."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "files"
