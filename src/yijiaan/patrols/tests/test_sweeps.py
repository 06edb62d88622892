"""拉网式: points and households are counted once each; every number opens to as many rows; a sweep may last some days."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.patrols import actions
from yijiaan.patrols.actions import PointFacts
from yijiaan.patrols.models import PatrolRun, Sweep
from yijiaan.patrols.queries import count_sweep_homes, list_runs_of_today
from yijiaan.patrols.tests import make, visits
from yijiaan.patrols.tests.make import COUNTY, ROWS, TOWN
from yijiaan.registry import actions as registry
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db
LINKS = re.compile(r'href="(/patrols/sweeps/[^"]+/(?:points|homes)/\?show=\w+)">\D*(\d+)')


@pytest.fixture
def town(settings: Any, tmp_path: Any) -> Town:
    settings.MEDIA_ROOT = tmp_path
    return make.town()


def sweep_of(town: Town, days: int = 0, **more: Any) -> Sweep:
    """The whole town, from today on for so many days more; two points in each grid."""
    who, today = town.actor("dispatcher"), clock.local_day()
    way = make.template(who, area_code=TOWN, points=[PointFacts("逐户看灶台"), PointFacts("逐户看电线")], kind="sweep")
    values: dict[str, Any] = {
        "actor": who, "name": "冬季消防拉网", "template_id": way.id, "area_code": TOWN, "on": today, "client_key": uuid4(),
        "ends_on": today + timedelta(days=days) if days else None,
    }  # fmt: skip
    return actions.start_sweep(**(values | more))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def numbers(page: str) -> dict[str, int]:
    """What each link of the page says it opens to."""
    return {url: int(number) for url, number in LINKS.findall(page)}


def opened(client: Client, url: str) -> int:
    """How many rows stand there."""
    return text_of(client.get(url)).count('<td class="title">')


def test_every_number_of_a_sweep_opens_to_as_many_rows(town: Town) -> None:
    sweep = sweep_of(town, days=2)
    homes = [base.household(town, grid=grid) for grid in (0, 0, 0, 1)]  # type: ignore[arg-type]
    with clock.at(clock.now() - timedelta(days=1)):
        visits.visit(town, homes[2])  # before it began
    for _ in range(2):
        visits.visit(town, homes[0])  # a household is counted once
    with make.tomorrow(2):
        visits.visit(town, homes[1])
    with make.tomorrow(3):
        visits.visit(town, homes[2])  # after it ended
    run = PatrolRun.objects.get(county=COUNTY, sweep_id=sweep.id, area_code=town.grids[0].code)
    make.look(town, run, 1, "hazard", "烟囱堵了")
    make.look(town, run, 2, "not_reachable", "没有人在家")
    client = town.client("dispatcher")
    page = text_of(client.get(f"/patrols/sweeps/{sweep.id}/"))
    found = numbers(page)
    at = f"/patrols/sweeps/{sweep.id}"
    assert {url.removeprefix(at): number for url, number in found.items()} == {
        "/points/?show=all": 8, "/points/?show=checked": 2, "/points/?show=hazard": 1, "/points/?show=missed": 1,
        "/homes/?show=all": 4, "/homes/?show=visited": 2, "/homes/?show=left": 2,
    }  # fmt: skip
    for url, number in found.items():
        assert opened(client, url) == number, url
    assert opened(client, f"{at}/points/?show=left") == 6
    assert opened(client, f"{at}/homes/?show=all&grid={town.grids[0].code}") == 3
    assert f'homes/?show=all&amp;grid={town.grids[0].code}">户 2 / 3<' in page
    assert "看隐患" in text_of(client.get(f"{at}/points/?show=hazard"))


def test_a_cancelled_walk_and_a_household_that_is_gone_do_not_count(town: Town) -> None:
    sweep = sweep_of(town)
    home, gone = (base.household(town) for _ in range(2))  # type: ignore[arg-type]
    visits.visit(town, gone)
    who = town.actor("dispatcher")
    counted = count_sweep_homes(who, sweep=sweep)[home.area_code]
    assert (counted.total, counted.visited, counted.left, counted.share) == (2, 1, 1, 50)
    registry.end_record(actor=town.actor("head"), kind="household", record_id=gone.id, reason="空户")
    assert count_sweep_homes(who, sweep=sweep)[home.area_code].visited == 0
    run = PatrolRun.objects.get(county=COUNTY, sweep_id=sweep.id, area_code=home.area_code)
    actions.cancel_run(actor=who, run_id=run.id, text="修路")
    client = town.client("dispatcher")
    found = numbers(text_of(client.get(f"/patrols/sweeps/{sweep.id}/")))
    assert [number for url, number in found.items() if "show=all" in url] == [6, 0]
    assert opened(client, f"/patrols/sweeps/{sweep.id}/points/?show=all") == 6


def test_the_pages_of_a_sweep_cost_the_same_however_large_it_is(town: Town) -> None:
    sweep, client = sweep_of(town), town.client("dispatcher")
    at = f"/patrols/sweeps/{sweep.id}/"
    paths = (at, f"{at}points/?show=all", f"{at}homes/?show=all")
    visits.visit(town, base.household(town))  # type: ignore[arg-type]
    spent = {}
    for path in paths:
        client.get(path)
        with assert_statements(at_most=32) as seen:
            client.get(path)
        spent[path] = len(seen)
    for grid in (0, 1, 1):
        visits.visit(town, base.household(town, grid=grid), who="head")  # type: ignore[arg-type]
    for run in PatrolRun.objects.filter(county=COUNTY, sweep_id=sweep.id, area_code=town.grids[0].code):
        make.look(town, run, 1)
    for path in paths:
        with assert_statements(exactly=spent[path]):
            assert client.get(path).status_code == 200


def test_who_sees_what_of_a_sweep(town: Town) -> None:
    sweep = sweep_of(town)
    at = f"/patrols/sweeps/{sweep.id}/"
    check_needs_sign_in(Client(), at, f"{at}points/", f"{at}homes/")
    mine, _ = base.household(town, grid=0), base.household(town, grid=1)  # type: ignore[arg-type]
    worker = town.client("worker")
    assert opened(worker, f"{at}homes/?show=all") == len(
        [grid for grid in (0, 1) if town.actor("worker").covers(town.grids[grid].code)]
    )
    assert mine.address in text_of(worker.get(f"{at}homes/?show=left"))
    for path in (at, f"{at}points/", f"{at}homes/"):
        assert town.client("stranger").get(path).status_code == 404, path
    leader = town.client("county_leader")  # he sees walks and plans no visits
    assert leader.get(at).status_code == 200
    assert "走访了" not in text_of(leader.get(at))
    assert leader.get(f"{at}homes/").status_code == 403
    for wrong in ("show=x", "grid=../..", "show=left&grid=²"):
        assert worker.get(f"{at}homes/?{wrong}").status_code == 200


def test_a_sweep_of_some_days_is_walked_on_each_of_them(town: Town) -> None:
    sweep = sweep_of(town, days=1)
    for days in (-1, 31):
        with unchanged(*ROWS), pytest.raises(RuleError) as caught:
            actions.start_sweep(
                actor=town.actor("dispatcher"), name="又一次", template_id=sweep.template_id, area_code=TOWN,
                on=clock.local_day(), ends_on=clock.local_day() + timedelta(days=days), client_key=uuid4(),
            )  # fmt: skip
        assert caught.value.code == "bad_end"
    run = PatrolRun.objects.get(county=COUNTY, sweep_id=sweep.id, area_code=town.grids[0].code)
    for days, expected in ((0, [run.id]), (1, [run.id]), (2, [])):
        with make.tomorrow(days):
            assert [row.id for row in list_runs_of_today(town.actor("worker"))] == expected, days
    answer = town.client("dispatcher").post(
        "/patrols/sweeps/new/",
        {
            "name": "又一次", "template": str(sweep.template_id), "area_code": TOWN, "on": clock.local_day().isoformat(),
            "ends_on": (clock.local_day() - timedelta(days=1)).isoformat(), "client_key": str(uuid4()),
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "结束的日子不能早于开始" in text_of(answer)
