"""Grids are redrawn: hazards that are still there go with the ground, those that were written off stay in their grid."""

import pytest

from yijiaan.areas.providers import count_all
from yijiaan.areas.queries import plan_redraw
from yijiaan.areas.tests import make as land
from yijiaan.core import clock
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.safety import actions
from yijiaan.safety.tests import make
from yijiaan.safety.tests.make import COUNTY, FIRST, ROWS

pytestmark = pytest.mark.django_db
GRID = FIRST + "1001"
NORTH = land.SOUTH + 0.005


@pytest.fixture
def town():
    return make.town()


def test_open_hazards_and_what_is_owed_on_them_follow_their_ground(town):
    spots = [{"lon": land.WEST + 0.002, "lat": NORTH}, {"lon": land.WEST + 0.008, "lat": NORTH}, {}]
    west, east, nowhere = (make.hazard_in(town, "notified", area_code=GRID, **spot) for spot in spots)
    done = make.hazard_in(town, "written_off", area_code=GRID, **spots[1])
    pieces = plan_redraw(land.REDRAWER, drawing=land.cut_first())
    counted = {line.label: line for line in count_all(land.REDRAWER, codes=(GRID,), pieces=pieces)}["没销号的隐患"]
    assert (counted.numbers, counted.unplaced) == ((1, 1), 1)
    parts = land.redraw(land.cut_first())
    with clock.later(land.LATER):
        land.settle()
        expected = [*parts, FIRST]
        hazards = [make.fresh(one.id) for one in (west, east, nowhere)]
        assert [one.area_code for one in hazards] == expected
        assert [todo.area_code for one in hazards for todo in make.open_todos(one).values()] == expected
        assert make.fresh(done.id).area_code == GRID
        entry = Entry.objects.get(county=COUNTY, verb="safety.grid_followed", subject_id=west.id)
        assert (entry.area_code, entry.data) == (parts[0], {"from": GRID})
        with unchanged(*ROWS):
            assert actions.follow_redraw(actor=land.REDRAWER, county=COUNTY, before=[GRID]) == 0
