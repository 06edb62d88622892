"""What goes wrong on a real day: a session that ends, no scripts, bad input, a wrong code. Nothing that was typed is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.steps import (
    COUNTY,
    HOST,
    LAMP,
    be,
    end_session,
    heavy_picture,
    not_a_picture,
    picture,
    sign_in,
    state_of,
    tap_map,
)
from yijiaan.accounts.tests.make import PASSWORD, Person
from yijiaan.cases.actions import dispatch_case, finish_case, sign_case
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.engines.files.models import StoredFile

NewPage = Callable[..., Page]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


# ---- a form that is interrupted ----


def test_a_report_half_written_is_there_the_next_time(phone: Page, town: Town) -> None:
    phone.goto(f"/t/{town.door}/report/")
    phone.get_by_label("出了什么事").fill(LAMP)
    phone.get_by_label("具体在哪儿").fill("小卖部门口")
    tap_map(phone)
    phone.locator("input[name=photos]").set_input_files(picture())
    expect(phone.locator(".pics figure")).to_have_count(1)
    _wait_for_draft(phone, "小卖部门口")
    _wait_for_draft(phone, "FILE")
    lon = phone.locator("input[name=lon]").input_value()
    assert lon

    phone.goto("about:blank")
    phone.goto(f"/t/{town.door}/report/")
    expect(phone.get_by_label("出了什么事")).to_have_value(LAMP)
    expect(phone.get_by_label("具体在哪儿")).to_have_value("小卖部门口")
    expect(phone.locator("input[name=lon]")).to_have_value(lon)
    expect(phone.locator(".pics figure")).to_have_count(1)
    expect(phone.locator("[data-said]")).to_contain_text("选的地方在")
    phone.get_by_role("button", name="提交").tap()
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()
    assert StoredFile.objects.filter(county=COUNTY).count() == 1

    phone.goto(f"/t/{town.door}/report/")
    expect(phone.get_by_label("出了什么事")).to_have_value("")


def test_a_report_from_a_page_too_old_arrives_all_the_same(phone: Page, town: Town) -> None:
    phone.goto(f"/t/{town.door}/report/")
    phone.get_by_label("出了什么事").fill(LAMP)
    phone.context.clear_cookies()
    phone.get_by_role("button", name="提交").tap()
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()
    assert Report.objects.get(county=COUNTY).text == LAMP


def test_a_report_from_a_page_too_old_is_given_back_without_scripts(new_page: NewPage, town: Town) -> None:
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto(f"/t/{town.door}/report/")
    page.get_by_label("出了什么事").fill(LAMP)
    page.context.clear_cookies()
    page.get_by_role("button", name="提交").tap()
    expect(page.get_by_role("heading", name="页面放得太久了")).to_be_visible()
    expect(page.locator("main")).to_contain_text(LAMP)
    page.get_by_role("button", name="再交一次").tap()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    assert Report.objects.get(county=COUNTY).text == LAMP


def test_a_call_written_down_survives_the_end_of_the_session(desk: Page, town: Town) -> None:
    be(desk, town.dispatcher)
    desk.goto("/cases/new/")
    desk.get_by_label("原话").fill("机井好几天不出水，麦子等着浇")
    desk.locator("[name=name]").fill("徐大爷")
    desk.get_by_label("想要什么结果").fill("今天能修好")
    end_session(desk)
    desk.get_by_role("button", name="登记").click()
    _send_again_after_sign_in(desk, town.dispatcher, "机井好几天不出水")
    expect(desk.get_by_role("heading", name="登记好了")).to_be_visible()
    report = Report.objects.get(county=COUNTY)
    assert (report.text, report.wish) == ("机井好几天不出水，麦子等着浇", "今天能修好")
    desk.goto("/cases/new/")
    expect(desk.get_by_label("原话")).to_have_value("")


def test_a_call_half_written_is_there_after_signing_in_again(desk: Page, town: Town) -> None:
    be(desk, town.dispatcher)
    desk.goto("/cases/new/")
    desk.get_by_label("原话").fill("机井好几天不出水")
    _wait_for_draft(desk, "机井好几天不出水")
    end_session(desk)
    desk.goto("/cases/new/")
    desk.wait_for_url("**/signin/**")
    desk.get_by_label("账号或手机号").fill(town.dispatcher.user.username)
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
    desk.wait_for_url("**/cases/new/")
    expect(desk.get_by_label("原话")).to_have_value("机井好几天不出水")


def test_a_dispatch_survives_the_end_of_the_session(desk: Page, town: Town) -> None:
    number = town.report("沿街饭店油烟直排").case.number
    be(desk, town.dispatcher)
    desk.goto(f"/cases/{number}/")
    desk.get_by_label("派单说明").fill("饭点去看")
    end_session(desk)
    desk.get_by_role("button", name="派给综合执法中队").click()
    _send_again_after_sign_in(desk, town.dispatcher, "饭点去看")
    expect(desk.get_by_role("status")).to_contain_text("派给综合执法中队了")
    assert state_of(number) == "dispatched"
    expect(desk.get_by_label("事实")).to_contain_text("饭点去看")


def _wait_for_draft(page: Page, words: str) -> None:
    """Until the browser has the words (or "FILE", a photo) in its store, which it writes a moment after typing."""
    read = """words => new Promise((resolve) => {
      const plain = (name, value) => (value instanceof Blob ? "FILE" : value);
      const request = indexedDB.open("yijiaan-ui");
      request.onsuccess = () => {
        const all = request.result.transaction("drafts").objectStore("drafts").getAll();
        all.onsuccess = () => { request.result.close(); resolve(JSON.stringify(all.result, plain).includes(words)); };
      };
    })"""
    for _ in range(40):
        page.wait_for_timeout(100)
        if page.evaluate(read, words):
            return
    pytest.fail("no draft was kept")


def _send_again_after_sign_in(page: Page, person: Person, words: str) -> None:
    expect(page.get_by_role("heading", name="登录过期了，写的都还在")).to_be_visible()
    expect(page.locator("main")).to_contain_text(words)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="去登录").click()
    sign_in(opened.value, person)
    opened.value.close()
    page.get_by_role("button", name="再交一次").click()


def test_in_large_type_the_map_is_unfolded_when_it_is_wanted(phone: Page, town: Town) -> None:
    phone.context.add_cookies([{"name": "yj_size", "value": "large", "domain": HOST, "path": "/"}])
    phone.goto(f"/t/{town.door}/report/")
    expect(phone.locator("[data-map]")).to_be_hidden()
    phone.get_by_text("在地图上点").first.tap()
    tap_map(phone)
    assert phone.locator("input[name=lon]").input_value()


def test_in_large_type_the_phone_itself_unfolds_the_map(new_page: NewPage, town: Town) -> None:
    here = {"latitude": 35.605, "longitude": 116.605}
    page = new_page(**PHONE, geolocation=here, permissions=["geolocation"])
    page.context.add_cookies([{"name": "yj_size", "value": "large", "domain": HOST, "path": "/"}])
    page.goto(f"/t/{town.door}/report/")
    expect(page.locator("[data-map-fold]")).to_be_visible()
    page.get_by_role("button", name="用我现在的位置").tap()
    expect(page.locator("[data-said]")).to_contain_text("选的地方在")
    expect(page.locator("[data-map] canvas").first).to_be_visible()
    assert page.locator("input[name=lon]").input_value().startswith("116.605")


# ---- no scripts ----


def test_everything_a_resident_does_works_without_scripts(new_page: NewPage, town: Town) -> None:
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto(f"/t/{town.door}/")
    page.get_by_role("link", name="报问题").tap()
    page.get_by_label("出了什么事").fill(LAMP)
    page.get_by_label("在哪个村").select_option(index=1)
    page.locator("input[name=photos]").set_input_files(picture())
    page.get_by_role("button", name="提交").tap()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    report = Report.objects.select_related("case").get(county=COUNTY)
    assert StoredFile.objects.filter(county=COUNTY, subject_id=report.id).count() == 1
    page.get_by_role("link", name="查进度").tap()
    expect(page.locator("main")).to_contain_text("收到了")
    _do(town, report.case)
    page.reload()
    page.get_by_role("link", name="请您评价").tap()
    page.locator("label", has_text="基本满意").tap()
    page.get_by_role("button", name="提交").tap()
    expect(page.get_by_role("status")).to_contain_text("谢谢您")
    assert state_of(report.case.number) == "closed"


def _do(town: Town, case: Case) -> None:
    dispatch_case(actor=town.dispatcher.actor, number=case.number, lead_id=town.enforcement.id)
    sign_case(actor=town.handler.actor, number=case.number)
    finish_case(actor=town.handler.actor, number=case.number, result="换了灯头")


# ---- number and query code ----


def test_number_and_query_code_open_the_progress_and_five_wrong_tries_lock_it(phone: Page, town: Town) -> None:
    report = town.report()
    phone.goto(f"/t/{town.door}/find/")
    _find(phone, f" {report.number[:2].lower()} {report.number[2:]}", report.query_code_sealed)
    phone.wait_for_url(f"**/p/{report.tracking_sealed}/")
    expect(phone.locator("main")).to_contain_text("收到了")
    wrong = f"{(int(report.query_code_sealed) + 1) % 1_000_000:06}"
    phone.goto(f"/t/{town.door}/find/")
    for _ in range(5):
        _find(phone, report.number, wrong)
        expect(phone.locator("#id_query_code_error")).to_contain_text("对不上")
        expect(phone.get_by_label("编号")).to_have_value(report.number)
    _find(phone, report.number, report.query_code_sealed)
    expect(phone.locator("#id_query_code_error")).to_contain_text("已锁住")


def _find(page: Page, number: str, code: str) -> None:
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="查进度").tap()


# ---- bad input ----


def test_an_empty_report_and_a_bad_phone_are_told_at_their_fields(phone: Page, town: Town) -> None:
    phone.goto(f"/t/{town.door}/report/")
    phone.get_by_label("您的手机号").fill("1328846")
    phone.get_by_role("button", name="提交").tap()
    alert = phone.get_by_role("alert")
    expect(alert).to_contain_text("要改")
    expect(alert).to_be_focused()
    expect(phone.locator("#id_text_error")).to_contain_text("请写一句出了什么事")
    expect(phone.get_by_label("您的手机号")).to_have_value("1328846")
    phone.get_by_label("出了什么事").fill(LAMP)
    with phone.expect_navigation():
        phone.get_by_role("button", name="提交").tap()
    expect(phone.locator("#id_phone_error")).to_contain_text("11 位")
    phone.get_by_role("alert").get_by_role("link").tap()
    expect(phone.get_by_label("您的手机号")).to_be_focused()
    expect(phone.get_by_label("出了什么事")).to_have_value(LAMP)
    assert not Report.objects.filter(county=COUNTY).exists()


def test_a_file_that_is_no_picture_costs_only_itself(phone: Page, town: Town) -> None:
    phone.goto(f"/t/{town.door}/report/")
    phone.get_by_label("出了什么事").fill("<b>灯</b> 不亮 <script>alert(1)</script>")
    phone.locator("input[name=photos]").set_input_files([picture(), not_a_picture()])
    expect(phone.locator(".pics figure")).to_have_count(2)
    phone.get_by_role("button", name="提交").tap()
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()
    expect(phone.get_by_role("status")).to_contain_text("第 2 张照片没有收")
    expect(phone.locator("main")).to_contain_text("<b>灯</b>")
    assert StoredFile.objects.filter(county=COUNTY).count() == 1


def test_a_heavy_photo_is_made_small_before_it_travels(phone: Page, town: Town, tmp_path: Path) -> None:
    phone.goto(f"/t/{town.door}/report/")
    phone.get_by_label("出了什么事").fill(LAMP)
    phone.locator("input[name=photos]").set_input_files(heavy_picture(tmp_path))
    phone.get_by_role("button", name="提交").tap()  # at once: the form waits for its photo
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible(timeout=20_000)
    assert StoredFile.objects.get(county=COUNTY).width <= 1600


def test_a_heavy_photo_without_scripts_is_refused_in_words(new_page: NewPage, town: Town, tmp_path: Path) -> None:
    page = new_page(**DESK, java_script_enabled=False)
    page.goto(f"/t/{town.door}/report/")
    page.get_by_label("出了什么事").fill(LAMP)
    page.locator("input[name=photos]").set_input_files(heavy_picture(tmp_path))
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("status")).to_contain_text("超过 15 MB")
    assert Report.objects.filter(county=COUNTY).count() == 1
    assert not StoredFile.objects.filter(county=COUNTY).exists()


def test_wrong_password_is_told_at_the_field(desk: Page, town: Town) -> None:
    desk.goto("/signin/")
    desk.get_by_label("账号或手机号").fill("paidan")
    desk.get_by_label("密码").fill("bu-dui")
    desk.get_by_role("button", name="显示").click()
    expect(desk.get_by_label("密码")).to_have_attribute("type", "text")
    desk.get_by_role("button", name="登录").click()
    expect(desk.locator("#id_password_error")).to_contain_text("不对")
    expect(desk.get_by_label("账号或手机号")).to_have_value("paidan")
    field, button = desk.get_by_label("密码").bounding_box(), desk.get_by_role("button", name="显示").bounding_box()
    assert field
    assert button
    assert field["y"] <= button["y"]
    assert button["y"] + button["height"] <= field["y"] + field["height"] + 1
