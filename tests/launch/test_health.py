import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.jobs.actions import beat
from yijiaan.project import health


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_is_migrated", False)


def ask(view: Callable[[HttpRequest], JsonResponse]) -> tuple[int, dict]:
    answer = view(RequestFactory().get("/"))
    return answer.status_code, json.loads(answer.content)


def test_healthz_needs_no_database() -> None:
    assert ask(health.healthz) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_is_ok_with_database_migrations_and_worker() -> None:
    beat(actor=system("tests"), name="worker")
    with clock.later(timedelta(seconds=7)):
        status, body = ask(health.readyz)
    assert status == 200
    assert body.pop("worker_heartbeat_age") == pytest.approx(7, abs=1)
    assert body == {"status": "ok", "database": "ok", "pending_migrations": 0, "worker": "ok"}


@pytest.mark.django_db
@pytest.mark.parametrize("silence", [None, 31])
def test_readyz_refuses_when_the_worker_is_silent(silence: int | None) -> None:
    if silence:
        with clock.at(clock.now() - timedelta(seconds=silence)):
            beat(actor=system("tests"), name="worker")
    status, body = ask(health.readyz)
    assert (status, body["status"], body["worker"]) == (503, "unavailable", "silent")


@pytest.mark.django_db
def test_readyz_refuses_when_migrations_are_pending() -> None:
    beat(actor=system("tests"), name="worker")
    MigrationRecorder(connection).record_unapplied("jobs", "0002_no_notify_in_data_transactions")
    status, body = ask(health.readyz)
    # what stands on the migration counts as pending too
    assert status == 503
    assert body["pending_migrations"] >= 1


def test_readyz_says_so_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    status, body = ask(health.readyz)
    assert (status, body["database"], body["pending_migrations"]) == (503, "unreachable", None)
