"""What holds for every answer and every start: headers, secrets, uploads, and rights that end or differ while somebody works."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yijiaan.accounts import actions as accounts
from yijiaan.accounts.models import Post
from yijiaan.accounts.tests import make as people
from yijiaan.areas.models import Area
from yijiaan.cases.models import Case
from yijiaan.cases.tests import make, pictures
from yijiaan.cases.tests.make import COUNTY, TOWN
from yijiaan.core import clock
from yijiaan.core.testing import unchanged
from yijiaan.engines.files.models import RefusedUpload, StoredFile
from yijiaan.engines.files.queries import count_refused
from yijiaan.engines.files.retention import purge_refused
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.providers import subjects, verbs

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "yijiaan"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.fixture
def town(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return make.town()


# ---- headers ----


def answers(town, **more):
    """One answer of each kind: page, refusal, error, API, fast door, picture."""
    receipt = make.report()
    code = receipt.tracking_code
    body = json.dumps({"text": "路灯不亮", "client_key": str(uuid4())})
    photo = SimpleUploadedFile("a.jpg", pictures.jpeg(64, 48), "image/jpeg")
    stranger, staff = Client(**more), people.client(town.posts["dispatcher"], **more)
    stranger.post(f"/p/{code}/photos/", {"photos": [photo]})
    file = StoredFile.objects.get(county=COUNTY)
    stranger.raise_request_exception = False
    return {
        "entry": stranger.get("/"),
        "form": stranger.get(f"/t/{Area.objects.get(code=TOWN).door_token}/report/"),
        "progress": stranger.get(f"/p/{code}/"),
        "not found": stranger.get("/nothing/"),
        "cases": staff.get("/cases/"),
        "refused": staff.get("/audit/"),
        "api": stranger.get(f"/api/v1/reports/{code}"),
        "api refused": stranger.get("/api/v1/cases"),
        "fast door": stranger.post("/api/v1/reports", body, content_type="application/json"),
        "fast door refused": stranger.get("/api/v1/reports"),
        "picture": stranger.get(f"/p/{code}/photos/{file.id}/"),
        "health": stranger.get("/healthz"),
    }


def test_every_kind_of_answer_carries_the_bounds(town):
    for name, answer in answers(town).items():
        for header, value in ALWAYS.items():
            assert answer.headers.get(header) == value, (name, header)
        assert "camera=(self)" in answer.headers["Permissions-Policy"], name
        assert "Strict-Transport-Security" not in answer.headers, name
        if "html" in answer.headers["Content-Type"]:
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            for part in (
                "default-src 'self'",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ):
                assert part in policy, (name, part)


def test_over_https_browsers_are_told_to_stay_there(town, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for name, answer in answers(town, headers={"x-forwarded-proto": "https"}).items():
        assert answer.headers.get("Strict-Transport-Security") == "max-age=31536000", name


def test_where_a_government_app_may_embed_us_the_old_header_stays_away(town, settings):
    settings.FRAME_ANCESTORS = ["https://app.example.cn"]
    assert "X-Frame-Options" not in Client().get("/").headers


# ---- secrets ----


def start(**environment):
    """What settings say when the process starts outside tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIJIAAN_")}
    kept |= {"DATABASE_URL": "postgresql:///nowhere", "PYTHONPATH": str(ROOT / "src")} | environment
    command = [sys.executable, "-c", "from yijiaan.project import settings; from yijiaan.core import keys"]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.strip().splitlines()[-1:] or [""]


