"""Grids are redrawn: who is visited goes with the ground, what was written down stays where it was, and nobody begins anew."""

from datetime import timedelta

import pytest

from yijiaan.accounts.tests import make as people
from yijiaan.areas.providers import count_all
from yijiaan.areas.queries import Drawing, plan_redraw
from yijiaan.areas.tests import make as land
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.patrols import actions
from yijiaan.patrols.actions import PointFacts
from yijiaan.patrols.models import Arrangement, PatrolPlan, PatrolPoint, PatrolTemplate, Visit
from yijiaan.patrols.queries import get_visit, list_due_visits, list_visits
from yijiaan.patrols.tests import make
from yijiaan.patrols.tests import visits as made
from yijiaan.patrols.tests.make import COUNTY, FIRST
from yijiaan.registry import actions as registry
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db
HERE = system("tests", COUNTY)


@pytest.fixture
def town():
    return make.town()


@pytest.fixture
def homes(town):
    """Two households in the west and the east of the first grid: one with an elder, one where another visit was agreed."""
    plates = [
        registry.make_plate(
            actor=town.actor("dispatcher"), area_code=town.grids[0].code, place=f"{x}", lon=x, lat=land.SOUTH + 0.005
        )
        for x in (land.WEST + 0.002, land.WEST + 0.008)
    ]
    west, east = (base.household(town, plate_code=plate.code, address=plate.place) for plate in plates)
    base.care(town, base.person(town, west))
    actions.follow_care(actor=HERE)
    made.visit(town, east, needs="电表不转", next_on=clock.local_day() + timedelta(days=3))
    return west, east


def test_who_is_visited_goes_along_and_visits_stay_in_their_grid(town, homes):
    old = town.grids[0].code
    west_part, east_part = land.redraw(land.cut_first())
    with clock.later(land.LATER):
        land.settle()
        found = dict(Arrangement.objects.filter(county=COUNTY).values_list("household_id", "area_code"))
        assert found == {homes[0].id: west_part, homes[1].id: east_part}
        assert list(Visit.objects.filter(county=COUNTY).values_list("area_code", flat=True)) == [old]
        # who comes new to the eastern part finds whom to visit, and what was heard there before
        newcomer = people.actor(people.post(town.units["first"], "grid_worker", east_part))
        assert [one.household_id for one in list_due_visits(newcomer)] == [homes[1].id]
        (before,) = list_visits(newcomer, household_id=homes[1].id)
        assert get_visit(newcomer, visit_id=before.id).needs_sealed == "电表不转"
        assert not list_visits(newcomer, household_id=homes[0].id)
        assert actions.follow_homes(actor=HERE) == actions.follow_care(actor=HERE) == 0


def test_a_household_that_was_moved_takes_along_what_was_agreed_with_it(town, homes):
    other = town.grids[1].code
    registry.change_facts(
        actor=town.actor("head"), kind="household", record_id=homes[1].id, values={"area_code": other}, source="visit",
        client_key=homes[1].id,
    )  # fmt: skip
    made.deliver_all()
    assert Arrangement.objects.get(county=COUNTY, household=homes[1]).area_code == other


def test_a_simulation_counts_whom_one_visits_and_the_visits_of_a_year(town, homes):
    codes = (town.grids[0].code,)
    pieces = plan_redraw(land.REDRAWER, drawing=land.cut_first())
    counted = {line.label: line for line in count_all(land.REDRAWER, codes=codes, pieces=pieces)}
    assert counted["走访安排"].numbers == (1, 1)
    assert counted["近一年的走访"].numbers == (0, 1)


def test_ways_plans_and_points_follow_their_ground(town):
    old, spots = town.grids[0].code, (land.WEST + 0.002, land.WEST + 0.008)
    points = [PointFacts(f"{x}", area_code=old, lon=x, lat=land.SOUTH + 0.005) for x in spots]
    way = make.template(town.actor("dispatcher"), area_code=old, points=(*points, PointFacts("说不清", area_code=old)))
    plan = make.plan(town, way)
    parts = land.redraw(land.cut_first())
    with clock.later(land.LATER):
        land.settle()
        found = PatrolPoint.objects.filter(county=COUNTY, template=way).order_by("place_number")
        assert list(found.values_list("area_code", flat=True)) == [*parts, FIRST]
        assert PatrolPlan.objects.get(county=COUNTY, id=plan.id).area_code == FIRST
        assert PatrolTemplate.objects.get(county=COUNTY, id=way.id).area_code == FIRST
        with unchanged(*make.ROWS):
            assert actions.follow_redraw(actor=land.REDRAWER, county=COUNTY, before=[old]) == 0


def test_of_merged_grids_the_new_one_goes_on(town):
    old = town.grids[0].code
    way = make.template(town.actor("dispatcher"), area_code=old)
    (new,) = land.redraw(Drawing("merge", FIRST, (old, town.grids[1].code)))
    with clock.later(land.LATER):
        land.settle()
        assert PatrolTemplate.objects.get(county=COUNTY, id=way.id).area_code == new
