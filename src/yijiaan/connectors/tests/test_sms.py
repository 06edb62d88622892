"""SMS to reporters: told once, in order, at decent hours, whatever the gateway does; nothing queues where there is none."""

import hashlib
import hmac
import json
import threading
import time as real_time
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection as database
from django.test import Client

from yijiaan.cases import actions as cases
from yijiaan.cases.actions import ProxyFacts
from yijiaan.cases.telling import tell_reporters
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, PHONE, Town
from yijiaan.connectors import actions, line
from yijiaan.connectors.actions import GatewayFacts
from yijiaan.connectors.models import SmsGateway
from yijiaan.connectors.sms import wire
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.actions import note_call, queue_messages
from yijiaan.engines.notices.models import Message
from yijiaan.engines.notices.retention import purge_messages
from yijiaan.engines.texts.queries import own_wordings

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class FakeGateway:
    """A gateway on this machine: answers what it is told to, remembers what it was sent."""

    def __init__(self) -> None:
        fake = self
        self.sent: list[dict[str, Any]] = []
        self.answers: list[tuple[int, str]] = []
        self.hangs = 0.0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                self._take(raw)

            def do_GET(self) -> None:
                self._take("")

            def _take(self, raw: str) -> None:
                is_json = "json" in (self.headers.get("Content-Type") or "")
                body = (
                    json.loads(raw)
                    if is_json
                    else {k: v[0] for k, v in parse_qs(raw or urlsplit(self.path).query).items()}
                )
                fake.sent.append({"body": body, "headers": dict(self.headers), "method": self.command})
                if fake.hangs:
                    real_time.sleep(fake.hangs)
                status, text = fake.answers.pop(0) if fake.answers else (200, '{"code": 0, "data": [{"id": "G1"}]}')
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/send"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def texts(self) -> list[str]:
        return [one["body"]["content"] for one in self.sent]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def town() -> Town:
    return make.town()


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeGateway]:
    settings.PRIVATE_TARGETS = [ip_network("127.0.0.0/8")]
    gateway = FakeGateway()
    yield gateway
    gateway.close()


def facts(fake: FakeGateway, **changes: Any) -> GatewayFacts:
    values: dict[str, Any] = {
        "name": "县政务短信", "site": "https://yja.example.cn/", "url": fake.url,
        "body": '{"mobile": "{phone}", "content": "【驿家安】{text}", "ts": "{time}", "nonce": "{nonce}", "sign": "{sign}"}',
        "signing": "hmac-sha256", "sign_template": "{time}{nonce}{phone}", "secret": "s3cret",
        "success_path": "code", "success_values": "0", "temporary_values": "BUSY,429", "reference_path": "data.0.id",
    }  # fmt: skip
    return GatewayFacts(**(values | changes))


@pytest.fixture
def joined(town: Town, fake: FakeGateway) -> FakeGateway:
    actions.set_gateway(actor=town.actor("admin"), facts=facts(fake))
    return fake


def deliver_all() -> None:
    while deliver(actor=system("tests")):
        pass


def send_all() -> int:
    sent = 0
    while done := actions.send_messages(actor=system("tests")):
        sent += done
    return sent


def states() -> list[tuple[str, str]]:
    return list(Message.objects.filter(county=COUNTY).order_by("id").values_list("state", "reason"))


# ---- what a reporter is told ----


def test_a_reporter_hears_of_each_step_with_his_number_and_a_link_that_needs_no_phone(
    town: Town, joined: FakeGateway
) -> None:
    with clock.at(NOON):
        _, receipt = make.case_in(town, "received")
        number = make.case(receipt).number
        deliver_all()
        send_all()
    for days, deed in enumerate(
        (
            lambda: cases.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id),
            lambda: cases.sign_case(actor=town.actor("power"), number=number),
            lambda: cases.ask_extension(
                actor=town.actor("power"), number=number, reason="weather", text="要等天晴。", days=3
            ),
            lambda: cases.decide_request(actor=town.actor("leader"), number=number, is_agreed=True),
            lambda: cases.finish_case(actor=town.actor("power"), number=number, result="换了灯泡。"),
        ),
        1,
    ):
        with clock.at(NOON + timedelta(days=days)):
            deed()
            deliver_all()
            send_all()
    with clock.at(NOON + timedelta(days=60)):
        cases.close_unanswered(actor=system("tests"))
        deliver_all()
        send_all()
    link = f"https://yja.example.cn/p/{receipt.tracking_code}/"
    assert [text.split("，")[0].removeprefix("【驿家安】") for text in joined.texts] == [
        "您反映的事收到了", f"编号{receipt.number}的事", f"编号{receipt.number}的事还要些时间", f"编号{receipt.number}的事办好了",
        f"编号{receipt.number}的事办完了。结果在这里：{link}",
    ]  # fmt: skip
    assert all(receipt.number in text and link in text for text in joined.texts)
    assert not any(word in text for text in joined.texts for word in ("张先生", "路灯", PHONE))
    assert {one["body"]["mobile"] for one in joined.sent} == {PHONE}
    assert Client().get(f"/p/{receipt.tracking_code}/").status_code == 200
    said = joined.sent[0]["body"]
    wanted = hmac.new(b"s3cret", f"{said['ts']}{said['nonce']}{PHONE}".encode(), hashlib.sha256).hexdigest()
    assert said["sign"] == wanted
    assert {state for state, _ in states()} == {"delivered"}


