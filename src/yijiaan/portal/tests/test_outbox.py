"""Sealed deeds of a phone: opened like plain ones, in pieces, many at once, each exactly once; nothing of others gets through."""

import json
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.accounts.queries import public_actor
from yijiaan.areas.models import Area
from yijiaan.areas.tests.make import TOWN, middle
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests import make
from yijiaan.cases.tests.pictures import jpeg
from yijiaan.core import clock
from yijiaan.core.envelopes import close_envelope
from yijiaan.core.testing import unchanged
from yijiaan.engines.files.actions import LARGEST_PART
from yijiaan.engines.files.models import StoredFile, UploadPart
from yijiaan.engines.files.retention import purge_parts
from yijiaan.portal.outbox import SEALED

pytestmark = pytest.mark.django_db
TABLES = (Case, Report, StoredFile, UploadPart)


@pytest.fixture
def town():
    return make.town()


def door() -> str:
    return f"/t/{Area.objects.get(code=TOWN).door_token}/report/"


def form(key: UUID, **more) -> bytes:
    lon, lat = middle(0)
    values = {
        "text": "路灯不亮", "lon": lon, "lat": lat, "client_key": str(key), "owner": "public", "way": "up",
        "occurred_at": str(clock.milliseconds() - 3_600_000),
    } | more  # fmt: skip
    return MULTIPART_CONTENT.encode() + b"\n" + encode_multipart(BOUNDARY, values)


def send(client: Client, action: str, key: UUID, body: bytes, **headers):
    return client.generic(
        "POST", action, body, content_type=SEALED, CONTENT_TYPE=SEALED,
        headers={"X-Outbox": "1", "X-Outbox-Key": str(key), "X-Outbox-Sent": str(clock.milliseconds()), **headers},
    )  # fmt: skip


def test_a_sealed_report_is_taken_like_a_plain_one_and_once(town):
    key, action, client = uuid4(), door(), Client()
    envelope = close_envelope(form(key), f"{key} {action}")
    first = send(client, action, key, envelope)
    assert first.status_code == 201, first.content.decode()
    with unchanged(*TABLES):
        again = send(client, action, key, envelope)
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
    report = Report.objects.get(client_key=key)
    assert report.text == "路灯不亮"
    assert 3500 < (report.received_at - report.happened_at).total_seconds() < 3700


def test_a_large_one_comes_in_pieces_in_any_order_and_leaves_none_behind(town):
    key, action, client = uuid4(), door(), Client()
    pictures = [SimpleUploadedFile(f"{n}.jpg", jpeg(900 + n), "image/jpeg") for n in range(3)]
    envelope = close_envelope(form(key, photos=pictures), f"{key} {action}")
    step = len(envelope) // 3 + 1
    pieces = [envelope[at : at + step] for at in range(0, len(envelope), step)]
    headers = {"X-Outbox-Parts": str(len(pieces))}
    early = send(client, action, key, b"", **headers)
    assert (early.status_code, early.json()["code"]) == (425, "parts_missing")
    for number in (2, 0, 2, 1):
        answer = client.generic(
            "POST", f"/outbox/{key}/{number}/", pieces[number], content_type=SEALED, headers={"X-Outbox": "1"}
        )
        assert answer.status_code == 200
    assert client.get(f"/outbox/{key}/").json() == {"parts": [0, 1, 2]}
    taken = send(client, action, key, b"", **headers)
    assert taken.status_code == 201, taken.content.decode()
    assert StoredFile.objects.count() == 3
    assert not UploadPart.objects.exists()


def test_what_is_sealed_for_another_deed_or_address_or_server_is_refused(town):
    key, action, client = uuid4(), door(), Client()
    good = form(key)
    wrong = [
        close_envelope(good, f"{uuid4()} {action}"),
        close_envelope(good, f"{key} /t/other/report/"),
        close_envelope(good, f"{key} {action}")[:-1],
        b"",
        b"x" * 500,
    ]
    for envelope in wrong:
        with unchanged(*TABLES):
            answer = send(client, action, key, envelope)
        assert (answer.status_code, answer.json()["code"]) == (422, "cannot_open")
    for content in (b"", b"text/plain\nhello", form(key)[:-20], b"multipart/form-data; boundary=a b\n--a b--"):
        with unchanged(*TABLES):
            answer = send(client, action, key, close_envelope(content, f"{key} {action}"))
        assert (answer.status_code, answer.json()["code"]) == (400, "no_form")
    with unchanged(*TABLES):
        assert send(client, action, key, b"", **{"X-Outbox-Key": "x"}).json()["code"] == "no_key"


