"""The hotline's orders in and results out: nothing lost, nothing doubled, whatever it does."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.cases import actions as cases
from yijiaan.cases.models import Case, Note, Rating, Report
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, TOWN, Town
from yijiaan.cases.tests.pictures import jpeg
from yijiaan.connectors import actions
from yijiaan.connectors.models import Connection, InboundMessage, OutboundMessage
from yijiaan.connectors.simulator import Hotline, Line
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver

pytestmark = pytest.mark.django_db
PATH = "/api/v1/hotline/messages"
HERE = system("tests", COUNTY)


@pytest.fixture
def town() -> Town:
    return make.town()


def _connect(town: Town, **changes: Any) -> tuple[Connection, Hotline]:
    values = {
        "code": "hotline_12345", "name": "12345 热线", "area_code": TOWN, "channel": "hotline_12345", "calls_back": True,
    } | changes  # fmt: skip
    row, secret = actions.make_connection(actor=town.actor("admin"), **values)
    return row, Hotline(row.code, secret, row.algorithm)


@pytest.fixture
def joined(town: Town) -> tuple[Connection, Hotline]:
    return _connect(town)


def order(number: str = "JN2026112800123", **changes: Any) -> dict[str, Any]:
    """A street lamp that somebody rang the city about."""
    lon, lat = make.land.middle(0)
    return {
        "type": "order", "number": number, "text": "路灯不亮，影响出行，要求尽快处理。", "lon": lon, "lat": lat, "category": "路灯",
        "reporter": {"name": "张先生", "phone": "15400012217"}, "due_at": "2026-12-02T17:30:00+08:00",
    } | changes  # fmt: skip


def send(hotline: Hotline, body: Any, **changes: str) -> Any:
    """By the signed API."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    signed = hotline.signed("POST", PATH, raw) | changes
    heads = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    return Client().post(PATH, raw, content_type="application/json", **heads)


def deliver_all() -> None:
    while deliver(actor=system("tests")):
        pass


def push_all() -> int:
    pushed = 0
    while done := actions.push_due(actor=system("tests")):
        pushed += done
    return pushed


# ---- in ----


def test_an_order_becomes_a_case_with_its_number_its_deadline_and_its_callback(town: Town, joined: Any) -> None:
    _, hotline = joined
    answer = send(hotline, order())
    assert answer.status_code == 201
    said = answer.json()
    report = Report.objects.get()
    assert (said["number"], said["our_number"], said["state"]) == ("JN2026112800123", report.number, "taken")
    case = Case.objects.get()
    assert (report.external_number, case.channel, case.category.name) == ("JN2026112800123", "hotline_12345", "路灯")
    assert case.outside_due_at.isoformat() == "2026-12-02T09:30:00+00:00"
    assert case.is_called_outside is True
    page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "JN2026112800123" in page
    assert town.client("dispatcher").get("/cases/?tab=all&q=JN2026112800123").content.decode().count(case.number) >= 1


def test_a_repeat_gets_the_first_answer_and_another_body_a_conflict(joined: Any) -> None:
    _, hotline = joined
    first = send(hotline, order())
    again = send(hotline, order())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["our_number"] == again.json()["our_number"]
    other = send(hotline, order(text="又说是两盏。"))
    assert (other.status_code, other.json()["code"]) == (409, "other_body")
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"X-Yijiaan-Signature": "0" * 64}, "bad_signature"),
        ({"X-Yijiaan-Time": "1"}, "bad_time"),
        ({"X-Yijiaan-Time": "soon"}, "bad_time"),
        ({"X-Yijiaan-Key": "nobody"}, "bad_signature"),
    ],
)
def test_who_does_not_hold_the_key_gets_no_further(joined: Any, changes: dict[str, str], code: str) -> None:
    _, hotline = joined
    with unchanged(Report, Case, InboundMessage):
        answer = send(hotline, order(), **changes)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_a_recording_is_refused_after_five_minutes(joined: Any) -> None:
    _, hotline = joined
    with clock.later(timedelta(minutes=-6)):
        old = hotline.signed("POST", PATH, json.dumps(order(), ensure_ascii=False).encode())
    assert send(hotline, order(), **old).json()["code"] == "bad_time"


def test_a_body_changed_on_the_way_is_noticed(joined: Any) -> None:
    _, hotline = joined
    signed = hotline.signed("POST", PATH, b"{}")
    assert send(hotline, order(), **signed).json()["code"] == "bad_signature"


def test_sha256_is_understood_too(town: Town) -> None:
    _, hotline = _connect(town, algorithm="hmac-sha256")
    assert send(hotline, order()).status_code == 201


