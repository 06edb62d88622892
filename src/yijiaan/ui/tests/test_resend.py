from typing import Any

from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from yijiaan.ui.answers import lead_on
from yijiaan.ui.resend import came_from_here, give_back


def sent(data: dict[str, Any], **headers: str) -> HttpRequest:
    request = RequestFactory().post("/cases/1/note/?a=1", data, headers=headers or {"Origin": "http://testserver"})
    request.session = SessionStore()
    return request


def given(request: HttpRequest) -> str:
    return give_back(request, title="登录过期了", words="再交一次", status=401).content.decode()


def test_what_was_typed_is_shown_and_every_value_carried_along() -> None:
    page = given(sent({"text": "约了明天<b>", "category": "0401", "seen_version": "3", "assistants": ["a-1", "b-2"]}))
    assert '<p class="said">约了明天&lt;b&gt;</p>' in page
    for name, value in (("category", "0401"), ("seen_version", "3"), ("assistants", "a-1"), ("assistants", "b-2")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert '<p class="said">3</p>' not in page
    assert 'action="/cases/1/note/?a=1"' in page


def test_passwords_are_never_given_back() -> None:
    for name in ("password", "new", "again"):
        page = given(sent({name: "mi-ma-hen-chang", "login": "曹士杰"}))
        assert "mi-ma" not in page
        assert "曹士杰" not in page


def test_what_another_site_sent_is_never_offered() -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Referer": "http://evil.example/testserver"},
        {"X-Nothing": "1"},
    ):
        request = sent({"text": "别处写的"}, **headers)
        assert not came_from_here(request)
        assert "别处写的" not in given(request)
    assert came_from_here(sent({}, Referer="http://testserver/cases/"))


def test_photos_are_said_to_be_missing() -> None:
    photo = SimpleUploadedFile("deng.jpg", b"x", "image/jpeg")
    assert "照片没能跟着留下" in given(sent({"text": "灯", "photos": photo}))
    assert "照片没能" not in given(sent({"text": "灯"}))


def test_a_dialog_is_told_the_address_that_follows_and_a_page_is_sent_there() -> None:
    plain = lead_on(sent({}), "/orders/")
    assert (plain.status_code, plain["Location"]) == (302, "/orders/")
    asked = lead_on(sent({}, **{"X-Dialog": "1"}), "/orders/")
    assert (asked.status_code, asked["X-Location"]) == (204, "/orders/")
