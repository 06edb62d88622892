"""What is old goes, what must stay stays, and the deletion log says how much went."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from yijiaan.accounts.models import SignedIn, SignIn
from yijiaan.accounts.tests.make import make_person, make_unit
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged, without
from yijiaan.engines.files import store
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.jobs.providers import KindOfRecord, kinds_of_records, register_retention
from yijiaan.engines.journal.actions import record
from yijiaan.engines.journal.models import Delivery, Entry, Seal
from yijiaan.engines.notices.actions import notify
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.numbering.models import Series
from yijiaan.operations import actions
from yijiaan.operations.actions import purge_expired, set_retention
from yijiaan.operations.database import FILES_LOCK, plain_connection
from yijiaan.operations.jobs import purge_what_is_old
from yijiaan.operations.models import Backup, Purge, Retention
from yijiaan.operations.queries import list_kept

ME = system("tests", "370812")
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
YEARS_AGO = NOW - timedelta(days=1000)
pytestmark = [pytest.mark.django_db, pytest.mark.crosses_counties("retention is of the whole installation")]


@pytest.fixture(autouse=True)
def noon(db, settings, tmp_path):
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    Delivery.objects.all().delete()
    with clock.at(NOW):
        yield


def log() -> dict[str, int]:
    return dict(Purge.objects.values_list("kind", "count"))


def test_every_kind_is_purged_of_what_is_old_and_of_nothing_else():
    unit = make_unit("供电所", "power")
    person = make_person("jiedan", "handler", unit)
    person.client()
    old_login = SignIn.objects.get()
    SignIn.objects.create(login_hash=b"x" * 16, tried_at=YEARS_AGO, is_success=False)
    SignedIn.objects.create(
        session_hash=b"y" * 16,
        session_sealed="key",
        user=person.user,
        device="x",
        began_at=YEARS_AGO,
        seen_at=YEARS_AGO,
        ended_at=YEARS_AGO,
    )
    Session.objects.create(session_key="old", session_data="", expire_date=YEARS_AGO)
    for number, at in enumerate((YEARS_AGO, NOW)):
        with clock.at(at):
            notify(actor=ME, county="370812", unit_id=unit.id, title="请签收", link="/orders/", dedup_key=f"{number}")
            Backup.objects.create(began_at=at, ended_at=at, name=f"{number}.backup")
    Series.objects.create(name="case:370812:240101", last=20)
    Series.objects.create(name="case:370812:261124", last=20)
    Series.objects.create(name="documents", last=20)
    orphan, kept_file = "ab" * 32, "cd" * 32
    for digest in (orphan, kept_file):
        store.write(digest, b"bytes")
        os.utime(store.path_of(digest), (YEARS_AGO.timestamp(), YEARS_AGO.timestamp()))
    store.write("ef" * 32, b"just written, its row comes")
    StoredFile.objects.create(
        id=uuid7(), county="370812", subject_type="x", subject_id=uuid7(), purpose="before", media_type="image/jpeg",
        size=5, sha256=kept_file, source_sha256=kept_file, added_by_kind="staff", added_at=YEARS_AGO,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES ('default', 'x', '{}', 'failed') RETURNING id"
        )
        ended = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES ('default', 'x', '{}', 'todo')"
        )
        cursor.execute("UPDATE procrastinate_events SET at = %s", [YEARS_AGO])
    logs = store.path_of("00" * 32).parents[3] / "log"
    logs.mkdir()
    (logs / "web.log.1").touch()
    os.utime(logs / "web.log.1", (YEARS_AGO.timestamp(), YEARS_AGO.timestamp()))
    (logs / "web.log").touch()

    assert purge_expired(actor=ME) == 9
    assert log() == {
        "accounts.session": 1, "accounts.sign_in": 1, "accounts.signed_in": 1, "files.orphan": 1, "jobs.ended": 1,
        "notices.notice": 1, "numbering.series": 1, "operations.backup": 1, "operations.log": 1,
    }  # fmt: skip
    assert list(SignIn.objects.all()) == [old_login]
    assert SignedIn.objects.count() == Session.objects.count() == Notice.objects.count() == Backup.objects.count() == 1
    assert sorted(Series.objects.values_list("name", flat=True)) == ["case:370812:261124", "documents"]
    assert [store.path_of(d).exists() for d in (orphan, kept_file, "ef" * 32)] == [False, True, True]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE id = %s OR status = 'todo'", [ended])
        assert cursor.fetchone()[0] == 1
    assert [path.name for path in logs.iterdir()] == ["web.log"]
    with unchanged(Purge):
        purge_what_is_old()


def test_the_journal_is_never_purged_and_its_seal_gets_what_it_is_owed():
    record(
        actor=ME,
        verb="cases.noted",
        county="370812",
        subject_type="cases.case",
        subject_id=uuid7(),
        area_code="370812",
        at=YEARS_AGO,
    )
    entry = Entry.objects.get(verb="cases.noted")
    Delivery.objects.create(county="370812", entry=entry, subscriber="gone.astray", attempts=9, next_at=NOW)
    Delivery.objects.filter(subscriber="journal.seal").update(attempts=9)
    with unchanged(Entry, Seal):
        purge_expired(actor=ME)
    assert list(Delivery.objects.values_list("subscriber", flat=True)) == ["journal.seal"]
    assert log() == {"journal.delivery": 1}
    assert not [kind.code for kind in kinds_of_records() if kind.code in ("journal.entry", "journal.seal")]


def test_files_wait_while_a_backup_copies_them():
    store.write("ab" * 32, b"bytes")
    os.utime(store.path_of("ab" * 32), (YEARS_AGO.timestamp(), YEARS_AGO.timestamp()))
    with plain_connection() as copying:
        copying.execute("SELECT pg_advisory_lock_shared(%s)", [FILES_LOCK])
        assert purge_expired(actor=ME) == 0
        copying.execute("SELECT pg_advisory_unlock_shared(%s)", [FILES_LOCK])
    assert purge_expired(actor=ME) == 1


def test_days_are_data_and_a_change_is_noted():
    set_retention(actor=ME, kind="notices.notice", days=90)
    set_retention(actor=ME, kind="notices.notice", days=90)
    assert [line.days for line in list_kept(ME) if line.kind.code == "notices.notice"] == [90]
    entry = Entry.objects.get(verb="operations.retention_set")
    assert entry.data == {"kind": "notices.notice", "days": [365, 90]}
    set_retention(actor=ME, kind="notices.notice", days=None)
    assert [line.days for line in list_kept(ME) if line.kind.code == "notices.notice"] == [None]


@pytest.mark.parametrize(
    ("kind", "days", "error"),
    [("accounts.sign_in", 30, RuleError), ("notices.notice", 99_999, RuleError), ("journal.entry", 400, NotFound)],
)
def test_what_may_not_be_set_is_refused(kind, days, error):
    with unchanged(Retention, Entry), pytest.raises(error):
        set_retention(actor=ME, kind=kind, days=days)


def test_one_kinds_bug_does_not_keep_the_others(monkeypatch):
    def broken(before: datetime, most: int) -> int:
        raise ZeroDivisionError

    kinds: dict[str, KindOfRecord] = {}
    monkeypatch.setattr("yijiaan.engines.jobs.providers._kinds", kinds)
    register_retention(
        KindOfRecord("a.broken", "坏的", 10, 1, broken),
        KindOfRecord("b.fine", "好的", 10, 1, lambda before, most: (before == NOW - timedelta(days=10)) * 3),
        KindOfRecord("c.kept", "留着的", None, 1, broken),
    )
    assert purge_expired(actor=ME) == 3
    assert log() == {"b.fine": 3}


def test_page_sets_days_and_says_no_at_the_field():
    admin = make_person("weihu", "county_admin", make_unit("区综治中心", "county_centre", "370812"))
    client = admin.client()
    page = client.get("/operations/retention/").content.decode()
    assert "登录记录" in page
    assert "还没有删除过什么" in page
    refused = client.post("/operations/retention/accounts.sign_in/", {"days": "3"})
    assert refused.status_code == 200
    assert "至少要保存 184 天" in refused.content.decode()
    assert "请填整数天" in client.post("/operations/retention/accounts.sign_in/", {"days": "三"}).content.decode()
    assert client.post("/operations/retention/accounts.sign_in/", {"days": "365"}).status_code == 302
    assert Retention.objects.get().days == 365
    assert client.get("/operations/retention/no.such/").status_code == 404
    with pytest.raises(NotAllowed):
        actions.purge_expired(actor=without(admin.actor))