def test_a_stopped_connection_is_closed(town: Town, joined: Any) -> None:
    row, hotline = joined
    actions.change_connection(
        actor=town.actor("admin"), connection_id=row.id, name=row.name, channel=row.channel, algorithm=row.algorithm,
        push_url="", calls_back=True, is_active=False,
    )  # fmt: skip
    assert send(hotline, order()).status_code == 401


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ([], "not_an_object", None),
        ({"type": "order"}, "missing", "number"),
        (order(text=""), "missing", "text"),
        (order(type="dance"), "unknown_kind", "type"),
        (order(kind="吐槽"), "unknown_matter", "kind"),
        (order(due_at="明天"), "bad_time", "due_at"),
        (order(lon="东边"), "bad_point", "lon"),
        (order(number="9" * 41), "too_long", "number"),
        (order(reporter="张先生"), "not_an_object", "reporter"),
        (order(reporter={"phone": "12"}), "bad_phone", None),
        ({"type": "callback", "number": "1", "result": "还行"}, "unknown_result", "result"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_kept_with_its_reason(
    joined: Any, body: Any, code: str, field: str | None
) -> None:
    _, hotline = joined
    with unchanged(Report, Case):
        answer = send(hotline, body)
    assert answer.status_code == 422
    if code != "bad_phone":
        assert answer.json()["code"] == code
    if field:
        assert answer.json()["field"] == field


def test_a_refused_order_sent_again_mended_is_taken(town: Town, joined: Any) -> None:
    row, hotline = joined
    send(hotline, order(reporter={"phone": "12"}))
    assert InboundMessage.objects.get().state == "refused"
    page = town.client("dispatcher").get(f"/connectors/{row.id}/").content.decode()
    assert "没有收" in page
    assert send(hotline, order()).status_code == 201
    assert InboundMessage.objects.get().state == "taken"


def test_an_unknown_category_loses_nothing(town: Town, joined: Any) -> None:
    row, hotline = joined
    said = send(hotline, order(category="城市照明设施维护")).json()
    assert said["state"] == "taken"
    assert "没有“城市照明设施维护”的类别对照" in said["problem"]
    assert Case.objects.get().category is None
    assert "城市照明设施维护" in town.client("admin").get(f"/connectors/{row.id}/").content.decode()


def test_what_comes_before_its_order_waits_for_it(joined: Any) -> None:
    _, hotline = joined
    waiting = send(hotline, {"type": "urge", "message_id": "u1", "number": "JN1", "text": "市民又打来了"})
    assert (waiting.status_code, waiting.json()["state"]) == (201, "waiting")
    send(hotline, {"type": "supplement", "message_id": "s1", "number": "JN1", "text": "在八号门口"})
    assert not Case.objects.exists()
    send(hotline, order("JN1"))
    case = Case.objects.get()
    assert case.supervision == "urged"
    assert Note.objects.filter(case=case, text__contains="在八号门口").count() == 1
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"taken"}
    assert not InboundMessage.objects.exclude(body_sealed=b"").exists()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(sent=st.lists(st.integers(0, 4), min_size=1, max_size=14))
def test_in_any_order_and_however_often_each_counts_once(sent: list[int], town: Town) -> None:
    row, hotline = _connect(town, code=f"line_{InboundMessage.objects.count()}_{Connection.objects.count()}")
    number = f"JN{row.code}"
    what = [
        order(number),
        {"type": "supplement", "message_id": "s1", "number": number, "text": "八号门口"},
        {"type": "supplement", "message_id": "s2", "number": number, "text": "晚上七点以后"},
        {"type": "urge", "message_id": "u1", "number": number},
        order(f"{number}b", text="井盖响。"),
    ]
    for index in [*sent, 0]:
        assert send(hotline, what[index]).status_code in (200, 201)
    case = Report.objects.get(external_number=number).case
    for index, words in ((1, "八号门口"), (2, "晚上七点以后")):
        assert Note.objects.filter(case=case, text__contains=words).count() == (1 if index in sent else 0)
    assert Report.objects.filter(external_number=f"{number}b").count() == (1 if 4 in sent else 0)
    assert case.supervision == ("urged" if 3 in sent else "")


def test_many_in_one_request_each_with_its_answer(joined: Any) -> None:
    _, hotline = joined
    answer = send(hotline, {"messages": [order("A1"), {"type": "order"}, order("A2", text="井盖响。"), order("A1")]})
    lines = answer.json()["results"]
    assert [line["status"] for line in lines] == [201, 422, 201, 200]
    assert lines[1]["body"]["field"] == "number"
    assert Case.objects.count() == 2


