"""Signing in, choosing a post, changing the password."""

import pytest
from django.test import Client

from yijiaan.accounts.actions import appoint
from yijiaan.accounts.models import SignIn
from yijiaan.accounts.tests.make import MAKER, PASSWORD, SINCE, Person, make_person, make_unit
from yijiaan.core.testing import check_needs_sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatcher() -> Person:
    return make_person("paidan", "dispatcher", make_unit("新驿镇网格化服务中心", "town_centre"), name="曹士杰")


def test_one_post_leads_straight_to_its_landing_page(dispatcher: Person) -> None:
    client = Client()
    answer = client.post("/signin/", {"login": "PAIDAN", "password": PASSWORD}, follow=True)
    assert answer.request["PATH_INFO"] == "/board/"
    assert "曹士杰" in answer.content.decode()


def test_wrong_password_keeps_the_name_and_never_the_password(dispatcher: Person) -> None:
    answer = Client().post("/signin/", {"login": "paidan", "password": "ge-zhong-bu-dui"})
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "登录名或密码不对" in words
    assert 'value="paidan"' in words
    assert "ge-zhong-bu-dui" not in words


def test_five_wrong_tries_lock_the_name(dispatcher: Person) -> None:
    client = Client()
    for _ in range(5):
        client.post("/signin/", {"login": "paidan", "password": "bu-dui"})
    answer = client.post("/signin/", {"login": "paidan", "password": PASSWORD})
    assert "15 分钟后再试" in answer.content.decode()
    assert not SignIn.objects.filter(is_success=True).exists()


def test_sign_in_comes_back_to_the_page_that_was_asked_for_and_never_leaves_the_site(dispatcher: Person) -> None:
    sent = {"login": "paidan", "password": PASSWORD}
    assert Client().post("/signin/", sent | {"next": "/cases/?tab=all"})["Location"] == "/cases/?tab=all"
    assert Client().post("/signin/", sent | {"next": "https://evil.example/"})["Location"] == "/"


def test_two_posts_are_offered_with_what_waits_in_each(dispatcher: Person) -> None:
    station = make_unit("综合执法中队", "enforcement")
    appoint(
        actor=MAKER, user=dispatcher.user, unit=station, role="handler", area_codes=[station.area_id], starts_on=SINCE
    )
    client = Client()
    answer = client.post("/signin/", {"login": "paidan", "password": PASSWORD})
    assert answer["Location"] == "/posts/"
    page = client.get("/posts/").content.decode()
    assert "您有 2 个岗位" in page
    assert page.count("没有要办的") == 2
    chosen = client.post("/posts/", {"post": str(dispatcher.post.id)}, follow=True)
    assert chosen.request["PATH_INFO"] == "/board/"
    assert client.post("/posts/", {"post": "not-a-post"}).status_code == 404


def test_somebody_elses_post_cannot_be_chosen(dispatcher: Person) -> None:
    other = make_person("jiedan", "handler", make_unit("综合执法中队", "enforcement"))
    assert dispatcher.client().post("/posts/", {"post": str(other.post.id)}).status_code == 404


def test_password_changes_only_with_the_old_one_and_ends_other_sessions(dispatcher: Person) -> None:
    here, elsewhere = dispatcher.client(), dispatcher.client()
    new = "xin-mi-ma-2027"
    wrong = here.post("/password/", {"old": "bu-dui", "new": new, "again": new})
    assert wrong.status_code == 422
    assert "原密码不对" in wrong.content.decode()
    twice = here.post("/password/", {"old": PASSWORD, "new": new, "again": "bie-de-mi-ma-1"})
    assert "两遍写得不一样" in twice.content.decode()
    assert here.post("/password/", {"old": PASSWORD, "new": new, "again": new}).status_code == 302
    assert here.get("/cases/").status_code == 200
    check_needs_sign_in(elsewhere, "/cases/")


def test_sign_out_ends_the_session(dispatcher: Person) -> None:
    client = dispatcher.client()
    client.post("/signout/")
    check_needs_sign_in(client, "/cases/", "/posts/", "/password/")
    assert client.get("/signout/").status_code == 405
