"""What a village cannot solve goes up in three taps; a reporter has his matter hurried, and begins it again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.steps import COUNTY, be, sign_in, state_of
from yijiaan.cases.actions import rate_report, take_case
from yijiaan.cases.models import Case, Hop
from yijiaan.cases.queries import reporter_actor
from yijiaan.cases.tests.town import Town, make_town

NewPage = Callable[..., Page]


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


def test_a_village_hands_up_in_three_taps_and_the_centre_confirms(new_page: NewPage, town: Town) -> None:
    number = town.report("村北沟里的水把路基掏空了").case.number
    take_case(actor=town.head.actor, number=number)
    head = new_page(**PHONE)
    sign_in(head, town.head)
    head.get_by_role("link", name="办不了，报镇里").tap()
    taps = 1
    head.get_by_label("村里试过什么").fill("垫了两车石子又叫水冲了，要下涵管")
    head.get_by_label("该归哪家管").select_option(label="综合执法中队")
    taps += 1
    head.get_by_role("button", name="报镇里").tap()
    taps += 1
    assert taps == 3
    expect(head.get_by_role("status").first).to_contain_text("报上去了，新驿镇网格化服务中心")
    assert state_of(number) == "received"

    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    centre.goto(f"/cases/{number}/")
    expect(centre.locator("main")).to_contain_text("垫了两车石子又叫水冲了")
    centre.get_by_role("button", name="派给综合执法中队").click()  # the confirming tap
    expect(centre.get_by_role("status")).to_contain_text("派给综合执法中队了")
    case = Case.objects.get(county=COUNTY, number=number)
    assert (case.owner_id, case.level, case.hop_count) == (town.enforcement.id, "town", 3)
    kinds = Hop.objects.filter(county=COUNTY, case=case).order_by("moved_at", "id").values_list("kind", flat=True)
    assert list(kinds) == ["take", "report_up", "dispatch"]


def test_a_reporter_urges_and_begins_again(new_page: NewPage, town: Town) -> None:
    report = town.finished()
    number = report.case.number
    rate_report(actor=reporter_actor(report), result="satisfied")
    phone = new_page(**PHONE)
    phone.goto(f"/p/{report.tracking_sealed}/")
    phone.get_by_text("又出问题了").tap()
    again = phone.locator("details", has_text="又出问题了")
    again.get_by_role("button", name="请再来办").tap()
    expect(phone.locator("main")).to_contain_text("请写一句又出了什么情况")
    again.get_by_label("说一句").fill("夜里油烟又直排")
    again.get_by_role("button", name="请再来办").tap()
    expect(phone.get_by_role("status")).to_contain_text("重新安排人来办")
    assert state_of(number) == "received"
    phone.get_by_text("催一催").first.tap()
    phone.locator("details", has_text="催一催").get_by_role("button", name="催一催").tap()
    expect(phone.get_by_role("status")).to_contain_text("替您催了")
    centre = new_page(**DESK)
    be(centre, town.dispatcher)
    centre.goto(f"/cases/{number}/")
    expect(centre.locator(".case-head")).to_contain_text("已催办")
    expect(centre.locator("main")).to_contain_text("夜里油烟又直排")
