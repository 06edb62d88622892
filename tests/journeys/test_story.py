"""A lamp that is out: reported on a phone, dispatched at a desk, mended by the village, sent back once, closed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.steps import COUNTY, LAMP, be, picture, sign_in, state_of, tap_map
from yijiaan.accounts.tests.make import make_person, make_unit
from yijiaan.cases.models import Case, Rating, Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Entry

NewPage = Callable[..., Page]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def test_a_lamp_goes_all_the_way_round(new_page: NewPage, town: Town) -> None:
    taps = 0
    resident = new_page(**PHONE)
    resident.goto(f"/t/{town.door}/")
    resident.get_by_role("link", name="报问题").tap()
    taps += 1
    resident.get_by_label("出了什么事").fill(LAMP)
    said = tap_map(resident)
    taps += 1
    expect(said).to_contain_text("网格")
    resident.locator("input[name=photos]").set_input_files(picture())
    expect(resident.locator(".pics figure")).to_have_count(1)
    resident.get_by_role("button", name="提交").tap()
    taps += 1
    assert taps <= 3

    expect(resident.get_by_role("heading", name="已收到")).to_be_visible()
    report = Report.objects.select_related("case").get(county=COUNTY)
    number = report.case.number
    page = resident.locator("main")
    assert report.number in page.inner_text().replace(" ", "")
    expect(page).to_contain_text(f"{report.query_code_sealed[:3]} {report.query_code_sealed[3:]}")
    expect(page.locator(".promise")).to_contain_text("前有人接手")
    assert StoredFile.objects.filter(county=COUNTY, subject_id=report.id).count() == 1

    dispatcher = new_page(**DESK)
    sign_in(dispatcher, town.dispatcher)
    expect(dispatcher).to_have_url(re.compile("/board/$"))
    expect(dispatcher.locator(".item").filter(has_text="路灯又不亮")).to_contain_text("派单剩")
    dispatcher.get_by_role("link", name="事件中心").click()
    row = dispatcher.get_by_role("row").filter(has_text="路灯又不亮")
    expect(row).to_contain_text("建议 路灯")
    expect(row).to_contain_text("派单剩")
    row.get_by_role("link").click()
    case = dispatcher.locator("main")
    expect(case).to_contain_text(report.case.number)
    expect(case.get_by_label("事实")).to_contain_text("网格")
    expect(case).to_contain_text("提到“路灯”“不亮”")
    expect(case).to_contain_text("责任清单第15项")
    dispatcher.get_by_label("派单说明").fill("放学前最好去看一眼")
    dispatcher.get_by_role("button", name="派给村委会").click()
    expect(dispatcher.get_by_role("status")).to_contain_text("派给村委会了")
    assert state_of(number) == "dispatched"

    head = new_page(**PHONE)
    sign_in(head, town.head)
    expect(head.get_by_role("heading", name="等我办 1 件")).to_be_visible()
    _finish(head, "换了两盏灯头")
    assert state_of(number) == "callback"

    resident.get_by_role("link", name="查进度").tap()
    course = resident.locator("main")
    expect(course).to_contain_text("换了两盏灯头")
    for internal in ("工单", "流转", "闭环", number):
        assert internal not in course.inner_text()
    expect(resident.get_by_alt_text("办好以后的照片")).to_be_visible()
    resident.get_by_role("link", name="请您评价").tap()
    resident.locator("label", has_text="不满意").tap()
    resident.get_by_label("没修好").check()
    resident.get_by_label("说一句也行").fill("又灭了一盏")
    resident.get_by_role("button", name="提交").tap()
    expect(resident.get_by_role("status")).to_contain_text("已经退回去重新办")
    assert state_of(number) == "in_progress"

    head.goto("/field/")
    expect(head.locator(".todo")).to_contain_text("退回重办")
    _finish(head, "查出是线头松了，重新接好", "等新驿镇网格化服务中心去核查", reason="又灭了一盏")
    assert state_of(number) == "verifying"
    resident.reload()
    expect(resident.locator("main")).to_contain_text("办好了，正在核查")
    dispatcher.goto(f"/cases/{number}/")
    dispatcher.get_by_label("办到了", exact=True).check()
    dispatcher.get_by_label("看到的情况").fill("夜里去看，两盏都亮")
    dispatcher.get_by_role("button", name="核查").click()
    expect(dispatcher.get_by_role("status")).to_contain_text("核查通过，等报事人评价")

    resident.reload()
    resident.get_by_role("link", name="请您评价").tap()
    resident.locator("label", has_text="满意").first.tap()
    resident.get_by_role("button", name="提交").tap()
    expect(resident.get_by_role("status")).to_contain_text("谢谢您")
    assert state_of(number) == "closed"
    assert list(Rating.objects.filter(county=COUNTY).order_by("id").values_list("result", flat=True)) == [
        "dissatisfied",
        "satisfied",
    ]
    verbs = set(Entry.objects.filter(county=COUNTY, subject_id=report.case_id).values_list("verb", flat=True))
    assert len(verbs) >= 5
    dispatcher.goto(f"/cases/{number}/")
    expect(dispatcher.locator("main")).to_contain_text("已结案")


def _finish(head: Page, result: str, said: str = "等报事人评价", reason: str = "") -> None:
    head.get_by_role("link", name="办好了").tap()
    expect(head.locator("main")).to_contain_text(reason)
    head.get_by_label("办理结果").fill(result)
    form = head.locator("form", has=head.get_by_label("办理结果"))
    form.locator("input[name=photos]").set_input_files(picture("hou.jpg"))
    expect(form.locator("figure")).to_have_count(1)
    form.get_by_role("button", name="办好了").tap()
    expect(head.get_by_role("status").first).to_contain_text(f"办好了，{said}")


def test_a_station_signs_and_finishes_in_its_list_of_orders(desk: Page, town: Town) -> None:
    case = town.dispatched()
    sign_in(desk, town.handler)
    expect(desk.get_by_role("heading", name="我的单")).to_be_visible()
    desk.get_by_role("button", name="签收").click()
    expect(desk.get_by_role("status")).to_contain_text("签收了")
    desk.get_by_role("link", name="办结").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("报事人会看到这一句")
    dialog.get_by_role("button", name="办结").click()
    expect(dialog.get_by_role("alert")).to_contain_text("有 1 处要改")
    dialog.get_by_label("办理结果").fill("装了净化器")
    dialog.get_by_role("button", name="办结").click()
    expect(desk.get_by_role("status").first).to_contain_text("办结了")
    assert state_of(case.number) == "callback"


def test_a_grid_worker_solves_it_on_the_spot_in_one_form(phone: Page, town: Town) -> None:
    sign_in(phone, town.worker)
    phone.get_by_role("link", name="上报事件").tap()
    phone.get_by_label("说明情况").fill("李奶奶家烟筒接口脱了")
    phone.locator("input[name=photos]").set_input_files(picture())
    phone.get_by_text("当场办结").tap()
    phone.get_by_label("怎么解决的").fill("接口已接牢，报警器换了电池")
    phone.get_by_role("button", name="提交").tap()
    expect(phone.get_by_role("heading", name="办结了")).to_be_visible()
    expect(phone.get_by_role("link", name="再报一件")).to_be_visible()
    case = Case.objects.get(county=COUNTY)
    assert (case.status, case.area_code, case.solved_at_level) == ("closed", town.grids[0].code, "grid")
    phone.get_by_role("link", name="返回").tap()
    expect(phone.locator("main")).to_contain_text("李奶奶家烟筒接口脱了")


def test_a_tip_is_for_the_tip_officer_alone(new_page: NewPage, town: Town) -> None:
    discipline = make_unit("新驿镇纪委", "discipline")
    officer_person = make_person("jubao", "tip_officer", discipline, name="孟宪军")
    dispatcher = new_page(**DESK)
    be(dispatcher, town.dispatcher)
    dispatcher.goto("/cases/new/")
    dispatcher.get_by_label("举报", exact=True).check()
    dispatcher.get_by_label("原话").fill("有人偷偷往沟里倒药水桶")
    dispatcher.get_by_role("button", name="登记").click()
    expect(dispatcher.get_by_role("heading", name="登记好了，请念给来电人")).to_be_visible()
    report = Report.objects.select_related("case").get(county=COUNTY)
    expect(dispatcher.get_by_role("link", name="去派单")).to_have_count(0)
    expect(dispatcher.locator("main")).not_to_contain_text("药水桶")
    dispatcher.get_by_role("link", name="回事件中心").click()
    dispatcher.goto("/cases/?tab=all")
    expect(dispatcher.locator("main")).not_to_contain_text("药水桶")
    answer = dispatcher.goto(f"/cases/{report.case.number}/")
    assert answer is not None
    assert answer.status == 404

    officer = new_page(**DESK)
    sign_in(officer, officer_person)
    expect(officer.locator("main")).to_contain_text("药水桶")
    officer.get_by_role("link", name="药水桶").first.click()
    expect(officer.locator(".case-head")).to_contain_text("保密")


def test_a_case_of_another_town_is_not_there(desk: Page, town: Town) -> None:
    number = town.report().case.number
    be(desk, town.neighbour)
    answer = desk.goto(f"/cases/{number}/")
    assert answer is not None
    assert answer.status == 404
    expect(desk.get_by_role("heading", name="没有找到您要的内容")).to_be_visible()


def test_two_dispatchers_at_once(new_page: NewPage, town: Town) -> None:
    number = town.report("沿街饭店油烟直排").case.number
    other = make_person("paidan2", "dispatcher", town.dispatcher.post.unit, name="曹士杰")
    first, second = new_page(**DESK), new_page(**DESK)
    for page, person in ((first, town.dispatcher), (second, other)):
        be(page, person)
        page.goto(f"/cases/{number}/")
    second.get_by_label("派单说明").fill("饭点去看，平时闻不到")
    first.get_by_role("button", name="派给综合执法中队").click()
    expect(first.get_by_role("status")).to_contain_text("派给综合执法中队了")
    second.get_by_role("button", name="派给综合执法中队").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("最近一步")
    expect(alert).to_contain_text("孔令芳")
    expect(second.locator("main")).to_contain_text("饭点去看，平时闻不到")
    assert state_of(number) == "dispatched"


def test_a_dispatcher_needs_no_mouse(desk: Page, town: Town) -> None:
    number = town.report("沿街饭店油烟直排").case.number
    desk.goto("/signin/")
    expect(desk.get_by_label("账号或手机号")).to_be_focused()
    desk.keyboard.type(town.dispatcher.user.username)
    desk.keyboard.press("Tab")
    desk.keyboard.type("lu-deng-bu-liang-7")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/board/")
    _tab_to(desk, "油烟直排")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/cases/{number}/")
    _tab_to(desk, "派给综合执法中队")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status")).to_contain_text("派给综合执法中队了")
    assert state_of(number) == "dispatched"


def _tab_to(page: Page, words: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(() => { const e = document.activeElement; const box = e.getBoundingClientRect();"
            " return [e.textContent, box.width > 0 && getComputedStyle(e).outlineStyle !== 'none']; })()"
        )
        if words in (here[0] or ""):
            assert here[1], f"the focus on {words} cannot be seen"
            return
    pytest.fail(f"no way to {words} by the Tab key")
