"""Door plates: made by the centre, printed, scanned by anybody, a report from one; never a word about who lives there. They stand here
because they cross floors."""

import pytest
from django.test import Client
from django.urls import reverse

from yijiaan.areas.models import Area
from yijiaan.areas.tests import make as land
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests import make
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.registry.actions import make_plate, make_plates
from yijiaan.registry.models import Plate
from yijiaan.registry.queries import get_plate, list_plates

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def test_a_plate_finds_its_grid_by_the_point_and_has_a_code_nobody_guesses(town):
    lon, lat = land.middle(0)
    plate = make_plate(
        actor=town.actor("dispatcher"), area_code=land.FIRST, place=" 村委东边\n小卖部 ", lon=lon, lat=lat
    )
    assert (plate.place, plate.area_code) == ("村委东边小卖部", town.grids[0].code)
    assert len(plate.code) == 20
    assert get_plate(make.door(), code=plate.code.lower()) == plate
    assert Entry.objects.get(county=land.COUNTY, verb="registry.plate_made").subject_id == plate.id
    codes = {one.code for one in make_plates(actor=town.actor("county"), area_code=land.SECOND, places=["甲"] * 40)}
    assert len(codes) == 40
    assert {code[:4] for code in codes} == {plate.code[:4]}


@pytest.mark.parametrize("code", ["", "A", "A" * 20, "\x00" * 20, "Ａ" * 20, "../../etc/passwd/aaa", "9" * 400])
def test_an_unknown_code_is_no_plate(town, code):
    with pytest.raises(NotFound):
        get_plate(make.door(), code=code)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"place": "  "}, "empty_place"),
        ({"place": "很" * 121}, "place_too_long"),
        ({"area_code": land.TOWN}, "unknown_area"),
        ({"area_code": land.FIRST[:9] + "999"}, "unknown_area"),
        ({"area_code": ""}, "unknown_area"),
        ({"lon": 116.6}, "half_point"),
        ({"lon": land.middle(2)[0], "lat": land.middle(2)[1]}, "point_elsewhere"),
    ],
)
def test_what_a_plate_must_have(town, values, code):
    with unchanged(Plate, Entry), pytest.raises(RuleError) as refused:
        make_plate(**{"actor": town.actor("dispatcher"), "area_code": land.FIRST, "place": "村口"} | values)
    assert refused.value.code == code


def test_a_batch_is_all_or_none(town):
    dispatcher = town.actor("dispatcher")
    for places, code in (([], "empty_place"), ([" "], "empty_place"), (["好", "长" * 130], "place_too_long")):
        with unchanged(Plate, Entry), pytest.raises(RuleError) as refused:
            make_plates(actor=dispatcher, area_code=land.FIRST, places=places)
        assert refused.value.code == code
    with pytest.raises(RuleError):
        make_plates(actor=dispatcher, area_code=land.FIRST, places=["口"] * 501)
    made = make_plates(actor=dispatcher, area_code=land.FIRST, places=["村  口", "", "桥头"])
    assert [plate.place for plate in made] == ["村 口", "桥头"]


def test_only_who_may_and_only_in_his_area(town):
    for name in ("leader", "head", "power"):
        with pytest.raises(NotAllowed):
            make_plate(actor=town.actor(name), area_code=land.FIRST, place="村口")
    with unchanged(Plate), pytest.raises(RuleError):
        make_plate(actor=town.actor("stranger"), area_code=land.FIRST, place="村口")
    make_plate(actor=town.actor("dispatcher"), area_code=land.FIRST, place="村口")
    assert list_plates(town.actor("stranger")).count() == 0
    assert list_plates(town.actor("county"), area_code=land.FIRST).count() == 1
    for path in ("/plates/", "/plates/sheet/"):
        assert Client().get(path).status_code == 302, path
        assert town.client("leader").get(path).status_code == 403, path


def test_the_centre_makes_and_prints_a_village(town):
    client = town.client("dispatcher")
    answer = client.post("/plates/", {"area_code": land.FIRST, "places": "村口\n\n桥头"}, follow=True)
    assert "做好了 2 块门牌" in answer.content.decode()
    sheet = client.get("/plates/sheet/", {"area": land.FIRST}).content.decode()
    plates = list(Plate.objects.filter(county=land.COUNTY))
    for plate in plates:
        assert plate.place in sheet
        assert " ".join(plate.code[at : at + 4] for at in range(0, 20, 4)) in sheet
    assert sheet.count("data:image/svg+xml") == 2
    assert client.get("/plates/sheet/", {"code": plates[0].code}).content.decode().count("plate-card") == 1
    refused = client.post("/plates/", {"area_code": land.FIRST, "places": " "})
    assert refused.status_code == 422
    assert "一行一个" in refused.content.decode()


def test_anybody_before_a_plate_sees_the_place_whom_to_ring_and_nothing_more(town):
    plate = make_plate(actor=town.actor("dispatcher"), area_code=town.grids[0].code, place="村委东边<小卖部>")
    unit = town.units["first"]
    type(unit).objects.filter(id=unit.id).update(phone="05372223344")
    make.report()
    answer = Client().get(reverse("portal:plate", args=[plate.code]))
    page = answer.content.decode()
    assert "noindex" in answer["X-Robots-Tag"]
    assert "村委东边&lt;小卖部&gt;" in page
    assert town.grids[0].name in page
    assert f"网格长 {town.posts['head'].user.name}" in page
    assert 'href="tel:05372223344"' in page or "打电话" in page
    assert f"?plate={plate.code}" in page
    assert make.PHONE not in page
    assert town.posts["worker"].user.name not in page


def test_an_unknown_plate_gets_a_clear_page(town):
    answer = Client().get("/d/AAAABBBBCCCCDDDDEEEE/")
    assert answer.status_code == 404
    assert "没有这块门牌" in answer.content.decode()


def test_a_report_from_a_plate_has_its_place_and_channel(town):
    plate = make_plate(actor=town.actor("dispatcher"), area_code=town.grids[1].code, place="桥头")
    client = Client()
    page = Client().get(reverse("portal:plate", args=[plate.code])).content.decode()
    assert 'class="tall prime" href="tel:' in page
    address = page.split('class="tall" href="')[1].split('"')[0]
    form = client.get(address).content.decode()
    assert 'value="桥头"' in form
    assert f'value="{land.FIRST}" selected' in form
    sent = {
        "client_key": form.split('name="client_key" value="')[1].split('"')[0],
        "plate": plate.code, "text": "桥栏杆松了", "place": "桥头", "area_code": land.FIRST, "lon": "", "lat": "",
    }  # fmt: skip
    assert client.post(address, sent).status_code == 302
    report = Report.objects.get(county=land.COUNTY)
    case = Case.objects.get(county=land.COUNTY, id=report.case_id)
    assert (report.channel, case.channel, case.area_code) == ("door_plate", "door_plate", town.grids[1].code)
    assert not case.is_place_unknown


def test_a_plate_of_another_town_fills_nothing_in(town):
    plate = make_plate(actor=town.actor("dispatcher"), area_code=land.FIRST, place="桥头")
    door = make.door()
    token = Area.objects.get(code=door.identity).door_token
    other = Area.objects.get(code=land.OTHER_TOWN).door_token
    assert "桥头" in Client().get(f"/t/{token}/report/?plate={plate.code}").content.decode()
    if other:
        assert "桥头" not in Client().get(f"/t/{other}/report/?plate={plate.code}").content.decode()
