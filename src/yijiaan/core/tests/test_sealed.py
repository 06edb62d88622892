import json
import threading

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test.utils import isolate_apps

from yijiaan.core import crypto, keys
from yijiaan.core.county import CountyModel
from yijiaan.core.sealed import Sealed, SealedField, SearchHashField, reseal


@pytest.fixture
def two_keys():
    """The keys of the tests and a newer one that is current."""
    held = keys.ring()
    keys.use(keys.KeyRing("00000002", {**held.seal, "00000002": bytes(range(100, 116))}, held.search))
    yield held
    keys.use(None)


def test_what_is_sealed_opens_again():
    assert crypto.unseal(crypto.seal("张三，电话 13800000000")) == "张三，电话 13800000000"


def test_the_same_text_is_sealed_differently_each_time():
    assert crypto.seal("张三") != crypto.seal("张三")


def test_a_value_moved_to_another_column_does_not_open():
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(crypto.seal("张三", "a.name"), "b.name")


@pytest.mark.parametrize("place", [5, 20, 40])
def test_a_changed_byte_does_not_open(place):
    sealed = bytearray(crypto.seal("张三住在高吴桥村"))
    sealed[place] ^= 1
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(bytes(sealed))


def test_garbage_does_not_open():
    for garbage in (b"", b"\x01", b"plain text that was never sealed at all"):
        with pytest.raises(crypto.CannotOpen):
            crypto.unseal(garbage)


def test_a_missing_key_is_named():
    sealed = b"\x01" + bytes.fromhex("deadbeef") + crypto.seal("张三")[5:]
    with pytest.raises(crypto.CannotOpen, match="deadbeef"):
        crypto.unseal(sealed)


def test_old_keys_still_open_after_rotation(two_keys):
    keys.use(two_keys)
    old = crypto.seal("张三")
    made = keys.rotate()
    assert crypto.unseal(old) == "张三"
    assert crypto.key_identifier(crypto.seal("张三")) == made != crypto.key_identifier(old)


def test_search_hash_is_stable_under_rotation_and_differs_by_purpose():
    before = crypto.search_hash("phone", "13800000000")
    keys.rotate()
    try:
        assert crypto.search_hash("phone", "13800000000") == before
        assert crypto.search_hash("id", "13800000000") != before
        assert len(before) == 16
    finally:
        keys.use(None)


def test_threads_seal_side_by_side():
    opened = []

    def work(number):
        opened.extend(crypto.unseal(crypto.seal(f"{number}-{turn}")) for turn in range(50))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == sorted(f"{number}-{turn}" for number in range(4) for turn in range(50))


@pytest.fixture
def key_file(tmp_path, settings, monkeypatch):
    settings.TESTING = False
    settings.KEYS_FILE = tmp_path / "deep" / "keys.json"
    monkeypatch.delenv("YIJIAAN_KEYS", raising=False)
    keys.use(None)
    yield settings.KEYS_FILE
    keys.use(None)


def test_the_key_file_is_made_once_for_its_owner_alone(key_file):
    first = keys.ring()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]
    assert keys.refresh() == first


def test_processes_that_start_together_hold_the_same_keys(key_file):
    keys._make(key_file)
    before = key_file.read_text()
    keys._make(key_file)
    assert key_file.read_text() == before


def test_rotation_reaches_the_file_and_other_processes(key_file):
    sealed = crypto.seal("张三")
    elsewhere = keys.ring()
    made = keys.rotate()
    assert json.loads(key_file.read_text())["current"] == made
    assert key_file.stat().st_mode & 0o777 == 0o600
    fresh = crypto.seal("李四")
    keys.use(elsewhere)  # another process that has not noticed
    assert crypto.unseal(fresh) == "李四"
    assert crypto.unseal(sealed) == "张三"


def test_rotations_at_the_same_time_lose_no_key(key_file):
    keys.ring()
    threads = [threading.Thread(target=keys.rotate) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads(key_file.read_text())["seal"]) == 6


def test_a_key_file_that_others_can_read_is_refused(key_file):
    keys.ring()
    key_file.chmod(0o644)
    keys.use(None)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        keys.ring()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"current": "x", "seal": {}, "search": "00"}'])
def test_a_broken_key_file_is_said(key_file, text):
    key_file.parent.mkdir()
    key_file.write_text(text)
    key_file.chmod(0o600)
    with pytest.raises(ImproperlyConfigured, match=r"keys\.json"):
        keys.ring()


def test_keys_may_come_from_the_environment(key_file, monkeypatch):
    given = keys.KeyRing("0000000a", {"0000000a": bytes(16)}, bytes(32))
    monkeypatch.setenv("YIJIAAN_KEYS", given.as_json())
    assert keys.ring() == given
    assert not key_file.exists()
    with pytest.raises(ImproperlyConfigured):
        keys.rotate()


