"""登记情况: right as of the moment that the page names, for a whole county in a few milliseconds; every number opens to its rows."""

import re
from datetime import timedelta

import pytest

from yijiaan.accounts.tests import make as accounts
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.registry import actions
from yijiaan.registry.jobs import count_bases
from yijiaan.registry.models import GridCount, Household
from yijiaan.registry.queries import count_now, read_completeness
from yijiaan.registry.tests import make

pytestmark = pytest.mark.django_db
URL = "/base/completeness/"


def text(answer):
    return answer.content.decode()


@pytest.fixture
def filled(town):
    """A family that nobody has looked at for long, and a fresh household in the next grid; a county's dispatcher."""
    with clock.at(clock.now() - timedelta(days=300)):
        make.family(town)
    make.household(town, grid=1, address="刚核对过的")
    town.posts["county"] = accounts.post(town.units["county"], "county_dispatcher", "370812")
    return town


def test_what_was_counted_is_what_stands_there(filled):
    assert actions.count_base(actor=system("tests", "370812")) == 2
    for who in ("dispatcher", "head", "county"):
        actor = filled.actor(who)
        now = count_now(actor)
        found = read_completeness(actor)
        assert (sum(line.households for line in found.lines), sum(line.people for line in found.lines)) == (2, 3), who
        assert [sum(getattr(line, name) for line in found.lines) for name in ("filled", "wanted", "due")] == [
            sum(getattr(line, name) for line in now) for name in ("filled", "wanted", "due")
        ]
        assert (found.counted_at is None) == (who == "head"), who  # a village is counted as it is now
        assert found.by_town == (who == "county")
        assert found.by_town or found.lines == now
    assert [line.area_code for line in read_completeness(filled.actor("county")).lines] == ["370812102"]
    inside = read_completeness(filled.actor("county"), area_code="370812102")
    assert ([line.area_code for line in inside.lines], inside.by_town) == (
        [grid.code for grid in filled.grids[:2]],
        False,
    )
    assert read_completeness(filled.actor("stranger")).lines == []


def test_it_says_as_of_when_and_is_counted_anew_every_ten_minutes_or_at_once(filled):
    count_bases()
    client = filled.client("dispatcher")
    assert "数的，十分钟数一次" in text(client.get(URL))
    make.household(filled, grid=1, address="新来的")
    new = f'?area={filled.grids[1].code}">2 户</a>'
    assert new not in text(client.get(URL))
    with unchanged(GridCount):
        client.post(f"{URL}count/")  # counted within the last minute: it is that one
    with clock.later(timedelta(minutes=2)):
        assert "重新数过了" in text(client.post(f"{URL}count/", follow=True))
        assert new in text(client.get(URL))
    assert GridCount.objects.count() == 2
    with unchanged(GridCount), pytest.raises(NotAllowed):
        actions.count_base(actor=filled.actor("leader"))
    check_needs_sign_in(client.__class__(), URL)


def test_a_grid_that_has_nothing_any_more_is_gone_and_another_county_is_let_alone(filled):
    actions.count_base(actor=system("tests", "370812"))
    row = GridCount.objects.get(area_code=filled.grids[1].code)
    home = count_now(filled.actor("dispatcher"))[1]
    assert (row.household_count, row.filled_count, row.wanted_count) == (home.households, home.filled, home.wanted)
    gone = Household.objects.get(address="刚核对过的")
    actions.end_record(actor=filled.actor("head"), kind="household", record_id=gone.id, reason="空户")
    assert actions.count_base(actor=system("tests", "370812")) == 1
    assert list(GridCount.objects.values_list("area_code", flat=True)) == [filled.grids[0].code]


def test_every_number_opens_to_its_rows(filled):
    actions.count_base(actor=system("tests", "370812"))
    client = filled.client("county")
    page = text(client.get(URL))
    assert f'href="{URL}?area=370812102"' in page
    for path, count in (("/base/household/", 2), ("/base/person/", 3), ("/base/due/", 1)):
        assert re.search(rf'href="{path}\?area=370812102">{count}', page), path
        rows = text(client.get(path, {"area": "370812102"}))
        assert len(set(re.findall(r"/base/(?:household|person)/[0-9a-f-]{36}/", rows))) == count, path


def test_a_whole_county_costs_no_more_statements_than_a_grid(filled):
    actions.count_base(actor=system("tests", "370812"))
    client = filled.client("county")
    client.get(URL)
    with assert_statements(at_most=12) as few:
        client.get(URL)
    for grid in (2, 3):
        make.family(filled, who="dispatcher", grid=grid)
    actions.count_base(actor=system("tests", "370812"))
    with assert_statements(exactly=len(few)):
        client.get(URL)
