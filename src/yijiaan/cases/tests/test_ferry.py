"""The ferry of the fast door: concurrent reports share a transaction, and each gets its own answer."""

import threading
from uuid import uuid4

import pytest

from yijiaan.cases import intake_fast
from yijiaan.cases.intake_fast import Ferry


class Shore:
    """Stands in for the database: takes crossings one at a time, refuses what it is told to."""

    def __init__(self, refused=(), known=()):
        self.refused, self.known = set(refused), set(known)
        self.crossings = []
        self.open = threading.Event()
        self.arrived = threading.Event()
        self.open.set()

    def insert(self, many):
        self.arrived.set()
        self.open.wait(10)
        self.crossings.append(len(many))
        if self.refused & set(many):
            raise ValueError("refused")
        return {rows for rows in many if rows not in self.known}


@pytest.fixture
def shore(monkeypatch):
    shore = Shore()
    monkeypatch.setattr(intake_fast, "insert", shore.insert)
    return shore


def send(ferry, reports):
    """Each report from a thread of its own; the answers (or errors) by report."""
    answers = {}

    def go(report):
        try:
            answers[report] = ferry.carry(report, report)
        except ValueError as error:
            answers[report] = error

    threads = [threading.Thread(target=go, args=(report,)) for report in reports]
    for thread in threads:
        thread.start()
    return answers, threads


def test_one_report_alone_crosses_at_once(shore):
    report = uuid4()
    assert Ferry().carry(report, report) is True
    assert shore.crossings == [1]


def test_those_who_wait_cross_together_and_everybody_gets_his_own_answer(shore):
    ferry, reports = Ferry(), [uuid4() for _ in range(30)]
    shore.known = set(reports[5:8])
    shore.open.clear()
    answers, threads = send(ferry, reports[:1])
    shore.arrived.wait(10)
    more, others = send(ferry, reports[1:])
    while len(ferry._waiting) < 29:
        threading.Event().wait(0.01)
    shore.open.set()
    for thread in threads + others:
        thread.join(10)
    assert shore.crossings == [1, 29]
    assert answers | more == {report: report not in shore.known for report in reports}


def test_one_bad_row_fails_alone(shore):
    ferry, reports = Ferry(), [uuid4() for _ in range(6)]
    shore.refused = {reports[3]}
    shore.open.clear()
    answers, threads = send(ferry, reports[:1])
    shore.arrived.wait(10)
    more, others = send(ferry, reports[1:])
    while len(ferry._waiting) < 5:
        threading.Event().wait(0.01)
    shore.open.set()
    for thread in threads + others:
        thread.join(10)
    told = answers | more
    assert isinstance(told.pop(reports[3]), ValueError)
    assert set(told.values()) == {True}
    assert shore.crossings == [1, 5, 1, 1, 1, 1, 1]


def test_under_constant_load_nobody_rows_twice(shore):
    ferry, counted = Ferry(), []
    plain = ferry._row
    ferry._row = lambda: (counted.append(threading.get_ident()), plain())

    def keep_sending():
        for _ in range(40):
            report = uuid4()
            assert ferry.carry(report, report) is True

    threads = [threading.Thread(target=keep_sending) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert sum(shore.crossings) == 8 * 40
    assert len(counted) == len(shore.crossings)