def test_half_a_file_and_no_json_are_told(joined: Any) -> None:
    _, hotline = joined
    raw = b'{"type": "order", "num'
    signed = hotline.signed("POST", PATH, raw)
    heads = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    answer = Client().post(PATH, raw, content_type="application/json", **heads)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")


# ---- out ----


@pytest.fixture
def line(town: Town) -> Iterator[tuple[Connection, Hotline]]:
    hotline = Hotline("hotline_12345", "")
    with Line(hotline) as heard:
        row, secret = actions.make_connection(
            actor=town.actor("admin"), code="hotline_12345", name="12345 热线", area_code=TOWN, channel="hotline_12345",
            push_url=heard.url, calls_back=True,
        )  # fmt: skip
        hotline.secret = secret
        yield row, hotline


def _handle(town: Town) -> Case:
    case = Case.objects.get()
    cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    cases.sign_case(actor=town.actor("power"), number=case.number)
    cases.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡和镇流器。")
    return Case.objects.get()


def test_the_round_trip_without_anybody_typing_twice(town: Town, line: Any) -> None:
    _, hotline = line
    send(hotline, order())
    case = _handle(town)
    assert (case.status, case.close_reason) == ("closed", "outside")
    deliver_all()
    assert push_all() == 3
    assert [said["event"] for said in hotline.heard] == ["dispatched", "signed", "finished"]
    last = hotline.heard[-1]
    assert (last["number"], last["result"]) == ("JN2026112800123", "换了灯泡和镇流器。")
    assert (
        send(hotline, {"type": "callback", "message_id": "c1", "number": last["number"], "result": "满意"}).status_code
        == 201
    )
    assert Rating.objects.get().result == "satisfied"
    assert Case.objects.get().status == "closed"
    assert not hotline.refused


def test_not_satisfied_there_begins_it_anew_here(town: Town, line: Any) -> None:
    _, hotline = line
    send(hotline, order())
    _handle(town)
    answer = send(
        hotline,
        {"type": "callback", "message_id": "c1", "number": "JN2026112800123", "result": "不满意", "text": "又灭了"},
    )
    assert answer.status_code == 201
    case = Case.objects.get()
    assert (case.status, case.reopened_count) == ("received", 1)
    assert (
        send(
            hotline,
            {"type": "callback", "message_id": "c1", "number": "JN2026112800123", "result": "不满意", "text": "又灭了"},
        ).status_code
        == 200
    )
    assert Case.objects.get().reopened_count == 1


def test_pictures_of_the_work_go_along(town: Town, line: Any) -> None:
    _, hotline = line
    send(hotline, order())
    case = Case.objects.get()
    cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    cases.sign_case(actor=town.actor("power"), number=case.number)

    cases.add_photo(actor=town.actor("power"), number=case.number, raw=jpeg(), purpose="after")
    cases.finish_case(actor=town.actor("power"), number=case.number, result="好了。")
    deliver_all()
    push_all()
    assert hotline.heard[-1]["attachments"][0]["media_type"] == "image/jpeg"


def test_down_for_a_day_the_results_wait_and_drain_in_order(town: Town, line: Any) -> None:
    row, hotline = line
    send(hotline, order("A1"))
    send(hotline, order("A2", text="井盖响。"))
    for case in Case.objects.order_by("id"):
        cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
        cases.sign_case(actor=town.actor("power"), number=case.number)
    deliver_all()
    hotline.answers = [503] * 1000
    hotline.window = timedelta(days=3)  # the clock of this test runs ahead of the hotline's
    began = clock.now()
    for minutes in range(0, 24 * 60, 10):
        with clock.at(began + timedelta(minutes=minutes)):
            actions.push_due(actor=system("tests"))
    assert hotline.heard == []
    assert 5 < OutboundMessage.objects.order_by("-tries").first().tries < 60
    page = town.client("admin").get(f"/connectors/{row.id}/").content.decode()
    assert "对方回答 503" in page
    hotline.answers = []
    with clock.at(began + timedelta(days=1, hours=1)):
        push_all()
    assert [(said["number"], said["event"]) for said in hotline.heard if said["number"] == "A1"] == [
        ("A1", "dispatched"),
        ("A1", "signed"),
    ]
    assert sorted(said["number"] for said in hotline.heard) == ["A1", "A1", "A2", "A2"]
    assert set(OutboundMessage.objects.values_list("state", flat=True)) == {"sent"}


