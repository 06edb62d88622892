"""Plates that end, plates that hung before, and how often plates are of use; their pages for everybody and for the centre."""

import pytest
from django.test import Client
from django.urls import reverse

from yijiaan.accounts.queries import PUBLIC
from yijiaan.areas.tests import make as land
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.registry.actions import (
    count_plate_use,
    make_plate,
    make_plates,
    replace_plate,
    revoke_plate,
    set_plate_numbering,
)
from yijiaan.registry.masks import are_alike, fits, plain_number, read_masks
from yijiaan.registry.models import Plate, PlateDay, PlateEnd, PlateNumbering
from yijiaan.registry.queries import get_plate, get_successor, list_masks, list_same_codes

pytestmark = pytest.mark.django_db
TABLES = (Plate, PlateEnd, PlateNumbering, Entry)


@pytest.fixture
def town():
    return make.town()


@pytest.fixture
def plate(town):
    return make_plate(actor=town.actor("dispatcher"), area_code=town.grids[0].code, place="幸福路 18 号")


def uses(plate):
    return list(
        PlateDay.objects.filter(plate=plate).values_list("on", "opened_count", "reported_count", "called_count")
    )


def test_a_plate_that_is_replaced_leads_to_the_new_one(town, plate):
    dispatcher = town.actor("dispatcher")
    made = replace_plate(actor=dispatcher, plate_id=plate.id, reason="damaged")
    last = replace_plate(actor=dispatcher, plate_id=made.id, reason="lost")
    old = get_plate(PUBLIC, code=plate.code)
    assert (old.state, last.state, last.place, last.area_code) == ("revoked", "in_use", plate.place, plate.area_code)
    assert get_successor(PUBLIC, plate=old) == last
    assert list_same_codes(PUBLIC, code=made.code) == sorted([plate.code, made.code, last.code])
    page = Client().get(f"/d/{plate.code}/").content.decode()
    assert "这块门牌已经换新" in page
    assert f"/d/{last.code}/" in page
    assert f"?plate={plate.code}" in page  # one may still report with the place filled in
    entry = Entry.objects.get(verb="registry.plate_replaced", subject_id=plate.id)
    assert entry.data == {"reason": "damaged", "replaced_by": str(made.id), "external_no": ""}


def test_a_plate_that_is_revoked_says_so_and_still_takes_reports(town, plate):
    revoke_plate(actor=town.actor("dispatcher"), plate_id=plate.id, reason="gone")
    page = Client().get(f"/d/{plate.code}/").content.decode()
    assert "这块门牌已经停用" in page
    assert "随手拍" in page
    assert get_successor(PUBLIC, plate=get_plate(PUBLIC, code=plate.code)) is None
    sheet = town.client("dispatcher").get("/plates/sheet/").content.decode()
    assert plate.place not in sheet


@pytest.mark.parametrize("deed", [revoke_plate, replace_plate])
def test_what_ending_a_plate_refuses(town, plate, deed):
    dispatcher = town.actor("dispatcher")
    refusals = [("bored", "unknown_reason")] + ([("gone", "no_place_left")] if deed is replace_plate else [])
    for reason, code in refusals:
        with unchanged(*TABLES), pytest.raises(RuleError) as refused:
            deed(actor=dispatcher, plate_id=plate.id, reason=reason)
        assert (refused.value.code, refused.value.field) == (code, "reason")
    revoke_plate(actor=dispatcher, plate_id=plate.id, reason="lost")
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        deed(actor=dispatcher, plate_id=plate.id, reason="lost")
    assert refused.value.code == "not_in_use"


@pytest.mark.parametrize("deed", [revoke_plate, replace_plate])
def test_who_may_not_end_a_plate(town, plate, deed):
    with unchanged(*TABLES):
        with pytest.raises(NotFound):
            deed(actor=town.actor("stranger"), plate_id=plate.id, reason="lost")
        with pytest.raises(NotAllowed):
            deed(actor=town.actor("head"), plate_id=plate.id, reason="lost")


# plates that hung before


