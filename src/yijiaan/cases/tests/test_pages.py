"""The pages of the case base, as browsers use them."""

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from yijiaan.cases.actions import add_photo, dispatch_case
from yijiaan.cases.models import Assignment, Case, Outcome, Rating, Report
from yijiaan.cases.queries import reporter_actor
from yijiaan.cases.tests import pictures
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db

COUNTY = "370812"


@pytest.fixture
def town() -> Town:
    return make_town()


def picture(name: str = "deng.png") -> SimpleUploadedFile:
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(raw, "PNG")
    return SimpleUploadedFile(name, raw.getvalue(), "image/png")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden {name}"
    return found[1]


# ---- residents ----


def test_resident_reports_by_a_tap_on_the_map_and_follows_it(town: Town) -> None:
    client = Client()
    page = client.get(f"/t/{town.door}/report/").content.decode()
    sent = {
        "client_key": hidden(page, "client_key"),
        "text": "村委东边路灯又不亮咧",
        "lon": "116.605",
        "lat": "35.605",
        "phone": "138 0000 0001",
        "photos": [picture()],
    }
    answer = client.post(f"/t/{town.door}/report/", sent)
    report = Report.objects.select_related("case").get(county=COUNTY)
    assert answer["Location"] == f"/p/{report.tracking_sealed}/receipt/"
    assert report.case.area_code == town.grids[0].code
    assert report.channel == "snap_report"
    assert StoredFile.objects.filter(county=COUNTY, subject_id=report.id).count() == 1
    receipt = client.get(answer["Location"])
    assert "no-store" in receipt["Cache-Control"]
    assert "noindex" in receipt["X-Robots-Tag"]
    words = receipt.content.decode()
    assert f"{report.query_code_sealed[:3]} {report.query_code_sealed[3:]}" in words
    progress = client.get(f"/p/{report.tracking_sealed}/").content.decode()
    assert "收到了" in progress
    for internal in ("工单", "流转", "闭环", report.case.number, "138"):
        assert internal not in progress
    photo = StoredFile.objects.get(county=COUNTY)
    assert client.get(f"/p/{report.tracking_sealed}/photos/{photo.id}/thumb/")["Content-Type"] == "image/jpeg"


def test_empty_report_keeps_what_was_typed_and_its_key(town: Town) -> None:
    client, key = Client(), str(uuid4())
    with unchanged(Report, Case):
        answer = client.post(
            f"/t/{town.door}/report/",
            {"client_key": key, "text": " ", "place": "小卖部门口", "phone": "13800000001", "lon": "", "lat": ""},
        )
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "请写一句出了什么事" in words
    assert "小卖部门口" in words
    assert "13800000001" in words
    assert hidden(words, "client_key") == key


def test_bad_phone_is_told_at_its_field(town: Town) -> None:
    answer = Client().post(
        f"/t/{town.door}/report/", {"client_key": str(uuid4()), "text": "<b>灯</b>", "phone": "1328846"}
    )
    words = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_phone_error"' in words
    assert "&lt;b&gt;灯&lt;/b&gt;" in words


def test_bad_photo_never_loses_the_report(town: Town) -> None:
    client = Client()
    fake = SimpleUploadedFile("fa-piao.jpg", b"%PDF-1.7 not a picture", "image/jpeg")
    answer = client.post(
        f"/t/{town.door}/report/",
        {"client_key": str(uuid4()), "text": "路灯不亮", "photos": [picture(), fake]},
        follow=True,
    )
    assert Report.objects.filter(county=COUNTY).count() == 1
    assert StoredFile.objects.filter(county=COUNTY).count() == 1
    assert "第 2 张照片没有收" in answer.content.decode()


