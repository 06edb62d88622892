"""Limits of the public doors: fair to a village behind one address, narrow for one device, and nothing typed is lost."""

import json
from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver

from yijiaan.accounts.actions import issue_token
from yijiaan.accounts.doors import DEVICE_COOKIE, network_of
from yijiaan.accounts.models import DoorUse
from yijiaan.accounts.retention import purge_door_uses
from yijiaan.cases.models import Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements

pytestmark = pytest.mark.django_db

COUNTY = "370812"
API = "/api/v1/reports"


@pytest.fixture
def town(settings) -> Town:
    settings.PUBLIC_LIMITS = 100
    settings.PUBLIC_DOORS = {
        **settings.PUBLIC_DOORS, "cases:report": (5, 2), "cases:find": (5, 2), "api:create_report": (4, 0), "api:rate": (2, 0),
    }  # fmt: skip
    return make_town()


def browser() -> Client:
    """A device that has come by before."""
    made = Client(headers={"origin": "http://testserver"})
    made.cookies[DEVICE_COOKIE] = uuid4().hex
    return made


def send(client: Client, town: Town, text: str = "村口路灯不亮", **more: str):
    sent = {"client_key": str(uuid4()), "text": text, "lon": "116.605", "lat": "35.605", **more}
    return client.post(f"/t/{town.door}/report/", sent)


def tell(client: Client, **headers: str):
    body = json.dumps({"text": "路灯不亮", "client_key": str(uuid4())})
    return client.post(API, body, content_type="application/json", headers=headers)


def test_a_device_that_sends_too_often_waits_and_gets_its_words_back(town: Town) -> None:
    client = browser()
    with clock.at(clock.now()):
        assert [send(client, town).status_code for _ in range(2)] == [302, 302]
        answer = send(client, town, text="桥头栏杆断了，怕小孩掉下去")
    page = answer.content.decode()
    assert answer.status_code == 429
    assert answer["Retry-After"] == "300"
    assert "请等 5 分钟" in page
    assert "桥头栏杆断了，怕小孩掉下去" in page
    assert "再交一次" in page
    assert Report.objects.filter(county=COUNTY).count() == 2


def test_after_the_wait_it_goes_through(town: Town) -> None:
    client, now = browser(), clock.now()
    with clock.at(now):
        answers = [send(client, town) for _ in range(3)]
    with clock.at(now + timedelta(seconds=int(answers[2]["Retry-After"]))):
        assert send(client, town).status_code == 302
        assert send(client, town).status_code == 429


def test_a_clock_set_back_shuts_nobody_out_and_keeps_the_limit(town: Town) -> None:
    client, now = browser(), clock.now()
    with clock.at(now):
        assert [send(client, town).status_code for _ in range(3)] == [302, 302, 429]
    with clock.at(now - timedelta(hours=1)):
        assert [send(client, town).status_code for _ in range(3)] == [302, 302, 429]


def test_a_village_behind_one_address_is_many_devices(town: Town) -> None:
    with clock.at(clock.now()):
        assert [send(browser(), town).status_code for _ in range(6)] == [302] * 5 + [429]


def test_who_keeps_pressing_does_not_use_up_the_share_of_the_village(town: Town) -> None:
    with clock.at(clock.now()):
        stubborn = browser()
        assert [send(stubborn, town).status_code for _ in range(9)] == [302, 302] + [429] * 7
        assert [send(browser(), town).status_code for _ in range(3)] == [302] * 3


def test_the_first_visit_names_the_device_and_reading_is_never_counted(town: Town) -> None:
    client = Client()
    answer = client.get(f"/t/{town.door}/report/")
    assert answer.cookies[DEVICE_COOKIE]["httponly"]
    assert DEVICE_COOKIE not in client.get(f"/t/{town.door}/report/").cookies
    assert not DoorUse.objects.exists()


def test_guessing_query_codes_is_held_up(town: Town) -> None:
    client = browser()
    guess = {"number": "XY202611230001", "query_code": "123456"}
    with clock.at(clock.now()):
        assert [client.post(f"/t/{town.door}/find/", guess).status_code for _ in range(3)] == [422, 422, 429]


def test_the_api_says_when_to_come_again(town: Town) -> None:
    client = Client()
    with clock.at(clock.now()):
        answers = [tell(client) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 4 + [429]
    problem = answers[-1]
    assert problem["Content-Type"] == "application/problem+json"
    assert problem["Retry-After"] == "150"
    assert problem.json()["code"] == "too_often"
    assert "请等 3 分钟再交" in problem.json()["detail"]


def test_the_api_of_a_tracking_code_is_held_up_too(town: Town) -> None:
    client = Client()
    code = tell(client).json()["tracking_code"]
    with clock.at(clock.now()):
        path, body = f"{API}/{code}/rating", json.dumps({"result": "satisfied"})
        codes = [client.post(path, body, content_type="application/json").status_code for _ in range(3)]
    assert codes == [422, 422, 429]


def test_a_batch_counts_its_items_and_one_beyond_the_limit_is_told_so(town: Town) -> None:
    def batch(size: int):
        items = [{"text": "路灯不亮", "client_key": str(uuid4())} for _ in range(size)]
        return Client().post(f"{API}/batch", json.dumps({"reports": items}), content_type="application/json")

    with clock.at(clock.now()):
        assert batch(3).status_code == 200
        assert batch(2).json()["code"] == "too_often"
        assert batch(5).json()["code"] == "batch_too_large"
        assert batch(1).status_code == 200
    assert Report.objects.filter(county=COUNTY).count() == 4


def test_partners_are_not_counted_and_strangers_cost_one_statement(town: Town) -> None:
    _, token = issue_token(actor=system("tests"), name="随手拍", area_code="370812102", channel="third_party_app")
    client = Client()
    with clock.at(clock.now()):
        tell(client)
        assert [tell(client, authorization=f"Bearer {token}").status_code for _ in range(6)] == [201] * 6
        assert DoorUse.objects.count() == 1
        with assert_statements(exactly=2) as seen:
            tell(client)
    assert "door_use" in seen[0]


def test_without_limits_nothing_is_asked(town: Town, settings) -> None:
    settings.PUBLIC_LIMITS = 0
    assert [tell(Client()).status_code for _ in range(6)] == [201] * 6
    assert not DoorUse.objects.exists()


def test_behind_proxies_the_address_is_the_one_they_saw(town: Town, settings) -> None:
    settings.PROXIES = [ip_network("127.0.0.0/8")]
    with clock.at(clock.now()):
        villages = [
            tell(Client(), **{"x-forwarded-for": f"10.9.9.9, 203.0.113.{number % 2}"}).status_code
            for number in range(8)
        ]
    assert villages == [201] * 8
    assert DoorUse.objects.count() == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::/64"),
        ("2001:db8::ffff:7", "2001:db8::/64"),
        (None, ""),
    ],
)
def test_what_counts_as_one_address(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_counters_of_yesterday_are_forgotten(town: Town) -> None:
    tell(Client())
    assert purge_door_uses(clock.now(), 100) == 0
    with clock.later(timedelta(days=2)):
        assert purge_door_uses(clock.now(), 100) == 1
    assert not DoorUse.objects.exists()


def test_every_door_named_in_the_settings_is_one(settings) -> None:
    names = {
        f"{space}:{name}" if space else name
        for space, name in _names(get_resolver())
    }  # fmt: skip
    assert set(settings.PUBLIC_DOORS) - names == {"api:create_report"}  # answered before addresses are resolved


def _names(resolver, space: str = ""):
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from _names(one, one.namespace or space)
        elif one.name:
            yield space, one.name