def test_masks_are_read_and_refused():
    assert read_masks("yz-######\n\n ＹＺ-######\nA@-####") == ["YZ-######", "A@-####"]
    for text, code in (
        (".*", "bad_mask"),
        ("##", "bad_mask"),
        ("#" * 20, "bad_mask"),
        ("YZ-@@@##", "mask_too_open"),
        ("YZ-###\nY@-###", "masks_alike"),
        ("\n".join(f"Q{n:02}-###" for n in range(11)), "too_many_masks"),
    ):
        with pytest.raises(RuleError) as refused:
            read_masks(text)
        assert (refused.value.code, refused.value.field) == (code, "masks"), text
    assert fits(plain_number(" ｙｚ-000 123 "), ["YZ-######"])
    assert not fits("YZ-00012A", ["YZ-######"])
    assert not fits("YZ-٠٠٠١٢٣", ["YZ-######"])
    assert are_alike("YZ-###", "@Z-1##")
    assert not are_alike("YZ-###", "YQ-###")


def test_an_older_number_leads_to_its_plate_and_moves_with_its_place(town):
    dispatcher = town.actor("dispatcher")
    set_plate_numbering(actor=town.actor("county"), masks="YZ-######")
    first, second = make_plates(
        actor=dispatcher, area_code=land.FIRST, places=["yz-000123 村委东边小卖部", "桥头 3 号"]
    )
    assert (first.external_no, first.place, second.external_no, second.place) == (
        "YZ-000123", "村委东边小卖部", "", "桥头 3 号",
    )  # fmt: skip
    assert get_plate(PUBLIC, code="ＹＺ-000123") == first
    page = Client().get("/d/yz-000123/").content.decode()
    assert "村委东边小卖部" in page
    unknown = Client().get("/d/YZ-000999/")
    assert unknown.status_code == 404
    assert "这块门牌还没有登记" in unknown.content.decode()
    made = replace_plate(actor=dispatcher, plate_id=first.id, reason="lost")
    assert get_plate(PUBLIC, code="YZ-000123") == made
    assert get_plate(PUBLIC, code=first.code).external_no == ""


def test_older_numbers_that_are_refused(town):
    dispatcher = town.actor("dispatcher")
    set_plate_numbering(actor=town.actor("county"), masks="YZ-######")
    make_plate(actor=dispatcher, area_code=land.FIRST, place="村口", external_no="YZ-000123")
    for number, code in (("YZ-000123", "number_taken"), ("QF-000123", "strange_number")):
        with unchanged(*TABLES), pytest.raises(RuleError) as refused:
            make_plate(actor=dispatcher, area_code=land.FIRST, place="桥头", external_no=number)
        assert (refused.value.code, refused.value.field) == (code, "external_no")
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        make_plates(actor=dispatcher, area_code=land.FIRST, places=["YZ-000124 好", "YZ-000125"])
    assert refused.value.code == "empty_place"


def test_the_scheme_of_a_county(town):
    county = town.actor("county")
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        set_plate_numbering(actor=town.actor("dispatcher"), masks="YZ-######")
    set_plate_numbering(actor=county, masks="YZ-######")
    with unchanged(*TABLES):
        set_plate_numbering(actor=county, masks="yz-######")
    make_plate(actor=town.actor("dispatcher"), area_code=land.FIRST, place="村口", external_no="YZ-000123")
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        set_plate_numbering(actor=county, masks="YZ-####")
    assert refused.value.code == "mask_in_use"
    PlateNumbering.objects.create(county="370811", masks="RC-######", changed_at=clock.now())
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        set_plate_numbering(actor=county, masks="YZ-######\n@C-######")
    assert refused.value.code == "mask_of_another_county"
    set_plate_numbering(actor=county, masks="YZ-######\nYZ-####")
    assert list_masks(county, county=land.COUNTY) == ["YZ-######", "YZ-####"]


# of what use they are


def test_a_plate_counts_what_it_is_used_for_and_nobody(town, plate):
    today, client = clock.local_day(), Client()
    client.get(f"/d/{plate.code}/")
    client.get(f"/d/{plate.code}/")
    client.head(f"/d/{plate.code}/")
    assert client.post(f"/d/{plate.code}/called/").status_code == 204  # no page of ours asked
    assert client.post(f"/d/{plate.code}/called/", headers={"X-Plate": "1"}).status_code == 204
    assert Client().post("/d/AAAABBBBCCCCDDDDEEEE/called/", headers={"X-Plate": "1"}).status_code == 404
    assert uses(plate) == [(today, 2, 0, 1)]
    assert {field.name for field in PlateDay._meta.fields} == {
        "id", "county", "plate", "on", "opened_count", "reported_count", "called_count",
    }  # fmt: skip
    assert not Entry.objects.filter(subject_type="registry.plate", verb__contains="count").exists()


