"""Which grid is this point in: on borders, on other days, after a redraw; and the shapes for maps."""

import time
from datetime import date

import pytest
import shapely
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from yijiaan.areas.models import Border, BorderStamp
from yijiaan.areas.queries import find_grid, find_grids, locate
from yijiaan.areas.queries.shapes import minimap_of
from yijiaan.areas.tests import make
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements

WHO = system("tests")
DAY = date(2026, 11, 23)


@pytest.fixture
def grids(db):
    return make.grids()


def find(lon, lat, on=DAY):
    return find_grid(WHO, county=make.COUNTY, lon=lon, lat=lat, on=on)


def test_a_point_lies_in_its_square(grids):
    for column, grid in enumerate(grids):
        assert find(*make.middle(column)) == grid.code
    assert find(*make.middle(4)) == find(*make.middle(0, 1)) == find(0.0, 0.0) == ""
    assert find_grid(WHO, county="370811", lon=116.605, lat=35.605, on=DAY) == ""


def test_a_common_border_belongs_to_the_smaller_code(grids):
    for column in range(1, 4):
        assert find(round(make.WEST + column * make.SIDE, 6), 35.605) == grids[column - 1].code
    assert find(make.WEST, make.SOUTH) == grids[0].code


def test_many_points_are_found_as_one_by_one(grids):
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from([116.6, 116.61, 116.62]) | st.floats(116.59, 116.65),
                              st.sampled_from([35.6, 35.61]) | st.floats(35.59, 35.62)), max_size=12))  # fmt: skip
    def check(points):
        together = find_grids(WHO, county=make.COUNTY, points=points, on=DAY)
        assert together == [find(*point) for point in points]

    check()


def test_the_day_decides(grids):
    point = make.middle(0)
    assert find(*point, on=date(2025, 12, 31)) == ""
    assert find(*point, on=make.SINCE) == grids[0].code


def test_a_redraw_is_seen_by_who_kept_the_old_index(grids, monkeypatch):
    """Another process changed borders: this one hears of it by the stamp."""
    point = make.middle(1)
    assert find(*point) == grids[1].code
    Border.objects.filter(area=grids[1]).update(period=DateRange(make.SINCE, date(2026, 3, 1)))
    Border.objects.create(area=grids[1], period=DateRange(date(2026, 3, 1), None), geometry=make.square(1, 7))
    BorderStamp.objects.update(stamp=uuid7())
    assert find(*point) == grids[1].code  # within five seconds it still trusts its index
    later = time.monotonic() + locate.CHECK_EVERY + 1
    monkeypatch.setattr(locate.time, "monotonic", lambda: later)
    assert find(*point) == ""
    assert find(*make.middle(1, 7)) == grids[1].code
    assert find(*point, on=date(2026, 2, 28)) == grids[1].code


def test_a_known_index_costs_nothing(grids):
    find(*make.middle(0))
    with assert_statements(0):
        for column in range(4):
            find(*make.middle(column))


def test_shapes_at_each_level_with_etag(grids):
    client = Client()
    path = f"/areas/{make.TOWN}/%s.json"
    features = {level: client.get(path % level).json()["features"] for level in ("grid", "village", "town")}
    assert [one["id"] for one in features["grid"]] == [grid.code for grid in grids]
    assert [one["properties"]["name"] for one in features["village"]] == ["新驿一村", "新驿二村"]
    assert [one["id"] for one in features["town"]] == [make.TOWN]
    town = shape(features["town"][0]["geometry"])
    assert town.area == pytest.approx(4 * make.SIDE**2, rel=1e-6)
    assert (
        shapely.union_all([shape(one["geometry"]) for one in features["grid"]]).symmetric_difference(town).area < 1e-9
    )
    first = client.get(path % "grid")
    assert first["Content-Type"] == "application/geo+json" and first["Cache-Control"] == "public, max-age=60"
    known = client.get(path % "grid", headers={"If-None-Match": first["ETag"]})
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", first["ETag"])
    BorderStamp.objects.update(stamp=uuid7())
    assert client.get(path % "grid", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "path", ["x/grid", "3708/grid", "370812102/county", "370812102200/town", "370812102/planet", "３７０８１２/grid"]
)
def test_shapes_of_nonsense_are_not_found(db, path):
    assert Client().get(f"/areas/{path}.json").status_code == 404


def test_shapes_of_a_place_without_grids_are_empty(db):
    assert Client().get("/areas/370812101/grid.json").json()["features"] == []


def test_the_small_map_shows_the_neighbours(grids):
    shown = {one["id"]: one["properties"]["is_own"] for one in minimap_of(WHO, grid=grids[0].code)}
    assert shown == {grids[0].code: True, grids[1].code: False}
    assert minimap_of(WHO, grid=make.TOWN) == []
