"""A form from above: registered at the desk, told on a phone where there is no signal, once, and taken away filled in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.phones import lose_answers, rows
from tests.journeys.steps import COUNTY, assert_fits, be
from tests.journeys.test_visits import becomes_true, take_along
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.engines.tabular.models import Export
from yijiaan.oneform.models import Filling, FormAnswer, OneForm
from yijiaan.oneform.tests.make import sheet
from yijiaan.registry import actions as registry
from yijiaan.registry.models import Change, Household, Person

NewPage = Callable[..., Page]
LABELS = (
    "序号",
    "村",
    "户主姓名",
    "户主联系电话",
    "家庭人口数",
    "60岁以上人数",
    "家庭住址",
    "是否参加医保",
    "家庭年收入（元）",
    "备注",
)
SAVED = "已存到手机，有信号自动上传"


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def family(town: Town) -> tuple[Household, Person]:
    """An old couple whose telephone nobody has written down."""
    head: Any = town.head.actor
    home: Household = registry.add_record(
        actor=head, kind="household", area_code=town.grids[0].code, values={"address": "村东头 3 号"}, source="visit",
        client_key=uuid4(),
    )  # fmt: skip
    old = registry.add_person(
        actor=head, household_id=home.id, relation="head", values={"name": "王长河", "sex": "male", "birth_on": "1941-02-03"},
        source="visit", client_key=uuid4(),
    )  # fmt: skip
    return home, old


def register(desk: Page) -> None:
    """The clerk takes the empty table in, looks at the columns and lets it ask."""
    desk.goto("/forms/")
    desk.get_by_role("main").get_by_role("link", name="登记一张表").first.click()
    table = {"name": "摸底表.xlsx", "mimeType": "application/octet-stream", "buffer": sheet(LABELS)}
    desk.get_by_label("上级发来的空表").set_input_files(table)
    desk.get_by_label("表名").fill("农村家庭基本情况摸底表")
    desk.get_by_label("下发单位").fill("区民政局")
    desk.get_by_label("截止日期").fill((clock.local_day() + timedelta(days=20)).isoformat())
    desk.locator("label", has_text="一户一行").click()
    desk.get_by_label("整张手工填一份要几分钟").fill("10")
    desk.get_by_role("button", name="登记，去对列").click()
    expect(desk.locator("main")).to_contain_text("请写依据")
    expect(desk.get_by_label("下发单位")).to_have_value("区民政局")
    desk.get_by_label("依据").fill("兖民字〔2026〕18 号第三条")
    desk.get_by_label("上级发来的空表").set_input_files(table)
    desk.get_by_role("button", name="登记，去对列").click()
    expect(desk.locator("main")).to_contain_text("10 列：7 列从基础数据来，2 列要问，1 列留空")
    expect(desk.locator("main")).to_contain_text("王**")
    desk.get_by_role("button", name="发布，开始问").click()
    expect(desk.locator("body")).to_contain_text("发布了。7 列从基础数据来，只问 2 列和登记里缺的。")


def test_a_form_is_registered_told_without_signal_once_and_taken_away(
    new_page: NewPage, town: Town, assert_accessible: Callable[[Page], None]
) -> None:
    home, old = family(town)
    desk = new_page(**DESK)
    be(desk, town.dispatcher)
    register(desk)
    form = OneForm.objects.get(county=COUNTY)
    for path in (
        "/forms/",
        "/forms/new/",
        f"/forms/{form.id}/",
        f"/forms/{form.id}/columns/",
        f"/forms/{form.id}/export/",
    ):
        desk.goto(path)
        assert_fits(desk, 320, 1280)
        assert_accessible(desk)
    phone = new_page(is_cut_off=True, **PHONE)
    phone.context.set_default_timeout(30_000)
    be(phone, town.worker)
    take_along(phone)
    becomes_true(phone, f"async () => Boolean(await caches.match('/field/forms/{form.id}/'))")
    for path in ("/field/forms/", f"/field/forms/{form.id}/units/"):
        phone.goto(path)
        assert_fits(phone, 320, 390)
        assert_accessible(phone)
    phone.context.set_offline(True)
    phone.goto(f"/field/forms/{form.id}/units/")  # the list stands for what was taken along
    phone.get_by_label("找一户、找办事指南").fill("东头")
    phone.locator("[data-carried-list] a", has_text="村东头 3 号").tap()
    phone.get_by_role("link", name="补“农村家庭基本情况摸底表” 3 项").tap()
    expect(phone.locator("[data-oneform-unit]")).to_have_text("村东头 3 号")
    expect(phone.locator("[data-oneform-state]")).to_have_text("要补 3 项，别的已经有了")
    expect(phone.locator("[data-question]:visible")).to_have_count(3)
    assert_fits(phone, 320, 390)
    phone.get_by_label("户主联系电话").fill("154 0001 7777")
    phone.get_by_label("家庭年收入（元）").fill("32000")
    phone.locator("fieldset", has_text="是否参加医保").locator("label", has_text="是").last.tap()
    phone.wait_for_timeout(600)  # a draft is written
    phone.reload()  # the phone hangs up before it is finished
    expect(phone.get_by_label("家庭年收入（元）")).to_have_value("32000")
    phone.get_by_role("button", name="记下").tap()
    expect(phone.get_by_role("heading", name=SAVED)).to_be_visible()
    heard = lose_answers(phone.context, f"/field/forms/{form.id}/")
    phone.context.set_offline(False)
    phone.goto("/field/waiting/")
    for _ in range(20):
        phone.wait_for_timeout(500)
        if [row["state"] for row in rows(phone)] == ["sent"]:
            break
        phone.reload()
    assert [row["state"] for row in rows(phone)] == ["sent"]
    assert not heard or heard[0] == 201
    assert Filling.objects.get(county=COUNTY).household_id == home.id
    told = {answer.answer_key.split("|")[0]: answer.value_sealed for answer in FormAnswer.objects.filter(county=COUNTY)}
    assert told == {"家庭年收入": "32000", "是否参加医保": "是"}
    line = Change.objects.get(county=COUNTY, state="open")
    assert (line.subject_id, line.field, line.new_sealed) == (old.id, "phone", "15400017777")
    phone.goto(f"/field/forms/{form.id}/units/")
    expect(phone.locator("main")).to_contain_text("都补齐了")
    desk.goto(f"/forms/{form.id}/")
    expect(desk.locator("main")).to_contain_text("1 行，补齐 1 行，还缺 0 项")
    desk.goto(f"/forms/{form.id}/units/{home.id}/")
    expect(desk.locator("main")).to_contain_text("一表通，待核实")
    assert_fits(desk, 320, 1280)
    assert_accessible(desk)
    desk.goto(f"/forms/{form.id}/export/")
    desk.get_by_label("用途").fill("报区民政局")
    desk.get_by_role("button", name="导出").click()
    desk.wait_for_url("**/exports/")
    assert Export.objects.get(county=COUNTY).purpose == "报区民政局"
    desk.goto("/board/burden/")
    expect(desk.locator("main")).to_contain_text("农村家庭基本情况摸底表")
    assert_fits(desk, 320, 1280)
