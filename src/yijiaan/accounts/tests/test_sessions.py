"""The list of one's sign-ins: what it shows, ending one at once, and a post that ends in the middle of a form."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from yijiaan.accounts.actions import end_post, end_session
from yijiaan.accounts.devices import device_words
from yijiaan.accounts.models import SignedIn
from yijiaan.accounts.tests.make import BOSS, PASSWORD, Person, client, make_person, make_unit
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14; V2301A) AppleWebKit/537.36 Chrome/120 MicroMessenger/8.0.47"


@pytest.fixture
def dispatcher() -> Person:
    return make_person("paidan", "dispatcher", make_unit("新驿镇网格化服务中心", "town_centre"), name="曹士杰")


def signed_in(agent: str = "") -> Client:
    made = Client(headers={"User-Agent": agent}) if agent else Client()
    assert made.post("/signin/", {"login": "paidan", "password": PASSWORD}).status_code == 302
    return made


def row_of(browser: Client) -> SignedIn:
    key = browser.cookies["sessionid"].value
    return next(row for row in SignedIn.objects.all() if row.session_sealed == key)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "安卓手机，微信"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "苹果手机，Safari 浏览器"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120 Safari/537 Edg/120", "Windows 电脑，Edge 浏览器"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", "Linux 电脑，火狐浏览器"),
        ("curl/8.0", "不认识的设备"),
        ("", "不认识的设备"),
        ("<script>" * 400, "不认识的设备"),
    ],
)
def test_devices_are_named_as_people_know_them(agent: str, words: str) -> None:
    assert device_words(agent) == words


def test_the_page_lists_my_devices_and_nobody_elses(dispatcher: Person) -> None:
    make_person("jiedan", "handler", make_unit("综合执法中队", "enforcement")).client()
    phone, desk = signed_in(PHONE), signed_in()
    page = desk.get("/sessions/").content.decode()
    assert page.count("退出这台</") == 2
    assert page.count("（就是这台）") == 1
    assert "安卓手机，微信" in page and "127.0.0.1" in page and "新驿镇网格化服务中心" in page
    assert row_of(phone).session_sealed not in page
    assert "我的登录" in desk.get("/account/").content.decode()
    check_needs_sign_in(Client(), "/sessions/")


def test_ending_a_device_signs_it_out_at_once(dispatcher: Person) -> None:
    phone, desk = signed_in(PHONE), signed_in()
    ended = row_of(phone)
    assert desk.post(f"/sessions/{ended.id}/end/", follow=True).content.decode().count("已退出：安卓手机，微信") == 1
    check_needs_sign_in(phone, "/cases/")
    assert desk.get("/cases/").status_code == 200
    ended.refresh_from_db()
    assert ended.ended_at is not None
    assert Entry.objects.filter(verb="accounts.sessions_ended", subject_id=dispatcher.user.id).count() == 1
    with unchanged(SignedIn, Entry):
        desk.post(f"/sessions/{ended.id}/end/")
    here = desk.post(f"/sessions/{row_of(desk).id}/end/")
    assert here["Location"] == "/signin/"
    check_needs_sign_in(desk, "/cases/")


def test_nobody_ends_the_session_of_somebody_else(dispatcher: Person) -> None:
    other = make_person("jiedan", "handler", make_unit("综合执法中队", "enforcement"))
    mine = row_of(signed_in())
    with unchanged(SignedIn, Session, Entry), pytest.raises(NotFound):
        end_session(actor=other.actor, session_id=mine.id)
    assert other.client().post(f"/sessions/{mine.id}/end/").status_code == 404


def test_all_other_devices_can_be_ended_together(dispatcher: Person) -> None:
    others, here = [signed_in(), signed_in(PHONE)], signed_in()
    assert "已退出其他 2 台" in here.post("/sessions/others/end/", follow=True).content.decode()
    for browser in others:
        check_needs_sign_in(browser, "/cases/")
    assert here.get("/cases/").status_code == 200
    assert "没有别的设备登录着" in here.post("/sessions/others/end/", follow=True).content.decode()


def test_a_new_password_ends_the_others_and_keeps_this_one_in_the_list(dispatcher: Person) -> None:
    elsewhere, here = signed_in(PHONE), signed_in()
    new = "xin-mi-ma-2027"
    here.post("/password/", {"old": PASSWORD, "new": new, "again": new})
    check_needs_sign_in(elsewhere, "/cases/")
    page = here.get("/sessions/").content.decode()
    assert page.count("退出这台</") == 1 and "（就是这台）" in page
    assert SignedIn.objects.filter(ended_at=None).count() == 1


def test_signing_out_and_signing_in_again_leave_no_ghost(dispatcher: Person) -> None:
    browser = signed_in()
    browser.post("/signin/", {"login": "paidan", "password": PASSWORD})
    assert SignedIn.objects.filter(ended_at=None).count() == 1
    browser.post("/signout/")
    assert not SignedIn.objects.filter(ended_at=None).exists()


def test_use_is_noted_every_five_minutes_and_costs_nothing_between(dispatcher: Person) -> None:
    browser = signed_in()
    began = row_of(browser).seen_at
    with clock.later(timedelta(minutes=4)):
        browser.get("/sessions/")
    assert row_of(browser).seen_at == began
    with clock.later(timedelta(minutes=6)):
        browser.get("/sessions/")
        assert row_of(browser).seen_at > began + timedelta(minutes=5)
        with assert_statements() as seen:
            browser.get("/account/")
    assert not [sql for sql in seen if "signed_in" in sql]


def test_a_session_begun_before_the_list_existed_comes_into_it(dispatcher: Person) -> None:
    old = client(dispatcher.post)
    assert not SignedIn.objects.exists()
    with clock.later(timedelta(minutes=6)):
        old.get("/cases/")
    assert row_of(old).user_id == dispatcher.user.id


def test_a_post_that_ended_in_the_middle_of_a_form_loses_nothing(dispatcher: Person) -> None:
    browser = signed_in()
    end_post(actor=BOSS, post_id=dispatcher.post.id, on=clock.local_day())
    with clock.later(timedelta(days=1)):
        answer = browser.post("/cases/new/", {"text": "机井好几天不出水"}, headers={"Origin": "http://testserver"})
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "您这个岗位已经结束" in page and "机井好几天不出水" in page and "去选岗位" in page
        told = browser.get("/cases/", follow=True).content.decode()
    assert "您原来的岗位已经结束" in told and "没有在任的岗位" in told