def test_it_does_not_start_without_a_secret_of_its_own(tmp_path):
    assert "no secret key" in start(YIJIAAN_VAR=str(tmp_path))[1][0]
    code, (words,) = start(YIJIAAN_VAR=str(tmp_path), YIJIAAN_SECRET_KEY="only-for-tests")
    assert code and "everybody knows it" in words
    assert start(YIJIAAN_VAR=str(tmp_path), YIJIAAN_SECRET_KEY="a-secret-of-our-own-" * 3)[0] == 0


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644])
def test_it_does_not_start_with_a_secret_that_others_may_read(tmp_path, mode):
    file = tmp_path / "secret_key"
    file.write_text("a-secret-of-our-own-" * 3)
    file.chmod(mode)
    code, (words,) = start(YIJIAAN_VAR=str(tmp_path))
    assert code and "chmod 600" in words
    file.chmod(0o600)
    assert start(YIJIAAN_VAR=str(tmp_path))[0] == 0


def test_keys_that_others_may_read_open_nothing(tmp_path):
    environment = {"YIJIAAN_VAR": str(tmp_path), "YIJIAAN_SECRET_KEY": "a-secret-of-our-own-" * 3}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIJIAAN_")}
    kept |= {"DATABASE_URL": "postgresql:///nowhere", "PYTHONPATH": str(ROOT / "src")} | environment
    kept["DJANGO_SETTINGS_MODULE"] = "yijiaan.project.settings"
    command = [sys.executable, "-c", "from yijiaan.core.crypto import seal; seal('x')"]
    assert subprocess.run(command, env=kept, capture_output=True, check=False).returncode == 0
    file = tmp_path / "keys.json"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode and "chmod 600" in done.stderr


# ---- uploads ----