def test_who_reported_the_same_is_each_told_by_himself(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        first, second = make.report(), make.report(reporter_phone="15400012218")
        cases.merge_cases(
            actor=town.actor("dispatcher"), number=make.case(first).number, parts=[make.case(second).number]
        )
        deliver_all()
        send_all()
        joined.sent.clear()
    with clock.at(NOON + timedelta(days=1)):
        number = make.case(first).number
        cases.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id)
        cases.sign_case(actor=town.actor("power"), number=number)
        deliver_all()
        send_all()
    told = {one["body"]["mobile"]: one["body"]["content"] for one in joined.sent}
    assert set(told) == {PHONE, "15400012218"}
    assert first.number in told[PHONE]
    assert first.tracking_code in told[PHONE]
    assert second.number in told["15400012218"]
    assert second.tracking_code in told["15400012218"]


def test_who_told_for_somebody_hears_of_it_too(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        cases.submit_by_proxy(
            actor=town.actor("dispatcher"), intake=make.intake(), proxy=ProxyFacts("neighbour", "茅小侄", "15400017002"),
            door=make.TOWN, channel="phone",
        )  # fmt: skip
        deliver_all()
        while send_all():
            pass
    assert sorted(row["body"]["mobile"] for row in joined.sent) == sorted([PHONE, "15400017002"])


def test_tips_the_hotline_and_those_without_a_phone_are_told_nothing(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        make.report(kind="tip")
        make.report(reporter_phone="")
        cases.submit_report(
            actor=make.door(), intake=make.intake(external_number="JN1"), door=make.TOWN, channel="hotline_12345"
        )
        deliver_all()
        assert send_all() == 0
    assert states() == []


def test_a_landline_is_rung_when_something_is_asked_and_no_longer_when_he_has_answered(
    town: Town, joined: FakeGateway
) -> None:
    with clock.at(NOON):
        receipt = make.report(reporter_phone="0537-3412345")
        cases.ask_reporter(actor=town.actor("dispatcher"), number=make.case(receipt).number, text="是哪一盏灯？")
        deliver_all()
        assert send_all() == 0
        row = Message.objects.get(county=COUNTY)
        assert (row.channel, row.state) == ("call", "created")
        page = town.client("dispatcher").get("/connectors/sms/").content.decode()
        assert receipt.number in page
        assert "0537" not in page
        assert "3412345" not in page
        with pytest.raises(NotAllowed), unchanged(Message):
            note_call(actor=town.actor("admin"), message_id=row.id, is_reached=True)
        town.client("dispatcher").post(f"/connectors/sms/{row.id}/called/", {"result": "told"})
        row.refresh_from_db()
        assert row.state == "delivered"
        with pytest.raises(RuleError, match="已经有人打过"):
            note_call(actor=town.actor("dispatcher"), message_id=row.id, is_reached=True)
        other = make.report(reporter_phone="0537-3412346")
        cases.ask_reporter(actor=town.actor("dispatcher"), number=make.case(other).number, text="是哪一盏灯？")
        deliver_all()
        cases.answer_question(actor=make.reporter(other), text="第三盏")
        deliver_all()
        assert Message.objects.get(county=COUNTY, subject_id=other.report_id).reason == "superseded"


def test_once_a_day_and_the_newest_word_next_morning_but_what_is_asked_at_once(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        case, receipt = make.case_in(town, "in_progress")
        deliver_all()
        send_all()
    assert len(joined.sent) == 1  # the receipt, or the newest of what waited: one in any case
    with clock.at(NOON + timedelta(hours=1)):
        cases.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
        deliver_all()
        assert send_all() == 0
    with clock.at(NOON + timedelta(hours=19, minutes=50)):  # 7:50 the next morning
        assert send_all() == 0
    with clock.at(NOON + timedelta(hours=20, minutes=1)):
        assert send_all() == 1
    assert "办好了" in joined.texts[-1]
    with clock.at(NOON + timedelta(hours=20, minutes=2)):
        asked = make.report(reporter_phone="15400012219")
        deliver_all()
        send_all()
        cases.ask_reporter(actor=town.actor("dispatcher"), number=make.case(asked).number, text="是哪一盏灯？")
        deliver_all()
        assert send_all() == 1
    assert "还差一点情况" in joined.texts[-1]
    assert receipt.number not in joined.texts[-1]


def test_nobody_is_woken(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON + timedelta(hours=9, minutes=1)):  # 21:01
        make.report()
        deliver_all()
        assert send_all() == 0
    with clock.at(NOON + timedelta(hours=19, minutes=29)):
        assert send_all() == 0
    with clock.at(NOON + timedelta(hours=19, minutes=31)):
        assert send_all() == 1


def test_a_category_may_be_worded_apart_on_the_page_of_texts(town: Town, joined: FakeGateway) -> None:
    client = town.client("admin")
    client.post(
        "/settings/texts/new/",
        {"sentence": "cases.sms.received", "scope": "04", "text": "设施的事收到了，编号{编号}：{链接}"},
    )
    page = client.get("/settings/texts/").content.decode()
    assert "设施的事收到了" in page
    assert "另写" in page
    with clock.at(NOON):
        make.report(category="0401")
        make.report(category="0201", reporter_phone="15400012218")
        deliver_all()
        send_all()
    assert sorted("设施的事" in text for text in joined.texts) == [False, True]
    client.post("/settings/texts/cases.sms.received@04/restore/")
    assert list(own_wordings(town.actor("admin"))) == []
    refused = client.post("/settings/texts/new/", {"sentence": "cases.sms.received", "scope": "04", "text": "{姓名}好"})
    assert "没有“姓名”这一项" in refused.content.decode()


# ---- the gateway ----


def test_without_a_gateway_nothing_waits_and_nothing_is_kept_and_the_page_says_so(town: Town) -> None:
    with clock.at(NOON):
        make.report()
        deliver_all()
        assert send_all() == 0
    row = Message.objects.get(county=COUNTY)
    assert (row.state, row.reason, row.phone_sealed, row.text_sealed) == ("suppressed", "no_gateway", "", "")
    for who in ("admin", "dispatcher"):
        assert "没有接短信" in town.client(who).get("/connectors/sms/").content.decode()
    assert "还没有接短信" in town.client("admin").get("/connectors/sms/settings/").content.decode()


def test_what_waits_when_the_gateway_is_taken_out_of_use_is_dropped(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        make.report()
        deliver_all()
        actions.set_gateway(actor=town.actor("admin"), facts=facts(joined, is_active=False))
        assert send_all() == 0
    assert states() == [("suppressed", "no_gateway")]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, '{"code": 0}'), "delivered"),
        ((200, '{"code": "BUSY"}'), "temporary_failure"),
        ((200, '{"code": 2, "msg": "号码不对"}'), "permanent_failure"),
        ((500, "boom"), "temporary_failure"),
        ((429, "slow down"), "temporary_failure"),
        ((200, "<html>请登录</html>"), "temporary_failure"),
        ((200, "[]"), "permanent_failure"),
    ],
)
def test_what_the_gateway_says_is_read_by_its_settings(
    town: Town, joined: FakeGateway, answer: tuple[int, str], state: str
) -> None:
    joined.answers = [answer]
    with clock.at(NOON):
        make.report()
        deliver_all()
        actions.send_messages(actor=system("tests"))
    row = Message.objects.get(county=COUNTY)
    assert row.state == state
    assert bool(row.problem) == (state != "delivered")
    if state == "permanent_failure":
        client = town.client("dispatcher")
        assert "再发" in client.get("/connectors/sms/").content.decode()
        client.post(f"/connectors/sms/{row.id}/resend/")
        row.refresh_from_db()
        assert row.state == "created"


