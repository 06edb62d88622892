"""走访 on pages: the form that a phone keeps, what arrives from it, lists, cycles, samples, and who sees what."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from yijiaan.accounts.tests import make as people_of
from yijiaan.cases.models import Report
from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.patrols import actions
from yijiaan.patrols.models import Arrangement, Visit, VisitCycle, VisitSample
from yijiaan.patrols.tests import make
from yijiaan.patrols.tests import visits as made
from yijiaan.patrols.tests.make import COUNTY
from yijiaan.patrols.tests.visits import ROWS
from yijiaan.registry import actions as registry
from yijiaan.registry.models import Change

pytestmark = pytest.mark.django_db
DESK = ("/visits/", "/visits/due/", "/visits/records/", "/visits/cycles/", "/visits/cycles/dibao/", "/visits/samples/")
FIELD = ("/field/visits/", "/field/visits/new/")
NEW = "/field/visits/new/"


@pytest.fixture
def town(settings: Any, tmp_path: Any) -> Town:
    settings.MEDIA_ROOT = tmp_path
    return make.town()


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_who_has_not_signed_in_is_sent_to_sign_in(town: Town) -> None:
    check_needs_sign_in(Client(), *DESK, *FIELD)


def test_who_neither_visits_nor_plans_is_refused(town: Town) -> None:
    for path in DESK:
        assert town.client("worker").get(path).status_code == 403, path
        assert town.client("dispatcher").get(path).status_code == 200, path
    for path in FIELD:
        assert town.client("dispatcher").get(path).status_code == 403, path
        assert town.client("power").get(path).status_code == 403, path


@pytest.mark.parametrize("path", ["/field/visits/", "/visits/", "/visits/due/", "/visits/records/", "/visits/samples/"])
def test_lists_cost_the_same_however_long_they_are(town: Town, path: str) -> None:
    client = town.client("worker" if path.startswith("/field/") else "dispatcher")

    def one_more() -> None:
        home, _, _ = made.elder(town)
        made.visit(town, home, on=clock.local_day() - timedelta(days=6))
        Arrangement.objects.filter(county=COUNTY).update(next_on=clock.local_day())
        actions.keep_arrangements_of_today(actor=system("tests"))
        actions.draw_visit_sample(actor=town.actor("dispatcher"), percent=100)

    one_more()
    client.get(path)
    with assert_statements(at_most=45) as first:
        client.get(path)
    for _ in range(3):
        one_more()
    with assert_statements(exactly=len(first)):
        answer = client.get(path)
    assert "村东头 3 号" in text_of(answer) or path == "/visits/"


def test_the_form_that_a_phone_keeps_holds_nothing_of_anybody(town: Town) -> None:
    home, _, _ = made.elder(town)
    page = text_of(town.client("worker").get(f"{NEW}?household={home.id}"))
    for words in ("村东头", "王小明", "王**", str(home.id)):
        assert words not in page.split("<main", 1)[1].split("</main", 1)[0]
    assert 'data-outbox="visit"' in page


def test_a_visit_by_the_plain_form(town: Town) -> None:
    home, people, one = made.elder(town)
    client, at = town.client("worker"), f"{NEW}?household={home.id}"
    values = {"way": "home", "needs": "烟筒松了", "is_raised": "on", "client_key": str(uuid4())}
    with unchanged(*ROWS):
        wrong = client.post(at, values | {"needs": "", "met": "王大爷"})
        assert wrong.status_code == 422
        assert "要报上去办，请写是什么事" in text_of(wrong)
        assert "王大爷" in text_of(wrong)
        assert "请先打开要走访的那一户" in text_of(client.post(NEW, values))
        assert "请选是谁的变了" in text_of(client.post(at, values | {"phone": "15400011111"}))
        assert "现在不在您的网格里" in text_of(client.post(f"{NEW}?household={uuid4()}", values))
        assert "现在不在您的网格里" in text_of(
            client.post(at, values | {"member": str(uuid4()), "phone": "15400011111"})
        )
        assert "手机号" in text_of(client.post(at, values | {"member": str(people[0].id), "phone": "123"}))
        assert town.client("other_worker").post(at, values).status_code == 422
    page = text_of(client.post(at, values, follow=True))
    assert "烟筒松了" in page
    assert f"/field/cases/{Report.objects.get(county=COUNTY).case.number}/" in page
    seen = Visit.objects.get(county=COUNTY)
    assert "烟筒松了" in text_of(town.client("dispatcher").get(f"/visits/{seen.id}/"))
    assert town.client("stranger").get(f"/visits/{seen.id}/").status_code == 404
    home_page = text_of(client.get(f"/field/base/household/{home.id}/"))
    assert f"{NEW}?household={home.id}" in home_page
    assert f"/visits/{seen.id}/" in home_page
    assert f"/visits/plans/{one.id}/" in home_page


def test_a_phone_sends_what_it_kept_once_and_by_its_own_day(town: Town) -> None:
    home, people, _ = made.elder(town)
    client, owner = town.client("worker"), str(town.posts["worker"].user_id)
    key, at = str(uuid4()), f"{NEW}?household={home.id}"
    now = int(clock.now().timestamp() * 1000)
    wrong_clock = 26 * 3600 * 1000  # the phone is a day and two hours ahead; only the difference counts
    values = {
        "needs": "烟筒松了", "is_raised": "on", "moves": "儿子回来了", "member": str(people[2].id), "residence": "same",
        "client_key": key, "owner": owner, "occurred_at": str(now - 3 * 24 * 3600 * 1000 + wrong_clock),
        "sent_at": str(now + wrong_clock),
    }  # fmt: skip
    for _ in range(2):
        told = json.loads(client.post(at, values, headers={"X-Outbox": "1"}).content)
        assert told["client_key"] == key
        assert "时间快了" in told["clock"]
    (seen,) = Visit.objects.filter(county=COUNTY)
    assert seen.on == clock.local_day() - timedelta(days=3)
    assert told["url"] == f"/visits/{seen.id}/"
    assert Report.objects.filter(county=COUNTY).count() == 1
    line = Change.objects.get(county=COUNTY, state="open")
    assert (line.field, line.told_on) == ("residence", seen.on)
    other = client.post(at, values | {"needs": "别的"}, headers={"X-Outbox": "1"})
    assert other.status_code == 409
    wrong = client.post(at, values | {"client_key": str(uuid4()), "needs": ""}, headers={"X-Outbox": "1"})
    assert (wrong.status_code, json.loads(wrong.content)["errors"][0]["field"]) == (422, "needs")
    foreign = client.post(at, values | {"client_key": str(uuid4()), "owner": "x"}, headers={"X-Outbox": "1"})
    assert foreign.status_code == 403


def test_an_arrangement_is_paused_resumed_and_ended_on_its_page(town: Town) -> None:
    _, _, one = made.elder(town)
    client, at = town.client("worker"), f"/visits/plans/{one.id}/"
    assert "不再走访" not in text_of(client.get(at))
    until = (clock.local_day() + timedelta(days=9)).isoformat()
    with unchanged(*ROWS):
        wrong = client.post(f"{at}pause/", {"reason": "hospital", "until": ""})
        assert wrong.status_code == 422
        assert "请写到哪天" in text_of(wrong)
        assert client.post(f"{at}end/", {"reason": "x"}).status_code == 403
        assert client.post(f"{at}nothing/").status_code == 404
        assert town.client("other_worker").post(f"{at}pause/", {"reason": "away", "until": until}).status_code == 404
    assert "住院" in text_of(client.post(f"{at}pause/", {"reason": "hospital", "until": until}, follow=True))
    assert "先不去的" in text_of(client.get("/field/visits/"))
    client.post(f"{at}resume/")
    assert made.fresh(one).status == "active"
    assert "不能“接着去”" in text_of(client.post(f"{at}resume/", follow=True))
    centre = town.client("dispatcher")
    assert centre.post(f"{at}end/", {"reason": ""}).status_code == 422
    assert "子女接走" in text_of(centre.post(f"{at}end/", {"reason": "子女接走"}, follow=True))


def test_cycles_and_samples_on_pages(town: Town) -> None:
    home, _, _ = made.elder(town)
    centre = town.client("dispatcher")
    assert "90 天一次" in text_of(centre.get("/visits/cycles/"))
    with unchanged(*ROWS):
        wrong = centre.post("/visits/cycles/dibao/", {"every_days": "0", "who": "网格员"})
        assert wrong.status_code == 422
        assert centre.get("/visits/cycles/nothing/").status_code == 404
    assert "60 天一次" in text_of(
        centre.post("/visits/cycles/dibao/", {"every_days": "60", "who": "网格员"}, follow=True)
    )
    assert VisitCycle.objects.filter(county=COUNTY).count() == 1
    assert "还没有走访" in text_of(centre.post("/visits/samples/", {"percent": "10"}))
    made.visit(town, home, met="王大爷")
    assert "抽到 1 次走访" in text_of(centre.post("/visits/samples/", {"percent": "10"}, follow=True))
    one = VisitSample.objects.get(county=COUNTY)
    at = f"/visits/samples/{one.id}/"
    assert "王大爷" in text_of(centre.get(at))
    assert centre.post(at, {"result": "differs", "text": ""}).status_code == 422
    assert "和记的一样" in text_of(centre.post(at, {"result": "agrees"}, follow=True))
    assert town.client("stranger").get(at).status_code == 404


def test_one_grid_opens_to_its_rows(town: Town) -> None:
    home, _, _ = made.elder(town)
    with make.tomorrow(8):
        actions.keep_arrangements_of_today(actor=system("tests"))
        centre = town.client("dispatcher")
        page = text_of(centre.get("/visits/"))
        assert f"/visits/due/?area={home.area_code}" in page
        assert "王**" in text_of(centre.get(f"/visits/due/?area={home.area_code}"))
        assert "没有到日子的走访" in text_of(centre.get(f"/visits/due/?area={town.grids[1].code}"))


def test_a_county_sees_its_towns_and_each_opens_to_its_grids(town: Town) -> None:
    home, _, _ = made.elder(town)
    town.posts["county"] = people_of.post(town.units["county"], "county_dispatcher", COUNTY)
    with make.tomorrow(8):
        actions.keep_arrangements_of_today(actor=system("tests"))
        county = town.client("county")
        page = text_of(county.get("/visits/"))
        assert f'href="/visits/?area={home.area_code[:9]}"' in page
        assert f'href="/visits/due/?area={home.area_code[:9]}">1<' in page
        inside = text_of(county.get("/visits/", {"area": home.area_code[:9]}))
        assert f'href="/visits/due/?area={home.area_code}">1<' in inside


def test_what_the_office_changed_meanwhile_stands_beside_what_the_phone_tells(town: Town) -> None:
    home, people, _ = made.elder(town)
    client, owner = town.client("worker"), str(town.posts["worker"].user_id)
    now = int(clock.now().timestamp() * 1000)
    at, values = f"{NEW}?household={home.id}", {
        "member": str(people[2].id), "occupation": "务农", "phone": "15400017777", "residence": "same", "client_key": str(uuid4()),
        "owner": owner, "occurred_at": str(now - 2 * 24 * 3600 * 1000), "sent_at": str(now),
    }  # fmt: skip
    with clock.at(clock.now() - timedelta(days=1)):
        registry.change_facts(
            actor=town.actor("dispatcher"), kind="person", record_id=people[2].id, source="office", client_key=uuid4(),
            values={"occupation": "司机", "phone": "15400018888"},
        )  # fmt: skip
    told = [
        json.loads(client.post(at, values, headers={"X-Outbox": "1"}).content) for _ in range(2)
    ]  # an answer was lost
    assert told[0] == told[1]
    assert [(each["fact"], each["mine"], each["theirs"]) for each in told[0]["beside"]] == [
        ("手机号（王**）", "154****7777", "154****8888"),
        ("职业（王**）", "务农", "司机"),
    ]
    one = told[0]["beside"][1]
    assert one["mine_by"].startswith("您 ")
    assert "改的" in one["theirs_by"]
    assert town.posts["dispatcher"].unit.name in one["theirs_by"]
    assert "网格长或镇里" in one["decides"]
    assert (fresh := made.fresh(people[2])).occupation == "司机"
    assert fresh.phone_sealed == "15400018888"
    for path in (told[0]["url"], "/base/mine/"):
        page = text_of(client.get(path))
        assert page.count('class="sides"') == 2, path
        assert "15400018888" not in page
        assert "15400017777" not in page
    line = Change.objects.get(county=COUNTY, field="occupation", state="open")
    registry.confirm_change(actor=town.actor("head"), change_id=line.id, over=True)
    assert text_of(client.get(told[0]["url"])).count('class="sides"') == 1
    assert [
        each["fact"] for each in json.loads(client.post(at, values, headers={"X-Outbox": "1"}).content)["beside"]
    ] == ["手机号（王**）"]


def test_nothing_stands_beside_what_nobody_else_changed(town: Town) -> None:
    home, people, _ = made.elder(town)
    client = town.client("worker")
    values = {
        "member": str(people[2].id), "occupation": "务农", "client_key": str(uuid4()), "owner": str(town.posts["worker"].user_id),
    }  # fmt: skip
    told = json.loads(client.post(f"{NEW}?household={home.id}", values, headers={"X-Outbox": "1"}).content)
    assert "beside" not in told
    assert "sides" not in text_of(client.get(told["url"]))
