"""The hotline's round trip: an administrator joins it, its order is handled by people, the result goes back, its callback counts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK
from tests.journeys.steps import COUNTY, be
from yijiaan.accounts.tests import make as people
from yijiaan.accounts.tests.make import Person
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.connectors.actions import push_due
from yijiaan.connectors.simulator import Caller, Hotline, Line
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver

NewPage = Callable[..., Page]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


@pytest.fixture
def admin(town: Town) -> Person:
    return people.make_person("guanli", "county_admin", people.make_unit("区中心", "county_centre", COUNTY), COUNTY)


def carry_news() -> None:
    """What the worker does."""
    while deliver(actor=system("tests")):
        pass
    while push_due(actor=system("tests")):
        pass


def join(page: Page, admin: Person, push_url: str) -> str:
    """Through the pages, as an administrator does; returns the secret."""
    be(page, admin)
    page.goto("/connectors/")
    page.get_by_role("link", name="加对接").first.click()
    page.get_by_label("代码").fill("hotline_12345")
    page.get_by_label("名称").fill("12345 热线")
    page.get_by_label("送到哪里").select_option(label="新驿镇")
    page.get_by_label("回推地址").fill(push_url)
    page.get_by_label("对方自己回访").check()
    page.get_by_role("button", name="保存").click()
    secret = page.locator("dl code").inner_text()
    page.get_by_role("link", name="记好了").click()
    expect(page.locator("main")).not_to_contain_text(secret)
    return secret


def test_an_order_comes_in_is_handled_and_its_result_goes_back(
    new_page: NewPage, live: str, town: Town, admin: Person
) -> None:
    told: list[str] = []
    hotline = Hotline("hotline_12345", "")
    with Line(hotline) as line:
        keeper = new_page(**DESK)
        hotline.secret = join(keeper, admin, line.url)
        caller = Caller(hotline, live, told.append, grumbles=1)
        order = caller.order("JN2026112800123", 0) | {"text": "沿街饭店油烟直排，熏得开不了窗。", "category": ""}
        assert caller.send(order)[0] == 201  # noqa: PLR2004
        case = Report.objects.select_related("case").get(county=COUNTY, external_number="JN2026112800123").case

        centre = new_page(**DESK)
        be(centre, town.dispatcher)
        centre.goto(f"/cases/{case.number}/")
        expect(centre.locator("main")).to_contain_text("JN2026112800123")
        centre.get_by_role("button", name="派给综合执法中队").click()
        expect(centre.get_by_role("status")).to_contain_text("派给综合执法中队了")
        station = new_page(**DESK)
        be(station, town.handler)
        station.goto("/orders/")
        station.get_by_role("button", name="签收").click()
        expect(station.get_by_role("status")).to_contain_text("签收了")
        station.get_by_role("link", name="办结").click()
        dialog = station.get_by_role("dialog")
        dialog.get_by_label("办理结果").fill("装了净化器，油烟降下来了。")
        dialog.get_by_role("button", name="办结").click()
        expect(station.get_by_role("status").first).to_contain_text("办结了")
        carry_news()
        assert [said["event"] for said in hotline.heard] == ["dispatched", "signed", "finished"]
        assert hotline.heard[-1]["result"] == "装了净化器，油烟降下来了。"
        case = Case.objects.get(county=COUNTY, id=case.id)
        assert (case.status, case.close_reason) == ("closed", "outside")

        caller.call_back()  # they ring him themselves, and he is not content
        assert told[-1].endswith("回访过了，群众说不满意")
        centre.goto(f"/cases/{case.number}/")
        expect(centre.locator(".case-head")).to_contain_text("待派单")
        carry_news()
        assert hotline.heard[-1]["event"] == "restarted"
        keeper.goto("/connectors/")
        expect(keeper.get_by_role("row", name=re.compile("12345 热线"))).to_contain_text("1")
        keeper.get_by_role("link", name="12345 热线").click()
        expect(keeper.locator("main")).to_contain_text("都推到了")
