"""随身资料: what a worker may see and nothing more, masked, small, in a fixed number of statements."""

import gzip
import json

import pytest
from django.test import Client

from yijiaan.core.testing import assert_statements
from yijiaan.registry.tests import make as base
from yijiaan.registry.tests.town import town as make_town

pytestmark = pytest.mark.django_db
ADDRESS = "/field/carried.json"


@pytest.fixture
def town():
    return make_town()


def test_a_worker_takes_his_own_grid_along_masked(town):
    home, people = base.family(town)
    base.care(town, people[0])
    base.family(town, "dispatcher", grid=2)
    answer = town.client("worker").get(ADDRESS)
    body = answer.json()
    assert [row["id"] for row in body["households"]] == [str(home.id)]
    (row,) = body["households"]
    assert [(one["name"], one["relation"]) for one in row["members"]] == [
        ("王**", "户主"),
        ("李**", "配偶"),
        ("王**", "子女"),
    ]
    assert row["members"][0]["care"] == ["独居老人"]
    said = answer.content.decode()
    for secret in (base.NAME, base.PHONE, "李桂兰", "1957"):
        assert secret not in said
    assert body["viewer"] == str(town.posts["worker"].user_id)
    assert body["areas"][home.area_code].endswith("第1网格")
    assert body["until"] - body["made"] == 7 * 24 * 3600 * 1000
    assert answer["Cache-Control"].startswith("max-age=0")


def test_it_is_packed_where_the_browser_takes_it_so(town):
    base.family(town)
    answer = town.client("worker").get(ADDRESS, headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.content))["households"]) == 1


def test_who_may_not_see_people_gets_none_and_strangers_sign_in(town):
    base.family(town)
    assert town.client("power").get(ADDRESS).json()["households"] == []
    assert Client().get(ADDRESS).status_code in (302, 403)
    page = town.client("worker").get("/field/carried/").content.decode()
    assert base.NAME not in page and "王**" not in page


def test_it_costs_the_same_however_many(town):
    client = town.client("worker")
    base.family(town)
    client.get(ADDRESS)
    with assert_statements() as first:
        client.get(ADDRESS)
    for _ in range(4):
        base.household(town)
    with assert_statements(len(first)):
        client.get(ADDRESS)
