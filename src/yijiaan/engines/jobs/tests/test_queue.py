import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from procrastinate import testing
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.jobs import app as jobs_app
from yijiaan.engines.jobs import pumps, queue
from yijiaan.engines.jobs.actions import beat
from yijiaan.engines.jobs.app import periodic, task
from yijiaan.engines.jobs.jobs import retry_stalled_jobs
from yijiaan.engines.jobs.models import Heartbeat

done: list[str] = []


def apart(deed: Callable[[], Any]) -> Any:
    """Run in a thread of its own: a browser test in this process may keep an event loop in ours."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(deed).result(30)


@task
def note(word: str) -> None:
    """A job for these tests."""
    done.append(word)


@pytest.mark.django_db
def test_insert_trigger_that_notifies_is_disabled() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'procrastinate_jobs'::regclass AND tgenabled <> 'D'"
            " AND tgfoid = 'procrastinate_notify_queue_job_inserted_v1'::regproc"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_a_job_is_queued_with_its_transaction_or_not_at_all() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue.defer(note, word="gone")
        raise ZeroDivisionError
    with transaction.atomic():
        queue.defer(note, word="kept")
    assert [job.args for job in ProcrastinateJob.objects.all()] == [{"word": "kept"}]


@pytest.mark.django_db(transaction=True)
def test_worker_is_woken_after_commit_and_not_more_than_every_100_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([10.0, 10.05, 10.2])
    monkeypatch.setattr(queue, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    monkeypatch.setattr(queue, "_last", float("-inf"))
    told = []
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {queue.CHANNEL}")
    with transaction.atomic():
        queue.defer(note, word="first")
        connection.connection.add_notify_handler(lambda sign: told.append(sign.payload))
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert told == []
    for _ in range(2):
        queue.wake()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert told == [queue.SIGN, queue.SIGN]


def test_a_deferred_job_runs_with_its_arguments() -> None:
    done.clear()
    memory = testing.InMemoryConnector()
    with app.replace_connector(memory) as replaced:
        apart(lambda: note.defer(word="hello"))
        apart(lambda: replaced.run_worker(wait=False, install_signal_handlers=False))
    assert done == ["hello"]


def test_names_of_jobs_come_from_their_app() -> None:
    @periodic("5 3 * * *")
    def count_something() -> None:
        done.append("counted")

    name = f"{__name__.rpartition('.')[2]}.count_something"
    assert app.tasks[name].queueing_lock == name
    assert [each.cron for each in app.periodic_registry.periodic_tasks.values() if each.task.name == name] == [
        "5 3 * * *"
    ]
    app.tasks[name].func(timestamp=0)
    assert done[-1] == "counted"


def test_a_timed_job_that_loses_the_database_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    failures: list[Exception] = [OperationalError("gone"), InterfaceError("gone"), ZeroDivisionError()]
    monkeypatch.setattr(jobs_app, "time", SimpleNamespace(sleep=pauses.append))
    monkeypatch.setattr(jobs_app, "close_old_connections", lambda: None)

    @periodic("6 3 * * *")
    def count_again() -> None:
        if failures:
            raise failures.pop(0)
        done.append("counted")

    job = app.tasks[f"{__name__.rpartition('.')[2]}.count_again"]
    with pytest.raises(ZeroDivisionError):
        job.func(timestamp=0)
    assert pauses == [1, 2]
    failures[:] = [OperationalError("gone")] * 9
    with pytest.raises(OperationalError):
        job.func(timestamp=0)
    assert pauses[2:] == list(jobs_app.PAUSES)


def test_a_stalled_job_whose_next_run_waits_makes_way_and_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = testing.InMemoryConnector()

    async def scene() -> list[tuple[str, str]]:
        with app.replace_connector(memory) as replaced:
            first = await note.configure(queueing_lock="note").defer_async(word="first")
            await note.defer_async(word="other")
            worker = await replaced.job_manager.register_worker()
            for _ in range(2):
                await replaced.job_manager.fetch_job(queues=None, worker_id=worker)
            memory.workers[worker] -= timedelta(minutes=1)
            await note.configure(queueing_lock="note").defer_async(word="next")

            async def refuse(job: Any, **more: Any) -> None:
                # PostgreSQL does this by a unique index, the memory of the tests does not
                if job.id == first:
                    raise UniqueViolation(
                        "", constraint_name="procrastinate_jobs_queueing_lock_idx", queueing_lock="note"
                    )
                await retry(job, **more)

            retry = replaced.job_manager.retry_job
            monkeypatch.setattr(replaced.job_manager, "retry_job", refuse)
            await retry_stalled_jobs.func(timestamp=0)
            return [(job["args"]["word"], job["status"]) for job in memory.jobs.values()]

    assert apart(lambda: asyncio.run(scene())) == [("other", "todo"), ("next", "todo")]


def test_jobs_of_a_killed_worker_are_retried() -> None:
    memory = testing.InMemoryConnector()

    async def scene() -> str:
        with app.replace_connector(memory) as replaced:
            number = await note.defer_async(word="again")
            worker = await replaced.job_manager.register_worker()
            await replaced.job_manager.fetch_job(queues=None, worker_id=worker)
            assert memory.jobs[number]["status"] == "doing"
            memory.workers[worker] -= timedelta(minutes=1)
            await retry_stalled_jobs.func(timestamp=0)
            return str(memory.jobs[number]["status"])

    assert apart(lambda: asyncio.run(scene())) == "todo"


@pytest.mark.django_db
def test_heartbeat_is_one_row_per_process() -> None:
    beat(actor=system("tests"), name="worker")
    with clock.later(timedelta(seconds=5)):
        beat(actor=system("tests"), name="worker")
        assert Heartbeat.objects.get().age < timedelta(seconds=1)


@pytest.mark.django_db
def test_a_pump_goes_on_at_once_while_there_is_work_and_pauses_after_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[int | Exception] = [2, 1, 0, ValueError("bug"), ValueError("bug"), 0]
    answers += [*[OperationalError("gone")] * 4, 0]
    pauses: list[float] = []
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda seconds: pauses.append(seconds))
    monkeypatch.setattr(pumps, "close_old_connections", lambda: None)
    monkeypatch.setattr(pumps.connections, "close_all", lambda: None)

    def pump() -> int:
        answer = answers.pop(0)
        if not answers:
            stop.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    pumps.run("test", pump, stop)
    assert pauses == [1.0, 2.0, 4.0, 1.0, 2.0, 4.0, 4.0, 4.0, 1.0]


def test_the_journal_is_pumped() -> None:
    assert "journal" in pumps.registered()
