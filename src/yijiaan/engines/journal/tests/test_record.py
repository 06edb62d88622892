"""Writing entries: one by one, and many at once."""

from uuid import uuid4

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import record, record_many
from yijiaan.engines.journal.models import Delivery, Entry


def test_many_rows_written_at_once_equal_those_written_one_by_one(db):
    who, at, subjects = system("tests"), clock.now(), [uuid4() for _ in range(3)]
    texts = {"card": "red", "climbs": 1, "changed": {"card": ["", 'r"e\\d']}, "字": "红牌，超期"}
    shared = {"verb": "tests.done", "county": "370812", "subject_type": "tests.thing", "at": at}
    for subject in subjects:
        record(actor=who, subject_id=subject, area_code="370812102", data=texts, **shared)
    one_by_one = rows_of_entries()
    Delivery.objects.filter(county="370812").delete()
    Entry.objects.filter(county="370812", verb="tests.done")._raw_delete("default")
    record_many(actor=who, subjects=[(subject, "370812102", texts) for subject in subjects], **shared)
    assert rows_of_entries() == one_by_one
    assert len(one_by_one) == 3 and all(count for *_, count in one_by_one)


def rows_of_entries():
    """Every column but the keys, and how many deliveries are owed."""
    names = [field.attname for field in Entry._meta.concrete_fields if field.attname != "id"]
    return [
        (*(str(getattr(row, name)) for name in names), Delivery.objects.filter(county=row.county, entry=row).count())
        for row in Entry.objects.filter(verb="tests.done").order_by("id")
    ]
