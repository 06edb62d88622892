"""Pages on the way through a form, in normal and (./test --long) in large type, at a desk and on a phone: axe-core finds nothing, nothing scrolls sideways."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.steps import HOST, assert_fits, be
from yijiaan.accounts.actions import appoint
from yijiaan.accounts.models import SecondFactor
from yijiaan.accounts.tests.make import MAKER, SINCE, make_person, make_unit
from yijiaan.accounts.totp import code_at
from yijiaan.cases.actions import dispatch_case
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.operations.models import Backup

NewPage = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


@pytest.fixture(params=["normal", pytest.param("large", marks=pytest.mark.long)])
def look(request: pytest.FixtureRequest, new_page: NewPage, assert_accessible: Check) -> Iterator["Look"]:
    yield Look(new_page, assert_accessible, request.param == "large")


class Look:
    """Opens pages in one size of type and checks each at every width."""

    def __init__(self, new_page: NewPage, check: Check, is_large: bool) -> None:
        self._new_page, self._check, self._is_large = new_page, check, is_large

    def page(self, **options: object) -> Page:
        """A page of another person."""
        page = self._new_page(**options)
        if self._is_large:
            page.context.add_cookies([{"name": "yj_size", "value": "large", "domain": HOST, "path": "/"}])
        return page

    def at(self, page: Page, *paths: str, status: int = 200) -> None:
        """Go to each address and look."""
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == status, f"{path}: {answer.status}"
            self.here(page)

    def here(self, page: Page) -> None:
        """Look at what is shown now: desk and phone widths by axe, and the narrowest for the scroll."""
        before = page.viewport_size
        assert before
        page.wait_for_load_state()
        assert page.locator("h1:not(dialog h1)").count() == 1, f"{page.url} has not one h1"
        widths = (before["width"], 390 if before["width"] > 390 else 1280)
        for width in widths:
            assert_fits(page, width)
            self._check(page)
        assert_fits(page, 320, 390, 1280)
        page.set_viewport_size(before)


def test_pages_of_residents(look: Look, town: Town) -> None:
    page = look.page(**PHONE)
    report, finished = town.report(), town.finished()
    code, done = report.tracking_sealed, finished.tracking_sealed
    look.at(page, "/", f"/t/{town.door}/", f"/t/{town.door}/report/", f"/t/{town.door}/find/")
    look.at(page, f"/p/{code}/receipt/", f"/p/{code}/", f"/p/{done}/", f"/p/{done}/rate/")
    page.goto(f"/t/{town.door}/report/")
    page.get_by_label("您的手机号").fill("12")
    _refused(page, "提交")
    look.here(page)
    page.goto(f"/t/{town.door}/find/")
    _press(page, "查进度")
    look.here(page)
    page.goto(f"/p/{done}/rate/")
    page.locator("label", has_text="不满意").click()
    _press(page, "提交")
    look.here(page)


def test_pages_of_the_centre(look: Look, town: Town) -> None:
    waiting = town.report(reporter_name="张建国", reporter_phone="13800002217").case
    nowhere = town.report("烟筒接口脱了", lon=None, lat=None).case
    done = town.finished().case
    page = look.page(**DESK)
    be(page, town.dispatcher)
    look.at(page, "/cases/", "/cases/?tab=all", "/cases/?tab=closed", "/cases/?q=没有这样的", "/cases/new/")
    look.at(page, *(f"/cases/{case.number}/" for case in (waiting, nowhere, done)))
    page.locator("summary", has_text="孔令芳").click()
    look.here(page)
    look.at(page, "/notices/", "/account/", "/password/")
    page.goto("/cases/new/")
    page.locator("[name=phone]").fill("12")
    _press(page, "登记")
    look.here(page)
    page.locator("[name=phone]").fill("")
    page.get_by_label("原话").fill("机井好几天不出水")
    _press(page, "登记")
    expect(page.get_by_role("heading", name="登记好了")).to_be_visible()
    look.here(page)


def test_pages_of_who_keeps_it_running(look: Look, town: Town) -> None:
    admin = make_person("weihu", "county_admin", make_unit("区综治中心", "county_centre", "370812"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES ('default', 'cases.count', '{}', 'failed')"
        )
    Backup.objects.create(began_at=clock.now(), name="yijiaan-20261124-030000.backup", problem="磁盘放不下备份")
    page = look.page(**DESK)
    be(page, admin)
    look.at(page, "/operations/", "/operations/retention/", "/operations/retention/notices.notice/")
    page.get_by_label("保存天数").fill("3")
    _press(page, "记下")
    expect(page.get_by_role("alert")).to_contain_text("至少要保存 30 天")
    look.here(page)


def test_refusals_at_the_desk(look: Look, town: Town) -> None:
    number = town.report().case.number
    page = look.page(**DESK)
    be(page, town.dispatcher)
    look.at(page, "/cases/37081226010199999/", status=404)
    page.goto(f"/cases/{number}/")
    page.get_by_label("主办").select_option("")
    page.get_by_role("button", name="派单", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    look.here(page)
    page.goto(f"/cases/{number}/")
    page.get_by_label("派单说明").fill("先看电源")
    dispatch_case(actor=town.dispatcher.actor, number=number, lead_id=town.enforcement.id)
    page.get_by_role("button", name="派单", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("最近一步")
    look.here(page)
    page.goto(f"/cases/{number}/")
    page.get_by_label("加一条说明").fill("约了明天去看")
    page.context.clear_cookies(name="sessionid")
    _press(page, "加上")
    expect(page.get_by_role("heading", name="登录过期了")).to_be_visible()
    look.here(page)


def test_pages_of_a_station(look: Look, town: Town) -> None:
    page = look.page(**DESK)
    be(page, town.handler)
    look.at(page, "/orders/", "/cases/")
    case = town.dispatched()
    look.at(page, "/orders/", f"/cases/{case.number}/")
    page.get_by_role("button", name="签收").click()
    look.at(page, "/orders/", f"/cases/{case.number}/", f"/cases/{case.number}/finish/")
    page.goto("/orders/")
    page.get_by_role("link", name="办结").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look.here(page)
    look.at(page, "/cases/new/", status=403)


def test_pages_of_the_field(look: Look, town: Town) -> None:
    case = town.report(reporter_phone="13800002217").case
    for person in (town.worker, town.head):
        page = look.page(**PHONE)
        be(page, person)
        look.at(page, "/field/", f"/field/cases/{case.number}/", "/notices/", "/account/")
    look.at(page, "/field/report/")
    page.get_by_text("当场办结").click()
    _refused(page, "提交")
    look.here(page)
    page.get_by_label("说明情况").fill("李奶奶家烟筒接口脱了")
    page.get_by_label("怎么解决的").fill("接牢了")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="办结了")).to_be_visible()
    look.here(page)


def test_pages_at_the_gate(look: Look, town: Town) -> None:
    page = look.page(**DESK)
    look.at(page, "/signin/")
    _press(page, "登录")
    look.here(page)
    person, unit = town.dispatcher, town.enforcement
    appoint(actor=MAKER, user=person.user, unit=unit, role="handler", area_codes=[unit.area_id], starts_on=SINCE)
    be(page, person)
    look.at(page, "/posts/", "/password/", "/sessions/", "/second-factor/mine/", "/second-factor/set-up/")
    _press(page, "设好了")
    look.here(page)
    page.get_by_label("验证码").fill(code_at(SecondFactor.objects.get().secret_sealed, clock.now()))
    page.get_by_role("button", name="设好了").click()
    expect(page.get_by_role("heading", name="抄下这 10 个恢复码")).to_be_visible()
    look.here(page)
    look.at(page, "/second-factor/mine/", "/second-factor/")
    page.goto("/password/")
    _press(page, "改密码")
    look.here(page)


def _refused(page: Page, name: str) -> None:
    """Press a form's button that the page itself refuses, without asking the server."""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()


def _press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