def test_the_form_behind_still_needs_the_token_of_the_page(town):
    key, action = uuid4(), door()
    client = Client(enforce_csrf_checks=True)
    with unchanged(*TABLES):
        assert send(client, action, key, close_envelope(form(key), f"{key} {action}")).status_code == 403


def test_pieces_have_bounds(town):
    client, key = Client(), uuid4()
    with unchanged(*TABLES):
        for number, data, headers, status in (
            (0, b"x" * (LARGEST_PART + 1), {"X-Outbox": "1"}, 413), (96, b"x", {"X-Outbox": "1"}, 413), (0, b"", {"X-Outbox": "1"}, 413),
            (0, b"x", {}, 400),
        ):  # fmt: skip
            answer = client.generic("POST", f"/outbox/{key}/{number}/", data, content_type=SEALED, headers=headers)
            assert answer.status_code == status
    client.generic("POST", f"/outbox/{key}/0/", b"x", content_type=SEALED, headers={"X-Outbox": "1"})
    assert purge_parts(clock.now(), 10) == 1


def send_parcel(client: Client, body: bytes, page: str = ""):
    client.get(page or door())  # the page gives the token
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    return client.generic(
        "POST", "/outbox/sync/", body, content_type=SEALED, headers={"X-Outbox": "1", "X-CSRFToken": token}
    )


def parcel(rows) -> bytes:
    head = [
        {"key": str(key), "action": action, "sent": clock.milliseconds(), "length": len(body)}
        for key, action, body in rows
    ]
    return json.dumps(head).encode() + b"\n" + b"".join(body for _, _, body in rows)


def test_many_go_in_one_request_each_answered_for_itself(town):
    action, client = door(), Client()
    keys = [uuid4() for _ in range(6)]
    rows = [
        (key, action, close_envelope(form(key, text=f"第{n}处路灯不亮"), f"{key} {action}"))
        for n, key in enumerate(keys)
    ]
    rows[2] = (keys[2], action, close_envelope(form(keys[2], text=""), f"{keys[2]} {action}"))
    rows[4] = (keys[4], action, b"rubbish")
    answer = send_parcel(client, parcel(rows))
    said = answer.json()["answers"]
    assert [row["status"] for row in said] == [201, 201, 422, 201, 422, 201]
    assert [row["key"] for row in said] == [str(key) for key in keys]
    assert Report.objects.count() == 4
    with unchanged(*TABLES):
        again = send_parcel(client, parcel(rows))
    assert [row["status"] for row in again.json()["answers"]] == [200, 200, 422, 200, 422, 200]


def test_a_parcel_for_the_parcel_door_or_of_a_wrong_shape_is_refused(town):
    client, key = Client(), uuid4()
    for body in (b"", b"[]x", b"{}\n", b'[{"key": 1}]\n', parcel([(key, door(), b"x")]) + b"more"):
        with unchanged(*TABLES):
            answer = send_parcel(client, body)
        assert answer.status_code in (200, 400)
    for action in ("/outbox/sync/", "//evil.example/", "http://evil.example/", "/no/such/"):
        answer = send_parcel(client, parcel([(key, action, b"x")]))
        assert answer.json()["answers"][0]["status"] in (404, 422)
    assert client.generic("POST", "/outbox/sync/", b"[]\n", content_type=SEALED).status_code == 400


def test_a_worker_sends_in_his_own_name_only(town):
    client = town.client("worker")
    user, other = town.posts["worker"].user_id, town.posts["other_worker"].user_id
    rows = []
    for owner in (user, other):
        key = uuid4()
        rows.append((key, "/field/report/", close_envelope(form(key, owner=str(owner)), f"{key} /field/report/")))
    answer = send_parcel(client, parcel(rows), "/field/report/")
    assert [row["status"] for row in answer.json()["answers"]] == [201, 403], answer.json()
    assert public_actor(TOWN, "snap_report").user_id is None
    assert Report.objects.get().entered_by_id == town.posts["worker"].id


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_whatever_an_envelope_holds_it_is_answered(town, content):
    key, action = uuid4(), door()
    answer = send(Client(), action, key, close_envelope(content, f"{key} {action}"))
    assert answer.status_code in (400, 422)
