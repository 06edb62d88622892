"""Values about persons in the journal: ciphertext under a key of theirs, unreadable once that key is destroyed."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection

from yijiaan.core.crypto import CannotOpen
from yijiaan.core.errors import NotAllowed
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver, erase_person, record
from yijiaan.engines.journal.models import Delivery, Entry, PersonKey
from yijiaan.engines.journal.queries import personal_values_of
from yijiaan.engines.journal.seals import verify

pytestmark = pytest.mark.django_db
COUNTY = "370812"
ACTOR = system("tests", COUNTY)
SOMEBODY, ANOTHER = uuid7(), uuid7()
AT = datetime(2026, 11, 23, 1, 42, tzinfo=UTC)


def change(person=SOMEBODY, **values):
    return record(
        actor=ACTOR, verb="accounts.user_changed", county=COUNTY, subject_type="accounts.user", subject_id=uuid7(),
        area_code="", at=AT, data={"fields": sorted(values)}, personal=values, person=person,
    )  # fmt: skip


def values_of(*entries):
    kept = list(Entry.objects.filter(county=COUNTY, id__in=[entry.id for entry in entries]).order_by("id"))
    return list(personal_values_of(ACTOR, county=COUNTY, entries=kept).values())


def test_the_row_holds_ciphertext_and_reads_as_written():
    entry = change(phone="13800002217", name="李桂兰")
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM journal_entry WHERE county = %s AND id = %s", [COUNTY, entry.id])
        (stored,) = cursor.fetchone()
    assert "13800002217" not in stored
    assert "李桂兰" not in stored
    assert json.loads(stored)["fields"] == ["name", "phone"]
    assert values_of(entry) == [{"phone": "13800002217", "name": "李桂兰"}]


def test_the_key_of_a_person_is_itself_sealed():
    change(phone="13800002217")
    row = PersonKey.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_sealed FROM journal_person_key WHERE county = %s", [COUNTY])
        assert row.key_sealed.encode() not in bytes(cursor.fetchone()[0])


def test_erasure_takes_the_values_of_one_person_and_leaves_rows_and_seals():
    Delivery.objects.filter(county=COUNTY).delete()
    mine, mine_too, others = change(phone="13800002217"), change(phone="13800002218"), change(ANOTHER, phone="139")
    while deliver(actor=ACTOR):
        pass
    assert erase_person(actor=ACTOR, county=COUNTY, person=SOMEBODY)
    while deliver(actor=ACTOR):
        pass
    assert values_of(mine, mine_too, others) == [None, None, {"phone": "139"}]
    verdict = verify(COUNTY)
    assert (verdict.fault, verdict.links) == ("", 4)
    assert Entry.objects.filter(county=COUNTY, verb="journal.person_erased").count() == 1
    with unchanged(Entry, PersonKey):
        assert not erase_person(actor=ACTOR, county=COUNTY, person=SOMEBODY)
        assert not erase_person(actor=ACTOR, county=COUNTY, person=uuid7())


def test_what_comes_after_the_erasure_is_not_kept():
    change(phone="13800002217")
    erase_person(actor=ACTOR, county=COUNTY, person=SOMEBODY)
    later = change(phone="13800002219")
    assert later.data["personal"] == {"of": str(SOMEBODY), "sealed": ""}
    assert values_of(later) == [None]


def test_values_moved_to_another_row_do_not_open():
    first, second = change(phone="13800002217"), change(phone="13800002218")
    second.data = first.data
    with pytest.raises(CannotOpen):
        personal_values_of(ACTOR, county=COUNTY, entries=[second])


def test_personal_values_need_their_person_and_erasure_its_permission():
    with unchanged(Entry, PersonKey), pytest.raises(ValueError, match="person"):
        change(None, phone="1")
    change(phone="1")
    with unchanged(Entry, PersonKey), pytest.raises(NotAllowed):
        erase_person(actor=Actor(kind=ActorKind.PUBLIC, identity="web"), county=COUNTY, person=SOMEBODY)
