"""Before what is sealed is opened, the one who sits there proves once more who he is; nothing typed is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from yijiaan.accounts.access import step_up_required
from yijiaan.accounts.models import SignIn
from yijiaan.accounts.tests.make import PASSWORD, Person, fresh_code, make_person, make_unit
from yijiaan.core import clock
from yijiaan.core.testing import check_needs_sign_in

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=10, seconds=30)
DEED = "/signin-test-deed/"


SHIPPED = tuple(settings.STEP_UP_VIEWS)


@pytest.fixture(autouse=True)
def marked(settings: Any) -> None:
    settings.STEP_UP_VIEWS = ["portal:read_all", "portal:notices"]


@pytest.fixture
def officer() -> Person:
    return make_person("jubao", "tip_officer", make_unit("新驿镇纪委", "discipline"), name="秦玉田")


def press(client: Client, **values: Any) -> Any:
    return client.post("/notices/read/", {"purpose": "contact", "more": ["a-1", "b-2"], **values})


def test_within_ten_minutes_of_signing_in_nobody_is_asked(officer: Person) -> None:
    client = officer.client()
    assert press(client)["Location"] == "/notices/"
    with clock.later(timedelta(minutes=9)):
        assert press(client)["Location"] == "/notices/"


def test_later_a_page_asks_and_carries_all_that_was_sent(officer: Person) -> None:
    client = officer.client()
    with clock.later(LATER):
        page = press(client).content.decode()
        assert "再确认一次是您本人" in page and 'action="/notices/read/"' in page
        for name, value in (("purpose", "contact"), ("more", "a-1"), ("more", "b-2")):
            assert f'<input type="hidden" name="{name}" value="{value}">' in page
        assert press(client, proof=PASSWORD)["Location"] == "/notices/"
        assert press(client)["Location"] == "/notices/"  # proved now
    with clock.later(LATER * 2):
        assert "再确认一次" in press(client).content.decode()


def test_a_code_of_the_phone_does_as_well(officer: Person) -> None:
    client = officer.client()
    with clock.later(LATER):
        assert press(client, proof=fresh_code(officer.user))["Location"] == "/notices/"


def test_a_wrong_answer_keeps_what_was_sent_and_counts_towards_the_lock(officer: Person) -> None:
    client = officer.client()
    with clock.later(LATER):
        for _ in range(5):
            answer = press(client, proof="bu-dui-de-mi-ma")
            page = answer.content.decode()
            assert answer.status_code == 422 and "密码不对" in page
            assert "bu-dui-de-mi-ma" not in page and 'value="b-2"' in page
        assert "15 分钟后再试" in press(client, proof=PASSWORD).content.decode()
        assert press(client, proof="").status_code == 422
    assert SignIn.objects.filter(is_success=False, user=officer.user).count() == 5


def test_a_page_that_is_read_comes_after_the_answer(officer: Person) -> None:
    client = officer.client()
    with clock.later(LATER):
        page = client.get("/notices/?page=1").content.decode()
        assert 'action="/notices/?page=1"' in page and "proof_for_reading" in page
        answer = client.post("/notices/?page=1", {"proof": PASSWORD, "proof_for_reading": "1"})
        assert answer["Location"] == "/notices/?page=1"
        assert "再确认一次" not in client.get("/notices/?page=1").content.decode()


def test_who_is_not_signed_in_goes_to_sign_in(officer: Person) -> None:
    check_needs_sign_in(Client(), "/notices/")


def test_the_shipped_settings_mark_the_look_at_a_reporter() -> None:
    assert "cases:see_reporter" in SHIPPED


def test_the_decorator_does_the_same_and_hides_the_password_from_the_deed(officer: Person) -> None:
    seen = []

    @step_up_required
    def deed(request: HttpRequest) -> HttpResponse:
        seen.append(dict(request.POST.lists()))
        return HttpResponse("done")

    def ask(**values: str) -> HttpResponse:
        request = RequestFactory().post(DEED, {"purpose": "contact", **values})
        request.session, request.user = officer.client().session, officer.user
        with clock.later(LATER):
            return deed(request)

    assert "再确认一次" in ask().content.decode() and seen == []
    assert ask(proof=PASSWORD).content == b"done"
    assert seen == [{"purpose": ["contact"]}]
