"""Backup and restore: what comes back is what was there, and nothing is touched when it cannot be."""

import io
import json
import os
import secrets
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg.sql import SQL, Identifier

from yijiaan.cases.tests import make
from yijiaan.core import keys
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import without
from yijiaan.engines.journal.actions import deliver
from yijiaan.operations.actions import back_up, keep_newest_nightly
from yijiaan.operations.archive import Archive, writing
from yijiaan.operations.database import contents, parameters, plain_connection
from yijiaan.operations.jobs import make_nightly_backup
from yijiaan.operations.models import Backup
from yijiaan.operations.sealing import MAGIC, PIECE, CannotUnseal, SealedReader, SealedWriter

ME = system("tests")
WORDS = "麦收以后 再说一遍"
PHOTO = b"\xff\xd8 a picture" * 1000


@pytest.fixture
def installation(settings, tmp_path, transactional_db) -> Path:
    """A folder with files, and the test database with rows of its own."""
    settings.VAR = tmp_path / "var"
    settings.VAR.mkdir()
    settings.MEDIA_ROOT = settings.VAR / "files"
    settings.BACKUP_FOLDER = settings.VAR / "backups"
    settings.KEYS_FILE = settings.VAR / "keys.json"
    for name in ("ab/cd/abcd.jpg", "ab/cd/abcd.thumb.jpg", "ab/cd/tmp_half_written"):
        (settings.MEDIA_ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.MEDIA_ROOT / name).write_bytes(PHOTO + name.encode())
    with transaction.atomic():
        make.town()
        make.report(reporter_name="张先生", reporter_phone=make.PHONE)
    while deliver(actor=ME):
        pass
    return settings.VAR


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[dict[str, str]]:
    """The environment of an empty installation with a database of its own."""
    known = parameters()
    name = f"{known['dbname']}_{secrets.token_hex(4)}"
    with plain_connection() as admin:
        admin.autocommit = True
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    login = quote(known.get("user", "")) + (f":{quote(known['password'])}" if known.get("password") else "")
    place = {key: known[key] for key in ("host", "port") if key in known}
    yield {
        **{key: value for key, value in os.environ.items() if not key.startswith(("YIJIAAN_", "PYTEST"))},
        "DATABASE_URL": f"postgresql://{login}@/{name}?{urlencode(place)}",
        "DJANGO_SETTINGS_MODULE": "yijiaan.project.settings",
        "PYTHONPATH": os.pathsep.join(["src", "."]),
        "YIJIAAN_VAR": str(tmp_path / "elsewhere"),
        **({"YIJIAAN_POSTGRES_TOOLS": tools} if (tools := os.environ.get("YIJIAAN_POSTGRES_TOOLS")) else {}),
    }
    with plain_connection() as admin:
        admin.autocommit = True
        # not WITH (FORCE): that wants to end autovacuum's process too, which only a superuser may
        for pause in (1, 2, 4, 8, 0):
            try:
                admin.execute(SQL("DROP DATABASE {}").format(Identifier(name)))
                break
            except psycopg.errors.ObjectInUse:
                if not pause:
                    raise
                time.sleep(pause)


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A management command in another installation."""
    folder = Path(environment["YIJIAAN_VAR"])
    folder.mkdir(exist_ok=True)
    if not (folder / "secret_key").exists():
        (folder / "secret_key").touch(0o600)
        (folder / "secret_key").write_text("made at the start, before the restore")
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=django_settings.ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def held_by(environment: dict[str, str]) -> object:
    with psycopg.connect(environment["DATABASE_URL"]) as given:
        return contents(given)


@pytest.mark.crosses_counties("rows of all counties are compared")
def test_what_comes_back_elsewhere_is_what_was_there(installation, elsewhere):
    path = back_up(actor=ME, place=str(installation) + "/", passphrase="")
    assert path.stat().st_mode & 0o777 == 0o600
    with plain_connection() as given:
        before = contents(given)
    done = run(elsewhere, "restore", str(path))
    assert done.returncode == 0, done.stderr
    there = Path(elsewhere["YIJIAAN_VAR"])
    # the note of the backup's own beginning is in the copy; sequences may only have run on
    assert replace(held_by(elsewhere), sequences={}) == replace(before, sequences={})
    assert before.heads
    assert all(f"第 {number} 号 {head}" in done.stdout for number, head in before.heads.values())
    assert (there / "files/ab/cd/abcd.jpg").read_bytes() == PHOTO + b"ab/cd/abcd.jpg"
    assert sorted(path.name for path in (there / "files").rglob("*.*")) == ["abcd.jpg", "abcd.thumb.jpg"]
    assert json.loads((there / "keys.json").read_text()) == json.loads(keys.ring().as_json())
    assert (there / "secret_key").read_text().strip() == django_settings.SECRET_KEY
    assert all((there / name).stat().st_mode & 0o777 == 0o600 for name in ("keys.json", "secret_key"))
    assert not (there / "restoring").exists()
    # sealed values open there, the chain is whole, and the copy's own row is not left open
    asked = (
        "from yijiaan.cases.models import Reporter; from yijiaan.operations.models import Backup;"
        "print(Reporter.objects.exclude(phone_search=None).first().phone_sealed, Backup.objects.filter(ended_at=None).count())"
    )
    assert run(elsewhere, "shell", "-v", "0", "-c", asked).stdout.split()[-2:] == [make.PHONE, "0"]
    assert run(elsewhere, "verify_journal").returncode == 0
    # and nothing overwrites it
    again = run(elsewhere, "restore", str(path))
    assert again.returncode == 1
    assert "这里已经有数据" in again.stderr
    row = Backup.objects.get()
    assert (row.name, row.size, row.problem, row.ended_at is None) == (path.name, path.stat().st_size, "", False)


def test_sealed_copy_opens_with_its_passphrase_only(installation, elsewhere):
    path = back_up(actor=ME, passphrase=WORDS)
    assert path.parent == installation / "backups"
    raw = path.read_bytes()
    assert raw.startswith(MAGIC)
    assert b"keys.json" not in raw
    note = installation / "passphrase"
    note.write_text("ein anderes Wort")
    note.chmod(0o600)
    wrong = run(elsewhere, "restore", str(path), "--passphrase-file", str(note))
    assert "口令不对" in wrong.stderr
    assert not (Path(elsewhere["YIJIAAN_VAR"]) / "keys.json").exists()
    assert "加了口令" in run(elsewhere, "restore", str(path)).stderr
    note.write_text(WORDS)
    note.chmod(0o644)
    assert "别人也能读" in run(elsewhere, "restore", str(path), "--passphrase-file", str(note)).stderr
    note.chmod(0o600)
    assert run(elsewhere, "restore", str(path), "--passphrase-file", str(note)).returncode == 0


def test_a_changed_or_cut_archive_is_refused_before_anything_is_touched(installation, elsewhere):
    plain, sealed = (
        back_up(actor=ME, place=str(installation / "a")),
        back_up(actor=ME, place=str(installation / "b"), passphrase=WORDS),
    )
    for path, words in ((plain, ""), (sealed, WORDS)):
        whole = path.read_bytes()
        broken = path.with_name("broken")
        used = len(whole.rstrip(b"\0"))
        for place in range(0, used, max(1, used // 97)):
            broken.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            try:
                kept = Archive(broken, words).check()
            except RuleError as error:
                assert error.code in ("damaged", "wrong_passphrase", "newer_format")
            else:  # a byte that says nothing, such as a time in a header
                assert kept == Archive(path, words).check()
        for size in (0, 700, used // 2, used - 1):
            broken.write_bytes(whole[:size])
            with pytest.raises(RuleError):
                Archive(broken, words).check()
    broken.write_bytes(plain.read_bytes()[: plain.stat().st_size // 2])
    done = run(elsewhere, "restore", str(broken))
    assert "不完整或者已经损坏" in done.stderr
    assert held_by(elsewhere).tables == {}
    assert "打不开" in run(elsewhere, "restore", str(broken) + "nowhere").stderr


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"server": 14}, "备份来自 PostgreSQL 14"),
        ({"migrations": ["cases.9999_from_tomorrow"]}, "备份来自更新的程序"),
        ({"format": 2}, "格式（2）比本程序新"),
    ],
)
def test_a_copy_of_other_versions_is_refused(installation, elsewhere, tmp_path, facts, sentence):
    with plain_connection() as given:
        server = given.info.server_version // 10000
    target = tmp_path / "made"
    with writing(target, "") as (archive, _):
        archive.add_database(io.BytesIO(b"PGDMP"))
        archive.add_key("keys.json", "{}")
        archive.finish({"server": server, "migrations": [], "tables": {}, "heads": {}, "sequences": {}} | facts)
    done = run(elsewhere, "restore", str(target))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not (Path(elsewhere["YIJIAAN_VAR"]) / "keys.json").exists()


def test_keys_or_files_that_are_there_are_not_overwritten(installation, elsewhere):
    path = back_up(actor=ME)
    there = Path(elsewhere["YIJIAAN_VAR"])
    there.mkdir()
    (there / "keys.json").write_text("mine")
    assert "已经有密钥或附件" in run(elsewhere, "restore", str(path)).stderr
    assert (there / "keys.json").read_text() == "mine"
    # an interrupted restore left them: it may be begun again
    (there / "restoring").write_text(path.name)
    assert run(elsewhere, "restore", str(path)).returncode == 0


def test_a_copy_is_never_written_over_another_file_and_failures_are_noted(installation, monkeypatch):
    taken = installation / "taken"
    taken.write_text("mine")
    for place, code in ((str(taken), "taken"), (str(installation / "no" / "such"), "no_folder")):
        with pytest.raises(RuleError) as refused:
            back_up(actor=ME, place=place)
        assert refused.value.code == code
    assert taken.read_text() == "mine"
    monkeypatch.setattr("yijiaan.operations.actions.backups.ROOM", 10**18)
    with pytest.raises(RuleError, match="放不下备份"):
        back_up(actor=ME)
    assert "放不下备份" in Backup.objects.get().problem
    assert [path.name for path in (installation / "backups").iterdir()] == []


def test_command_line(installation, capsys):
    call_command("backup", str(installation / "copy"))
    assert "已备份到" in capsys.readouterr().out
    with pytest.raises(CommandError, match="已经有了"):
        call_command("backup", str(installation / "copy"))
    with tarfile.open(installation / "copy") as tar:
        assert tar.getnames()[-2:] == ["manifest.json", "manifest.sha256"]


def test_only_the_newest_nightly_copies_are_kept(tmp_path):
    names = [f"yijiaan-nightly-2026112{day}-030000.backup" for day in range(5)] + [
        "yijiaan-20261101-090000.backup",
        "other",
    ]
    for name in names:
        (tmp_path / name).touch()
    gone = keep_newest_nightly(actor=ME, folder=tmp_path, count=3)
    assert sorted(gone) == names[:2]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[2:])


def test_nightly_copy_is_made_where_it_is_wanted(installation, settings):
    make_nightly_backup()
    assert not settings.BACKUP_FOLDER.exists()
    settings.BACKUP_NIGHTLY, settings.BACKUP_PASSPHRASE = 2, WORDS
    make_nightly_backup()
    (path,) = settings.BACKUP_FOLDER.iterdir()
    assert path.name.startswith("yijiaan-nightly-")
    row = Backup.objects.get()
    assert (row.name, row.is_nightly, row.is_sealed) == (path.name, True, True)


def test_stranger_cannot_copy(installation):
    nobody = replace(without(ME), kind="staff")
    with pytest.raises(NotAllowed):
        back_up(actor=nobody)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_sealed_stream_gives_back_what_went_in(size):
    out, text = io.BytesIO(), os.urandom(size)
    with SealedWriter(out, WORDS) as sealed:
        for start in range(0, size, 300_000):
            sealed.write(text[start : start + 300_000])
    assert io.BufferedReader(SealedReader(io.BytesIO(out.getvalue()), WORDS)).read() == text
    for cut in (len(MAGIC), len(out.getvalue()) - 1, len(out.getvalue()) - 17):
        with pytest.raises(CannotUnseal):
            io.BufferedReader(SealedReader(io.BytesIO(out.getvalue()[:cut]), WORDS)).read()


def test_connection_speaks_of_the_test_database(db):
    assert parameters()["dbname"] == connection.settings_dict["NAME"]
