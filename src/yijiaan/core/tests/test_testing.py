import os
import subprocess
import sys

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import isolate_apps

from yijiaan.core import testing
from yijiaan.core.county import CountyModel
from yijiaan.core.errors import NotAllowed, NotFound
from yijiaan.core.scope import Actor, ActorKind

STAFF = Actor(kind=ActorKind.STAFF, identity="1", permissions=frozenset({"x.do", "x.see"}))
STRANGER = Actor(kind=ActorKind.STAFF, identity="2")


@pytest.fixture
def thing(db):
    with isolate_apps("yijiaan.core"):

        class Thing(CountyModel):
            """Something."""

            class Meta:
                app_label = "core"

        with connection.schema_editor() as editor:
            editor.create_model(Thing)
        yield Thing


def test_the_lint_reads_what_a_test_runs(thing):
    row = thing.objects.create(county="370812")
    with testing.linted_statements(["core_thing"]) as lint:
        thing.objects.filter(pk=row.pk).update(county="370812")
        thing.objects.filter(pk=row.pk, county="370812").select_for_update().first()
        thing.objects.filter(pk=row.pk).select_for_update().first()
    assert len(lint.found) == 3
    said = "\n".join(lint.found)
    for problem in ("update of core_thing without county", "sets county", "lock on core_thing without county"):
        assert problem in said
    assert "test_testing.py" in said


def test_a_statement_is_read_once(monkeypatch):
    read = []
    monkeypatch.setattr(testing.StatementLint, "known", {})
    monkeypatch.setattr(testing.linting, "query_problems", lambda sql, big: read.append(sql) or [])
    lint = testing.StatementLint(["core_thing"])
    for _ in range(3):
        lint.problems("SELECT 1 FROM core_thing WHERE id IN (%s, %s)")
    lint.problems("SELECT 1 FROM core_thing WHERE id IN (%s, %s, %s)")
    assert read == ["SELECT 1 FROM core_thing WHERE id IN (%s)"]


SEEDED = """
import pytest
from django.db import connection
from yijiaan.core import linting

@pytest.fixture(autouse=True)
def seeded(monkeypatch, statements_name_their_county):
    monkeypatch.setattr(linting, "query_problems", lambda sql, big: ["a seeded problem"])

def ask():
    for wrapper in connection.execute_wrappers:
        wrapper(lambda *asked: None, "SELECT 'fixture'", None, False, {})

def test_fails():
    ask()

@pytest.mark.crosses_counties("to see the excuse")
def test_excused():
    ask()

@pytest.mark.crosses_counties
def test_without_reason():
    pass
"""


def test_the_fixture_fails_a_test_and_the_marker_excuses_it(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["yijiaan.core.testing"]\n')
    (tmp_path / "test_seeded.py").write_text(SEEDED)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "200"},
    )
    said = done.stdout + done.stderr
    assert "ERROR test_seeded.py::test_fails - Failed: a seeded problem" in said
    assert "ERROR test_seeded.py::test_without_reason - Failed: crosses_counties needs its reason" in said
    assert "2 passed, 2 errors" in said


def test_statements_are_counted_without_savepoints(thing):
    with testing.assert_statements(2) as seen, transaction.atomic():
        thing.objects.create(county="370812")
        thing.objects.count()
    assert seen[0].startswith("INSERT")
    with pytest.raises(AssertionError, match="1 statements instead of 2"), testing.assert_statements(2):
        thing.objects.count()
    with pytest.raises(AssertionError, match="instead of at most 0"), testing.assert_statements(at_most=0):
        thing.objects.count()


def test_unchanged_notices_every_kind_of_change(thing):
    with testing.unchanged(thing):
        thing.objects.count()
    row = thing.objects.create(county="370812")
    for change in (
        lambda: thing.objects.create(county="370812"),
        lambda: thing.objects.filter(pk=row.pk).update(county="370881"),
        lambda: thing.objects.all().delete(),
    ):
        with pytest.raises(AssertionError, match="core.Thing"), testing.unchanged(thing):
            change()


def deed(*, actor, name):
    if actor.identity != "1":
        raise NotFound
    actor.require("x.do")
    return name


def test_refusals_are_checked(thing):
    testing.check_refusals(deed, stranger=STRANGER, unprivileged=testing.without(STAFF), tables=(thing,), name="甲")

    def open_deed(*, actor):
        return actor

    with pytest.raises(pytest.fail.Exception):
        testing.check_refusals(open_deed, stranger=STRANGER, tables=(thing,))

    def leaky(*, actor):
        thing.objects.create(county="370812")
        raise NotFound

    with pytest.raises(AssertionError):
        testing.check_refusals(leaky, stranger=STRANGER, tables=(thing,))


def test_actors_with_more_and_fewer_permissions():
    assert testing.without(STAFF, "x.do").permissions == {"x.see"}
    assert testing.without(STAFF).permissions == frozenset()
    assert testing.holding(STRANGER, "x.do").may("x.do")
    with pytest.raises(NotAllowed):
        testing.without(STAFF, "x.do").require("x.do")


def test_pages_behind_the_sign_in():
    class FakeClient:
        def __init__(self, answer):
            self.answer = answer

        def get(self, path):
            return self.answer

    away = HttpResponse(status=302)
    away["Location"] = "/signin/?next=/cases/"
    testing.check_needs_sign_in(FakeClient(away), "/cases/")
    with pytest.raises(AssertionError, match="answered 200"):
        testing.check_needs_sign_in(FakeClient(HttpResponse()), "/cases/")
