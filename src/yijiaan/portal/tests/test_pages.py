"""The public entry, the size of type, notices, and what is given back when a page grew too old."""

import pytest
from django.test import Client

from yijiaan.accounts.tests.make import TOWN, make_person, make_unit
from yijiaan.areas.models import Area
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, check_needs_sign_in
from yijiaan.engines.notices.actions import notify
from yijiaan.engines.notices.models import Notice

pytestmark = pytest.mark.django_db


def test_entry_offers_reporting_only_where_somebody_is_in_service() -> None:
    client = Client()
    door = Area.objects.get(code=TOWN).door_token
    closed = client.get("/").content.decode()
    assert f"/t/{door}/report/" not in closed
    assert "12345" in closed
    make_unit("新驿镇网格化服务中心", "town_centre", phone="05370002100")
    for path in ("/", f"/t/{door}/"):
        words = client.get(path).content.decode()
        assert f"/t/{door}/report/" in words
        assert "tel:05370002100" in words
    assert client.get("/t/no-such-town/").status_code == 404


def test_landing_follows_the_post() -> None:
    station = make_person("jiedan", "handler", make_unit("综合执法中队", "enforcement"))
    assert station.client().get("/")["Location"] == "/orders/"


def test_kinds_of_field_work_are_tiles_and_the_tab_bar_holds_what_fits() -> None:
    worker = make_person("wanggeyuan", "grid_worker", make_unit("新驿一村", "village")).client()
    for path in ("/field/", "/field/offline/"):  # without signal too, or nobody would find the walks
        page = worker.get(path).content.decode()
        tiles = page[page.index('class="works"') :].partition("</nav>")[0]
        for label in ("巡查", "走访", "隐患", "补表"):
            assert label in tiles
    bar = worker.get("/field/visits/").content.decode()
    bar = bar[bar.index('class="tabbar"') :].partition("</nav>")[0]
    assert [label for label in ("工作台", "住户", "通知", "我的") if label not in bar] == []
    assert bar.count("<a ") == 4


def test_large_type_is_remembered_and_leads_back_on_our_site_only() -> None:
    client = Client()
    assert client.get("/large/?next=/signin/")["Location"] == "/signin/"
    assert 'data-size="large"' in client.get("/signin/").content.decode()
    assert client.get("/large/?next=https://evil.example/")["Location"] == "/"
    assert 'data-size="large"' not in client.get("/signin/").content.decode()


def test_notices_of_the_own_unit_are_read_one_by_one_or_all() -> None:
    station, other = make_unit("综合执法中队", "enforcement"), make_unit("新驿司法所", "justice")
    person = make_person("jiedan", "handler", station)
    for number in range(3):
        for unit in (station, other):
            notify(
                actor=system("tests", "370812"), county="370812", unit_id=unit.id, title=f"请签收第 {number} 件",
                link="/orders/", dedup_key=f"{number}:{unit.id}",
            )  # fmt: skip
    client = person.client()
    check_needs_sign_in(Client(), "/notices/", "/account/")
    client.get("/notices/")
    with assert_statements(at_most=10):
        page = client.get("/notices/").content.decode()
    assert page.count("请签收第") == 3
    mine = Notice.objects.filter(county="370812", unit=station)
    assert client.post(f"/notices/{mine[0].id}/")["Location"] == "/orders/"
    assert mine.filter(read_at__isnull=False).count() == 1
    foreign = Notice.objects.filter(county="370812", unit=other)[0]
    assert client.post(f"/notices/{foreign.id}/").status_code == 404
    client.post("/notices/read/")
    assert mine.filter(read_at__isnull=True).count() == 0
    assert "综合执法中队" in client.get("/account/").content.decode()


def test_page_that_grew_too_old_gives_the_words_back_but_no_password() -> None:
    client = Client(enforce_csrf_checks=True)
    here = {"Origin": "http://testserver"}
    answer = client.post("/t/any/report/", {"text": "路灯不亮", "place": "村东头"}, headers=here)
    words = answer.content.decode()
    assert answer.status_code == 403
    assert "路灯不亮" in words
    assert "村东头" in words
    secret = client.post("/signin/", {"login": "paidan", "password": "mi-ma-mi-ma"}, headers=here)
    assert "mi-ma-mi-ma" not in secret.content.decode()
    foreign = client.post("/t/any/report/", {"text": "别处写的"}, headers={"Origin": "https://evil.example"})
    assert "别处写的" not in foreign.content.decode()