def test_an_answer_lost_after_it_arrived_is_one_message(town: Town, line: Any) -> None:
    _, hotline = line
    send(hotline, order())
    case = Case.objects.get()
    cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    deliver_all()
    original = hotline.take
    hotline.take = lambda *given: (original(*given), 500)[1]  # type: ignore[method-assign]
    actions.push_due(actor=system("tests"))
    hotline.take = original  # type: ignore[method-assign]
    with clock.later(timedelta(minutes=5)):
        push_all()
    assert [said["event"] for said in hotline.heard] == ["dispatched"]


def test_what_they_refuse_is_stuck_until_somebody_looks_and_the_next_wait_behind_it(town: Town, line: Any) -> None:
    row, hotline = line
    send(hotline, order())
    case = Case.objects.get()
    cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    cases.sign_case(actor=town.actor("power"), number=case.number)
    deliver_all()
    hotline.answers = [422]
    push_all()
    assert list(OutboundMessage.objects.order_by("id").values_list("state", flat=True)) == ["stuck", "waiting"]
    client = town.client("dispatcher")
    assert "推不过去" in client.get(f"/connectors/{row.id}/").content.decode()
    stuck = OutboundMessage.objects.get(state="stuck")
    with pytest.raises(NotAllowed), unchanged(OutboundMessage):
        actions.retry_message(actor=town.actor("power"), message_id=stuck.id)
    assert client.post(f"/connectors/{row.id}/messages/{stuck.id}/retry/").status_code == 302
    push_all()
    assert [said["event"] for said in hotline.heard] == ["dispatched", "signed"]
    with pytest.raises(RuleError, match="已经推到了"):
        actions.retry_message(actor=town.actor("dispatcher"), message_id=stuck.id)


def test_who_cannot_be_pushed_fetches_and_acknowledges(town: Town, joined: Any) -> None:
    _, hotline = joined
    send(hotline, order())
    case = Case.objects.get()
    cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    deliver_all()
    assert push_all() == 0
    heads = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in hotline.signed("GET", PATH).items()}
    told = Client().get(PATH, **heads).json()["messages"]
    assert [one["event"] for one in told] == ["dispatched"]
    raw = json.dumps({"message_ids": [told[0]["message_id"]]}).encode()
    heads = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in hotline.signed("POST", "/api/v1/hotline/acks", raw).items()
    }
    assert Client().post("/api/v1/hotline/acks", raw, content_type="application/json", **heads).json() == {
        "acknowledged": 1
    }
    heads = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in hotline.signed("GET", PATH).items()}
    assert Client().get(PATH, **heads).json()["messages"] == []


def test_merged_orders_are_each_told(town: Town, line: Any) -> None:
    _, hotline = line
    send(hotline, order("A1"))
    send(hotline, order("A2"))
    first, second = Case.objects.order_by("id")
    cases.merge_cases(actor=town.actor("dispatcher"), number=first.number, parts=[second.number])
    cases.dispatch_case(actor=town.actor("dispatcher"), number=first.number, lead_id=town.units["power"].id)
    deliver_all()
    push_all()
    assert sorted((said["number"], said["event"]) for said in hotline.heard) == [
        ("A1", "dispatched"),
        ("A2", "dispatched"),
    ]


# ---- files ----


def _file(rows: list[list[Any]]) -> SimpleUploadedFile:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, place, cell)
    book.close()
    return SimpleUploadedFile("工单导出.xlsx", out.getvalue())


HEADS = ["序号", "工单编号", "来电人", "联系电话", "诉求内容", "问题分类", "办理时限"]


def test_a_file_in_the_hotlines_columns_is_mapped_once_and_taken_line_by_line(town: Town, joined: Any) -> None:
    row, _ = joined
    client = town.client("dispatcher")
    file = _file(
        [
            ["济宁市 12345 工单清单"],
            HEADS,
            [1, "JN1", "张先生", "15400012217", "路灯不亮", "路灯", "2026-12-02"],
            [2, "JN2", "李女士", "１５４０００１２２１８", "井盖坏了", "井盖", "2026/12/03"],
            [3, None, "王先生", "15400012219", "没有编号", "", ""],
            [4, 1.2345678901234567e19, "赵先生", "15400012219", "编号坏了", "", ""],
            [None, None, None, None, None, None, None],
        ]
    )
    asked = client.post(f"/connectors/{row.id}/drop/", {"file": file})
    page = asked.content.decode()
    assert "工单导出.xlsx，" in page
    kept = page.split('name="kept" value="')[1].split('"')[0]
    columns = {
        "column_1": "number",
        "column_2": "name",
        "column_3": "phone",
        "column_4": "text",
        "column_5": "category",
        "column_6": "due_at",
    }
    done = client.post(f"/connectors/{row.id}/drop/", columns | {"kept": kept}).content.decode()
    assert '新收 <span class="num">2</span> 件' in done
    assert "第 5 行" in done
    assert "缺 number" in done
    assert "第 6 行" in done
    assert "改成了小数" in done
    again = client.post(f"/connectors/{row.id}/drop/", columns | {"kept": kept}).content.decode()
    assert '以前收过 <span class="num">2</span> 件' in again
    assert Case.objects.count() == 2
    second = client.post(f"/connectors/{row.id}/drop/", {"file": _file([HEADS, [1, "JN3", "", "", "停水了", "", ""]])})
    assert "和上次的表一样，列已经对好了" in second.content.decode()


