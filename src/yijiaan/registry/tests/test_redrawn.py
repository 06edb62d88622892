"""Grids are redrawn: the base goes with its ground, and who looks after a grid finds it under the new one."""

import pytest

from yijiaan.areas.providers import count_all
from yijiaan.areas.queries import Drawing, plan_redraw
from yijiaan.areas.tests import make as land
from yijiaan.areas.tests.make import FIRST, SOUTH, WEST
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.registry import actions
from yijiaan.registry.models import CareEntry, Household, Person, Plate
from yijiaan.registry.tests import make
from yijiaan.registry.tests.town import town as make_town

pytestmark = pytest.mark.django_db
WHO = system("tests", "370812")


@pytest.fixture
def town():
    return make_town()


def test_households_people_and_care_lists_go_to_the_merged_grid(town):
    home, people = make.family(town)
    make.care(town, people[0])
    (new,) = land.redraw(Drawing("merge", FIRST, (FIRST + "1001", FIRST + "1002")))
    with clock.later(land.LATER):
        land.settle()
        home.refresh_from_db()
        assert home.area_code == new
        assert home.origins["area_code"][0] == "redraw"
        assert set(Person.objects.values_list("area_code", flat=True)) == {new}
        assert set(CareEntry.objects.values_list("area_code", flat=True)) == {new}
        assert str(home.id) in town.client("worker").get("/field/carried.json").content.decode()
        entry = Entry.objects.get(verb="registry.grid_followed", subject_id=home.id)
        assert entry.data == {"from": FIRST + "1001"}
        with unchanged(Household, Person, CareEntry, Entry):
            assert actions.follow_redraw(actor=WHO, county="370812", before=[FIRST + "1001", FIRST + "1002"]) == 0


def test_a_cut_grid_gives_each_home_the_part_on_which_its_plate_hangs(town):
    spots = (WEST + 0.002, WEST + 0.008)
    plates = [
        actions.make_plate(
            actor=town.actor("dispatcher"), area_code=FIRST + "1001", place=f"{x}", lon=x, lat=SOUTH + 0.005
        )
        for x in spots
    ]
    west, east = (make.household(town, plate_code=plate.code, address=plate.place) for plate in plates)
    lost = make.household(town, address="说不清在哪")
    before = (FIRST + "1001",)
    pieces = plan_redraw(WHO, drawing=land.cut_first())
    counted = {line.label: line for line in count_all(WHO, codes=before, pieces=pieces)}
    assert (counted["住户"].numbers, counted["住户"].unplaced) == ((1, 1), 1)
    parts = land.redraw(land.cut_first())
    with clock.later(land.LATER):
        land.settle()
        found = [Household.objects.get(id=home.id).area_code for home in (west, east, lost)]
        assert found == [*parts, FIRST]
        assert list(Plate.objects.order_by("lon").values_list("area_code", flat=True)) == parts