def test_a_report_from_a_plate_counts_once_however_often_it_is_sent(town, plate):
    client = Client()
    address = f"/t/{land_token()}/report/?plate={plate.code}"
    form = client.get(address).content.decode()
    sent = {
        "client_key": form.split('name="client_key" value="')[1].split('"')[0],
        "plate": plate.code, "text": "栏杆松了", "place": "", "area_code": "", "lon": "", "lat": "",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(address, sent).status_code == 302
    assert [row[2] for row in uses(plate)] == [1]


def land_token():
    from yijiaan.areas.models import Area  # noqa: PLC0415

    return Area.objects.get(code=land.TOWN).door_token


def test_a_wish_to_be_rung_needs_a_number_and_nothing_else(town, plate):
    client = Client()
    address = reverse("portal:plate_call_back", args=[plate.code])
    page = client.get(address)
    assert "noindex" in page["X-Robots-Tag"]
    key = page.content.decode().split('name="client_key" value="')[1].split('"')[0]
    for phone, words in (("", "请填电话号码"), ("12", "电话")):
        with unchanged(Report, Case, PlateDay):
            refused = client.post(address, {"client_key": key, "phone": phone})
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert f'value="{key}"' in refused.content.decode()
    for _ in range(2):
        assert client.post(address, {"client_key": key, "phone": make.PHONE}).status_code == 302
    report = Report.objects.get(county=land.COUNTY)
    case = Case.objects.get(county=land.COUNTY, id=report.case_id)
    assert (case.kind, case.channel, case.place, case.area_code) == ("help", "door_plate", plate.place, plate.area_code)
    assert report.wish == "回电话"
    assert [row[2] for row in uses(plate)] == [1]
    other = client.post(address, {"client_key": key, "phone": "15400019999"})
    assert other.status_code == 422
    assert "要换一个号码" in other.content.decode()
    assert Report.objects.filter(county=land.COUNTY).count() == 1


# the centre's pages


def test_the_page_of_a_plate_and_its_deeds(town, plate):
    client = town.client("dispatcher")
    count_plate_use(actor=PUBLIC, plate=plate, use="opened")
    address = reverse("registry:plate", args=[plate.id])
    page = client.get(address).content.decode()
    assert "幸福路 18 号" in page
    assert "1 次" in page
    refused = client.post(reverse("registry:replace_plate", args=[plate.id]), {})
    assert refused.status_code == 422
    assert "请选原因" in refused.content.decode()
    answer = client.post(reverse("registry:replace_plate", args=[plate.id]), {"reason": "wrong"}, follow=True)
    assert "换新了" in answer.content.decode()
    assert "看换上的新门牌" in client.get(address).content.decode()
    new = get_successor(PUBLIC, plate=get_plate(PUBLIC, code=plate.code))
    answer = client.post(reverse("registry:revoke_plate", args=[new.id]), {"reason": "gone"}, follow=True)
    assert "停用了" in answer.content.decode()
    assert town.client("leader").get(address).status_code == 403
    assert town.client("stranger").get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_list_costs_the_same_whatever_its_length(town, plate, django_assert_num_queries):
    client = town.client("dispatcher")
    client.get("/plates/")
    with django_assert_num_queries(9):
        client.get("/plates/")
    for made in make_plates(actor=town.actor("dispatcher"), area_code=land.FIRST, places=["口"] * 15):
        count_plate_use(actor=PUBLIC, plate=made, use="called")
    with django_assert_num_queries(9):
        page = client.get("/plates/").content.decode()
    assert '点打电话 <b class="num">15</b> 次' in page


def test_the_county_says_how_older_numbers_look(town):
    client = town.client("county")
    assert town.client("dispatcher").get("/plates/numbering/").status_code == 403
    refused = client.post("/plates/numbering/", {"masks": "YZ-#"})
    assert refused.status_code == 422
    assert "YZ-#" in refused.content.decode()
    assert client.post("/plates/numbering/", {"masks": "yz-######"}).status_code == 302
    assert "YZ-######" in client.get("/plates/numbering/").content.decode()
    assert "行首写编号" in client.get("/plates/").content.decode()
