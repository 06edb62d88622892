"""Plates on paper: asked for by the page, set by the job, fetched by who asked."""

import io
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from yijiaan.areas.tests import make as land
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.jobs.providers import kinds_of_records
from yijiaan.engines.journal.models import Entry
from yijiaan.registry.actions import (
    make_plates,
    plate_prints,
    request_plate_print,
    revoke_plate,
    set_plate_style,
    write_plate_print,
)
from yijiaan.registry.models import PlatePrint, PlateStyle

pytestmark = pytest.mark.django_db
TABLES = (PlatePrint, PlateStyle, Entry)


@pytest.fixture
def town(settings, tmp_path):
    settings.EXPORTS = settings.MEDIA_ROOT = str(tmp_path)
    return make.town()


def logo():
    raw = io.BytesIO()
    Image.new("RGB", (300, 120), "#0b4ea2").save(raw, "PNG")
    return raw.getvalue()


def ask(town, who="dispatcher", **changes):
    values = {"area_code": land.FIRST, "size": "nine_up", "address": "https://example.org", "client_key": uuid4()}
    return request_plate_print(actor=town.actor(who), **values | changes)


@pytest.mark.parametrize("size", ["nine_up", "small", "large"])
def test_the_plates_of_a_village_become_a_pdf(town, size):
    made = make_plates(actor=town.actor("dispatcher"), area_code=land.FIRST, places=["村口", "桥头", "老井"])
    revoke_plate(actor=town.actor("dispatcher"), plate_id=made[2].id, reason="lost")
    set_plate_style(actor=town.actor("county"), slogan="有事扫一扫", logo=logo())
    wish = ask(town, size=size)
    write_plate_print(actor=system("tests", wish.county), print_id=wish.id)
    wish.refresh_from_db()
    assert (wish.state, wish.plate_count) == ("done", 2)
    raw = wish.path.read_bytes()
    assert raw.startswith(b"%PDF-")
    answer = town.client("dispatcher").get(reverse("registry:plate_print_file", args=[wish.id]))
    assert b"".join(answer.streaming_content) == raw
    assert town.client("county").get(reverse("registry:plate_print_file", args=[wish.id])).status_code == 404
    kind = next(kind for kind in kinds_of_records() if kind.code == "registry.plate_print")
    assert kind.purge(clock.now(), 10) == 1
    assert not wish.path.exists()


def test_what_a_print_refuses(town, monkeypatch):
    for changes, code in (
        ({}, "nothing_there"), ({"size": "huge"}, "unknown_size"), ({"area_code": land.TOWN}, "unknown_area"),
    ):  # fmt: skip
        with unchanged(*TABLES), pytest.raises(RuleError) as refused:
            ask(town, **changes)
        assert refused.value.code == code
    make_plates(actor=town.actor("dispatcher"), area_code=land.FIRST, places=["村口", "桥头"])
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        ask(town, "head")
    key = uuid4()
    assert ask(town, client_key=key) == ask(town, client_key=key)
    with unchanged(*TABLES), pytest.raises(Conflict):
        ask(town, client_key=key, size="large")
    monkeypatch.setattr(plate_prints, "MOST_PRINTED", 1)
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        ask(town)
    assert refused.value.code == "too_many"
    monkeypatch.undo()
    ask(town)
    ask(town)
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        ask(town)
    assert refused.value.code == "too_many_going"


def test_the_style_of_a_county(town):
    county = town.actor("county")
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        set_plate_style(actor=town.actor("dispatcher"), slogan="扫一扫")
    for slogan, code in ((" ", "empty_slogan"), ("长" * 21, "slogan_too_long")):
        with unchanged(*TABLES), pytest.raises(RuleError) as refused:
            set_plate_style(actor=county, slogan=slogan)
        assert refused.value.code == code
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        set_plate_style(actor=county, slogan="扫一扫", logo=b"no picture")
    assert refused.value.field == "logo"
    assert set_plate_style(actor=county, slogan="扫一扫", logo=logo()).logo_sha256
    assert set_plate_style(actor=county, slogan="有事扫我").logo_sha256
    assert not set_plate_style(actor=county, slogan="有事扫我", drops_logo=True).logo_sha256


def test_the_pages(town):
    make_plates(actor=town.actor("dispatcher"), area_code=land.FIRST, places=["村口"])
    client = town.client("dispatcher")
    form = client.get("/plates/prints/").content.decode()
    key = form.split('name="client_key" value="')[1].split('"')[0]
    refused = client.post("/plates/prints/", {"client_key": key, "area_code": "", "size": "large"})
    assert refused.status_code == 422
    sent = {"client_key": key, "area_code": land.FIRST, "size": "large"}
    assert "开始做了" in client.post("/plates/prints/", sent, follow=True).content.decode()
    client.post("/plates/prints/", sent)
    assert PlatePrint.objects.count() == 1
    assert 'hx-trigger="every 2s"' in client.get("/plates/prints/", headers={"HX-Request": "true"}).content.decode()
    assert client.get("/plates/style/").status_code == 403
    county = town.client("county")
    assert county.post("/plates/style/", {"slogan": ""}).status_code == 422
    assert county.post("/plates/style/", {"slogan": "有事扫一扫"}).status_code == 302
    assert "有事扫一扫" in county.get("/plates/style/").content.decode()
    assert Client().get("/plates/prints/").status_code == 302