def test_report_sent_twice_is_one_report(town: Town) -> None:
    client, sent = Client(), {"client_key": str(uuid4()), "text": "路灯不亮"}
    first = client.post(f"/t/{town.door}/report/", sent)
    again = client.post(f"/t/{town.door}/report/", sent)
    assert first["Location"] == again["Location"]
    assert Report.objects.filter(county=COUNTY).count() == 1
    other = client.post(f"/t/{town.door}/report/", sent | {"text": "井盖坏了"})
    assert other.status_code == 422
    assert hidden(other.content.decode(), "client_key") != sent["client_key"]
    assert "井盖坏了" in other.content.decode()


def test_number_and_query_code_open_the_progress(town: Town) -> None:
    report = town.report()
    client = Client()
    digits = report.number.removeprefix("XY")
    wrong = client.post(f"/t/{town.door}/find/", {"number": digits, "query_code": "0"})
    assert wrong.status_code == 422
    assert "对不上" in wrong.content.decode()
    right = client.post(f"/t/{town.door}/find/", {"number": digits, "query_code": report.query_code_sealed})
    assert right["Location"] == f"/p/{report.tracking_sealed}/"


def test_not_satisfied_sends_it_back_once(town: Town) -> None:
    report = town.finished()
    client, url = Client(), f"/p/{report.tracking_sealed}/rate/"
    with unchanged(Rating, Case):
        empty = client.post(url, {"result": "dissatisfied", "text": ""})
    assert empty.status_code == 422
    assert "哪里没办好" in empty.content.decode()
    answer = client.post(url, {"result": "dissatisfied", "reasons": ["没修好"], "text": "又灭了"}, follow=True)
    assert "已经退回去重新办" in answer.content.decode()
    case = Case.objects.get(county=COUNTY, id=report.case_id)
    assert (case.status, case.reopened_count) == ("in_progress", 1)


