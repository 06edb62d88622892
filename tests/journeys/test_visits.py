"""A grid worker visits households where there is no signal: what was heard is safe at once, arrives once, and what the office changed
meanwhile stands beside it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.phones import becomes_true, change_row, lose_answers, rows, wait_for_worker
from tests.journeys.steps import COUNTY, assert_fits, be, end_session
from yijiaan.cases.models import Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.patrols import actions
from yijiaan.patrols.actions import PlanFacts, PointFacts
from yijiaan.patrols.models import PatrolRun, Visit
from yijiaan.portal import worker
from yijiaan.registry import actions as registry
from yijiaan.registry.models import Change, Household, Person

NewPage = Callable[..., Page]
SAVED = "已存到手机，有信号自动上传"
PIPE = "炉子的烟筒松了，怕煤气中毒"
CARRIED = """() => new Promise((resolve) => {
  const request = indexedDB.open("yijiaan-ui");
  request.onsuccess = () => {
    const database = request.result;
    const names = database.transaction("marks").objectStore("marks").getAllKeys();
    names.onsuccess = () => { database.close(); resolve(names.result.filter((name) => String(name).startsWith("carried:")).length); };
  };
})"""
AS_IT_LIES = """() => new Promise((resolve) => {
  const request = indexedDB.open("yijiaan-ui");
  request.onsuccess = () => {
    const database = request.result;
    const all = database.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => { database.close(); resolve(JSON.stringify(all.result)); };
  };
})"""
HAS_FORM = """async () => Boolean(await caches.match("/field/visits/new/"))"""


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def elder(town: Town) -> tuple[Household, Person]:
    """An old man who lives with his son's family on paper, on the list of those who live alone for two weeks; and his son."""
    head = town.head.actor

    def person(relation: str, **values: str) -> Person:
        return registry.add_person(
            actor=head, household_id=home.id, relation=relation, values=values, source="visit", client_key=uuid4()
        )

    with clock.at(clock.now() - timedelta(days=14)):
        home: Household = registry.add_record(
            actor=head, kind="household", area_code=town.grids[0].code, values={"address": "村东头 3 号"}, source="visit",
            client_key=uuid4(),
        )  # fmt: skip
        old = person("head", name="王长河", sex="male", birth_on="1941-02-03")
        son = person("child", name="王小兵", sex="male", birth_on="1972-05-06", residence="away")
        facts = registry.CareFacts(care_kind="elder_alone", basis="statute", source="老年人关爱服务办法")
        registry.add_care(actor=head, person_id=old.id, facts=facts, client_key=uuid4())
    actions.keep_arrangements_of_today(actor=system("tests"))
    return home, son


def take_along(page: Page) -> None:
    """The workbench with signal: the worker keeps its pages, the phone what it may take along."""
    page.goto("/field/")
    wait_for_worker(page)
    for script in (CARRIED, HAS_FORM):
        becomes_true(page, script)


def phone_of(new_page: NewPage, town: Town, **options: Any) -> Page:
    page = new_page(is_cut_off=True, **PHONE, **options)
    page.context.set_default_timeout(30_000)
    be(page, town.worker)
    return page


def write(page: Page, **more: str) -> None:
    """What was heard at the old man's."""
    page.get_by_label("见到了谁").fill("王大爷")
    page.get_by_label("有什么需要").fill(PIPE)
    page.get_by_label("这件事报上去办").check()
    page.get_by_label("家里人有什么变动").fill("儿子搬回来住了")
    for label, text in more.items():
        page.get_by_label(label).fill(text)


def keep(page: Page, home: Household) -> None:
    """A visit is kept without signal."""
    page.context.set_offline(True)
    page.goto(f"/field/visits/new/?household={home.id}")
    expect(page.locator("[data-visit-home]")).to_have_text("村东头 3 号")
    write(page)
    page.get_by_role("button", name="记下走访").tap()
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()