def test_a_gateway_that_was_down_for_a_day_gets_everything_in_order(town: Town, joined: FakeGateway) -> None:
    url, dead = joined.url, "http://127.0.0.1:1/send"
    SmsGateway.objects.update(url=dead)
    with clock.at(NOON):
        receipts = [make.report() for _ in range(3)]
        deliver_all()
        assert send_all() == 1  # the others need not try
    for hours in range(1, 9):
        with clock.at(NOON + timedelta(hours=hours)):
            assert send_all() <= 1
    SmsGateway.objects.update(url=url)
    with clock.at(NOON + timedelta(days=1)):
        send_all()
    assert [text.split("编号")[1].split("，")[0] for text in joined.texts] == [one.number for one in receipts]
    assert {state for state, _ in states()} == {"delivered"}


def test_what_could_not_be_sent_for_three_days_is_old_news(town: Town, joined: FakeGateway) -> None:
    SmsGateway.objects.update(url="http://127.0.0.1:1/send")
    with clock.at(NOON):
        make.report()
        make.report(reporter_phone="15400012218")
        deliver_all()
        assert send_all() == 1
    SmsGateway.objects.update(url=joined.url)
    with clock.at(NOON + timedelta(days=3, hours=1)):
        assert send_all() == 0
        assert states() == [("permanent_failure", "expired")] * 2
        assert joined.sent == []
        row = Message.objects.filter(county=COUNTY).first()
        assert row is not None
        town.client("dispatcher").post(f"/connectors/sms/{row.id}/resend/")
        assert send_all() == 1


