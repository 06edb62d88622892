"""What a running town holds in memory, after people have worked in it."""

import time

import pytest
from crew import Crew
from running_town import RunningTown

MOST = 700  # MB, of database, worker and web together


@pytest.mark.long
def test_a_running_town_stays_small(town: RunningTown) -> None:
    at_rest = town.memory()
    with Crew(town, 3):
        time.sleep(30)
        at_work = town.memory()
    print("MB at rest", {kind: round(size) for kind, size in at_rest.items()}, round(sum(at_rest.values())))
    print("MB at work", {kind: round(size) for kind, size in at_work.items()}, round(sum(at_work.values())))
    assert sum(at_work.values()) < MOST
