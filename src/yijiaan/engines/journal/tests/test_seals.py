"""The chain of seals: whole when nobody interferes, and naming the row when somebody does."""

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver, record
from yijiaan.engines.journal.models import Delivery, Entry, Seal
from yijiaan.engines.journal.seals import COLUMNS, first_hash, next_hash, verify

COUNTY = "370812"
ACTOR = system("tests", COUNTY)
START = datetime(2026, 11, 23, 1, 42, 7, 123456, tzinfo=UTC)


def write(count: int, county: str = COUNTY) -> list[Entry]:
    return [
        record(
            actor=ACTOR,
            verb="cases.noted",
            county=county,
            subject_type="cases.case",
            subject_id=uuid7(),
            area_code="370812102",
            at=START + timedelta(seconds=number),
            data={"数": number, "b": [1, None], "a": {"z": 1.5, "y": True}},
        )
        for number in range(count)
    ]


def seal_all() -> None:
    while deliver(actor=ACTOR):
        pass


@pytest.fixture
def chain(db):
    Delivery.objects.filter(county=COUNTY).delete()
    entries = write(7)
    seal_all()
    return entries


def test_every_entry_gets_one_link_in_order(chain):
    links = Seal.objects.filter(county=COUNTY).order_by("number")
    assert [link.number for link in links] == [1, 2, 3, 4, 5, 6, 7]
    assert [link.entry_id for link in links] == [entry.id for entry in chain]
    verdict = verify(COUNTY)
    assert (verdict.links, verdict.fault) == (7, "")
    assert verdict.head == bytes(links.last().hash)


@pytest.mark.crosses_counties("a migration is about every county")
def test_what_was_written_before_there_were_seals_gets_its_links_too(db):
    before = write(3) + write(2, "370881")
    Delivery.objects.all().delete()
    migration = import_module("yijiaan.engines.journal.migrations.0003_seal_what_was_written_before")
    later = write(1)
    for _ in range(2):  # those that wait already are left alone
        with connection.cursor() as cursor:
            cursor.execute(migration.FORWARD)
    seal_all()
    assert set(Seal.objects.filter(county=COUNTY).values_list("entry_id", flat=True)) == {
        entry.id for entry in [*before[:3], *later]
    }
    assert [(verify(county).links, verify(county).fault) for county in (COUNTY, "370881")] == [(4, ""), (2, "")]


def test_a_second_batch_goes_on_where_the_first_ended(chain):
    write(3)
    seal_all()
    assert (verify(COUNTY).links, verify(COUNTY).fault) == (10, "")


def test_counties_have_chains_of_their_own(chain):
    write(2, county="370881")
    seal_all()
    assert (verify("370881").links, verify(COUNTY).links) == (2, 7)


CHANGES = {
    "verb": "verb = 'cases.closed'",
    "time": "happened_at = happened_at + interval '1 microsecond'",
    "data": "data = data || '{\"b\": [1, 2]}'",
    "area": "area_code = '370812103'",
    "who": "actor_id = 'somebody'",
    "request": "request_id = gen_random_uuid()",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_row_is_named(chain, change):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE journal_entry SET {change} WHERE county = %s AND id = %s", [COUNTY, chain[3].id])
    verdict = verify(COUNTY)
    assert verdict.links == 3
    assert "第 4 号" in verdict.fault
    assert str(chain[3].id) in verdict.fault


def test_a_removed_link_is_named(chain):
    Seal.objects.filter(county=COUNTY, number=5).delete()
    verdict = verify(COUNTY)
    assert verdict.links == 4
    assert "缺第 5 号" in verdict.fault


def test_an_exchanged_hash_is_named(chain):
    Seal.objects.filter(county=COUNTY, number=2).update(hash=b"x" * 32)
    assert "第 2 号" in verify(COUNTY).fault


def test_the_command_prints_the_head_and_fails_on_a_fault(chain):
    out = StringIO()
    call_command("verify_journal", COUNTY, stdout=out)
    assert out.getvalue().startswith("370812 ")
    assert "第 7 号" in out.getvalue() and "完好" in out.getvalue()
    Seal.objects.filter(county=COUNTY, number=1).update(hash=b"x" * 32)
    with pytest.raises(CommandError):
        call_command("verify_journal", COUNTY, stdout=StringIO())


def test_what_waits_for_its_seal_is_said(chain):
    write(2)
    out = StringIO()
    call_command("verify_journal", COUNTY, stdout=out)
    assert "2 条待封" in out.getvalue()


@given(
    st.dictionaries(
        st.text(max_size=5), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9), max_size=5
    )
)
def test_the_seal_depends_on_content_not_on_the_order_of_keys(data):
    row = (uuid4(), COUNTY, "staff", "1", None, "cases.noted", "cases.case", uuid4(), "370812102", data, START, None)
    turned = json.loads(json.dumps(dict(reversed(data.items()))))
    other = (*row[:9], turned, *row[10:])
    assert next_hash(first_hash(COUNTY), row) == next_hash(first_hash(COUNTY), other)
    assert len(COLUMNS) == len(row)
    assert next_hash(first_hash("370881"), row) != next_hash(first_hash(COUNTY), row)
