"""A dispatcher sends several on with keys alone; a trusted reporter goes from his link to thanks."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.steps import COUNTY, assert_fits, be, state_of
from yijiaan.areas.tests.make import FIRST
from yijiaan.cases.actions import dispatch_case, finish_case, record_callback, sign_case
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.registry.actions import SourceFacts, add_source

NewPage = Callable[..., Page]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def test_three_cases_go_to_one_unit_by_keys_alone(new_page: NewPage, town: Town) -> None:
    numbers = [town.report(f"{place}占道经营").case.number for place in ("东街", "西街", "南街", "北街")]
    page = new_page(**DESK)
    be(page, town.dispatcher)
    page.goto("/cases/?tab=received")
    page.keyboard.press("/")
    expect(page.get_by_label("搜索事件")).to_be_focused()
    page.keyboard.type("x")  # in a field it is a letter
    expect(page.get_by_label("搜索事件")).to_have_value("x")
    page.keyboard.press("Tab")
    page.locator("h1").click()  # away from the field
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    ticked = page.locator("input[form=batch]:checked")
    expect(ticked).to_have_count(3)  # the one between came along
    expect(page.get_by_role("button", name="批量派单 3 件")).to_be_visible()
    page.get_by_role("button", name="批量派单 3 件").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("批量派单 3 件")
    page.get_by_label("主办").select_option(label="综合执法中队")
    page.get_by_role("button", name="派单").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("派出去 3 件")
    assert [state_of(number) for number in numbers].count("dispatched") == 3
    page.reload()  # the browser sends it once more
    expect(page.get_by_role("heading", level=1)).to_have_text("派出去 3 件")
    sent = Case.objects.filter(county=COUNTY, number__in=numbers, status="dispatched")
    assert set(sent.values_list("hop_count", flat=True)) == {1}
    page.get_by_role("link", name="回到清单").press("Enter")
    expect(page.locator("input[form=batch]")).to_have_count(1)


def test_a_case_is_printed_from_its_page(new_page: NewPage, town: Town) -> None:
    case = town.report("桥栏杆断了").case
    page = new_page(**DESK)
    be(page, town.dispatcher)
    page.goto(f"/cases/{case.number}/")
    expect(page.locator(".print-stamp")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".print-stamp")).to_contain_text(f"由 新驿镇网格化服务中心 值班员 {town.dispatcher.user.name}")
    page.emulate_media(media="screen")
    answer = page.context.request.post(
        f"{page.url}print/",
        form={"csrfmiddlewaretoken": page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""},
        headers={"Referer": page.url},
    )
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def test_a_trusted_reporter_from_the_link_to_thanks(new_page: NewPage, town: Town) -> None:
    facts = SourceFacts(FIRST, "old_teacher", "王老师", "15400013344", clock.local_day(), "in_person")
    source = add_source(actor=town.head.actor, facts=facts, client_key=uuid4())
    head = new_page(**PHONE)
    be(head, town.head)
    head.goto("/field/")
    head.get_by_role("link", name="报事源头").tap()
    head.get_by_role("link", name="王**").tap()
    head.get_by_role("button", name="发链接").tap()
    expect(head.get_by_alt_text("报事链接的二维码")).to_be_visible()
    assert_fits(head, 320, 390)
    link = head.locator("[data-copy]").get_attribute("data-copy") or ""
    assert f"/sources/{source.id}/" not in link

    phone = new_page(**PHONE)
    phone.goto(link)
    expect(phone.locator("html")).to_have_attribute("data-size", "large")
    expect(phone.locator("main")).to_contain_text("王老师，您好")
    phone.get_by_role("link", name="报一件事").tap()
    phone.get_by_label("出了什么事").fill("村西头的桥栏杆松了")
    assert_fits(phone, 320, 390)
    phone.get_by_role("button", name="提交").tap()
    expect(phone.get_by_role("status").first).to_contain_text("收到了，编号")
    report = Report.objects.select_related("case").get(county=COUNTY)
    assert report.case.area_code.startswith(FIRST)
    number = report.case.number
    dispatch_case(actor=town.dispatcher.actor, number=number, lead_id=town.enforcement.id)
    sign_case(actor=town.handler.actor, number=number)
    finish_case(actor=town.handler.actor, number=number, result="焊牢了")
    record_callback(actor=town.dispatcher.actor, number=number, result="satisfied")
    phone.reload()
    expect(phone.locator("main")).to_contain_text("办好了，谢谢您说这一声")
    phone.get_by_role("link", name="桥栏杆").tap()
    expect(phone.locator("main")).to_contain_text("焊牢了")
