"""Import of grids: what is wrong is named and nothing comes in; codes and serials."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from yijiaan.areas.actions import import_grids
from yijiaan.areas.models import Area, Border, BorderStamp
from yijiaan.areas.tests import make
from yijiaan.areas.tests.make import FIRST, SECOND, collection, feature, polygon, square
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
TABLES = (Area, Border, BorderStamp, Entry)
WHO = system("tests")


def bring(what, **more):
    return import_grids(actor=WHO, collection=what, **{"valid_from": make.SINCE, **more})


def shifted(by_lon, by_lat, factor=1):
    """The first square somewhere else."""
    corners = square(0)["coordinates"][0][:-1]
    return polygon(*[[lon * factor + by_lon, lat * factor + by_lat] for lon, lat in corners])


RING = [square(column, row) for column in range(3) for row in range(3) if (column, row) != (1, 1)]
WRONG = {
    "no JSON": ("{", "not_geojson"),
    "a list": ("[]", "not_geojson"),
    "no features": (collection(), "not_geojson"),
    "a lone feature": (feature(FIRST, square(0)), "not_geojson"),
    "features as text": ({"type": "FeatureCollection", "features": "x"}, "not_geojson"),
    "wrong crs": (collection(feature(FIRST, square(0)), crs={"properties": {"name": "EPSG:3857"}}), "wrong_crs"),
    "projected": (collection(feature(FIRST, shifted(39_500_000, 3_940_000))), "wrong_crs"),
    "swapped": (collection(feature(FIRST, polygon(*[[y, x] for x, y in square(0)["coordinates"][0][:-1]]))), "wrong_crs"),
    "in the ocean": (collection(feature(FIRST, shifted(60, 0))), "wrong_crs"),
    "no geometry": (collection(feature(FIRST, None)), "not_polygon"),
    "a point": (collection(feature(FIRST, {"type": "Point", "coordinates": [116.6, 35.6]})), "not_polygon"),
    "a broken ring": (collection(feature(FIRST, {"type": "Polygon", "coordinates": [[1]]})), "not_polygon"),
    "a text for a feature": (collection("x"), "not_polygon"),
    "no area": (collection(feature(FIRST, polygon([116.6, 35.6], [116.61, 35.6], [116.62, 35.6]))), "empty_polygon"),
    "a bow": (collection(feature(FIRST, polygon([116.6, 35.6], [116.61, 35.61], [116.61, 35.6], [116.6, 35.614]))), "self_intersection"),
    "overlap": (collection(feature(FIRST, square(0)), feature(FIRST, square(0, side=0.02))), "overlap"),
    "twice the same": (collection(feature(FIRST, square(0)), feature(FIRST, square(0))), "overlap"),
    "gap": (collection(*[feature(FIRST, one) for one in RING]), "gap"),
    "unknown village": (collection(feature("370812102999", square(0))), "unknown_village"),
    "no village": (collection({"type": "Feature", "geometry": square(0)}), "unknown_village"),
    "a town for a village": (collection(feature(make.TOWN, square(0))), "unknown_village"),
    "unknown kind": (collection(feature(FIRST, square(0), kind="round")), "unknown_kind"),
    "code of another village": (collection(feature(FIRST, square(0), code=SECOND + "1001")), "bad_code"),
    "code of another kind": (collection(feature(FIRST, square(0), code=FIRST + "2001")), "bad_code"),
    "full-width code": (collection(feature(FIRST, square(0), code=FIRST + "1００１")), "bad_code"),
    "one code twice": (
        collection(feature(FIRST, square(0), code=FIRST + "1001"), feature(FIRST, square(1), code=FIRST + "1001")),
        "code_taken",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_file_with_a_fault_comes_in_nowhere(name):
    what, code = WRONG[name]
    whole = collection(feature(SECOND, square(3, 5)), *what["features"]) | what if name == "unknown village" else what
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        bring(whole)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_messages_name_the_grid_and_the_size():
    with pytest.raises(RuleError, match=r"东头 与 第 2 个网格 重叠约 1,000,000 平方米"):
        bring(collection(feature(FIRST, square(0), name="东头"), feature(FIRST, square(0, side=0.02))))
    with pytest.raises(RuleError, match=r"东经 116\.61500、北纬 35\.61500 处有约 1,000,000 平方米不属于任何网格"):
        bring(collection(*[feature(FIRST, one) for one in RING]))
    with pytest.raises(RuleError, match="经纬度写反了"):
        bring(WRONG["swapped"][0])
    with pytest.raises(RuleError, match="可能是投影坐标"):
        bring(WRONG["projected"][0])


def test_serials_go_on_in_each_village_and_kind():
    first = bring(json.dumps(collection(feature(FIRST, square(0)), feature(FIRST, square(1), kind="exclusive"))))
    assert [area.code for area in first] == [FIRST + "1001", FIRST + "2001"]
    assert [area.name for area in first] == ["新驿一村第1网格", "新驿一村第1网格"]
    second = bring(
        collection(
            feature(FIRST, square(2), code=FIRST + "1003"), feature(FIRST, square(3)), feature(FIRST, square(4)),
            feature(SECOND, square(5), name="二村西头"),
        )
    )  # fmt: skip
    assert [area.code[12:] for area in second] == ["1003", "1002", "1004", "1001"]
    assert (second[3].name, second[3].parent_id, second[3].valid_from) == ("二村西头", SECOND, make.SINCE)


def test_a_code_is_never_used_again():
    bring(collection(feature(FIRST, square(0), code=FIRST + "1001")))
    Area.objects.filter(code=FIRST + "1001").update(valid_to=date(2026, 2, 1))
    Border.objects.update(period=DateRange(make.SINCE, date(2026, 2, 1)))
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        bring(collection(feature(FIRST, square(0), code=FIRST + "1001")), valid_from=date(2026, 2, 1))
    assert refused.value.code == "code_taken"


def test_a_second_file_must_not_overlap_what_is_there():
    bring(collection(feature(FIRST, square(0), name="一网格")))
    with unchanged(*TABLES), pytest.raises(RuleError, match="新的 与 一网格 重叠约 1,000,000 平方米") as refused:
        bring(collection(feature(SECOND, square(0), name="新的")), valid_from=date(2026, 5, 1))
    assert refused.value.code == "overlap"
    bring(collection(feature(SECOND, square(1), name="旁边的")))


def test_a_grid_has_one_border_at_a_time():
    (grid,) = bring(collection(feature(FIRST, square(0))))
    with pytest.raises(IntegrityError, match="border_one_at_a_time"), transaction.atomic():
        Border.objects.create(area=grid, period=DateRange(date(2026, 6, 1), None), geometry=square(1))
    assert Border.objects.count() == 1


def test_borders_that_touch_and_slivers_are_no_overlap():
    nudged = polygon([116.6099999, 35.6], [116.62, 35.6], [116.62, 35.61], [116.6099999, 35.61])
    assert len(bring(collection(feature(FIRST, square(0)), feature(FIRST, nudged)))) == 2


def test_the_import_is_one_deed_of_the_journal_and_turns_the_stamp():
    bring(collection(feature(FIRST, square(0)), feature(SECOND, square(1))))
    stamp = BorderStamp.objects.get(county="370812").stamp
    entry = Entry.objects.get(verb="areas.grids_imported")
    assert (entry.county, entry.data) == ("370812", {"count": 2})
    bring(collection(feature(FIRST, square(2))))
    assert BorderStamp.objects.get(county="370812").stamp != stamp


def test_only_who_may_load_imports():
    nobody = Actor(kind=ActorKind.STAFF, identity="1", county="370812", areas=("370812",))
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        import_grids(actor=nobody, collection=collection(feature(FIRST, square(0))), valid_from=make.SINCE)


def test_a_collection_may_name_its_crs():
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    assert len(bring(collection(feature(FIRST, square(0)), crs=named))) == 1
