"""负担表: forms by kind of post and week, from the journal; no person, no line of fewer than three posts."""

from datetime import timedelta

import pytest
from django.test import Client

from yijiaan.accounts.tests import make as people
from yijiaan.areas.tests import make as land
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed
from yijiaan.insight.queries import get_burden, monday_of
from yijiaan.oneform.tests import make as forms
from yijiaan.registry.actions import make_plate
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def lines(actor, week=None):
    found, _ = get_burden(actor, week=week or monday_of(clock.local_day()))
    return {line.code: {use.filled.label: (use.count, use.before) for use in line.uses} for line in found}


def plates(town, count):
    for _ in range(count):
        make_plate(actor=town.actor("dispatcher"), area_code=land.FIRST, place="村口")


def more_dispatchers(town, count):
    for _ in range(count):
        people.post(town.units["centre"], "dispatcher", land.TOWN)


def test_forms_are_counted_by_kind_of_post_when_three_hold_it(town):
    more_dispatchers(town, 3)
    make.report()
    plates(town, 2)
    found = lines(town.actor("leader"))
    assert found["dispatcher"] == {"做数字门牌": (2, 0)}
    assert found["people"]["报问题"] == (1, 0)
    next_week = lines(town.actor("leader"), monday_of(clock.local_day()) + timedelta(weeks=1))
    assert next_week["dispatcher"] == {"做数字门牌": (0, 2)}


def test_a_kind_of_post_with_fewer_than_three_has_no_line_of_its_own(town):
    plates(town, 2)
    found = lines(town.actor("leader"))
    assert "dispatcher" not in found
    assert found[""]["做数字门牌"] == (2, 0)


def test_what_lies_elsewhere_is_not_counted(town):
    plates(town, 1)
    assert lines(town.actor("stranger")) == {}


def test_minutes_are_those_of_the_table(town):
    more_dispatchers(town, 3)
    plates(town, 2)
    line = next(
        row
        for row in get_burden(town.actor("leader"), week=monday_of(clock.local_day()))[0]
        if row.code == "dispatcher"
    )
    assert (line.minutes, line.count) == (6, 2)
    assert line.minutes_each == 6 / line.posts


def test_who_may_not_look(town):
    with pytest.raises(NotAllowed):
        get_burden(town.actor("head"), week=monday_of(clock.local_day()))
    assert town.client("head").get("/board/burden/").status_code == 403
    assert Client().get("/board/burden/").status_code == 302


def test_the_page_names_no_person_and_costs_the_same(town, django_assert_num_queries):
    more_dispatchers(town, 3)
    plates(town, 1)
    client = town.client("leader")
    week = monday_of(clock.local_day()).isoformat()
    client.get("/board/burden/")
    with django_assert_num_queries(8):
        page = client.get(f"/board/burden/?week={week}").content.decode()
    assert "做数字门牌" in page
    assert "全部表单" in page
    main = page.split('id="main"')[1]
    assert town.posts["dispatcher"].user.name not in main
    plates(town, 12)
    with django_assert_num_queries(8):
        client.get(f"/board/burden/?week={week}")
    for wrong in ("2026-13-01", "0001-01-01", "9999-12-31", "x"):
        assert client.get(f"/board/burden/?week={wrong}").status_code == 404


def test_a_form_from_above_stands_there_with_its_issuer_and_what_it_took(town, django_assert_num_queries):
    for _ in range(3):
        people.post(town.units["first"], "grid_worker", land.FIRST)
    labels = (*("户号", "家庭住址", "户主姓名", "户主联系电话"), "家庭年收入（元）", "取暖方式用煤还是用电")
    form = forms.publish(town, labels, minutes=12)
    homes = [base.household(town) for _ in range(3)]
    for home in homes:
        forms.answer(town, form, home.id, {"家庭年收入（元）": "32000"})
    roles, above = get_burden(town.actor("leader"), week=monday_of(clock.local_day()))
    workers = next(role for role in roles if role.code == "grid_worker")
    use = next(use for use in workers.uses if use.filled.label == form.name)
    assert (use.count, use.minutes) == (3, 12.0)  # a third of twelve minutes, three times
    [line] = above
    assert (line.form.issuer, line.form.columns, line.form.asked, line.form.minutes_asked) == ("区民政局", 6, 2, 4.0)
    assert [(label, each.count) for label, each in line.uses] == [("网格员", 3)]
    client, week = town.client("leader"), monday_of(clock.local_day()).isoformat()
    client.get("/board/burden/")
    with django_assert_num_queries(8):
        page = client.get(f"/board/burden/?week={week}").content.decode()
    for words in (form.name, "区民政局", "兖民字〔2026〕18 号第三条", "3 行", "网格员 12 分钟"):
        assert words in page, words
    assert town.posts["worker"].user.name not in page.split('id="main"')[1]
    next_week = monday_of(clock.local_day()) + timedelta(weeks=1)
    _, above = get_burden(town.actor("leader"), week=next_week)
    assert above[0].uses == ()
    _, above = get_burden(town.actor("leader"), week=next_week + timedelta(weeks=8))
    assert above == []
    assert get_burden(town.actor("stranger"), week=monday_of(clock.local_day())) == ([], [])
