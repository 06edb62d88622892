"""The pages of patrols: who sees what in how many statements; nothing typed is lost; a phone sends what it kept once."""

import io
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image

from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.engines.files.models import StoredFile
from yijiaan.patrols.actions import PointFacts
from yijiaan.patrols.models import PatrolPlan, PatrolRun, PatrolTemplate, PointCheck, Sweep
from yijiaan.patrols.tests import make
from yijiaan.patrols.tests.make import COUNTY, FIRST, ROWS
from yijiaan.safety.models import Hazard

pytestmark = pytest.mark.django_db
PAGES = ("/patrols/", "/patrols/runs/", "/patrols/routes/new/", "/patrols/sweeps/new/", "/field/patrols/")


@pytest.fixture
def town(settings: Any, tmp_path: Any) -> Town:
    settings.MEDIA_ROOT = tmp_path
    return make.town()


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_who_has_not_signed_in_is_sent_to_sign_in(town: Town) -> None:
    check_needs_sign_in(Client(), *PAGES, f"/field/patrols/{make.run(town).id}/")


@pytest.mark.parametrize("path", ["/patrols/", "/patrols/runs/", "/field/patrols/"])
def test_lists_cost_the_same_however_long_they_are(town: Town, path: str) -> None:
    client = town.client("worker" if path.startswith("/field/") else "dispatcher")
    make.run(town)
    client.get(path)
    with assert_statements(at_most=40) as first:
        client.get(path)
    for _ in range(3):
        make.look(town, make.run(town), 1)
    with assert_statements(exactly=len(first)):
        assert client.get(path).status_code == 200


def test_a_route_and_its_plan_are_written_on_pages(town: Town) -> None:
    client = town.client("dispatcher")
    values = {"name": "夜巡", "kind": "security", "area_code": FIRST, "points": "", "client_key": str(uuid4())}
    wrong = client.post("/patrols/routes/new/", values)
    assert wrong.status_code == 422
    assert "请至少写一个点" in text_of(wrong)
    client.post("/patrols/routes/new/", values | {"points": "粮库后门|门锁着没有\n\n变压器旁"})
    way = PatrolTemplate.objects.get(county=COUNTY)
    page = text_of(client.get(f"/patrols/routes/{way.id}/"))
    assert "粮库后门|门锁着没有\n变压器旁" in page
    at = f"/patrols/routes/{way.id}/plan/"
    here = {
        "unit": str(town.units["first"].id), "rule": "market", "days": "三、八", "dates": "", "client_key": str(uuid4()),
        "starts_on": clock.local_day().isoformat(), "ends_on": "",
    }  # fmt: skip
    wrong = client.post(at, here)
    assert wrong.status_code == 422
    assert "三、八" in text_of(wrong)
    wrong = client.post(at, here | {"rule": "dates", "dates": "12月1日"})
    assert "照 2026-12-01 这样写" in text_of(wrong)
    assert "农历逢三、逢八" in text_of(client.post(at, here | {"days": "3、8"}, follow=True))
    made = PatrolPlan.objects.get(county=COUNTY)
    assert "停了" in text_of(client.post(f"/patrols/plans/{made.id}/switch/", {"to": "off"}, follow=True))
    for name, status in (("worker", 403), ("stranger", 404), ("admin", 403)):
        assert town.client(name).get(at).status_code == status, name


def test_a_sweep_is_planned_and_seen(town: Town) -> None:
    client = town.client("dispatcher")
    way = make.template(town.actor("dispatcher"))
    values = {
        "name": "拉网", "template": str(way.id), "area_code": FIRST, "on": clock.local_day().isoformat(),
        "client_key": str(uuid4()),
    }  # fmt: skip
    assert "请选一条路线" in text_of(client.post("/patrols/sweeps/new/", values | {"template": ""}))
    page = text_of(client.post("/patrols/sweeps/new/", values, follow=True))
    assert ">6 个点</a>" in page
    assert "看了 0 个（0%）" in page
    sweep = Sweep.objects.get(county=COUNTY)
    assert town.client("stranger").get(f"/patrols/sweeps/{sweep.id}/").status_code == 404


def test_a_walk_on_the_phone_by_plain_forms(town: Town) -> None:
    run = make.run(town)
    client, at = town.client("worker"), f"/field/patrols/{run.id}/"
    assert "村里夜巡" in text_of(client.get("/field/patrols/"))
    assert text_of(client.get(at)).count('name="client_key"') == 3
    with unchanged(*ROWS):
        wrong = client.post(f"{at}points/1/", {"result": "hazard", "text": "", "client_key": str(uuid4())})
        assert wrong.status_code == 422
        assert "请写是什么隐患" in text_of(wrong)
        assert client.post(f"{at}points/1/", {"result": "ok"}).status_code == 422
        assert client.post(f"{at}points/9/", {"result": "ok", "client_key": str(uuid4())}).status_code == 404
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "PNG")
    out.seek(0)
    out.name = "a.png"
    values = {"result": "hazard", "text": "锁坏了", "grade": "larger", "client_key": str(uuid4()), "photos": [out]}
    page = text_of(client.post(f"{at}points/1/", values, follow=True))
    assert "登记成隐患了" in page
    hazard = Hazard.objects.get(county=COUNTY)
    assert f"/field/hazards/{hazard.id}/" in page
    assert StoredFile.objects.filter(county=COUNTY, subject_id=hazard.id).count() == 1
    assert "还有 2 个点没有记" in text_of(client.post(f"{at}finish/", follow=True))
    wrong = client.post(f"{at}interrupt/", {"text": ""})
    assert wrong.status_code == 422
    assert "停下了" in text_of(client.post(f"{at}interrupt/", {"text": "去救火"}, follow=True))
    assert client.post(f"{at}nothing/").status_code == 404
    desk = text_of(town.client("dispatcher").get(f"/patrols/runs/{run.id}/"))
    assert "去救火" in desk
    assert "锁坏了" in desk
    assert town.client("stranger").get(f"/patrols/runs/{run.id}/").status_code == 404