def test_a_file_without_the_columns_it_needs_says_which(town: Town, joined: Any) -> None:
    row, _ = joined
    client = town.client("dispatcher")
    page = client.post(f"/connectors/{row.id}/drop/", {"file": _file([["甲", "乙"], ["1", "2"]])}).content.decode()
    kept = page.split('name="kept" value="')[1].split('"')[0]
    answer = client.post(f"/connectors/{row.id}/drop/", {"kept": kept, "column_0": "text"})
    assert answer.status_code == 422
    assert "请指出哪一列是“工单编号”" in answer.content.decode()
    for bad in (SimpleUploadedFile("x.xlsx", b"PK\x03\x04half"), SimpleUploadedFile("x.xlsx", b"hello")):
        answer = client.post(f"/connectors/{row.id}/drop/", {"file": bad}, follow=True)
        assert "文件没有传完整" in answer.content.decode() or "打不开" in answer.content.decode()
    forged = client.post(f"/connectors/{row.id}/drop/", {"kept": "x|y:z", "column_0": "text"}, follow=True)
    assert "请重新传一次" in forged.content.decode()


# ---- settings ----


def test_a_connection_is_made_and_its_secret_shown_once(town: Town) -> None:
    client = town.client("admin")
    answer = client.post(
        "/connectors/new/",
        {"code": "yongsuban", "name": "甬速办", "area": TOWN, "channel": "third_party_app", "algorithm": "hmac-sm3"},
    )
    page = answer.content.decode()
    row = Connection.objects.get()
    assert row.secret_sealed in page
    for path in ("/connectors/", f"/connectors/{row.id}/", f"/connectors/{row.id}/edit/"):
        assert row.secret_sealed not in client.get(path).content.decode()
    renewed = client.post(f"/connectors/{row.id}/renew/").content.decode()
    row.refresh_from_db()
    assert row.secret_sealed in renewed
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM connection AS c WHERE c::text LIKE %s", [f"%{row.secret_sealed}%"])
        assert cursor.fetchone()[0] == 0


def test_what_a_connection_is_refused_for(town: Town) -> None:
    good = {"code": "line_1", "name": "热线", "area_code": TOWN, "channel": "hotline_12345"}
    for changes, code in (
        ({"code": "1x"}, "bad_code"), ({"name": " "}, "no_name"), ({"area_code": "370811"}, "unknown_area"),
        ({"channel": "pigeon"}, "unknown_channel"), ({"push_url": "ftp://there"}, "bad_address"),
    ):  # fmt: skip
        with pytest.raises(RuleError) as refused, unchanged(Connection):
            actions.make_connection(actor=town.actor("admin"), **good | changes)
        assert refused.value.code == code
    actions.make_connection(actor=town.actor("admin"), **good)
    with pytest.raises(RuleError) as refused:
        actions.make_connection(actor=town.actor("admin"), **good)
    assert refused.value.code == "code_taken"
    with pytest.raises(NotAllowed), unchanged(Connection):
        actions.make_connection(actor=town.actor("dispatcher"), **good | {"code": "line_2"})
    with pytest.raises(NotAllowed), unchanged(InboundMessage):
        actions.take_message(actor=town.actor("admin"), connection=Connection.objects.get(), body=order())


def test_the_same_number_at_two_systems_is_two_matters(town: Town) -> None:
    _, first = _connect(town)
    _, second = _connect(town, code="suishoupai", name="随手拍", channel="snap_report", calls_back=False)
    assert send(first, order("A1")).status_code == 201
    assert send(second, order("A1", text="井盖响。")).status_code == 201
    assert Case.objects.count() == 2
    with pytest.raises(Conflict):
        actions.take_message(actor=HERE, connection=Connection.objects.get(code="suishoupai"), body=order("A1"))
