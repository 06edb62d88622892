"""News reaches each subscriber exactly once, whoever fails, is killed, or fetches at the same moment."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal import subscribers
from yijiaan.engines.journal.actions import deliver, record
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.journal.queries import get_oldest_delivery, list_entries_of

WHO = system("tests")
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_subscribers(monkeypatch):
    """Only those that the test names."""
    monkeypatch.setattr(subscribers, "_subscribers", {})
    monkeypatch.setattr(subscribers, "_by_verb", {})


def note(verb="tests.done", county="370812", at=NOW, subject=None):
    return record(
        actor=WHO,
        verb=verb,
        county=county,
        subject_type="tests.thing",
        subject_id=subject or uuid4(),
        area_code=county,
        at=at,
    )


def effect(entry):
    """What a subscriber leaves behind: a deed of its own, in the same transaction."""
    note("tests.heard", entry.county, subject=entry.id)


def heard():
    return sorted(Entry.objects.filter(verb="tests.heard").values_list("subject_id", flat=True))


def test_each_subscriber_hears_its_verbs_once(db):
    calls = []
    subscribers.subscribe("tests.one", ("tests.done", "tests.other"), lambda entry: calls.append(("one", entry.verb)))
    subscribers.subscribe("tests.two", ("tests.done",), lambda entry: calls.append(("two", entry.verb)))
    note()
    note("tests.other")
    note("tests.unheard")
    assert Delivery.objects.count() == 3
    assert (deliver(actor=WHO), deliver(actor=WHO)) == (3, 0)
    assert sorted(calls) == [("one", "tests.done"), ("one", "tests.other"), ("two", "tests.done")]
    assert (Entry.objects.filter(subject_type="tests.thing").count(), Delivery.objects.count()) == (3, 0)


def test_nothing_is_delivered_of_a_deed_that_was_rolled_back(db):
    subscribers.subscribe("tests.one", ("tests.done",), effect)
    with unchanged(Entry, Delivery):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            note()
            raise ZeroDivisionError
        assert deliver(actor=WHO) == 0


def test_one_that_fails_stops_nobody_and_is_tried_again_later_and_later(db):
    tries = []

    def fail(entry):
        effect(entry)
        tries.append(clock.now())
        if len(tries) < 4:
            raise RuntimeError("not yet")

    subscribers.subscribe("tests.bad", ("tests.done",), fail)
    subscribers.subscribe("tests.good", ("tests.done",), effect)
    entry = note()
    for seconds, taken in ((0, 2), (0.5, 0), (1, 1), (2.9, 0), (3, 1), (6.9, 0), (7, 1), (9, 0)):
        with clock.at(NOW + timedelta(seconds=seconds)):
            assert deliver(actor=WHO) == taken, seconds
        owed = Delivery.objects.filter(subscriber="tests.bad").first()
        assert owed is None or (owed.attempts, owed.last_error) == (len(tries), "RuntimeError")
    assert [(moment - NOW).total_seconds() for moment in tries] == [0, 1, 3, 7]
    assert heard() == [entry.id, entry.id]  # the good one's, and the bad one's last: failed tries left nothing


def test_a_clock_set_back_holds_no_news_up(db):
    subscribers.subscribe("tests.one", ("tests.done",), effect)
    entry = note()
    with clock.at(NOW - timedelta(hours=1)):
        assert deliver(actor=WHO) == 1
        assert deliver(actor=WHO) == 0
    assert heard() == [entry.id]


def test_pauses_never_grow_beyond_an_hour(db):
    subscribers.subscribe("tests.bad", ("tests.done",), lambda entry: 1 / 0)
    note()
    Delivery.objects.filter(county="370812").update(attempts=4000)
    with clock.at(NOW):
        deliver(actor=WHO)
    assert Delivery.objects.get().next_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("dies_at", [0, 1, 2])
def test_a_kill_between_leaves_either_both_or_neither(transactional_db, dies_at):
    subscribers.subscribe("tests.one", ("tests.done",), effect)
    entries = sorted(note().id for _ in range(3))

    def killed(entry):
        if entry.id == entries[dies_at]:
            raise SystemExit
        effect(entry)

    subscribers.subscribe("tests.one", ("tests.done",), killed)
    with pytest.raises(SystemExit):
        deliver(actor=WHO)
    assert (heard(), Delivery.objects.count()) == ([], 3)
    subscribers.subscribe("tests.one", ("tests.done",), effect)
    assert deliver(actor=WHO) == 3
    assert (heard(), Delivery.objects.count()) == (entries, 0)


def test_two_consumers_at_once_share_the_work(transactional_db):
    subscribers.subscribe("tests.one", ("tests.done",), effect)
    with transaction.atomic():
        entries = sorted(note(county=county).id for county in ("370812", "370811") for _ in range(60))
    line, taken = threading.Barrier(3), []

    def consume():
        line.wait(timeout=10)
        try:
            for _ in range(20):
                taken.append(deliver(actor=WHO))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=consume) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sum(taken) == 120
    assert heard() == entries
    assert Delivery.objects.count() == 0


def test_a_subscriber_that_is_gone_is_owed_nothing(db):
    subscribers.subscribe("tests.old", ("tests.done",), effect)
    note()
    subscribers._subscribers.clear()
    assert deliver(actor=WHO) == 1
    assert (heard(), Delivery.objects.count()) == ([], 0)


def test_the_timeline_is_newest_first_and_the_oldest_debt_is_known(db):
    subscribers.subscribe("tests.one", ("tests.done",), effect)
    subject = uuid4()
    first, second = (note(at=NOW + timedelta(minutes=minute), subject=subject) for minute in (0, 1))
    assert [entry.id for entry in list_entries_of(WHO, county="370812", subject_id=subject)] == [second.id, first.id]
    assert list_entries_of(WHO, county="370811", subject_id=subject).count() == 0
    assert get_oldest_delivery(WHO).entry_id == first.id
