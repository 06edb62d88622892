"""OGC API – Features: as the standard writes it, read by a client of others, and never more than is public."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
import shapely
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from owslib.ogcapi.features import Features
from shapely.geometry import shape

from yijiaan.areas.actions import schedule_redraw
from yijiaan.areas.queries import Drawing
from yijiaan.areas.tests.make import FIRST, SECOND, SIDE, SOUTH, WEST, middle
from yijiaan.cases import actions as cases
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, PHONE, Town
from yijiaan.connectors.ogc.reading import CGCS2000, CRS84, Wrong, asked_of, box_of, meets, span_of
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements
from yijiaan.registry.actions import add_record

pytestmark = pytest.mark.django_db
LAMP = "0401"


@pytest.fixture
def town() -> Town:
    return make.town()


def read(path: str, status: int = 200, **asked: Any) -> Any:
    answer = Client().get(f"/ogc/{path}", asked)
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def lamp(town: Town, column: int = 0, text: str = "路灯不亮，电话15400012217") -> str:
    lon, lat = middle(column)
    receipt = make.report(text=text, lon=lon + 0.0004, lat=lat)
    case = make.case(receipt)
    cases.classify_case(actor=town.actor("dispatcher"), number=case.number, category=LAMP)
    return receipt.number


def test_the_landing_page_leads_everywhere(town):
    page = read("")
    ways = {link["rel"]: link["href"] for link in page["links"]}
    assert set(ways) == {"self", "service-desc", "conformance", "data"}
    client = Client()
    for href in ways.values():
        assert client.get(href.removeprefix("http://testserver")).status_code == 200
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in read("conformance")["conformsTo"]
    described = read("api")
    assert described["openapi"].startswith("3.0")
    assert set(described["paths"]) >= {"/", "/conformance", "/collections", "/collections/grids/items"}


def test_grids_come_with_their_borders_in_pages(town):
    first = read("collections/grids/items", limit=3)
    assert (first["numberMatched"], first["numberReturned"]) == (4, 3)
    grid = first["features"][0]
    assert grid["properties"] == {
        "code": FIRST + "1001", "name": "新驿一村第1网格", "kind": "base", "village": FIRST, "village_name": "新驿一村",
        "valid_from": "2026-01-01", "valid_to": None,
    }  # fmt: skip
    assert shape(grid["geometry"]).bounds == pytest.approx((WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
    (following,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    second = Client().get(following.removeprefix("http://testserver")).json()
    assert second["numberReturned"] == 1
    assert not [link for link in second["links"] if link["rel"] == "next"]
    assert read(f"collections/grids/items/{FIRST}1001")["properties"] == grid["properties"]
    assert read(f"collections/grids/items/{grid['id']}")["properties"] == grid["properties"]


def test_a_box_and_a_property_narrow(town):
    box = f"{WEST + SIDE * 1.5},{SOUTH},{WEST + SIDE * 2.5},{SOUTH + SIDE}"
    codes = [one["properties"]["code"] for one in read("collections/grids/items", bbox=box)["features"]]
    assert codes == [FIRST + "1002", SECOND + "1001"]
    assert read("collections/grids/items", bbox=box, village=SECOND)["numberMatched"] == 1
    turned = f"{SOUTH},{WEST + SIDE * 1.5},{SOUTH + SIDE},{WEST + SIDE * 2.5}"
    same = read("collections/grids/items", **{"bbox": turned, "bbox-crs": CGCS2000})
    assert [one["properties"]["code"] for one in same["features"]] == codes


def test_epsg_4490_has_latitude_first(town):
    answer = Client().get(f"/ogc/collections/grids/items/{FIRST}1001", {"crs": CGCS2000})
    assert answer["Content-Crs"] == f"<{CGCS2000}>"
    south, west, *_ = shape(answer.json()["geometry"]).bounds
    assert (south, west) == pytest.approx((SOUTH, WEST))
    assert Client().get("/ogc/collections/grids/items")["Content-Crs"] == f"<{CRS84}>"


def test_datetime_chooses_the_grids_of_a_day(town):
    redraw = schedule_redraw(
        actor=system("tests", COUNTY), drawing=Drawing("merge", FIRST, (FIRST + "1001", FIRST + "1002")), reason="太小",
        effective_on=clock.local_day() + timedelta(days=10), client_key=uuid4(),
    )  # fmt: skip
    later = (redraw.effective_on + timedelta(days=1)).isoformat()
    assert read("collections/grids/items", village=FIRST)["numberMatched"] == 2
    (merged,) = read("collections/grids/items", village=FIRST, datetime=later)["features"]
    assert merged["properties"]["code"] == redraw.after[0]
    assert read("collections/grids/items", village=FIRST, datetime=f"../{later}")["numberMatched"] == 3
    assert read("collections/grids/items", village=FIRST, datetime="2020-01-01")["numberMatched"] == 0


def test_villages_are_the_union_of_their_grids(town):
    page = read("collections/villages/items")
    assert [(one["id"], one["properties"]["name"]) for one in page["features"]] == [
        (FIRST, "新驿一村"),
        (SECOND, "新驿二村"),
    ]
    whole = shapely.union_all([shape(one["geometry"]) for one in page["features"]])
    assert whole.area == pytest.approx(4 * SIDE * SIDE)
    assert read(f"collections/villages/items/{SECOND}")["properties"]["town"] == SECOND[:9]


def test_open_public_cases_are_told_without_words_people_or_exact_places(town):
    number = lamp(town)
    make.report(text="邻居吵架，动了手")
    (case,) = read("collections/cases/items")["features"]
    assert case["id"] == number
    assert case["geometry"]["coordinates"] == [round(middle(0)[0] + 0.0004, 3), round(middle(0)[1], 3)]
    assert set(case["properties"]) == {
        "number", "service_code", "service_name", "status", "village", "village_name", "received",
    }  # fmt: skip
    said = Client().get("/ogc/collections/cases/items").content.decode()
    assert "电话" not in said and PHONE not in said
    assert read(f"collections/cases/items/{number}")["id"] == number
    with clock.later(timedelta(hours=1)):
        cases.dispatch_case(
            actor=town.actor("dispatcher"), number=make.Case.objects.get(title__startswith="路灯").number,
            lead_id=town.units["power"].id,
        )  # fmt: skip
    assert read("collections/cases/items")["numberReturned"] == 1


def test_cases_are_paged_by_key_and_cost_the_same_however_many(town):
    numbers = [lamp(town, place % 2) for place in range(5)]
    with assert_statements(at_most=6):
        first = read("collections/cases/items", limit=2)
    (following,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    second = Client().get(following.removeprefix("http://testserver")).json()
    found = [one["id"] for page in (first, second) for one in page["features"]]
    assert found == numbers[::-1][:4]
    box = f"{WEST},{SOUTH},{WEST + SIDE},{SOUTH + SIDE}"
    assert read("collections/cases/items", bbox=box)["numberReturned"] == 3
    assert read("collections/cases/items", village=SECOND)["numberReturned"] == 0
    assert read("collections/cases/items", datetime="../2020-01-01T00:00:00Z")["numberReturned"] == 0
    assert read("collections/cases/items", datetime="2020-01-01T00:00:00Z/..", service_code=LAMP)["numberReturned"] == 5


def test_facilities_are_told_with_their_points(town):
    made = [
        add_record(
            actor=town.actor("dispatcher"), kind="facility", area_code=FIRST + "1001", source="office", client_key=uuid4(),
            values={"name": f"路灯 {n}", "owner_unit": "供电所", "lon": str(WEST + 0.001 * n), "lat": str(SOUTH + 0.005)},
        )
        for n in range(1, 4)
    ]  # fmt: skip
    first = read("collections/facilities/items", limit=2)
    assert [one["properties"]["name"] for one in first["features"]] == ["路灯 1", "路灯 2"]
    (following,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    second = Client().get(following.removeprefix("http://testserver")).json()
    assert [one["id"] for one in second["features"]] == [str(made[2].id)]
    box = f"{WEST + 0.0015},{SOUTH},{WEST + 0.0025},{SOUTH + SIDE}"
    assert [one["id"] for one in read("collections/facilities/items", bbox=box)["features"]] == [str(made[1].id)]
    assert read("collections/facilities/items", village=SECOND)["numberReturned"] == 0
    assert read(f"collections/facilities/items/{made[0].id}")["geometry"]["coordinates"][0] == pytest.approx(
        WEST + 0.001
    )


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("collections/people", {}, 404),
        ("collections/people/items", {}, 404),
        ("collections/grids/items/1", {}, 404),
        ("collections/cases/items/370812990101000001", {}, 404),
        ("collections/villages/items/x", {}, 404),
        ("collections/facilities/items/x", {}, 404),
        ("collections/facilities/items", {"after": "x"}, 400),
        ("collections/grids/items", {"colour": "red"}, 400),
        ("collections/grids/items", {"limit": "0"}, 400),
        ("collections/grids/items", {"limit": "many"}, 400),
        ("collections/grids/items", {"bbox": "1,2,3"}, 400),
        ("collections/grids/items", {"bbox": "a,b,c,d"}, 400),
        ("collections/grids/items", {"bbox": "1,9,2,3"}, 400),
        ("collections/grids/items", {"bbox": "nan,9,2,3"}, 400),
        ("collections/grids/items", {"datetime": "yesterday"}, 400),
        ("collections/grids/items", {"datetime": "2026-01-01T00:00:00"}, 400),
        ("collections/grids/items", {"datetime": "2026-02-01/2026-01-01"}, 400),
        ("collections/grids/items", {"datetime": "a/b/c"}, 400),
        ("collections/grids/items", {"crs": "EPSG:3857"}, 400),
        ("collections/cases/items", {"after": "x"}, 400),
        ("collections/grids/items", {"f": "html"}, 406),
        ("", {"limit": "1"}, 400),
    ],
)
def test_what_cannot_be_read_or_found_is_said(town, path, asked, status):
    assert read(path, status, **asked)["code"] == str(status)


def test_nothing_is_written(town):
    answer = Client().post("/ogc/collections/grids/items", {})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert Client().options("/ogc/")["Access-Control-Allow-Origin"] == "*"


def test_owslib_reads_it(town):
    number = lamp(town)

    class Answer:
        def __init__(self, answer: Any) -> None:
            self.ok, self.status_code, self.headers = answer.status_code < 400, answer.status_code, answer.headers
            self.content, self.text, self.url, self.json = answer.content, answer.content.decode(), "", answer.json

    def get(url: str, headers: Any = None, params: Any = None, **_: Any) -> Answer:
        return Answer(Client().get(url.removeprefix("http://testserver"), params or {}))

    with mock.patch("owslib.ogcapi.http_get", get):
        service = Features("http://testserver/ogc/")
        assert service.feature_collections() == ["grids", "villages", "cases", "facilities"]
        assert service.collection("grids")["itemType"] == "feature"
        page = service.collection_items("grids", limit=2, bbox=[WEST, SOUTH, WEST + 4 * SIDE, SOUTH + SIDE])
        assert page["numberReturned"] == 2
        assert service.collection_item("cases", number)["properties"]["service_code"] == LAMP
        assert service.api()["openapi"].startswith("3.0")


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_asked_is_read_or_refused(box, moment, limit):
    try:
        asked_of({"bbox": box, "datetime": moment, "limit": limit}, ())
    except Wrong as error:
        assert error.status in (400, 406)


def test_boxes_and_spans():
    assert box_of("170,-10,-170,10", "") == (170, -10, -170, 10)
    assert meets((170, -10, -170, 10), (175, 0, 176, 1)) and meets((170, -10, -170, 10), (-176, 0, -175, 1))
    assert not meets((170, -10, -170, 10), (0, 0, 1, 1))
    assert box_of("1,2,0,3,4,9", "") == (1, 2, 3, 4)
    assert span_of("../..") == (None, None)
    day = span_of("2026-11-23")
    assert day == (datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC))