def test_a_phone_sends_the_points_that_it_kept_once(town: Town) -> None:
    run = make.run(town)
    client, owner = town.client("worker"), str(town.posts["worker"].user_id)
    keys = {number: str(uuid4()) for number in (1, 2, 3)}
    for _ in range(2):
        for number, key in keys.items():
            values = {"result": "hazard", "text": f"坏了 {number}", "client_key": key, "owner": owner}
            answer = client.post(f"/field/patrols/{run.id}/points/{number}/", values, headers={"X-Outbox": "1"})
            told = json.loads(answer.content)
            assert (told["client_key"], told["url"]) == (key, f"/field/patrols/{run.id}/")
    assert Hazard.objects.filter(county=COUNTY).count() == 3
    assert PointCheck.objects.filter(county=COUNTY, run_id=run.id, result="hazard").count() == 3
    at = f"/field/patrols/{run.id}/points/1/"
    other = client.post(at, {"result": "ok", "client_key": keys[1], "owner": owner}, headers={"X-Outbox": "1"})
    assert other.status_code == 409
    wrong = client.post(at, {"result": "", "client_key": str(uuid4()), "owner": owner}, headers={"X-Outbox": "1"})
    assert (wrong.status_code, json.loads(wrong.content)["errors"][0]["field"]) == (422, "result")
    foreign = client.post(at, {"result": "ok", "client_key": str(uuid4()), "owner": "x"}, headers={"X-Outbox": "1"})
    assert foreign.status_code == 403


def test_one_walk_is_cancelled_at_the_desk(town: Town) -> None:
    run = make.run(town)
    client = town.client("dispatcher")
    wrong = client.post(f"/patrols/runs/{run.id}/cancel/", {"text": ""})
    assert wrong.status_code == 422
    assert "不巡了" in text_of(client.post(f"/patrols/runs/{run.id}/cancel/", {"text": "下大雪"}, follow=True))
    assert PatrolRun.objects.get(county=COUNTY, id=run.id).status == "cancelled"
    assert town.client("worker").post(f"/patrols/runs/{run.id}/cancel/", {"text": "x"}).status_code == 403


def test_positions_are_written_in_the_lines_of_a_route_and_stay_there(town: Town) -> None:
    client, at = town.client("dispatcher"), "/patrols/routes/new/"
    values = {"name": "夜巡", "kind": "security", "area_code": FIRST, "client_key": str(uuid4())}
    with unchanged(*ROWS):
        for place, words in (("116.6", "位置没看懂"), ("东,北", "位置没看懂"), ("35.6,116.6", "经度和纬度填反了")):
            wrong = client.post(at, values | {"points": f"粮库后门|||{place}"})
            assert (wrong.status_code, words in text_of(wrong)) == (422, True), place
    client.post(at, values | {"points": "粮库后门|门锁||116.601，35.602\n变压器旁"})
    way = PatrolTemplate.objects.get(county=COUNTY)
    assert list(way.points.order_by("place_number").values_list("lon", "lat")) == [(116.601, 35.602), (None, None)]
    page = text_of(client.get(f"/patrols/routes/{way.id}/"))
    assert "粮库后门|门锁||116.601000,35.602000\n变压器旁" in page
    assert f'data-marking="/areas/{FIRST[:9]}/grid.json"' in page


def test_a_walk_is_drawn_with_the_state_of_each_point(town: Town) -> None:
    points = [
        PointFacts("粮库后门", lon=116.601, lat=35.602),
        PointFacts("变压器旁"),
        PointFacts("水塘边", lon=116.604, lat=35.603),
    ]
    run = make.run(town, points=points)
    make.look(town, run, 3, "hazard", "警示牌倒了")
    for who, path in (("worker", f"/field/patrols/{run.id}/"), ("dispatcher", f"/patrols/runs/{run.id}/")):
        client = town.client(who)
        page = text_of(client.get(path))
        assert re.findall(r'class="stop (\w+)" data-stop="(\d)"', page) == [("hold", "1"), ("late", "3")], who
        assert "<title>3. 水塘边：有隐患</title>" in page
        assert "第 2 个" in page
        with assert_statements(at_most=30):
            client.get(path)
    bare = make.run(town, name="没有位置")
    assert "data-way" not in text_of(town.client("worker").get(f"/field/patrols/{bare.id}/"))
