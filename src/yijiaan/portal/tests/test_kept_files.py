"""交手机导出的文件: each deed exactly once through its own door, in the writer's name only; whatever the file holds it is answered."""

import base64
import html
import json
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.areas.tests.make import middle
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests import make
from yijiaan.cases.tests.pictures import jpeg
from yijiaan.core import clock
from yijiaan.core.envelopes import close_envelope
from yijiaan.core.testing import check_needs_sign_in, unchanged
from yijiaan.engines.files.models import StoredFile, UploadPart
from yijiaan.portal import kept_files

pytestmark = pytest.mark.django_db
TABLES = (Case, Report, StoredFile, UploadPart)
URL, DOOR = "/outbox/file/", "/field/report/"


@pytest.fixture
def town():
    return make.town()


def deed(owner, text="路灯不亮", action=DOOR, closed_for="", **more):
    """One deed as the phone writes it into the file."""
    key, (lon, lat) = uuid4(), middle(0)
    values = {
        "text": text, "lon": lon, "lat": lat, "client_key": str(key), "owner": str(owner), "way": "up",
        "occurred_at": str(clock.milliseconds() - 3_600_000),
    } | more  # fmt: skip
    body = MULTIPART_CONTENT.encode() + b"\n" + encode_multipart(BOUNDARY, values)
    sealed = base64.b64encode(close_envelope(body, f"{key} {closed_for or action}")).decode()
    return {
        "key": str(key),
        "action": action,
        "title": f"<b>{text}</b>",
        "at": clock.milliseconds() - 3_600_000,
        "sealed": sealed,
    }


def page_of(*deeds, more=""):
    parts = "".join(
        f"<textarea hidden readonly data-kept>{html.escape(json.dumps(each, ensure_ascii=False))}</textarea>"
        for each in deeds
    )
    return f"<!doctype html><html><h1>没传上去的事</h1>{more}{parts}</html>".encode()


def give(client, content, name="没传上去的事.html"):
    page = client.get(URL).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return client.post(
        URL, {"file": SimpleUploadedFile(name, content, "text/html"), "csrfmiddlewaretoken": token[1] if token else ""}
    )


def states(answer):
    return re.findall(r'<span class="pill (\w+)">', answer.content.decode())


def test_everything_in_the_file_arrives_once_with_its_receipt(town):
    client, me = town.client("worker"), town.posts["worker"].user_id
    file = page_of(deed(me), deed(me, "井盖松了"), deed(me, ""))
    answer = give(client, file)
    assert (answer.status_code, states(answer)) == (200, ["done", "done", "late"])
    page = answer.content.decode()
    assert "3 条" in page
    assert "收下 2 条" in page
    assert "&lt;b&gt;路灯不亮" in page
    numbers = re.findall(r"编号 (\d+)", page)
    assert sorted(numbers) == sorted(Case.objects.values_list("number", flat=True))
    assert {report.entered_by_id for report in Report.objects.all()} == {town.posts["worker"].id}
    report = Report.objects.get(text="路灯不亮")
    assert 3500 < (report.received_at - report.happened_at).total_seconds() < 3700
    with unchanged(*TABLES):
        again = give(client, file)
    assert re.findall(r"编号 (\d+)", again.content.decode()) == numbers


def test_what_another_wrote_is_not_taken_in_ones_own_name(town):
    client, other = town.client("worker"), town.posts["other_worker"].user_id
    file = page_of(deed(other))
    with unchanged(*TABLES):
        answer = give(client, file)
    assert "别的账号存的" in answer.content.decode()
    assert states(give(town.client("other_worker"), file)) == ["done"]
    check_needs_sign_in(Client(), URL)
    with unchanged(*TABLES):
        assert give(Client(), file).status_code == 401


def test_pictures_larger_than_a_request_come_along_whole(town, settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = tmp_path, 20_000
    photos = [SimpleUploadedFile(f"{n}.jpg", jpeg(900 + n), "image/jpeg") for n in range(3)]
    me = town.posts["worker"].user_id
    answer = give(town.client("worker"), page_of(deed(me, photos=photos)))
    assert states(answer) == ["done"], answer.content.decode()
    assert StoredFile.objects.count() == 3
    assert not UploadPart.objects.exists()


def test_what_is_no_such_file_is_refused_with_a_sentence(town, monkeypatch):
    client, me = town.client("worker"), town.posts["worker"].user_id
    for content, words in (
        (b"", "没有能收的"), (b"\xff\xfe\x00", "没有能收的"), (page_of(), "没有能收的"),
        (page_of(more="<textarea>{}</textarea><textarea>[1]</textarea><textarea>null</textarea>"), "没有能收的"),
        (page_of({**deed(me), "key": "x"}, {**deed(me), "sealed": "€"}, {**deed(me), "at": "x"}), "没有能收的"),
    ):  # fmt: skip
        with unchanged(*TABLES):
            answer = give(client, content)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), content
    assert "请选手机导出的那个文件" in client.post(URL, {}).content.decode()
    monkeypatch.setattr(kept_files, "MOST_BYTES", 10)
    assert "分几次导出" in give(client, page_of(deed(me))).content.decode()
    monkeypatch.setattr(kept_files, "MOST_BYTES", 10**7)
    monkeypatch.setattr(kept_files, "MOST_AT_ONCE", 1)
    with unchanged(*TABLES):
        assert "一次最多 1 条" in give(client, page_of(deed(me), deed(me))).content.decode()


def test_a_deed_for_another_door_or_none_is_told_and_the_others_are_taken(town):
    client, me = town.client("worker"), town.posts["worker"].user_id
    file = page_of(
        deed(me, action="/outbox/file/"), deed(me, action="//evil.example/"), deed(me, action="/no/such/"),
        deed(me, closed_for="/field/other/"), deed(me),
    )  # fmt: skip
    assert states(give(client, file)) == ["late", "late", "late", "late", "done"]
    assert Report.objects.count() == 1


def test_the_page_needs_the_token_of_its_form(town):
    client = town.client("worker")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    content = page_of(deed(town.posts["worker"].user_id))
    with unchanged(*TABLES):
        assert strict.post(URL, {"file": SimpleUploadedFile("a.html", content, "text/html")}).status_code == 403
    assert states(give(strict, content)) == ["done"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=120).map(lambda text: page_of(more=f"<textarea>{text}</textarea>"))
    )
)
def test_whatever_the_file_holds_it_is_answered(town, content):
    assert give(town.client("worker"), content).status_code in (200, 422)
