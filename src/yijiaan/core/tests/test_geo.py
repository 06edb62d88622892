import json
import os
from math import inf, nan
from pathlib import Path

import numpy
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from yijiaan.core import geo
from yijiaan.core.errors import RuleError

REFERENCE = os.environ.get("YIJIAAN_REFERENCE_DATA", "")
lons, lats = st.floats(74, 134), st.floats(18, 53)


@given(lons, lats)
def test_gcj02_comes_back_within_half_a_metre(lon, lat):
    assert geo.distance_m(lon, lat, *geo.gcj02_to_wgs84(*geo.wgs84_to_gcj02(lon, lat))) < 0.5


@given(lons, lats)
def test_bd09_comes_back_within_half_a_metre(lon, lat):
    assert geo.distance_m(lon, lat, *geo.bd09_to_wgs84(*geo.wgs84_to_bd09(lon, lat))) < 0.5


@given(lons, lats)
def test_the_shift_is_some_hundred_metres(lon, lat):
    assert 20 < geo.distance_m(lon, lat, *geo.wgs84_to_gcj02(lon, lat)) < 1500


def test_known_points():
    # Tian'anmen: published pairs of the three systems
    assert geo.distance_m(*geo.wgs84_to_gcj02(116.391349, 39.907375), 116.397593, 39.908780) < 5
    assert geo.distance_m(*geo.wgs84_to_bd09(116.391349, 39.907375), 116.403981, 39.915106) < 10


def test_stored_systems_stay_as_they_are():
    for crs in ("wgs84", "cgcs2000", "WGS84"):
        assert geo.to_cgcs2000(116.66, 35.64, crs) == (116.66, 35.64)


@pytest.mark.parametrize("crs", geo.CRS)
def test_every_system_goes_out_and_comes_in(crs):
    out = geo.from_cgcs2000(116.66, 35.64, crs)
    assert geo.distance_m(116.66, 35.64, *geo.to_cgcs2000(*out, crs)) < 0.5


def test_an_unknown_system_is_refused():
    for convert in (geo.to_cgcs2000, geo.from_cgcs2000):
        with pytest.raises(RuleError) as refused:
            convert(116.66, 35.64, "beijing54")
        assert (refused.value.code, refused.value.field) == ("unknown_crs", "crs")


def test_outside_china_nothing_is_shifted():
    assert geo.wgs84_to_gcj02(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (35.64, 116.66, "swapped_coordinates"),
        (0.0, 0.0, "outside_china"),
        (2.35, 48.85, "outside_china"),
        (1166.6, 35.64, "bad_coordinates"),
        (116.66, -135.0, "bad_coordinates"),
        (nan, 35.64, "bad_coordinates"),
        (116.66, inf, "bad_coordinates"),
        (116.66, None, "bad_coordinates"),
        (None, 35.64, "bad_coordinates"),
    ],
)
def test_what_cannot_be_a_place_is_refused_at_the_field(lon, lat, code):
    with pytest.raises(RuleError) as refused:
        geo.check_point(lon, lat)
    assert (refused.value.code, refused.value.field) == (code, "lon")


def test_a_place_and_no_place_are_fine():
    geo.check_point(116.66, 35.64)
    geo.check_point(None, None)


def test_distance():
    assert geo.distance_m(116.66, 35.64, 116.66, 35.64) == 0
    assert geo.distance_m(116.0, 35.0, 116.0, 36.0) == pytest.approx(111_195, abs=1)
    assert geo.distance_m(0, 0, 180, 0) == pytest.approx(geo.EARTH_RADIUS_M * 3.141592653589793)


@pytest.mark.skipif(not REFERENCE, reason="YIJIAAN_REFERENCE_DATA names no folder with boundaries/ in two systems")
def test_borders_of_two_sources_agree_after_conversion():
    def counties(name):
        text = (Path(REFERENCE) / "boundaries" / name).read_text()
        return {str(one["properties"]["adcode"]): shape(one["geometry"]) for one in json.loads(text)["features"]}

    def overlap(one, other):
        return one.intersection(other).area / one.union(other).area

    true, shifted = counties("jining_counties_cgcs2000.geojson"), counties("jining_counties_gcj02.geojson")
    assert len(true) == len(shifted) == 11
    before, after = [], []
    for code, border in true.items():
        centre = border.centroid
        converted = shapely.transform(
            shifted[code], lambda points: numpy.array([geo.to_cgcs2000(lon, lat, "gcj02") for lon, lat in points])
        )
        for found, collected in ((shifted[code], before), (converted, after)):
            collected.append(geo.distance_m(centre.x, centre.y, found.centroid.x, found.centroid.y))
        assert overlap(border, converted) > overlap(border, shifted[code])
    before.sort(), after.sort()
    assert before[5] > 400  # the shift at this place
    assert after[5] < before[5] / 2  # one source is simplified
