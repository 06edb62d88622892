"""Deeds of patrols: routes, plans, walks made once, points kept once, hazards, sweeps with their coverage."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.files.queries import get_file
from yijiaan.patrols import actions
from yijiaan.patrols.actions import Found, PlanFacts, PointFacts
from yijiaan.patrols.flows import FLOW
from yijiaan.patrols.models import PatrolPlan, PatrolPoint, PatrolRun, PointCheck
from yijiaan.patrols.queries import list_checks, list_points, list_runs, list_runs_of_today, read_coverage
from yijiaan.patrols.tests import make
from yijiaan.patrols.tests.make import COUNTY, FIRST, ROWS, TOWN
from yijiaan.safety.models import Hazard

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make.town()


def refused(code: str, deed: Any, **values: Any) -> None:
    with unchanged(*ROWS), pytest.raises(RuleError) as error:
        deed(**values)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("empty_name", {"name": " "}),
        ("name_too_long", {"name": "长" * 41}),
        ("unknown_kind", {"kind": "x"}),
        ("unknown_area", {"area_code": "370812101"}),
        ("no_points", {"points": ()}),
        ("too_many_points", {"points": make.POINTS[:1] * 61}),
        ("empty_place", {"points": (PointFacts(" ", "看"),)}),
        ("place_too_long", {"points": (PointFacts("长" * 61),)}),
        ("hint_too_long", {"points": (PointFacts("门", "长" * 121),)}),
        ("point_outside", {"points": (PointFacts("门", area_code="370812102999"),)}),
        ("bad_coordinates", {"points": (PointFacts("门", lon=1.0),)}),
    ],
)
def test_a_wrong_route_changes_nothing(town: Town, code: str, changes: dict[str, Any]) -> None:
    refused(code, make.template, actor=town.actor("dispatcher"), **changes)


def test_a_route_changed_leaves_the_walks_that_were_made(town: Town) -> None:
    who, key = town.actor("dispatcher"), uuid4()
    way = make.template(who, client_key=key)
    with unchanged(*ROWS):
        assert make.template(who, client_key=key) == way
    with unchanged(*ROWS), pytest.raises(Conflict):
        make.template(who, client_key=key, name="别的")
    run = PatrolRun.objects.get(county=COUNTY, plan_id=make.plan(town, way).id)
    make.template(who, template_id=way.id, name="新夜巡", points=[PointFacts("学校门口")])
    assert [point.place for point in list_points(who, template=way)] == ["学校门口"]
    assert [check.place for check in list_checks(who, run=run)] == ["粮库后门", "变压器旁", "水塘边"]
    with make.tomorrow():
        actions.make_runs_of_today(actor=system("tests"))
    new = PatrolRun.objects.exclude(id=run.id).get(county=COUNTY)
    assert [check.place for check in list_checks(who, run=new)] == ["学校门口"]
    for name in ("worker", "stranger", "leader"):
        with unchanged(*ROWS), pytest.raises((NotAllowed, NotFound, RuleError)):
            make.template(town.actor(name), template_id=way.id)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unknown_unit", {"unit_id": None}),
        ("unknown_post", {"post_id": uuid4()}),
        ("unknown_rule", {"rule": "x"}),
        ("no_days", {"rule": "weekly"}),
        ("bad_days", {"rule": "weekly", "days": (8,)}),
        ("bad_days", {"rule": "monthly", "days": (0,)}),
        ("bad_days", {"rule": "market", "days": (10,)}),
        ("no_dates", {"rule": "dates"}),
        ("bad_start", {"starts_on": clock.local_day() - timedelta(days=2)}),
        ("bad_end", {"ends_on": clock.local_day() - timedelta(days=2)}),
    ],
)
def test_a_wrong_plan_changes_nothing(town: Town, code: str, changes: dict[str, Any]) -> None:
    way = make.template(town.actor("dispatcher"))
    refused(code, make.plan, town=town, way=way, **changes)


def test_the_same_key_plans_once(town: Town) -> None:
    who, key = town.actor("dispatcher"), uuid4()
    way = make.template(who)
    facts = PlanFacts(town.units["first"].id, "daily")
    here: dict[str, Any] = {"actor": who, "template_id": way.id, "client_key": key}
    made = actions.plan_patrol(**here, facts=facts)
    with unchanged(*ROWS):
        assert actions.plan_patrol(**here, facts=facts) == made
    with unchanged(*ROWS), pytest.raises(Conflict):
        actions.plan_patrol(**here, facts=replace(facts, rule="weekly", days=(1,)))


def test_walks_of_a_day_are_made_once_however_often_the_job_runs(town: Town) -> None:
    run = make.run(town)
    stopped = make.plan(town, make.template(town.actor("dispatcher"), name="停了的"))
    actions.switch_plan(actor=town.actor("dispatcher"), plan_id=stopped.id, is_active=False)
    other = make.plan(town, run.template, rule="dates", dates=(clock.local_day() + timedelta(days=5),))
    assert actions.make_runs_of_today(actor=system("tests")) == 0
    with make.tomorrow():
        assert actions.make_runs_of_today(actor=system("tests")) == 1
        assert actions.make_runs_of_today(actor=system("tests")) == 0
    with make.tomorrow(5):
        assert actions.make_runs_of_today(actor=system("tests")) == 2
    assert PatrolRun.objects.filter(county=COUNTY, plan_id=other.id).count() == 1
    for name in ("worker", "stranger"):
        with unchanged(*ROWS), pytest.raises((NotAllowed, NotFound)):
            actions.switch_plan(actor=town.actor(name), plan_id=stopped.id, is_active=True)
    assert actions.switch_plan(actor=town.actor("dispatcher"), plan_id=stopped.id, is_active=True).is_active


def test_a_walk_goes_point_by_point_and_ends(town: Town) -> None:
    run = make.run(town)
    worker = town.actor("worker")
    assert [row.id for row in list_runs_of_today(worker)] == [run.id]
    assert list_runs_of_today(town.actor("other_worker")) == []
    make.look(town, run, 1)
    assert (make.fresh(run).status, make.fresh(run).started_at is not None) == ("started", True)
    refused("points_open", actions.finish_run_of_patrol, actor=worker, run_id=run.id)
    make.look(town, run, 2, "not_reachable", "路挖断了")
    hazard_point = make.look(town, run, 3, "hazard", "警示牌倒了")
    hazard = Hazard.objects.get(county=COUNTY, id=hazard_point.hazard_id)
    assert (hazard.text, hazard.source, hazard.source_id, hazard.kind, hazard.area_code, hazard.status) == (
        "水塘边：警示牌倒了", "patrol", run.id, "fire", FIRST, "found",
    )  # fmt: skip
    assert actions.finish_run_of_patrol(actor=worker, run_id=run.id).status == "finished"
    refused(
        "wrong_state", actions.check_point_of_run, actor=worker, run_id=run.id, place_number=1, found=Found("ok"),
        client_key=uuid4(),
    )  # fmt: skip
    coverage = read_coverage(town.actor("dispatcher"), runs=list_runs(town.actor("dispatcher")))
    assert (coverage.points, coverage.checked, coverage.hazards, coverage.missed, coverage.share) == (3, 3, 1, 1, 100)


def test_a_point_is_kept_once_by_its_key_and_may_be_looked_at_again(town: Town) -> None:
    run, key = make.run(town), uuid4()
    first = make.look(town, run, 1, "hazard", "锁坏了", client_key=key)
    with unchanged(*ROWS):
        assert make.look(town, run, 1, "hazard", "锁坏了", client_key=key) == first
    with unchanged(*ROWS), pytest.raises(Conflict):
        make.look(town, run, 1, "ok", client_key=key)
    refused("became_hazard", make.look, town=town, run=run, number=1, result="ok")
    again = make.look(town, run, 1, "hazard", "锁坏了，门也歪了")
    assert (again.hazard_id, Hazard.objects.filter(county=COUNTY).count()) == (first.hazard_id, 1)
    make.look(town, run, 2, "not_reachable", "路断")
    assert make.look(town, run, 2).result == "ok"


def test_what_is_wrong_at_a_point_changes_nothing(town: Town) -> None:
    run = make.run(town)
    for code, result, text in (
        ("no_result", "", ""), ("no_result", "x", ""), ("empty_text", "hazard", " "), ("empty_text", "not_reachable", ""),
        ("text_too_long", "ok", "长" * 201),
    ):  # fmt: skip
        refused(code, make.look, town=town, run=run, number=1, result=result, text=text)
    with unchanged(*ROWS), pytest.raises(NotFound):
        make.look(town, run, 9)
    with unchanged(*ROWS), pytest.raises(NotFound):
        actions.check_point_of_run(
            actor=town.actor("other_worker"), run_id=run.id, place_number=1, found=Found("ok"), client_key=uuid4()
        )
    for name in ("dispatcher", "leader"):
        with unchanged(*ROWS), pytest.raises(NotAllowed):
            actions.check_point_of_run(
                actor=town.actor(name), run_id=run.id, place_number=1, found=Found("ok"), client_key=uuid4()
            )


def test_an_ordered_route_is_walked_in_its_order(town: Town) -> None:
    run = make.run(town, is_ordered=True)
    refused("out_of_turn", make.look, town=town, run=run, number=2)
    make.look(town, run, 1)
    make.look(town, run, 2)
    assert make.look(town, run, 1, "not_reachable", "又封了").result == "not_reachable"


def test_a_walk_of_one_post_is_his_alone(town: Town) -> None:
    made = make.plan(town, make.template(town.actor("dispatcher")), post_id=town.posts["head"].id)
    run = PatrolRun.objects.get(county=COUNTY, plan_id=made.id)
    assert list_runs_of_today(town.actor("worker")) == []
    assert [row.id for row in list_runs_of_today(town.actor("head"))] == [run.id]
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        make.look(town, run, 1)


@pytest.mark.parametrize("state", [state.value for state in FLOW.states])
def test_each_move_from_each_state_does_what_the_table_says(town: Town, state: str) -> None:
    worker, dispatcher = town.actor("worker"), town.actor("dispatcher")
    for move in FLOW.moves:
        if move.name == "start":  # the first point begins the walk
            continue
        run = make.run(town, points=make.POINTS[:1])
        if state in ("started", "finished"):
            make.look(town, run, 1)
        if state == "finished":
            actions.finish_run_of_patrol(actor=worker, run_id=run.id)
        if state == "interrupted_ok":
            actions.interrupt_run(actor=worker, run_id=run.id, text="去救火")
        if state == "cancelled":
            actions.cancel_run(actor=dispatcher, run_id=run.id, text="下大雪")
        deed: Any = {
            "check": lambda run=run: make.look(town, run, 1),
            "finish": lambda run=run: actions.finish_run_of_patrol(actor=worker, run_id=run.id),
            "interrupt": lambda run=run: actions.interrupt_run(actor=worker, run_id=run.id, text="去救火"),
            "cancel": lambda run=run: actions.cancel_run(actor=dispatcher, run_id=run.id, text="下大雪"),
        }[move.name]
        if move.starts_from(state):
            deed()
            assert make.fresh(run).status == move.target
        else:
            refused("wrong_state", deed)
    run = make.run(town)
    refused("empty_text", actions.interrupt_run, actor=worker, run_id=run.id, text=" ")
    refused("empty_text", actions.cancel_run, actor=dispatcher, run_id=run.id, text=" ")


def test_a_sweep_walks_every_grid_and_shows_what_is_left(town: Town) -> None:
    who, key = town.actor("dispatcher"), uuid4()
    grid = town.grids[0].code
    points = [PointFacts("小学门口", area_code=grid), PointFacts("逐户看灶台")]
    way = make.template(who, area_code=TOWN, points=points, kind="sweep")
    here: dict[str, Any] = {
        "actor": who, "template_id": way.id, "area_code": TOWN, "on": clock.local_day(), "client_key": key,
    }  # fmt: skip
    refused("empty_name", actions.start_sweep, **here, name=" ")
    refused("bad_day", actions.start_sweep, **(here | {"on": None}), name="冬季消防拉网")
    refused("unknown_area", actions.start_sweep, **(here | {"area_code": "370812101"}), name="冬季消防拉网")
    sweep = actions.start_sweep(**here, name="冬季消防拉网")
    with unchanged(*ROWS):
        assert actions.start_sweep(**here, name="冬季消防拉网") == sweep
    with unchanged(*ROWS), pytest.raises(Conflict):
        actions.start_sweep(**here, name="别的")
    runs = PatrolRun.objects.filter(county=COUNTY, sweep_id=sweep.id).order_by("area_code")
    assert [run.area_code for run in runs] == [area.code for area in town.grids]
    mine = next(run for run in runs if run.area_code == grid)
    assert (mine.unit_id, [check.place for check in list_checks(who, run=mine)]) == (
        town.units["first"].id,
        ["小学门口", "逐户看灶台"],
    )
    assert [row.id for row in list_runs_of_today(town.actor("worker"))] == [mine.id]
    make.look(town, mine, 1)
    coverage = read_coverage(who, runs=list_runs(who).filter(sweep_id=sweep.id))
    assert (coverage.runs, coverage.points, coverage.checked, coverage.share) == (4, 5, 1, 20)
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        actions.start_sweep(**(here | {"actor": town.actor("worker"), "client_key": uuid4()}), name="拉网")


def test_pictures_go_to_the_hazard_or_stay_with_the_walk(town: Town) -> None:
    run = make.run(town)
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "PNG")
    make.look(town, run, 1)
    hazard = make.look(town, run, 2, "hazard", "线掉了").hazard_id
    here: dict[str, Any] = {"actor": town.actor("worker"), "run_id": run.id, "raw": out.getvalue()}
    first = actions.add_point_photo(**here, place_number=1)
    second = actions.add_point_photo(**here, place_number=2)
    assert (first.subject_id, first.purpose, second.subject_id) == (run.id, "1", hazard)
    assert get_file(town.actor("dispatcher"), county=COUNTY, file_id=first.id) == first
    with pytest.raises(NotFound):
        get_file(town.actor("stranger"), county=COUNTY, file_id=first.id)
    assert PatrolPlan.objects.filter(county=COUNTY).count() == 1
    assert PatrolPoint.objects.filter(county=COUNTY).count() == 3
    assert PointCheck.objects.filter(county=COUNTY, result="").count() == 1