def eventually(count: int = 1, seconds: float = 15) -> None:
    """So many visits in the end, each with its report, and not one more a moment later."""
    until = time.monotonic() + seconds
    while Visit.objects.filter(county=COUNTY).count() < count and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.4)
    assert Visit.objects.filter(county=COUNTY).count() == count
    assert Report.objects.filter(county=COUNTY).count() == count


def test_a_visit_without_signal_arrives_once_and_the_office_decides_between_two(new_page: NewPage, town: Town) -> None:
    home, son = elder(town)
    page = phone_of(new_page, town)
    take_along(page)
    page.context.set_offline(True)
    page.goto("/field/visits/")  # it stands for what was taken along, who is due first
    expect(page.locator("[data-carried-list]")).to_contain_text("该走访")
    page.locator("[data-carried-list] a", has_text="村东头 3 号").tap()
    expect(page.locator("[data-carried-members]")).to_contain_text("王**")
    page.get_by_role("link", name="记一次走访").tap()
    expect(page.locator("[data-visit-home]")).to_have_text("村东头 3 号")
    write(page)
    page.locator("summary", has_text="登记的有变").tap()
    page.get_by_label("谁的变了").select_option(label="王** 子女")
    page.get_by_label("人在不在").select_option(label="人户一致")
    page.get_by_label("职业改成").fill("务农")
    page.context.new_page().close()
    page.wait_for_timeout(600)  # a draft is written
    page.reload()  # the phone hangs up before it is finished
    expect(page.get_by_label("有什么需要")).to_have_value(PIPE)
    expect(page.get_by_label("谁的变了")).to_have_value(str(son.id))
    page.get_by_role("button", name="记下走访").tap()
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible(timeout=1000)
    expect(page.locator("[data-saved-facts]")).to_contain_text(PIPE)
    context = page.context
    page.close()  # the phone dies
    with clock.at(clock.now() + timedelta(seconds=1)):
        registry.change_facts(
            actor=town.dispatcher.actor, kind="person", record_id=son.id, values={"occupation": "司机"}, source="office",
            client_key=uuid4(),
        )  # fmt: skip
    heard = lose_answers(context, "/field/visits/new/?*")
    context.set_offline(False)
    again = context.new_page()
    again.goto("/field/waiting/")
    for _ in range(4):
        again.wait_for_timeout(500)
        again.reload()
    eventually()
    expect(again.locator("[data-outbox-list]")).to_contain_text("已上传")
    beside = again.locator("[data-outbox-list] .sides")
    expect(beside).to_have_count(1)
    for words in (
        "职业（王**）",
        "您写的",
        "务农",
        "登记上现在是",
        "司机",
        town.dispatcher.post.unit.name,
        "网格长或镇里",
    ):
        expect(beside).to_contain_text(words)
    assert "司机" not in again.evaluate(AS_IT_LIES)  # what is somebody's lies closed on the phone
    assert not heard or heard[0] == 201
    assert [row["state"] for row in rows(again)] == ["sent"]
    seen = Visit.objects.get(county=COUNTY)
    assert Report.objects.get(county=COUNTY).text == PIPE
    assert Person.objects.get(county=COUNTY, id=son.id).occupation == "司机"
    lines = Change.objects.filter(county=COUNTY, state="open").order_by("field")
    assert [(line.field, line.old_sealed, line.new_sealed) for line in lines] == [
        ("occupation", "", "务农"),
        ("residence", "away", "same"),
    ]
    again.goto(f"/visits/{seen.id}/")
    expect(again.locator("main")).to_contain_text("儿子搬回来住了")
    assert_fits(again, 320, 390)
    desk = new_page(**DESK)
    be(desk, town.dispatcher)
    desk.goto("/base/changes/")
    beside = desk.locator("li", has_text="提出以后又改过")
    expect(beside).to_contain_text("司机")
    expect(beside).to_contain_text("务农")
    expect(beside).to_contain_text("现在的：")
    beside.get_by_role("button", name="用提出的").click()
    assert Person.objects.get(county=COUNTY, id=son.id).occupation == "务农"


