"""Somebody pulls the plug, again and again, while people work: no half deed, no lost job, no second notice, the chain unbroken."""

import os
import random
import signal
import time
from collections import Counter

import load
import psycopg
import pytest
import soundness
from crew import Crew
from running_town import RunningTown

KILLS = int(os.environ.get("YIJIAAN_KILLS") or 64)
SEED = int(os.environ.get("YIJIAAN_SEED") or 20261124)
LOOK_EVERY = 8
# how long a process lives before it may be hit again: one that dies young is started with growing pauses
AT_LEAST = {"worker": 10.5, "web": 10.5, "web worker": 1.0, "database": 1.0, "backend": 1.0}
JOBS_EACH = 3


def queue_jobs(town: RunningTown) -> list[int]:
    """Harmless jobs of the product, put into the queue in one transaction; a database that is down takes none."""
    try:
        with town.connect() as given:
            return [
                row[0]
                for row in given.execute(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT 'default', 'cases.close_unanswered_callbacks',"
                    " '{\"timestamp\": 0}' FROM generate_series(1, %s) RETURNING id",
                    [JOBS_EACH],
                ).fetchall()
            ]
    except psycopg.Error:
        return []


def look(town: RunningTown) -> list[str]:
    """Every rule, in one snapshot; a look that is itself hit by a kill is taken again."""
    for _ in range(10):
        try:
            with town.connect() as given:
                return soundness.problems(given)
        except psycopg.OperationalError:
            time.sleep(1)
    raise AssertionError("the database does not stay up")


def kill_them(town: RunningTown, chance: random.Random, jobs: list[int]) -> Counter[str]:
    """The kills, each kind in its turn; between them the town is looked at while people go on working."""
    killed: Counter[str] = Counter()
    born: dict[int, float] = {}
    bag: list[str] = []
    while sum(killed.values()) < KILLS:
        if not bag:
            bag = list(AT_LEAST)
            chance.shuffle(bag)
        kind = bag.pop()
        time.sleep(chance.uniform(0.3, 4.0))
        pid = victim(town, kind, born, chance)
        jobs += queue_jobs(town)
        time.sleep(chance.uniform(0, 0.3))
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[kind] += 1
        if sum(killed.values()) % LOOK_EVERY == 0:
            assert look(town) == [], f"after {killed}, seed {SEED}"
    return killed


def victim(town: RunningTown, kind: str, born: dict[int, float], chance: random.Random) -> int:
    """A process of a kind that has lived long enough to be hit again."""
    end = time.monotonic() + 120
    while True:
        now = time.monotonic()
        living = town.pids()
        for pid in [pid for pids in living.values() for pid in pids]:
            born.setdefault(pid, now)
        able = [pid for pid in living[kind] if now - born[pid] >= AT_LEAST[kind]]
        if able:
            return chance.choice(able)
        assert now < end, f"{kind} does not come back: {''.join(town.said[-10:])}"
        time.sleep(0.1)


def quiet(town: RunningTown) -> None:
    """Until the worker has caught up."""
    end = time.monotonic() + 180
    while True:
        with town.connect() as given:
            owed = given.execute("SELECT count(*) FROM journal_delivery").fetchone()[0]
            jobs = given.execute(
                "SELECT id, status::text, task_name, attempts FROM procrastinate_jobs"
                " WHERE status IN ('doing', 'todo') AND coalesce(scheduled_at, 'epoch') < now() - interval '5 seconds'"
            ).fetchall()
        if not owed and not jobs:
            return
        assert time.monotonic() < end, f"{owed} deliveries and these jobs are left: {jobs[:10]}"
        time.sleep(1)


def missing(town: RunningTown, answered: load.Answered) -> list[str]:
    """What was acknowledged and is not there."""
    with town.connect() as given:
        kept = dict(given.execute("SELECT client_key::text, number FROM report").fetchall())
        deeds = Counter(
            given.execute(
                "SELECT e.verb, c.number FROM journal_entry e JOIN cases_case c ON c.county = e.county AND c.id = e.subject_id"
            ).fetchall()
        )
        rated = given.execute("SELECT count(*) FROM rating").fetchone()[0]
    lost = [f"report {number}" for key, number in answered.reports.items() if kept.get(key) != number]
    lost += [f"{verb} {number}" for verb, number in Counter(answered.deeds) - deeds]
    lost += [f"{len(answered.ratings) - rated} ratings"] if rated < len(answered.ratings) else []
    return lost


@pytest.mark.long
def test_nothing_is_lost_or_half_done_when_processes_are_killed(town: RunningTown) -> None:
    chance = random.Random(SEED)
    jobs: list[int] = []
    with Crew(town, SEED) as crew:
        killed = kill_them(town, chance, jobs)
        town.wait_until_ready()
        time.sleep(3)
    answered = crew.answered
    quiet(town)
    assert look(town) == []
    assert missing(town, answered) == []
    assert answered.surprises == []
    with town.connect() as given:
        failed = given.execute(
            "SELECT id, status::text, task_name FROM procrastinate_jobs WHERE status NOT IN ('todo', 'succeeded')"
        ).fetchall()
        still = given.execute("SELECT count(*) FROM procrastinate_jobs WHERE id = ANY(%s)", [jobs]).fetchone()[0]
    assert failed == []
    assert still == 0, f"of {len(jobs)} jobs {still} were not done"
    verified = town.command("verify-journal")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    counts = Counter(verb for verb, _ in answered.deeds)
    print(
        f"{sum(killed.values())} kills {dict(killed)}, {len(answered.reports)} reports ({answered.replays} asked twice,"
        f" {answered.lost} answers lost), {dict(counts)}, {len(answered.ratings)} ratings, {len(jobs)} jobs"
    )
    assert sum(killed.values()) >= KILLS
    assert all(killed[kind] >= KILLS // len(AT_LEAST) for kind in AT_LEAST), killed
    assert len(answered.reports) >= 5 * KILLS
    assert answered.lost
    assert answered.replays
    assert all(counts[verb] >= KILLS for verb in ("cases.dispatched", "cases.signed", "cases.finished")), counts
    assert town.stop() == 0
