"""A grid worker walks a patrol: point by point, without a signal, and everything arrives once."""

import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.phones import rows, wait_for_worker
from tests.journeys.steps import COUNTY, be, picture
from yijiaan.accounts.tests.make import TOWN
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.engines.files.models import StoredFile
from yijiaan.patrols import actions
from yijiaan.patrols.actions import PlanFacts, PointFacts
from yijiaan.patrols.models import PatrolRun, PointCheck
from yijiaan.safety.models import Hazard

NewPage = Callable[..., Page]
PLACES = [f"第 {number} 处" for number in range(1, 13)]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def walk_of(town: Town) -> PatrolRun:
    """Twelve points, for the worker's village, today."""
    dispatcher, village = town.dispatcher.actor, town.worker.post.unit
    way = actions.write_patrol_template(
        actor=dispatcher, name="村里安全巡查", kind="fire", area_code=village.area_id, client_key=uuid4(),
        points=[PointFacts(place, lon=116.6 + number / 2000, lat=35.6) for number, place in enumerate(PLACES)],
    )  # fmt: skip
    facts = PlanFacts(village.id, "daily", post_id=town.worker.post.id)
    actions.plan_patrol(actor=dispatcher, template_id=way.id, facts=facts, client_key=uuid4())
    return PatrolRun.objects.get(county=COUNTY)


def keep(page: Page, number: int, label: str, text: str = "", photo: bool = False, is_taken: bool = True) -> None:
    """Write down one point."""
    box = page.locator(f"#point_{number}")
    if box.locator("> details").get_attribute("open") is None:
        box.locator("> details > summary").tap()
    box.locator(".chips label", has_text=label).tap()
    if text:
        box.locator("input[name=text]").fill(text)
    if photo:
        box.locator("summary", has_text="拍照").tap()
        box.locator("input[name=photos]").set_input_files(picture())
    box.get_by_role("button", name="记下这个点").tap()
    if is_taken:  # it folds, and the next one opens
        expect(box.locator("> details")).not_to_have_attribute("open", "")


def checked(seconds: float = 15) -> int:
    """How many points the server has in the end."""
    until = time.monotonic() + seconds
    done = PointCheck.objects.filter(county=COUNTY).exclude(result="")
    while done.count() < len(PLACES) and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.4)
    return done.count()


def test_twelve_points_are_walked_with_the_thumb_without_signal_and_arrive_once(new_page: NewPage, town: Town) -> None:
    run = walk_of(town)
    page = new_page(is_cut_off=True, **PHONE)
    be(page, town.worker)
    page.goto("/field/patrols/")
    page.get_by_role("link", name="村里安全巡查").tap()
    page.wait_for_url(f"**/field/patrols/{run.id}/")
    wait_for_worker(page)
    keep(page, 1, "正常")
    expect(page.locator("#point_1 [data-state]")).to_contain_text("已上传")
    expect(page.locator("#point_2 > details")).to_have_attribute("open", "")
    page.context.set_offline(True)
    expect(page.locator("[data-stop='1']")).to_have_class("stop done")
    keep(page, 2, "有隐患", "灯线拖在地上", photo=True)
    expect(page.locator("#point_2 [data-state]")).to_contain_text("已存到手机")
    expect(page.locator("[data-stop='2']")).to_have_class("stop late")
    expect(page.locator("[data-stop='2'] title")).to_have_text("2. 第 2 处：有隐患")
    expect(page.locator("[data-stop-count=hold]")).to_have_text("10")
    page.locator("[data-stop='3']").tap()  # it opens below
    expect(page.locator("#point_3 > details")).to_have_attribute("open", "")
    keep(page, 3, "到不了", "路上晒着粮食")
    keep(page, 4, "有隐患", is_taken=False)
    expect(page.locator("#point_4 [data-told]")).to_have_text("请写是什么隐患")
    keep(page, 4, "正常")
    keep(page, 4, "到不了", "门锁了")  # thought better of it before it was sent
    for number in range(5, 13):
        keep(page, number, "正常")
    expect(page.locator("#point_12 [data-state]")).to_contain_text("已存到手机")
    assert PointCheck.objects.filter(county=COUNTY).exclude(result="").count() == 1
    page.context.set_offline(False)
    expect(page.locator("#point_12 [data-state]")).to_contain_text("已上传", timeout=15_000)
    assert checked() == 12
    assert {row["state"] for row in rows(page)} == {"sent"}
    hazard = Hazard.objects.get(county=COUNTY)
    assert (hazard.text, hazard.ledger_code) == ("第 2 处：灯线拖在地上", TOWN)
    assert StoredFile.objects.filter(county=COUNTY, subject_id=hazard.id).count() == 1
    assert PointCheck.objects.get(county=COUNTY, place_number=4).note == "门锁了"
    page.goto(f"/field/patrols/{run.id}/")
    page.get_by_role("button", name="巡查完").tap()
    expect(page.locator("main")).to_contain_text("12 个点看了 12 个")


def test_what_the_server_refuses_is_corrected_from_the_list_of_what_waits(new_page: NewPage, town: Town) -> None:
    run = walk_of(town)
    page = new_page(is_cut_off=True, **PHONE)
    be(page, town.worker)
    page.goto(f"/field/patrols/{run.id}/")
    wait_for_worker(page)
    keep(page, 1, "有隐患", "锁坏了")
    expect(page.locator("#point_1 [data-state]")).to_contain_text("已上传")
    keep(page, 1, "正常", is_taken=False)
    expect(page.locator("#point_1 [data-state]")).to_contain_text("要改一改")
    page.goto("/field/waiting/")
    page.get_by_role("link", name="改一改").tap()
    expect(page.locator("#point_1 [data-told]")).to_contain_text("已经登记成隐患")
    keep(page, 1, "有隐患", "锁坏了，门也歪了")
    expect(page.locator("#point_1 [data-state]")).to_contain_text("已上传")
    assert PointCheck.objects.get(county=COUNTY, place_number=1).note == "锁坏了，门也歪了"
    assert Hazard.objects.filter(county=COUNTY).count() == 1
    assert {row["state"] for row in rows(page)} == {"sent"}