def test_a_plate_scanned_without_signal_leads_to_the_household(new_page: NewPage, town: Town) -> None:
    home, _ = elder(town)
    plate = registry.make_plate(actor=town.dispatcher.actor, area_code=home.area_code, place="村东头 3 号")
    registry.change_facts(
        actor=town.head.actor, kind="household", record_id=home.id, values={"plate_code": plate.code}, source="office",
        client_key=uuid4(),
    )  # fmt: skip
    page = phone_of(new_page, town)
    take_along(page)
    page.context.set_offline(True)
    page.goto(f"/d/{plate.code}/")
    expect(page.locator("[data-carried-title]")).to_have_text("村东头 3 号")
    page.get_by_role("link", name="记一次走访").tap()
    expect(page.locator("[data-visit-home]")).to_have_text("村东头 3 号")


def test_another_account_neither_sends_it_nor_reads_what_was_taken_along(new_page: NewPage, town: Town) -> None:
    home, _ = elder(town)
    page = phone_of(new_page, town)
    take_along(page)
    keep(page, home)
    end_session(page)
    be(page, town.head)
    page.context.set_offline(False)
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-foreign]")).to_contain_text("另有 1 条是别的账号存的")
    page.wait_for_timeout(800)
    assert page.evaluate(CARRIED) == 1  # his own now
    eventually(0, seconds=1)
    end_session(page)
    be(page, town.worker)
    page.goto("/field/")
    eventually()
    assert Visit.objects.get(county=COUNTY).visited_by_id == town.worker.post.id


def test_signing_out_deletes_what_was_taken_along_and_not_what_waits(new_page: NewPage, town: Town) -> None:
    home, _ = elder(town)
    page = phone_of(new_page, town)
    take_along(page)
    keep(page, home)
    page.context.route(
        "**/field/visits/new/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.context.set_offline(False)
    page.goto("/account/")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="退出登录").tap()
    page.wait_for_url(lambda url: "/account/" not in url)
    assert page.evaluate(CARRIED) == 0
    assert len(rows(page)) == 1
    page.context.unroute("**/field/visits/new/*")
    be(page, town.worker)
    page.goto("/field/")
    eventually()


def test_a_new_version_of_the_app_loses_nothing_that_waits(
    new_page: NewPage, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = elder(town)
    page = phone_of(new_page, town)
    take_along(page)
    before = page.evaluate("caches.keys()")
    keep(page, home)
    key = rows(page)[0]["key"]
    change_row(page, key, next=int(time.time() * 1000) + 240_000, told=True)  # it waits, as after a busy server
    monkeypatch.setattr(worker, "SHELL", (*worker.SHELL, "yj/ui/geometry.js"))
    worker._script.cache_clear()
    worker._packed.cache_clear()
    try:
        page.context.set_offline(False)
        page.goto("/field/")
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => null)")
        for _ in range(400):
            left = set(before) & {name for name in page.evaluate("caches.keys()") if "borders" not in name}
            if not left:
                break
            page.wait_for_timeout(100)
        assert not left
        page.goto("/field/")
        becomes_true(page, HAS_FORM)
        page.context.set_offline(True)
        page.goto(f"/field/visits/new/?household={home.id}")
        expect(page.locator("[data-visit-home]")).to_have_text("村东头 3 号")
        assert [row["state"] for row in rows(page)] == ["waiting"]
        change_row(page, key, next=0, told=False)
        page.context.set_offline(False)
        page.goto("/field/waiting/")
        eventually()
    finally:
        worker._script.cache_clear()
        worker._packed.cache_clear()


@pytest.mark.parametrize(("days", "words"), [(-1, "慢"), (1, "快")])
def test_a_clock_that_is_a_day_off_costs_no_visit_and_keeps_the_day(
    new_page: NewPage, town: Town, days: int, words: str
) -> None:
    home, _ = elder(town)
    page = phone_of(new_page, town, service_workers="block")  # the worker's clock cannot be set from here
    page.clock.install(time=time.time() + days * 24 * 3600)
    page.goto(f"/field/visits/new/?household={home.id}")
    page.context.set_offline(True)
    write(page)
    page.get_by_role("button", name="记下走访").tap()
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.clock.fast_forward(60 * 1000)
    page.context.set_offline(False)
    eventually()
    assert Visit.objects.get(county=COUNTY).on == clock.local_day()
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-list]")).to_contain_text(f"这台手机的时间{words}了约")


