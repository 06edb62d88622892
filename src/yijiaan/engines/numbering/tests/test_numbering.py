"""Running numbers: unique whoever asks, rising within a process, gaps allowed."""

import threading

import pytest
from django.db import connections, transaction

from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements
from yijiaan.engines.numbering.actions import BLOCK, MOST_BLOCK, forget_blocks, take
from yijiaan.engines.numbering.models import Series

WHO = system("tests")


def test_numbers_begin_at_one_and_rise(db):
    assert take(actor=WHO, series="a") == [1]
    assert take(actor=WHO, series="a", count=3) == [2, 3, 4]
    assert take(actor=WHO, series="b", count=2) == [1, 2]
    assert take(actor=WHO, series="a", count=0) == []


def test_a_block_costs_one_statement(db):
    with assert_statements(1):
        numbers = [take(actor=WHO, series="a")[0] for _ in range(BLOCK)]
    assert numbers == list(range(1, BLOCK + 1))
    with assert_statements(1):
        assert take(actor=WHO, series="a", count=5000) == list(range(BLOCK + 1, BLOCK + 5001))


def test_blocks_grow_in_a_rush_up_to_a_bound(db):
    with assert_statements() as seen:
        numbers = [take(actor=WHO, series="a")[0] for _ in range(8000)]
    assert numbers == list(range(1, 8001))
    assert len(seen) < 8000 / BLOCK / 10
    assert Series.objects.get(name="a").last <= 8000 + MOST_BLOCK


def test_another_process_never_gets_the_same(db):
    first = take(actor=WHO, series="a", count=7)
    forget_blocks()
    second = take(actor=WHO, series="a", count=7)
    assert not set(first) & set(second)
    assert min(second) == BLOCK + 1


def test_a_rolled_back_deed_leaves_a_gap_and_holds_nobody_up(transactional_db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert take(actor=WHO, series="a") == [1]
        raise ZeroDivisionError
    forget_blocks()
    assert take(actor=WHO, series="a") == [BLOCK + 1]


def test_threads_share_without_a_duplicate(transactional_db):
    taken, line = [], threading.Barrier(6)

    def ask():
        line.wait(timeout=10)
        try:
            for turn in range(60):
                taken.extend(take(actor=WHO, series="a", count=1 + turn % 5))
                if turn % 20 == 0:
                    forget_blocks()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(taken) == len(set(taken)) == 6 * 60 * 3
