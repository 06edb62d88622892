"""The centre rings who waits; a question is answered from the guide; a tip stays unknown; a whistle; what cannot be done this year."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.steps import COUNTY, be, state_of
from yijiaan.accounts.tests.make import TOWN, make_person, make_unit
from yijiaan.cases.actions import dispatch_case, record_callback, sign_case
from yijiaan.cases.models import Callback, Case, Rating
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.knowledge import actions as knowledge

NewPage = Callable[..., Page]
CALLER = {"reporter_name": "周大娘", "reporter_phone": "15400016621"}


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def test_the_centre_rings_who_waits_and_nobody_is_rung_twice(new_page: NewPage, town: Town) -> None:
    report = town.finished(**CALLER)
    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    centre.goto("/cases/")
    centre.get_by_role("link", name="待回访").first.click()
    expect(centre.locator("main")).to_contain_text("周**")
    centre.get_by_role("button", name="回访：沿街饭店油烟直排").click()
    expect(centre.locator("main")).to_contain_text("问题解决了没有")
    expect(centre.locator("main")).to_contain_text("装了净化器")
    expect(centre.locator("main")).not_to_contain_text(CALLER["reporter_phone"])
    centre.get_by_role("button", name="看电话号码，用于回访").click()
    expect(centre.locator("main")).to_contain_text(CALLER["reporter_phone"])
    centre.get_by_role("button", name="记下这一件").click()
    expect(centre.locator("main")).to_contain_text("请选一个回访结果")
    centre.get_by_label("已解决，满意", exact=True).check()
    centre.get_by_role("button", name="记下这一件").click()
    expect(centre.get_by_role("status").first).to_contain_text("这件事结案")
    expect(centre.locator("main")).to_contain_text("现在没有要打的")
    assert state_of(report.case.number) == "closed"
    assert Rating.objects.get(county=COUNTY).is_solved
    reporter = new_page(**PHONE)
    reporter.goto(f"/p/{report.tracking_sealed}/")
    expect(reporter.locator("main")).to_contain_text("回访")  # he reads who looked at his number, and what for


def test_three_calls_that_nobody_takes_end_it(new_page: NewPage, town: Town) -> None:
    with clock.at(clock.now() - timedelta(days=3)):
        report = town.finished(**CALLER)
    for days in (2.5, 1.5):  # at whatever hour this runs, the half-day after the last call has begun
        with clock.at(clock.now() - timedelta(days=days)):
            record_callback(actor=town.dispatcher.actor, number=report.case.number, result="unreachable", text="没人接")
    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    centre.goto("/callbacks/")
    row = centre.locator("tr", has_text="沿街饭店油烟直排")
    expect(row).to_contain_text("2 次没通")
    row.get_by_role("button").click()
    expect(centre.locator("main")).to_contain_text("没人接")
    centre.get_by_label("没打通", exact=True).check()
    centre.get_by_role("button", name="记下这一件").click()
    expect(centre.get_by_role("status").first).to_contain_text("这件事结案")
    case = Case.objects.get(county=COUNTY, number=report.case.number)
    assert (case.status, case.close_reason) == ("closed", "not_reached")
    assert Callback.objects.filter(county=COUNTY, is_final=True).count() == 1


def test_a_question_is_answered_from_the_guide_in_one_click(new_page: NewPage, town: Town) -> None:
    article = knowledge.write_article(
        actor=town.dispatcher.actor,
        facts=knowledge.ArticleFacts("怎么申请低保", TOWN, "带身份证和户口本到镇民政窗口填表。"),
    )
    knowledge.publish_article(actor=town.dispatcher.actor, article_id=article.id)
    report = town.report("请问申请低保要带什么", kind="enquiry")
    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    centre.goto(f"/cases/{report.case.number}/")
    expect(centre.locator("main")).to_contain_text("怎么申请低保")
    centre.get_by_role("button", name="用这篇答复").click()
    expect(centre.get_by_role("status").first).to_contain_text("答复了")
    assert state_of(report.case.number) == "callback"
    phone = new_page(**PHONE)
    phone.goto(f"/p/{report.tracking_sealed}/")
    expect(phone.locator("main")).to_contain_text("带身份证和户口本到镇民政窗口填表")


def test_a_tip_is_seen_by_its_officer_alone_and_its_reporter_reads_who_looked(new_page: NewPage, town: Town) -> None:
    office = make_unit("镇纪检办", "discipline")
    officer = make_person("jijian", "tip_officer", office, TOWN)
    report = town.report("村里补贴账本对不上", kind="tip", **CALLER)
    number = report.case.number
    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    answer = centre.goto(f"/cases/{number}/")
    assert answer is not None and answer.status == 404
    centre.goto("/cases/?tab=all")
    expect(centre.locator("main")).not_to_contain_text("补贴账本")
    desk = new_page(**DESK)
    be(desk, officer)
    desk.goto(f"/cases/{number}/")
    desk.locator("summary", has_text="查看需说明用途").click()
    desk.get_by_label("联系核实", exact=True).check()
    desk.get_by_role("button", name="看这一次").click()
    expect(desk.locator("main")).to_contain_text(CALLER["reporter_phone"])
    phone = new_page(**PHONE)
    phone.goto(f"/p/{report.tracking_sealed}/")
    looks = phone.locator("main")
    expect(looks).to_contain_text("镇纪检办")
    expect(looks).to_contain_text("联系核实")
    expect(looks).not_to_contain_text(officer.user.name)


def test_a_whistle_brings_a_second_unit(new_page: NewPage, town: Town) -> None:
    water = make_unit("水务站", "water")
    plumber = make_person("shuiwu", "handler", water)
    case = town.dispatched()
    sign_case(actor=town.handler.actor, number=case.number)
    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    centre.goto(f"/cases/{case.number}/")
    centre.locator("summary", has_text="吹哨").click()
    whistle = centre.locator("details", has_text="叫哪几家")
    whistle.get_by_role("button", name="吹哨").click()
    expect(centre.locator("main")).to_contain_text("请选要来的单位")
    whistle = centre.locator("details", has_text="叫哪几家")
    whistle.get_by_label("水务站", exact=True).check()
    whistle.get_by_label("叫来做什么").fill("到现场关总阀")
    whistle.get_by_role("button", name="吹哨").click()
    expect(centre.get_by_role("status").first).to_contain_text("哨吹了")
    called = new_page(**DESK)
    be(called, plumber)
    called.goto("/orders/")
    expect(called.locator("main")).to_contain_text("到现场关总阀")
    called.get_by_role("button", name="报到").click()
    expect(called.get_by_role("status").first).to_contain_text("报到了")
    centre.goto(f"/cases/{case.number}/")
    expect(centre.locator("main")).to_contain_text("到了")
    centre.locator("summary", has_text="会商结束").click()
    centre.get_by_role("button", name="会商结束").click()
    expect(centre.get_by_role("status").first).to_contain_text("接着办")
    assert state_of(case.number) == "in_progress"


def test_what_cannot_be_done_this_year_goes_on_the_ledger(new_page: NewPage, town: Town) -> None:
    leader = make_person("zhenzhang", "town_leader", make_unit("新驿镇政府", "town_office"), TOWN)
    report = town.report("沿街饭店油烟直排")
    case = report.case
    dispatch_case(actor=town.dispatcher.actor, number=case.number, lead_id=town.enforcement.id)
    sign_case(actor=town.handler.actor, number=case.number)
    station = new_page(**DESK)
    be(station, town.handler)
    station.goto(f"/cases/{case.number}/")
    station.locator("summary", has_text="申请挂账").click()
    wish = station.locator("details", has_text="哪天再看")
    wish.get_by_label("列入计划", exact=True).check()
    wish.get_by_label("具体情况").fill("要整条街换管道，今年没有立项")
    wish.get_by_label("告诉报事人的实话").fill("整条街的管道列进明年计划，明年三月再看")
    day = (clock.local_day() + timedelta(days=120)).isoformat()
    wish.get_by_label("哪天再看").fill(day)
    wish.get_by_role("button", name="申请挂账").click()
    expect(station.get_by_role("status").first).to_contain_text("等镇领导批")
    boss = new_page(**DESK)
    be(boss, leader)
    boss.goto(f"/cases/{case.number}/")
    expect(boss.locator("main")).to_contain_text("要整条街换管道")
    boss.get_by_label("同意", exact=True).check()
    boss.get_by_role("button", name="批复").click()
    expect(boss.get_by_role("status").first).to_contain_text("挂账")
    assert state_of(case.number) == "suspended"
    phone = new_page(**PHONE)
    phone.goto(f"/p/{report.tracking_sealed}/")
    expect(phone.locator("main")).to_contain_text("整条街的管道列进明年计划")
