"""Messages come once and only to whom they are sent."""

from uuid import uuid4

import pytest
from django.apps import apps

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.notices.actions import mark_all_read, mark_read, notify
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.notices.queries import count_unread, list_notices

WHO = system("tests")
COUNTY = "370812"


@pytest.fixture
def units(db):
    model = apps.get_model("accounts", "Unit")
    return [model.objects.create(name=name, kind="power", area_id="370812102") for name in ("甲", "乙")]


def staff(unit, county=COUNTY):
    return Actor(kind=ActorKind.STAFF, identity="1", county=county, unit_id=unit.id, post_id=uuid4())


def tell(unit, key, title="请签收", county=COUNTY):
    notify(actor=WHO, county=county, unit_id=unit.id, title=title, link="/cases/1/", dedup_key=key)


def test_the_same_key_comes_once_in_a_county(units):
    for _ in range(3):
        tell(units[0], "a")
    with unchanged(Notice):
        tell(units[0], "a", title="别的话")
    tell(units[0], "a", county="370811")
    assert list(Notice.objects.order_by("county").values_list("county", "title")) == [
        ("370811", "请签收"),
        (COUNTY, "请签收"),
    ]


def test_each_unit_reads_its_own(units):
    tell(units[0], "a", title="字" * 100)
    tell(units[1], "b")
    mine, other = staff(units[0]), staff(units[1])
    notice = list_notices(mine).get()
    assert len(notice.title) == 80
    for actor, wrong in ((other, notice.id), (mine, uuid4()), (staff(units[0], "370811"), notice.id)):
        with unchanged(Notice), pytest.raises(NotFound):
            mark_read(actor=actor, notice_id=wrong)
    assert count_unread(mine) == 1
    mark_read(actor=mine, notice_id=notice.id)
    with unchanged(Notice):
        mark_read(actor=mine, notice_id=notice.id)
    assert (count_unread(mine), count_unread(other)) == (0, 1)


def test_all_at_once_and_the_count_has_a_cap(units):
    for number in range(5):
        tell(units[0], str(number))
    tell(units[1], "other")
    mine = staff(units[0])
    assert count_unread(mine, cap=3) == 3
    assert (mark_all_read(actor=mine), mark_all_read(actor=mine)) == (5, 0)
    assert count_unread(staff(units[1])) == 1