def on_disk(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_nothing_of_what_was_sent_is_kept_but_the_picture(town, tmp_path):
    receipt, client = make.report(), Client()
    raw = pictures.with_position()
    photo = SimpleUploadedFile("a.jpg", raw, "image/jpeg")
    client.post(f"/p/{receipt.tracking_code}/photos/", {"photos": [photo]})
    kept = on_disk(tmp_path)
    assert len(kept) == 2  # picture and thumb
    assert all(b"Huawei" not in data and b"Exif" not in data and data != raw for data in kept)
    assert not RefusedUpload.objects.exists()


@pytest.mark.parametrize(
    ("raw", "reason", "words"),
    [
        (b"<script>alert(1)</script>", "不是照片", "这个文件不是照片"),
        (b"%PDF-1.7 something", "不是照片", "这个文件不是照片"),
        (pictures.jpeg()[:3000], "没有传完整", "没有传完整"),
        (pictures.bomb(), "尺寸太大", "尺寸太大"),
    ],
    ids=["script", "pdf", "half", "bomb"],
)
def test_a_refused_file_is_kept_nowhere_and_operations_see_why(town, tmp_path, raw, reason, words):
    receipt, client = make.report(), Client()
    path = f"/p/{receipt.tracking_code}/photos/"
    with unchanged(StoredFile, Entry):
        answer = client.post(path, {"photos": [SimpleUploadedFile("a.jpg", raw, "image/jpeg")]}, follow=True)
        assert words in answer.content.decode()
        photo = SimpleUploadedFile("a.jpg", raw, "image/jpeg")
        assert client.post(f"/api/v1/reports/{receipt.tracking_code}/photos", {"photo": photo}).status_code == 422
    assert on_disk(tmp_path) == []
    assert count_refused(people.BOSS, since=clock.now() - timedelta(days=7)) == {reason: 2}
    assert {row.size for row in RefusedUpload.objects.all()} == {len(raw)}
    page = people.client(town.posts["admin"]).get("/operations/").content.decode()
    assert "没有收的附件" in page and f"{reason} 2" in page
    assert purge_refused(clock.now() + timedelta(days=1), 10) == 2


# ---- rights that end or differ while somebody works ----


def test_a_post_that_ended_a_minute_ago_takes_nothing_and_loses_nothing(town):
    case, _ = make.case_in(town, "in_progress")
    client = people.client(town.posts["power"], headers={"origin": "http://testserver"})
    page = client.get(f"/cases/{case.number}/").content.decode()
    version = re.search(r'name="seen_version" value="(\d+)"', page)[1]
    Post.objects.filter(id=town.posts["power"].id).update(ends_on=clock.local_day() - timedelta(days=1))
    with unchanged(Case, Entry):
        kept = client.post(f"/cases/{case.number}/finish/", {"result": "换了灯泡，亮了", "seen_version": version})
    words = kept.content.decode()
    assert kept.status_code == 403
    assert "您这个岗位已经结束，写的都还在" in words
    assert "换了灯泡，亮了" in words and "再交一次" in words and "/posts/" in words
    assert client.get("/orders/")["Location"] == "/posts/"


def test_two_posts_of_one_person_have_each_their_own_rights(town):
    """The same person answers for the power station and grids: what one post may, the other may not."""
    handler = town.posts["power"]
    accounts.appoint(
        actor=people.BOSS, user=handler.user, unit=town.units["second"], role="grid_worker",
        area_codes=[town.grids[2].code], starts_on=people.SINCE,
    )  # fmt: skip
    second = Post.objects.get(user=handler.user, role_id="grid_worker")
    case, _ = make.case_in(town, "in_progress")
    client = people.client(handler, headers={"origin": "http://testserver"})
    assert client.get(f"/cases/{case.number}/").status_code == 200
    page = client.get("/posts/").content.decode()
    assert "供电" in page or town.units["power"].name in page
    assert client.post("/posts/", {"post": str(second.id)}).status_code == 302
    assert client.get(f"/cases/{case.number}/", follow=True).status_code == 404
    assert client.get("/orders/").status_code == 403
    with unchanged(Case, Entry):
        sent = {"result": "换了灯泡", "seen_version": case.version}
        assert client.post(f"/cases/{case.number}/finish/", sent).status_code == 404
    assert client.post("/posts/", {"post": str(town.posts["dispatcher"].id)}).status_code == 404
    client.post("/posts/", {"post": str(handler.id)})
    assert client.post(f"/cases/{case.number}/finish/", sent).status_code == 302
    last = Entry.objects.filter(county=COUNTY, subject_id=case.id, verb="cases.finished").get()
    assert last.post_id == handler.id


def test_one_person_in_two_posts_does_not_get_the_sum(town):
    """An administrator who is also a dispatcher sees cases in one post and settings in the other, never both at once."""
    admin = town.posts["admin"]
    accounts.appoint(
        actor=people.BOSS, user=admin.user, unit=town.units["centre"], role="dispatcher", area_codes=[TOWN],
        starts_on=people.SINCE,
    )  # fmt: skip
    client = people.client(admin)
    assert (client.get("/people/").status_code, client.get("/cases/").status_code) == (200, 403)
    client.post("/posts/", {"post": str(Post.objects.get(user=admin.user, role_id="dispatcher").id)})
    assert (client.get("/people/").status_code, client.get("/cases/").status_code) == (403, 200)


# ---- the journal in words ----


def test_every_deed_has_a_name_for_the_auditor():
    said = re.compile(r'"((?:accounts|areas|cases|journal|operations|worktime|notices)\.[a-z_]+)"')
    recorded = set()
    for path in SOURCE.rglob("actions/*.py"):
        recorded |= {
            name for line in path.read_text().splitlines() if "verb=" in line or "note_deed(" in line or "_note(" in line
            for name in said.findall(line)
        }  # fmt: skip
    for path in SOURCE.rglob("actions.py"):
        recorded |= {name for line in path.read_text().splitlines() if "verb=" in line for name in said.findall(line)}
    assert len(recorded) > 30
    assert sorted(recorded - set(verbs()) - set(subjects())) == []


def test_the_journal_holds_codes_and_no_words(town):
    make.case_in(town, "closed", text="海棠树下的井盖响", place="海棠巷九号")
    for status in ("rejected", "verifying"):
        make.case_in(town, status)
    rows = Entry.objects.filter(county=COUNTY, subject_type="cases.case").values_list("verb", "data")
    assert [row for row in rows if re.search(r"[一-鿿]", json.dumps(row[1], ensure_ascii=False))] == []
