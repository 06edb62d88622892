"""Each worry is found by its rule when it is there, and not when it is not."""

from datetime import timedelta

import pytest

from yijiaan.areas.tests import make as land
from yijiaan.cases import actions
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.insight.queries import get_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def worries(town):
    return {worry.code: worry for worry in get_board(town.actor("leader"), at=clock.now()).worries}


def in_grid(place, **changes):
    lon, lat = land.middle(place)
    return make.report(lon=lon, lat=lat, **changes)


def test_nothing_is_made_up(town):
    assert worries(town) == {}
    make.report()
    assert worries(town) == {}


def test_the_village_with_most_late_cases(town):
    for place in (0, 1, 2):
        in_grid(place)
    with clock.later(timedelta(days=3)):
        (worry,) = worries(town).values()
        assert worry.code == "late_village"
        assert worry.words == "2 件已超时，占全部超时的 67%"
        assert worry.drill.query == {"tab": "all", "only": "late", "area": land.FIRST}


def test_a_category_that_rises_against_its_own_four_weeks(town):
    for day in (0, 7, 14, 21, 28, 29, 30, 31, 32, 33):
        with clock.later(timedelta(days=day)):
            receipt = in_grid(0)
            number = make.case(receipt).number
            actions.dispatch_case(
                actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id, category="0401"
            )
            actions.sign_case(actor=town.actor("power"), number=number)
            actions.finish_case(actor=town.actor("power"), number=number, result="修好了。")
            actions.rate_report(actor=make.reporter(receipt), result="satisfied")
    with clock.later(timedelta(days=34)):
        worry = worries(town)["rising_category"]
        assert worry.words == "近 7 天 6 件，前四周平均每周 1.0 件"
        assert worry.drill.query["category"] == "0401"
    with clock.later(timedelta(days=20)):
        assert "rising_category" not in worries(town)


def test_the_same_trouble_in_one_village(town):
    for place in (0, 1, 0):
        number = make.case(in_grid(place)).number
        actions.classify_case(actor=town.actor("dispatcher"), number=number, category="0401")
    worry = worries(town)["same_trouble"]
    assert worry.words == "同一个村、同一类的有 3 件没办结"
    assert worry.drill.query == {"tab": "all", "category": "0401", "area": land.FIRST}


def test_what_is_done_again(town):
    case, receipt = make.case_in(town, "callback")
    with clock.later(timedelta(minutes=40)):
        actions.rate_report(actor=make.reporter(receipt), result="dissatisfied", text="还是不亮")
        assert worries(town)["done_again"].drill.query == {"tab": "all", "only": "redone", "area": case.area_code[:12]}