def test_unknown_code_and_town_are_404(town: Town) -> None:
    client = Client()
    assert client.get("/p/AAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert client.get("/t/no-such-town/report/").status_code == 404


def test_a_photo_of_another_report_is_not_shown(town: Town) -> None:
    mine, other = town.report(), town.report("井盖坏了")
    client = Client()
    client.post(f"/p/{other.tracking_sealed}/photos/", {"photos": [picture()]})
    photo = StoredFile.objects.get(county=COUNTY)
    assert client.get(f"/p/{mine.tracking_sealed}/photos/{photo.id}/").status_code == 404


# ---- staff ----


def test_staff_pages_need_sign_in(town: Town) -> None:
    number = town.report().case.number
    paths = ["/cases/", "/cases/new/", f"/cases/{number}/", "/orders/", "/field/", "/field/report/"]
    check_needs_sign_in(Client(), *paths, f"/field/cases/{number}/", f"/cases/{number}/finish/")


def test_session_that_ends_in_a_form_gives_the_words_back(town: Town) -> None:
    number = town.report().case.number
    with unchanged(Entry):
        answer = Client().post(
            f"/cases/{number}/note/", {"text": "约了明天上午去看"}, headers={"Origin": "http://testserver"}
        )
    assert answer.status_code == 401
    assert "约了明天上午去看" in answer.content.decode()
    foreign = Client().post(f"/cases/{number}/note/", {"text": "别处写的"}, headers={"Origin": "http://evil.example"})
    assert "别处写的" not in foreign.content.decode()


def test_list_shows_only_the_own_town_by_time_left(town: Town) -> None:
    case = town.report().case
    mine = town.dispatcher.client().get("/cases/").content.decode()
    theirs = town.neighbour.client().get("/cases/?tab=all").content.decode()
    assert case.title in mine
    assert case.title not in theirs
    assert "派单剩" in mine


def test_case_of_another_town_is_404(town: Town) -> None:
    number = town.report().case.number
    client = town.neighbour.client()
    assert client.get(f"/cases/{number}/").status_code == 404
    with unchanged(Case, Assignment):
        answer = client.post(f"/cases/{number}/dispatch/", {"seen_version": 1, "lead": "", "urgency": "normal"})
    assert answer.status_code == 404


def test_lists_cost_the_same_however_long_they_are(town: Town) -> None:
    dispatcher, handler, worker = town.dispatcher.client(), town.handler.client(), town.worker.client()
    pages = ((dispatcher, "/cases/?tab=all"), (dispatcher, "/cases/"), (handler, "/orders/"), (worker, "/field/"))
    for number in range(25):
        if number % 2:
            town.report()
        else:
            town.dispatched()
    for client, path in pages:
        client.get(path)  # categories, units and names of areas are remembered by the process
        with assert_statements(at_most=10):
            assert client.get(path).status_code == 200


def test_pages_follow_by_key_without_a_gap(town: Town) -> None:
    numbers = {town.report(f"第 {place} 盏灯不亮").case.number for place in range(23)}
    client = town.dispatcher.client()
    first = client.get("/cases/?tab=all").content.decode()
    url = re.search(r'rel="next" href="([^"]+)"', first)
    assert url
    second = client.get(url[1].replace("&amp;", "&")).content.decode()
    seen = re.findall(r'/cases/(\d{17})/"', first), re.findall(r'/cases/(\d{17})/"', second)
    assert [len(part) for part in seen] == [20, 3]
    assert set(seen[0]) | set(seen[1]) == numbers
    assert 'rel="prev"' in second
    assert client.get("/cases/?after=nonsense").status_code == 200


def test_filters_narrow_list_and_counts(town: Town) -> None:
    lamp, stove = town.report().case, town.report("烟筒接口脱了", lon=None, lat=None).case
    client = town.dispatcher.client()
    for query, kept in (
        ("q=烟筒", stove),
        (f"q={lamp.number}", lamp),
        ("only=nowhere", stove),
        (f"area={town.grids[0].code}", lamp),
        ("channel=snap_report&q=路灯", lamp),
    ):
        words = client.get(f"/cases/?{query}").content.decode()
        other = stove if kept is lamp else lamp
        assert kept.title in words, query
        assert other.title not in words, query
        assert '待派单<b class="num">1</b>' in words, query


def test_dispatch_with_the_suggestion_then_sign_and_finish(town: Town) -> None:
    case = town.report("沿街饭店油烟直排").case
    client = town.dispatcher.client()
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "派给综合执法中队" in page
    answer = client.post(
        f"/cases/{case.number}/dispatch/",
        {"seen_version": hidden(page, "seen_version"), "lead": str(town.enforcement.id), "urgency": "normal"},
        follow=True,
    )
    assert "派给综合执法中队了" in answer.content.decode()
    handler = town.handler.client()
    orders = handler.get("/orders/").content.decode()
    assert case.title in orders
    whole = handler.get(f"/cases/{case.number}/").content.decode()
    for waiting in ("签收剩", "办结剩"):
        assert waiting in whole
    sign = {"seen_version": hidden(orders, "seen_version"), "page": "orders"}
    assert handler.post(f"/cases/{case.number}/sign/", sign)["Location"].startswith("/orders/")
    form = handler.get(f"/cases/{case.number}/finish/").content.decode()
    sent = {"seen_version": hidden(form, "seen_version"), "page": "orders"}
    refused = handler.post(f"/cases/{case.number}/finish/", sent | {"result": ""})
    assert refused.status_code == 422
    assert 'id="confirm"' in refused.content.decode()
    done = handler.post(
        f"/cases/{case.number}/finish/", sent | {"result": "装了净化器", "photos": [picture()]}, follow=True
    )
    assert "办结了" in done.content.decode()
    assert Case.objects.get(county=COUNTY, id=case.id).status == "callback"
    assert StoredFile.objects.get(county=COUNTY, subject_id=case.id).purpose == "after"


def test_dispatch_without_a_lead_is_told_at_the_field(town: Town) -> None:
    case = town.report().case
    with unchanged(Case, Assignment):
        answer = town.dispatcher.client().post(
            f"/cases/{case.number}/dispatch/",
            {"seen_version": 1, "lead": "", "urgency": "normal", "note": "先看电源"},
        )
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "请选由哪个单位主办" in words
    assert "先看电源" in words


def test_second_dispatcher_sees_what_changed_and_keeps_his_words(town: Town) -> None:
    case = town.report().case
    client = town.dispatcher.client()
    page = client.get(f"/cases/{case.number}/").content.decode()
    dispatch_case(actor=town.dispatcher.actor, number=case.number, lead_id=town.enforcement.id)
    with unchanged(Case, Assignment):
        answer = client.post(
            f"/cases/{case.number}/dispatch/",
            {
                "seen_version": hidden(page, "seen_version"),
                "lead": str(town.enforcement.id),
                "urgency": "normal",
                "note": "先去看看是不是一路线",
            },
        )
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "先去看看是不是一路线" in words
    assert "最近一步" in words


def test_phone_is_masked_until_a_purpose_is_given(town: Town) -> None:
    report = town.report(reporter_name="张建国", reporter_phone="13800002217")
    client = town.dispatcher.client()
    url = f"/cases/{report.case.number}/"
    page = client.get(url).content.decode()
    assert "138****2217" in page
    assert "13800002217" not in page
    with unchanged(Entry):
        refused = client.post(f"{url}see-reporter/", {"report_id": str(report.id)})
    assert refused.status_code == 422
    seen = client.post(f"{url}see-reporter/", {"report_id": str(report.id), "purpose": "contact"})
    assert "tel:13800002217" in seen.content.decode()
    assert "no-store" in seen["Cache-Control"]
    assert "13800002217" not in client.get(url).content.decode()
    progress = Client().get(f"/p/{report.tracking_sealed}/").content.decode()
    assert "为了联系核实" in progress


def test_callback_note_contact_and_grid_are_written_down(town: Town) -> None:
    report = town.finished(lon=None, lat=None, reporter_phone="13800002217")
    number = report.case.number
    client = town.dispatcher.client()
    version = Case.objects.get(county=COUNTY, number=number).version
    client.post(f"/cases/{number}/note/", {"text": "老问题了"})
    client.post(f"/cases/{number}/contact/", {"text": "接通 2 分"})
    client.post(f"/cases/{number}/classify/", {"seen_version": version, "area_code": town.grids[1].code})
    client.post(f"/cases/{number}/callback/", {"seen_version": version + 1, "result": "satisfied"})
    page = client.get(f"/cases/{number}/").content.decode()
    for words in ("老问题了", "接通 2 分", "已结案", town.grids[1].name):
        assert words in page, words


def test_call_is_registered_and_read_out_once_to_its_writer(town: Town) -> None:
    client = town.dispatcher.client()
    page = client.get("/cases/new/").content.decode()
    sent = {
        "client_key": hidden(page, "client_key"),
        "channel": "hotline_12345",
        "external_number": "20261123-04817",
        "kind": "complaint",
        "text": "机井好几天不出水",
        "phone": "1328846",
        "happened_at": "2026-01-02T08:00",
    }
    refused = client.post("/cases/new/", sent)
    assert refused.status_code == 422
    assert "机井好几天不出水" in refused.content.decode()
    sent |= {"phone": "13288460000", "outside_due_at": "2020-01-02T08:00"}
    with unchanged(Report, Case):
        refused = client.post("/cases/new/", sent)
    assert refused.status_code == 422
    assert "要求办结的时间应在现在以后" in refused.content.decode()
    wanted = (clock.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    sent |= {"outside_due_at": f"{clock.local(wanted):%Y-%m-%dT%H:%M}"}
    answer = client.post("/cases/new/", sent, follow=True)
    report = Report.objects.select_related("case").get(county=COUNTY)
    words = answer.content.decode()
    assert f"{report.query_code_sealed[:3]} {report.query_code_sealed[3:]}" in words
    assert report.external_number == "20261123-04817"
    assert report.case.outside_due_at == wanted
    assert report.case.is_place_unknown
    assert town.neighbour.client().get(answer.request["PATH_INFO"]).status_code == 404


def test_grid_worker_solves_on_the_spot_in_one_form(town: Town) -> None:
    client = town.worker.client()
    page = client.get("/field/report/").content.decode()
    sent = {"client_key": hidden(page, "client_key"), "text": " ", "way": "solved", "result": "接口已接牢"}
    refused = client.post("/field/report/", sent)
    assert refused.status_code == 422
    assert "请写一句出了什么事" in refused.content.decode()
    sent["text"] = "李奶奶家烟筒接口脱了"
    answer = client.post("/field/report/", sent | {"photos": [picture()]}, follow=True)
    case = Case.objects.get(county=COUNTY)
    assert (case.status, case.solved_at_level, case.area_code) == ("closed", "grid", town.grids[0].code)
    assert "再报一件" in answer.content.decode()
    assert case.title in client.get("/field/").content.decode()


def test_what_was_solved_on_the_spot_needs_no_sentence_of_its_own(town: Town) -> None:
    client = town.worker.client()
    page = client.get("/field/report/").content.decode()
    sent = {"client_key": hidden(page, "client_key"), "text": "两家为秸秆垛吵架", "way": "solved", "result": " "}
    assert client.post("/field/report/", sent).status_code == 302
    assert Outcome.objects.get(county=COUNTY).text == "当场解决了"


def test_grid_head_takes_a_case_on_and_finishes_it_on_the_phone(town: Town) -> None:
    case = town.report().case
    client = town.head.client()
    home = client.get("/field/").content.decode()
    assert '等我办 <span class="num">1</span> 件' in home
    taken = client.post(
        f"/cases/{case.number}/take/", {"seen_version": hidden(home, "seen_version"), "face": "field"}, follow=True
    )
    page = taken.content.decode()
    assert "您来办了" in page
    assert client.get(f"/cases/{case.number}/")["Location"] == f"/field/cases/{case.number}/"
    sent = {"seen_version": hidden(page, "seen_version"), "face": "field", "result": "换了灯头"}
    assert client.post(f"/cases/{case.number}/finish/", sent)["Location"].startswith("/field/cases/")
    assert Case.objects.get(county=COUNTY, id=case.id).status == "callback"


def test_worker_of_another_grid_does_not_see_it(town: Town) -> None:
    number = town.report(lon=116.625).case.number
    client = town.worker.client()
    assert number not in client.get("/field/").content.decode()
    assert client.get(f"/field/cases/{number}/").status_code == 404


def test_what_waits_shows_the_first_photo_of_each(town: Town) -> None:
    plain, shown = town.report(), town.report("机井旁边的护栏叫撞坏了")
    first = add_photo(actor=reporter_actor(shown), raw=pictures.jpeg(colour="teal"))
    add_photo(actor=town.worker.actor, number=shown.case.number, raw=pictures.jpeg(colour="orange"))
    page = town.worker.client().get("/field/").content.decode()
    cards = {card.split("</strong>")[0].split("<strong>")[1]: card for card in page.split("<article")[1:]}
    assert cards[shown.case.title].count("<img") == 1
    assert f"/{first.id}/" in cards[shown.case.title]
    assert "<img" not in cards[plain.case.title]


def test_a_village_without_cases_says_so(town: Town) -> None:
    head, dispatcher = town.head.client(), town.dispatcher.client()
    home = head.get("/field/").content.decode()
    assert '等我办 <span class="num">0</span> 件' in home
    assert "没有等您办的事" in home
    assert '全村在办 <span class="num">0</span> 件' in home
    assert "没有超时的" in home
    assert "本村没有在办的事" in head.get("/field/village/").content.decode()
    village = town.head.post.unit.area_id
    board = dispatcher.get(f"/board/?area={village}")
    assert board.status_code == 200
    assert "没有" in board.content.decode().split('id="rows"')[1].split("</div>")[0]