def test_a_walk_that_was_never_opened_is_walked_without_signal(new_page: NewPage, town: Town) -> None:
    dispatcher, village = town.dispatcher.actor, town.worker.post.unit
    way = actions.write_patrol_template(
        actor=dispatcher, name="村里安全巡查", kind="fire", area_code=village.area_id, client_key=uuid4(),
        points=[PointFacts("第 1 处")],
    )  # fmt: skip
    facts = PlanFacts(village.id, "daily", post_id=town.worker.post.id)
    actions.plan_patrol(actor=dispatcher, template_id=way.id, facts=facts, client_key=uuid4())
    run = PatrolRun.objects.get(county=COUNTY)
    page = phone_of(new_page, town)
    take_along(page)
    becomes_true(page, f"async () => Boolean(await caches.match('/field/patrols/{run.id}/'))")
    page.context.set_offline(True)
    page.goto("/field/patrols/")
    page.get_by_role("link", name="村里安全巡查").tap()
    page.locator("#point_1 .chips label", has_text="正常").tap()
    page.locator("#point_1").get_by_role("button", name="记下这个点").tap()
    expect(page.locator("#point_1 [data-state]")).to_contain_text("已存到手机")
    page.context.set_offline(False)
    expect(page.locator("#point_1 [data-state]")).to_contain_text("已上传", timeout=15_000)


def test_the_pages_of_visits_fit_and_everybody_can_use_them(
    new_page: NewPage, town: Town, assert_accessible: Callable[[Page], None]
) -> None:
    home, _ = elder(town)
    page = phone_of(new_page, town)
    for path in (
        "/field/visits/",
        f"/field/visits/new/?household={home.id}",
        f"/field/base/household/{home.id}/",
        "/base/mine/",
    ):
        page.goto(path)
        assert_fits(page, 320, 390)
        assert_accessible(page)
    page.goto("/field/visits/")
    page.get_by_role("link", name="村东头 3 号").tap()
    assert_fits(page, 320, 390)
    assert_accessible(page)
    page.locator("summary", has_text="住院、出门了").tap()
    page.get_by_role("button", name="先不去").tap()
    expect(page.locator("main")).to_contain_text("请选为什么先不去")
    desk = new_page(**DESK)
    be(desk, town.dispatcher)
    for path in (
        "/visits/",
        "/visits/due/",
        "/visits/records/",
        "/visits/cycles/",
        "/visits/cycles/dibao/",
        "/visits/samples/",
    ):
        desk.goto(path)
        assert_fits(desk, 320, 1280)
        assert_accessible(desk)


def test_what_a_phone_could_never_send_is_handed_in_as_a_file_and_counts_once(new_page: NewPage, town: Town) -> None:
    home, _ = elder(town)
    page = phone_of(new_page, town)
    take_along(page)
    keep(page, home)
    page.goto("/field/waiting/")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="导出成文件").tap()
    path = waiting.value.path()
    desk = new_page(**DESK)
    be(desk, town.head)  # not the one who wrote it
    desk.goto("/outbox/file/")
    desk.get_by_label("手机导出的文件").set_input_files(path)
    desk.get_by_role("button", name="交上来").click()
    expect(desk.locator("main")).to_contain_text("别的账号存的")
    assert not Visit.objects.filter(county=COUNTY).exists()
    desk = new_page(**DESK)
    be(desk, town.worker)
    for _ in range(2):
        desk.goto("/outbox/file/")
        desk.get_by_label("手机导出的文件").set_input_files(path)
        desk.get_by_role("button", name="交上来").click()
        expect(desk.locator("main")).to_contain_text("收下 1 条")
    eventually()
    page.context.set_offline(False)  # the phone finds a signal after all
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-list]")).to_contain_text("已上传")
    eventually()