@pytest.fixture
def person(db):
    with isolate_apps("yijiaan.core"):

        class Person(CountyModel):
            """Somebody."""

            phone = SealedField("手机")
            phone_search = SearchHashField("手机检索", purpose="phone")
            note = SealedField("备注", null=True)

            class Meta:
                app_label = "core"

        with connection.schema_editor() as editor:
            editor.create_model(Person)
        yield Person


def stored(model):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT phone FROM {model._meta.db_table}")
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_a_sealed_field_is_text_in_python_and_sealed_in_the_table(person):
    row = person.objects.create(county="370812", phone="13800000000", phone_search="13800000000")
    assert b"13800000000" not in stored(person)[0]
    assert row.phone == person.objects.get().phone == "13800000000"
    assert person.objects.get().note is None
    assert row.phone_search == crypto.search_hash("phone", "13800000000")


def test_it_is_found_by_its_search_column(person):
    row = person.objects.create(county="370812", phone="13800000000", phone_search="13800000000")
    assert person.objects.get(phone_search="13800000000") == row
    assert person.objects.get(phone_search=crypto.search_hash("phone", "13800000000")) == row
    with pytest.raises(FieldError):
        person.objects.filter(phone="13800000000")
    with pytest.raises(FieldError):
        person.objects.filter(phone__contains="138")


def test_nothing_shows_the_text_by_accident(person):
    row = person.objects.create(county="370812", phone="13800000000", phone_search="13800000000")
    again = person.objects.get()
    seen = [repr(row), str(row), repr(row.__dict__), repr(again.__dict__), repr(list(person.objects.values("phone")))]
    assert "13800000000" not in "".join(seen)
    assert person.objects.values_list("phone", flat=True)[0].open() == "13800000000"


def test_a_list_that_does_not_read_it_opens_nothing(person, monkeypatch):
    person.objects.create(county="370812", phone="13800000000")
    monkeypatch.setattr(crypto, "unseal", None)
    assert [row.county for row in person.objects.all()] == ["370812"]


def test_empty_and_deferred_values(person):
    person.objects.create(county="370812")
    assert stored(person) == [b""]
    assert person.objects.get().phone == ""
    assert not person.objects.values_list("phone", flat=True)[0]
    assert person.objects.defer("phone").get().phone == ""
    assert person.objects.filter(phone__isnull=False).count() == 1


def test_saving_again_and_updating(person):
    row = person.objects.create(county="370812", phone="13800000000")
    row.phone = "13900000000"
    row.save(update_fields=["phone"])
    assert person.objects.get().phone == "13900000000"
    person.objects.filter(county="370812").update(phone="13700000000")
    assert person.objects.get().phone == "13700000000"
    person.objects.bulk_create([person(county="370812", phone="1")])
    assert sorted(row.phone for row in person.objects.all()) == ["1", "13700000000"]


def test_migrations_can_write_the_fields(person):
    for name in ("phone", "phone_search"):
        field = person._meta.get_field(name)
        _, _, args, kwargs = field.deconstruct()
        again = type(field)(*args, **kwargs)
        assert again.deconstruct()[3] == kwargs
    assert person._meta.get_field("phone_search").deconstruct()[3]["purpose"] == "phone"


def test_reseal_moves_rows_to_the_current_key(person, two_keys):
    current = keys.ring()
    keys.use(two_keys)
    person.objects.create(county="370812", phone="13800000000", note="旧")
    person.objects.create(county="370812")
    keys.use(current)
    assert reseal(person.objects.all()) == 1
    assert reseal(person.objects.all()) == 0
    (row,) = [row for row in person.objects.all() if row.phone]
    assert (row.phone, row.note) == ("13800000000", "旧")
    assert {crypto.key_identifier(value) for value in stored(person) if value} == {"00000002"}


def test_an_instance_without_a_table_name_takes_its_default():
    field = SealedField()
    assert field.get_default().open() == ""
    assert isinstance(field.get_default(), Sealed)
    assert isinstance(field, models.BinaryField)


def test_a_search_column_may_be_null_where_rows_have_no_value():
    field = SearchHashField(purpose="phone", null=True)
    assert field.get_default() is None
    assert field.get_prep_value("") is None
    assert SearchHashField(purpose="phone").get_prep_value("") == b""


def test_a_search_column_without_purpose_takes_only_hashes():
    field = SearchHashField()
    field.name = "phone_search"
    with pytest.raises(FieldError):
        field.get_prep_value("13800000000")
    assert field.get_prep_value(b"0123456789abcdef") == b"0123456789abcdef"
