"""The dispatcher's morning at the board, the wall, and a leader's phone: keys counted, rows that stay where they are, no word lost."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import DESK
from tests.journeys.steps import HOST, assert_fits, be, end_session, state_of
from yijiaan.accounts.tests.make import make_person, make_unit
from yijiaan.cases.actions import dispatch_case
from yijiaan.cases.models import Case
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock

NewPage = Callable[..., Page]
Check = Callable[[Page], None]
LAMPS = ["东头路灯不亮", "西头路灯不亮", "南头路灯不亮", "北头路灯不亮", "中间路灯不亮"]


@pytest.fixture
def town(live: str) -> Town:
    make_unit("村委会二组", "construction")
    return make_town()


def poll(page: Page) -> None:
    """What happens every ten seconds, now."""
    with page.expect_response(lambda answer: "/board/state/" in answer.url):
        page.evaluate("document.dispatchEvent(new Event('board:stale'))")


def tops(page: Page) -> dict[str, float]:
    """Where each row stands."""
    read = "items => Object.fromEntries(items.map(item => [item.dataset.number, item.getBoundingClientRect().top]))"
    return page.locator(".item").evaluate_all(read)


def test_new_items_are_worked_off_with_two_keys_each_and_one_is_taken_back(desk: Page, town: Town) -> None:
    numbers = [town.report(text).case.number for text in LAMPS]
    be(desk, town.dispatcher)
    desk.goto("/board/")
    expect(desk.locator(".item")).to_have_count(len(LAMPS))
    expect(desk.locator(".item").first).to_be_focused()
    before = tops(desk)
    keys = 0
    for turn in range(len(LAMPS)):
        desk.keyboard.press("d")
        expect(desk.locator("dialog[open] [type=submit]")).to_be_focused()
        desk.keyboard.press("Enter")
        expect(desk.locator("dialog[open]")).to_have_count(0)
        expect(desk.locator(".item.gone")).to_have_count(turn + 1)
        keys += 2
    assert keys == 2 * len(LAMPS)
    assert [state_of(number) for number in numbers] == ["dispatched"] * len(LAMPS)
    assert tops(desk) == before  # nothing moved while it was worked off
    expect(desk.locator("[data-tab=new] b")).to_have_text("0")
    expect(desk.locator("[data-undo-slot]")).to_contain_text("中间路灯不亮")
    desk.keyboard.press("z")
    expect(desk.locator(".flash")).to_contain_text("撤回了")
    assert state_of(numbers[-1]) == "received"
    expect(desk.locator(".flash p")).to_have_count(1)  # what was said at the board is not said again
    expect(desk.locator(".item")).to_have_count(1)


def test_rows_never_move_under_the_pointer_and_news_waits_to_be_asked_for(desk: Page, town: Town) -> None:
    first = [town.report(text).case for text in LAMPS[:3]]
    be(desk, town.dispatcher)
    desk.goto("/board/")
    desk.locator(".item").nth(1).hover()
    before = tops(desk)
    poll(desk)
    expect(desk.locator("[data-news]")).to_be_empty()
    town.report("又来一件路灯不亮")
    dispatch_case(actor=town.dispatcher.actor, number=first[0].number, lead_id=town.enforcement.id)
    poll(desk)
    expect(desk.locator("[data-news] button")).to_have_text("有 1 件新的，点这里看")
    expect(desk.locator(".item.gone")).to_contain_text("刚才有人办了")
    expect(desk.locator("[data-figure=new] .v")).to_contain_text("4")
    expect(desk.locator(".item")).to_have_count(3)
    moved = {number: top - before[number] for number, top in tops(desk).items()}
    assert set(moved.values()) == {
        next(iter(moved.values()))
    }  # the line above may push all of them, none passes another
    desk.locator("[data-news] button").click()
    expect(desk.locator(".item")).to_have_count(3)
    expect(desk.locator(".item").last).to_contain_text("又来一件")
    expect(desk.locator("[data-news]")).to_be_empty()


def test_when_nobody_is_in_the_list_it_renews_itself(desk: Page, town: Town) -> None:
    town.report(LAMPS[0])
    be(desk, town.dispatcher)
    desk.goto("/board/#map-title")
    town.report(LAMPS[1])
    desk.mouse.move(5, 5)
    poll(desk)
    expect(desk.locator(".item")).to_have_count(2)


def test_an_emergency_is_announced_at_once(desk: Page, town: Town) -> None:
    number = town.report(LAMPS[0]).case.number
    be(desk, town.dispatcher)
    desk.goto("/board/")
    expect(desk.get_by_role("alert")).to_have_count(0)
    dispatch_case(actor=town.dispatcher.actor, number=number, lead_id=town.enforcement.id, urgency="emergency")
    poll(desk)
    expect(desk.get_by_role("alert")).to_contain_text("来了紧急事件")
    desk.get_by_role("alert").get_by_role("link").click()
    strip = desk.get_by_role("region", name="紧急事项")
    expect(strip).to_contain_text(LAMPS[0])
    expect(strip).to_contain_text("签收剩")


def test_somebody_was_faster_and_nothing_is_lost(desk: Page, town: Town) -> None:
    number = town.report(LAMPS[0]).case.number
    be(desk, town.dispatcher)
    desk.goto("/board/")
    desk.keyboard.press("d")
    dialog = desk.locator("dialog[open]")
    dialog.get_by_label("派单说明").fill("放学前去看一眼")
    dispatch_case(actor=town.dispatcher.actor, number=number, lead_id=town.enforcement.id)
    dialog.get_by_role("button", name="派单").click()
    expect(dialog).to_contain_text("刚才有人办过了")
    expect(dialog.get_by_label("派单说明")).to_have_value("放学前去看一眼")


def test_the_server_is_gone_and_comes_back(desk: Page, town: Town) -> None:
    town.report(LAMPS[0])
    be(desk, town.dispatcher)
    desk.goto("/board/")
    desk.route("**/board/state/**", lambda route: route.fulfill(status=404))
    poll(desk)
    expect(desk.locator("#as-of")).to_contain_text("连不上了")
    expect(desk.locator(".item")).to_have_count(1)
    desk.unroute("**/board/state/**")
    poll(desk)
    expect(desk.locator("#as-of")).not_to_contain_text("连不上了")
    end_session(desk)
    poll(desk)
    expect(desk.locator("#as-of")).to_contain_text("登录过期了")


def test_a_map_without_grids_says_so(desk: Page, town: Town) -> None:
    be(desk, make_person("bieren", "dispatcher", make_unit("别镇网格化服务中心", "town_centre", "370812103")))
    desk.goto("/board/")
    expect(desk.locator("[data-map-note]")).to_contain_text("还没有画网格")
    expect(desk.locator("[data-board-map]")).to_be_hidden()
    desk.goto("/screen/")
    expect(desk.locator("[data-map-note]")).to_contain_text("还没有画网格")


def test_three_thousand_polygons_stay_usable(desk: Page, town: Town) -> None:
    def answer(route: Route) -> None:
        features = []
        for place in range(3000):
            west, south = 116.5 + place % 60 * 0.002, 35.5 + place // 60 * 0.002
            ring = [
                [west, south],
                [west + 0.002, south],
                [west + 0.002, south + 0.002],
                [west, south + 0.002],
                [west, south],
            ]
            properties = {
                "code": f"37081210220{place:05d}",
                "name": f"第{place}网格",
                "at": [west + 0.001, south + 0.001],
            }
            geometry = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
        route.fulfill(json={"type": "FeatureCollection", "features": features, "names": []})

    desk.route("**/areas/**/grid.json", answer)
    town.report(LAMPS[0])
    be(desk, town.dispatcher)
    desk.goto("/board/")
    expect(desk.locator("[data-layers]")).to_be_visible()
    spent: Any = desk.evaluate(
        """async () => {
          const before = performance.now();
          document.querySelector('[data-layer="1"]').click();
          await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
          return performance.now() - before;
        }"""
    )
    assert spent < 1500


def test_a_leader_on_the_phone_reads_five_numbers_and_three_worries_first(phone: Page, town: Town) -> None:
    with clock.later(timedelta(days=-3)):
        for text in LAMPS[:3]:
            town.report(text)
    leader = make_person("lingdao", "town_leader", make_unit("新驿镇党政办", "town_office"))
    be(phone, leader)
    phone.goto("/board/")
    expect(phone.locator(".kpi:visible")).to_have_count(5)
    below = phone.locator("#work-title").bounding_box()
    worries = phone.locator(".worries").bounding_box()
    assert below
    assert worries
    assert worries["y"] + worries["height"] <= 844
    assert below["y"] > worries["y"]
    order = phone.locator("h1, h2, .kpi").evaluate_all("all => all.map(one => one.className || one.textContent.trim())")
    assert [name.split()[0] for name in order][:8] == ["指挥台", *["card"] * 6, "要紧事"]
    assert_fits(phone, 320, 390)


@pytest.mark.parametrize(
    "look", ["light", pytest.param("dark", marks=pytest.mark.long), pytest.param("large", marks=pytest.mark.long)]
)
def test_board_and_wall_are_readable_to_everybody(
    new_page: NewPage, assert_accessible: Check, town: Town, look: str
) -> None:
    with clock.later(timedelta(days=-2)):
        town.report(LAMPS[0], reporter_phone="15400002217")
        case = town.report(LAMPS[1], reporter_phone="15400002217").case
    dispatch_case(actor=town.dispatcher.actor, number=case.number, lead_id=town.enforcement.id, urgency="emergency")
    page = new_page(**DESK)
    be(page, town.dispatcher)
    if look == "large":
        page.context.add_cookies([{"name": "yj_size", "value": "large", "domain": HOST, "path": "/"}])
    for path in ("/board/", "/board/?tab=late", "/board/figures/", "/screen/"):
        page.goto(path)
        if path != "/board/figures/":
            page.locator("[data-board-map] canvas").first.wait_for()
        if look == "dark":
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
        for width in (1440, 390):
            assert_fits(page, width)
            assert_accessible(page)
        assert_fits(page, 320, 390, 1280, 1440)
        page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/board/")
    found = page.locator("a[href*='/board/records/?what=received']").first.get_attribute("href")
    page.goto(found or "")
    assert_accessible(page)
    assert_fits(page, 320, 390, 1280)


def test_the_wall_turns_and_never_flashes(new_page: NewPage, town: Town) -> None:
    town.report(LAMPS[0])
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.clock.install()
    be(page, town.dispatcher)
    page.goto("/screen/")
    page.locator("[data-board-map] canvas").first.wait_for()
    assert page.locator("button, a:not(.skip), input, form").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    # asked of the page as it is: what is replaced between finding and measuring has no size
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.wall-page :not(script)')]"
        ".filter(one => one.childElementCount === 0 && one.textContent.trim())"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 24
    expect(page.locator("[data-layer-title]")).to_have_text("各网格未办结")
    town.report(LAMPS[1])
    with page.expect_response(lambda answer: "/board/state/" in answer.url):
        page.clock.fast_forward(60_000)
    expect(page.locator("[data-layer-title]")).to_have_text("各网格待派单")
    expect(page.locator("[data-figure=new] b")).to_have_text("2")


def test_a_board_without_scripts_still_dispatches(new_page: NewPage, town: Town) -> None:
    number = town.report(LAMPS[0]).case.number
    page = new_page(**DESK, java_script_enabled=False)
    be(page, town.dispatcher)
    page.goto("/board/")
    page.get_by_role("link", name=re.compile("^派单")).click()
    page.get_by_label("主办").select_option(label="综合执法中队")
    page.get_by_role("button", name="派单").click()
    expect(page.get_by_role("button", name=re.compile("撤回"))).to_be_visible()
    assert state_of(number) == "dispatched"
    assert Case.objects.get(county="370812", number=number).owner_id == town.enforcement.id
    assert json.loads(page.locator("#board-map").text_content() or "{}")["shapes"].endswith("grid.json")