def test_a_reason_holds_neither_phone_nor_key_nor_secret(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        receipt = make.report()
        said = json.dumps(
            {"code": 9, "to": PHONE, "url": f"https:\\/\\/x\\/p\\/{receipt.tracking_code}\\/", "k": "s3cret"}
        )
        joined.answers = [(200, said)]
        deliver_all()
        actions.send_messages(actor=system("tests"))
    row = Message.objects.get(county=COUNTY)
    assert row.state == "permanent_failure"
    for secret in (PHONE, receipt.tracking_code, "s3cret"):
        assert secret not in row.problem


def test_an_answer_that_never_comes_is_left_to_a_person_unless_the_gateway_knows_repeats(
    town: Town, joined: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TIMEOUT", 0.2)
    joined.hangs = 0.6
    with clock.at(NOON):
        make.report()
        deliver_all()
        actions.send_messages(actor=system("tests"))
    row = Message.objects.get(county=COUNTY)
    assert row.state == "technical_failure"
    assert "不知道发了没有" in row.problem
    actions.set_gateway(actor=town.actor("admin"), facts=facts(joined, is_idempotent=True))
    with clock.at(NOON + timedelta(minutes=10)):
        make.report(reporter_phone="15400012218")
        deliver_all()
        actions.send_messages(actor=system("tests"))
        assert Message.objects.filter(county=COUNTY).latest("id").state == "temporary_failure"
    joined.hangs = 0.0
    with clock.at(NOON + timedelta(minutes=20)):
        send_all()
    assert joined.sent[-1]["body"]["nonce"] == joined.sent[-2]["body"]["nonce"]


def test_a_sender_that_died_leaves_what_it_was_sending_to_a_person(town: Town, joined: FakeGateway) -> None:
    def die(*args: Any, **values: Any) -> Any:
        raise KeyboardInterrupt

    with clock.at(NOON):
        make.report()
        deliver_all()
        with pytest.raises(KeyboardInterrupt):
            actions.send_messages(actor=system("tests"), send=die)
        assert states() == [("sending", "")]
    with clock.at(NOON + timedelta(minutes=5)):
        assert send_all() == 0
    with clock.at(NOON + timedelta(minutes=11)):
        assert send_all() == 0
        assert states() == [("technical_failure", "")]
    assert joined.sent == []


def test_delivery_reports_decide_where_the_gateway_gives_them(town: Town, joined: FakeGateway) -> None:
    gateway = actions.set_gateway(
        actor=town.actor("admin"),
        facts=facts(
            joined, takes_reports=True, report_list_path="reports", report_reference_path="id", report_state_path="st",
            report_delivered_values="DELIVRD",
        ),
    )  # fmt: skip
    joined.answers = [(200, '{"code": 0, "data": [{"id": "G1"}]}'), (200, '{"code": 0, "data": [{"id": "G2"}]}')]
    with clock.at(NOON):
        make.report()
        make.report(reporter_phone="15400012218")
        deliver_all()
        send_all()
        assert states() == [("sending", ""), ("sending", "")]
        door = f"/api/v1/sms/reports/{gateway.report_token}"
        told = {
            "reports": [{"id": "G1", "st": "DELIVRD"}, {"id": "G2", "st": "UNDELIV"}, {"id": "??", "st": "DELIVRD"}]
        }
        answer = Client().post(door, json.dumps(told), content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"code": 0, "taken": 2})
        assert [state for state, _ in states()] == ["delivered", "permanent_failure"]
        with unchanged(Message):
            for bad, status in ((b"{", 400), (b'{"reports": [{}]}', 422), (b"[]", 422)):
                assert Client().post(door, bad, content_type="application/json").status_code == status
            assert Client().post("/api/v1/sms/reports/guess", b"{}", content_type="application/json").status_code == 404


def test_a_message_without_a_report_for_three_days_is_looked_at(town: Town, joined: FakeGateway) -> None:
    more = {
        "takes_reports": True,
        "report_reference_path": "id",
        "report_state_path": "st",
        "report_delivered_values": "1",
    }
    actions.set_gateway(actor=town.actor("admin"), facts=facts(joined, **more))
    with clock.at(NOON):
        make.report()
        deliver_all()
        send_all()
    with clock.at(NOON + timedelta(days=3, minutes=1)):
        send_all()
    assert states() == [("technical_failure", "")]


@pytest.mark.parametrize("kind", ["form", "query"])
@pytest.mark.parametrize(("signing", "length"), [("none", 0), ("md5", 32), ("sm3", 64)])
def test_forms_and_addresses_and_every_signature(
    town: Town, fake: FakeGateway, kind: str, signing: str, length: int
) -> None:
    actions.set_gateway(
        actor=town.actor("admin"),
        facts=facts(
            fake, body_kind=kind, body="mobile={phone}&content={text}&t={stamp}\npw={secret}&sign={sign}", signing=signing,
            sign_template="{secret}{stamp}", headers="X-App: {time_ms}\nAuthorization: Bearer {secret}", success_path="",
            success_values="",
        ),
    )  # fmt: skip
    with clock.at(NOON):
        result = actions.try_gateway(actor=town.actor("admin"), phone="154 0001 2217")
    assert result.kind == "delivered"
    (one,) = fake.sent
    assert one["method"] == ("GET" if kind == "query" else "POST")
    assert (one["body"]["mobile"], one["body"]["t"], one["body"]["pw"]) == ("15400012217", "20261123120000", "s3cret")
    assert len(one["body"].get("sign", "")) == length
    if signing == "md5":
        assert one["body"]["sign"] == hashlib.md5(b"s3cret20261123120000").hexdigest()  # noqa: S324
    assert one["headers"]["Authorization"] == "Bearer s3cret"
    assert Message.objects.filter(county=COUNTY).count() == 0


def test_the_settings_page_sets_up_and_tries_out_and_never_shows_the_secret(town: Town, fake: FakeGateway) -> None:
    client = town.client("admin")
    good = {
        "name": "县政务短信", "site": "https://yja.example.cn", "url": fake.url, "body_kind": "json",
        "body": '{"mobile": "{phone}", "content": "{text}", "sign": "{sign}"}', "signing": "sm3",
        "sign_template": "{secret}{time}", "secret": "gateway-secret-1", "success_path": "code", "success_values": "0",
        "is_active": "on", "quiet_from": "22:00",
    }  # fmt: skip
    for changes, words in (
        ({"url": "ftp://x"}, "要以 http:// 或 https:// 开头"), ({"url": "http://169.254.169.254/"}, "在内网"),
        ({"body": "{"}, "不是 JSON"), ({"body": '{"content": "{text}"}'}, "没有 {phone}"), ({"name": " "}, "请填名称"),
        ({"headers": "no colon"}, "一行一个"), ({"success_values": ""}, "哪些值算成功"), ({"site": "x"}, "要以 http"),
        ({"takes_reports": "on"}, "编号、结果在哪里"), ({"sign_template": ""}, "请填签名的内容"),
        ({"body_kind": "form", "body": "x"}, "名称=值"),
    ):  # fmt: skip
        with unchanged(SmsGateway):
            answer = client.post("/connectors/sms/settings/", good | changes)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
    assert client.post("/connectors/sms/settings/", good).status_code == 302
    row = SmsGateway.objects.get()
    assert (row.quiet_from, row.quiet_to) == (time(22, 0), time(7, 30))
    assert "gateway-secret-1" not in client.get("/connectors/sms/settings/").content.decode()
    client.post("/connectors/sms/settings/", good | {"secret": "", "name": "改了名"})
    row.refresh_from_db()
    assert (row.name, row.secret_sealed) == ("改了名", "gateway-secret-1")
    page = client.post("/connectors/sms/try/", {"phone": "15400012217"}).content.decode()
    assert "网关收下了" in page
    fake.answers = [(200, '{"code": 7, "msg": "签名不对 15400012217"}')]
    page = client.post("/connectors/sms/try/", {"phone": "15400012217"}).content.decode()
    assert "没有发出去" in page
    assert "签名不对" in page
    assert "手机号应为" in client.post("/connectors/sms/try/", {"phone": "1"}).content.decode()
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sms_gateway AS g WHERE g::text LIKE %s", ["%gateway-secret-1%"])
        assert cursor.fetchone()[0] == 0
    assert not any("gateway-secret-1" in json.dumps(entry.data) for entry in Entry.objects.filter(county=COUNTY))
    for who in ("dispatcher", "power"):
        assert town.client(who).get("/connectors/sms/settings/").status_code == 403
        with pytest.raises(NotAllowed), unchanged(SmsGateway):
            actions.set_gateway(actor=town.actor(who), facts=facts(fake))


def test_private_addresses_are_refused_when_they_hide_behind_a_name(
    town: Town, fake: FakeGateway, settings: Any
) -> None:
    settings.PRIVATE_TARGETS = []
    row = SmsGateway(url=fake.url.replace("127.0.0.1", "localhost"), body='{"m": "{phone}{text}"}')
    result = wire.send(row, phone="15400012217", text="试", nonce="1")
    assert "在内网" in result.words
    assert fake.sent == []


@pytest.mark.parametrize("who", ["dispatcher", "centre_head", "county", "admin"])
def test_whoever_looks_after_it_finds_it_in_the_menu(town: Town, who: str) -> None:
    client = town.client(who)
    home = client.get("/", follow=True).content.decode()
    assert 'href="/connectors/"' in home
    assert 'href="/connectors/sms/"' in client.get("/connectors/").content.decode()


# ---- the queue ----


def test_the_same_news_twice_is_one_message_and_an_erased_person_is_not_told(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        receipt = make.report()
        deliver_all()
        entries = list(Entry.objects.filter(county=COUNTY, verb="cases.received"))
        with unchanged(Message):
            tell_reporters(COUNTY, entries)
        case = make.case(receipt)
        cases.erase_reporter(actor=system("tests", COUNTY), number=case.number, report_id=receipt.report_id)
        deliver_all()
        assert send_all() == 0
    row = Message.objects.get(county=COUNTY)
    assert (row.state, row.reason, row.phone_sealed, row.text_sealed) == ("suppressed", "erased", "", "")


def test_news_that_came_up_late_is_told_to_nobody(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        make.report()
    with clock.at(NOON + timedelta(days=4)):
        deliver_all()
    assert states() == []


def test_a_batch_takes_a_handful_of_statements_and_the_page_a_fixed_number(town: Town, joined: FakeGateway) -> None:
    counts = []
    for many in (2, 12):
        with clock.at(NOON + timedelta(days=many)):
            for number in range(many):
                make.report(reporter_phone=f"154000{many:02d}{number:03d}")
            entries = list(Entry.objects.filter(county=COUNTY, verb="cases.received", happened_at__gte=clock.now()))
            assert len(entries) == many
            tell_reporters(COUNTY, entries[:1])
            with assert_statements() as seen:
                tell_reporters(COUNTY, entries)
            counts.append(len(seen))
    assert counts[0] == counts[1] <= 8
    client = town.client("dispatcher")
    client.get("/connectors/sms/")
    with assert_statements() as few:
        client.get("/connectors/sms/")
    Message.objects.filter(county=COUNTY).update(state="technical_failure")
    with assert_statements() as many_rows:
        client.get("/connectors/sms/")
    assert len(few) == len(many_rows)


@pytest.mark.crosses_counties("the nightly purge finds its counties")
def test_old_messages_go(town: Town, joined: FakeGateway) -> None:
    with clock.at(NOON):
        make.report()
        deliver_all()
        send_all()
        make.report(reporter_phone="15400012218")
        deliver_all()
    assert purge_messages(NOON + timedelta(days=1), 100) == 1
    assert [state for state, _ in states()] == ["created"]


def test_only_the_system_queues_and_sends(town: Town) -> None:
    with pytest.raises(NotAllowed):
        queue_messages(actor=town.actor("admin"), county=COUNTY, messages=[])
    with pytest.raises(NotAllowed):
        actions.send_messages(actor=town.actor("admin"))
