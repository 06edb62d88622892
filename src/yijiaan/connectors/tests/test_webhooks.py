"""Webhooks: signed, in order, retried, given up after days, and never a word about a person."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from yijiaan.cases import actions as cases
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, PHONE, TOWN, Town
from yijiaan.connectors import actions, line
from yijiaan.connectors.models import Webhook, WebhookCall
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ALL = ["received", "dispatched", "signed", "finished", "closed", "reopened", "rejected"]


class Receiver:
    """An address on this machine that remembers what it was sent."""

    def __init__(self) -> None:
        receiver = self
        self.heard: list[tuple[dict[str, Any], dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.target = ""

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = receiver.answers.pop(0) if receiver.answers else 204
                if status < 300:  # noqa: PLR2004
                    receiver.heard.append((json.loads(raw), dict(self.headers), raw))
                self.send_response(status)
                if receiver.target:
                    self.send_header("Location", receiver.target)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?from=yijiaan"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def events(self) -> list[str]:
        return [body["event"] for body, _, _ in self.heard]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def town() -> Town:
    return make.town()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.PRIVATE_TARGETS = [ip_network("127.0.0.0/8")]
    here = Receiver()
    yield here
    here.close()


@pytest.fixture
def joined(town: Town, receiver: Receiver) -> tuple[Webhook, str]:
    return actions.make_webhook(actor=town.actor("admin"), name="数据局", url=receiver.url, area_code=TOWN, events=ALL)


def deliver_all() -> None:
    while deliver(actor=system("tests")):
        pass


def push_all() -> int:
    deliver_all()
    pushed = 0
    while done := actions.push_webhooks(actor=system("tests")):
        pushed += done
    return pushed


def right(secret: str, headers: dict[str, str], raw: bytes) -> bool:
    """As a receiver checks it."""
    given = headers["X-Yijiaan-Signature"].split(",")
    at = given[0].removeprefix("t=")
    wanted = hmac.new(secret.encode(), at.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return f"v1={wanted}" in given[1:]


def test_an_address_hears_of_what_it_chose_signed_and_without_a_person(
    town: Town, receiver: Receiver, joined: tuple[Webhook, str]
) -> None:
    _, secret = joined
    case, receipt = make.case_in(town, "closed", category="0401")
    with clock.later(timedelta(hours=2)):
        push_all()
    assert receiver.events == ["received", "dispatched", "signed", "finished", "closed"]
    bodies = [body for body, _, _ in receiver.heard]
    assert [body["state"] for body in bodies] == ["received", "dispatched", "in_progress", "callback", "closed"]
    assert {(body["number"], body["category"], body["area"]) for body in bodies} == {
        (receipt.number, "0401", case.area_code[:12])
    }
    for body, headers, raw in receiver.heard:
        assert right(secret, headers, raw)
        assert (headers["X-Yijiaan-Event"], headers["X-Yijiaan-Delivery"].split(":")[0]) == (body["event"], body["id"])
        words = raw.decode()
        assert not any(said in words for said in ("张先生", PHONE, "路灯", case.number, receipt.tracking_code))
    assert push_all() == 0


def test_of_tips_other_places_and_other_events_it_hears_nothing(
    town: Town, receiver: Receiver, joined: tuple[Webhook, str]
) -> None:
    actions.change_webhook(
        actor=town.actor("admin"),
        webhook_id=joined[0].id,
        name="数据局",
        url=receiver.url,
        events=["signed"],
        is_active=True,
    )
    make.report(kind="tip")
    make.report(make.OTHER_TOWN, lon=None, lat=None)
    make.report()
    assert push_all() == 0
    assert WebhookCall.objects.filter(county=COUNTY).count() == 0


def test_a_receiver_that_is_down_gets_everything_later_and_one_that_refuses_is_shown(
    town: Town, receiver: Receiver, joined: tuple[Webhook, str]
) -> None:
    row, _ = joined
    receiver.answers = [500]
    with clock.at(NOON):
        first, second = make.report(), make.report()
        assert push_all() == 1
    with clock.at(NOON + timedelta(seconds=14)):
        assert push_all() == 0
    receiver.answers = [422]
    with clock.at(NOON + timedelta(minutes=1)):
        assert push_all() == 2
    assert [body["number"] for body, _, _ in receiver.heard] == [second.number]
    stuck = WebhookCall.objects.get(county=COUNTY, state="stuck")
    assert (stuck.number, stuck.answer_code, stuck.tries) == (first.number, 422, 2)
    page = town.client("admin").get(f"/connectors/webhooks/{row.id}/").content.decode()
    assert "对方不收" in page
    assert "422" in page
    with pytest.raises(NotAllowed), unchanged(WebhookCall):
        actions.retry_call(actor=town.actor("dispatcher"), call_id=stuck.id)
    assert town.client("admin").post(f"/connectors/webhooks/{row.id}/calls/{stuck.id}/retry/").status_code == 302
    assert push_all() == 1
    with pytest.raises(RuleError, match="已经推到了"):
        actions.retry_call(actor=town.actor("admin"), call_id=stuck.id)


def test_a_redirect_is_not_followed(town: Town, receiver: Receiver, joined: tuple[Webhook, str]) -> None:
    receiver.answers, receiver.target = [302], receiver.url
    make.report()
    push_all()
    assert receiver.heard == []
    assert WebhookCall.objects.get(county=COUNTY).answer_code == 302


def test_after_five_days_it_is_put_out_of_use_and_the_administrator_is_told(
    town: Town, receiver: Receiver, joined: tuple[Webhook, str]
) -> None:
    row, _ = joined
    receiver.answers = [503] * 100
    with clock.at(NOON):
        make.report()
        push_all()
    with clock.at(NOON + timedelta(days=4)):
        push_all()
        row.refresh_from_db()
        assert row.is_active
    with clock.at(NOON + timedelta(days=5, hours=2)):
        push_all()
    row.refresh_from_db()
    assert (row.is_active, row.stopped_at is not None) == (False, True)
    (notice,) = Notice.objects.filter(county=COUNTY, title__contains="停用了")
    assert notice.post_id == town.posts["admin"].id
    assert "自动停用" in town.client("admin").get(notice.link).content.decode()
    receiver.answers = []
    with clock.at(NOON + timedelta(days=6)):
        make.report()
        assert push_all() == 0  # nothing new is owed meanwhile
        actions.change_webhook(
            actor=town.actor("admin"), webhook_id=row.id, name=row.name, url=row.url, events=ALL, is_active=True
        )
        assert push_all() == 1
    row.refresh_from_db()
    assert (row.failing_since, row.stopped_at) == (None, None)


def test_for_a_day_both_secrets_sign(town: Town, receiver: Receiver, joined: tuple[Webhook, str]) -> None:
    row, old = joined
    with clock.at(NOON):
        client = town.client("admin")
        page = client.post(f"/connectors/webhooks/{row.id}/renew/").content.decode()
        row.refresh_from_db()
        new = row.secret_sealed
        assert new in page
        assert new not in client.get(f"/connectors/webhooks/{row.id}/").content.decode()
        make.report()
        push_all()
    with clock.at(NOON + timedelta(hours=25)):
        make.report()
        push_all()
    (_, early, raw), (_, late, later_raw) = receiver.heard
    assert right(old, early, raw)
    assert right(new, early, raw)
    assert not right(old, late, later_raw)
    assert right(new, late, later_raw)
    assert not any(old in json.dumps(entry.data) for entry in Entry.objects.filter(county=COUNTY))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://10.0.0.8/x", "http://169.254.169.254/latest", "http://[::1]/", "http://192.168.1.1",
        "http://[::ffff:10.0.0.8]/", "http://100.64.0.1/", "http://0.0.0.0/", "http://[fe80::1]/", "http://224.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(town: Town, url: str) -> None:
    with pytest.raises(RuleError) as refused, unchanged(Webhook):
        actions.make_webhook(actor=town.actor("admin"), name="内网", url=url, area_code=TOWN, events=ALL)
    assert (refused.value.code, refused.value.field) == ("private_address", "url")


def test_a_name_that_means_another_address_at_the_call_is_caught(
    town: Town, receiver: Receiver, joined: tuple[Webhook, str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _ = joined
    settings.PRIVATE_TARGETS = []
    Webhook.objects.filter(id=row.id).update(url=receiver.url.replace("127.0.0.1", "hook.example.cn"))
    looks: list[str] = []

    def look(host: str, port: int, **more: Any) -> list[Any]:
        looks.append(host)
        return [(0, 0, 0, "", ("93.184.216.34" if len(looks) == 1 else "127.0.0.1", port))]

    monkeypatch.setattr(line.socket, "getaddrinfo", look)
    connected: list[Any] = []

    def connect(address: Any, *args: Any, **more: Any) -> Any:
        connected.append(address[0])
        raise OSError("no way out of a test")

    monkeypatch.setattr(line.socket, "create_connection", connect)
    make.report()
    push_all()
    assert (looks, connected) == (["hook.example.cn"], ["93.184.216.34"])  # one look, and the call goes to what it saw
    monkeypatch.setattr(line.socket, "getaddrinfo", lambda *args, **more: [(0, 0, 0, "", ("10.1.2.3", 80))])
    answer = actions.try_webhook(actor=town.actor("admin"), webhook_id=row.id)
    assert "在内网" in answer.words
    assert receiver.heard == []


def test_the_pages_make_try_and_pause_an_address(town: Town, receiver: Receiver) -> None:
    client = town.client("admin")
    good = {"name": "数据局", "url": receiver.url, "area": TOWN, "events": ["received", "closed"]}
    for changes, words in (
        ({"name": ""}, "请填名称"), ({"url": "x"}, "要以 http"), ({"events": []}, "请至少选一项"),
        ({"url": "http://a:b@example.cn/"}, "不带用户名"),
    ):  # fmt: skip
        with unchanged(Webhook):
            answer = client.post("/connectors/webhooks/new/", good | changes)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
    page = client.post("/connectors/webhooks/new/", good).content.decode()
    row = Webhook.objects.get()
    assert row.secret_sealed in page
    assert "数据局" in client.get("/connectors/webhooks/").content.decode()
    assert "收到了" in client.post(f"/connectors/webhooks/{row.id}/try/").content.decode()
    assert receiver.events == ["ping"]
    assert client.post(f"/connectors/webhooks/{row.id}/edit/", good).status_code == 302  # unticked: paused
    make.report()
    assert push_all() == 0
    assert "暂停" in client.get("/connectors/webhooks/").content.decode()
    for who in ("dispatcher", "power", "auditor"):
        assert town.client(who).get("/connectors/webhooks/").status_code == 403
    with pytest.raises(NotAllowed), unchanged(Webhook):
        actions.renew_webhook_secret(actor=town.actor("dispatcher"), webhook_id=row.id)


def test_the_list_and_the_log_take_a_fixed_number_of_statements(town: Town, receiver: Receiver) -> None:
    client = town.client("admin")
    counts = []
    for number in range(3):
        row, _ = actions.make_webhook(
            actor=town.actor("admin"), name=f"地址 {number}", url=receiver.url, area_code=TOWN, events=ALL
        )
        for _ in range(number):
            make.report()
        deliver_all()
        client.get("/connectors/webhooks/")
        with assert_statements() as listed:
            client.get("/connectors/webhooks/")
        with assert_statements() as shown:
            client.get(f"/connectors/webhooks/{row.id}/")
        counts.append((len(listed), len(shown)))
    assert len(set(counts)) == 1


def test_merged_reports_are_told_under_one_number(town: Town, receiver: Receiver, joined: Any) -> None:
    first, second = make.report(), make.report()
    number = make.case(first).number
    cases.merge_cases(actor=town.actor("dispatcher"), number=number, parts=[make.case(second).number])
    deliver_all()
    cases.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id)
    push_all()
    assert [body["number"] for body, _, _ in receiver.heard if body["event"] == "dispatched"] == [first.number]
