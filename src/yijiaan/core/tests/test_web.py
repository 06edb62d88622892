import json
import logging

import pytest
from django import forms
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import override_settings
from ninja import NinjaAPI, Schema
from ninja.testing import TestClient
from pydantic import Field

from yijiaan.core import identifiers, permissions, web
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.logs import JsonLine, masked

REFUSALS = [
    (RuleError("bad_phone", "手机号应为 11 位，请检查。", "phone"), 422, "bad_phone"),
    (Conflict("别人刚刚派走了这件。"), 409, "conflict"),
    (Conflict("同一提交键的内容不同。", "client_key_reused"), 409, "client_key_reused"),
    (NotAllowed("web_test.do"), 403, "not_allowed"),
    (NotFound(), 404, "not_found"),
]
PAGES = {f"{status}.html": "{{ title }}|{{ message }}|{{ code }}" for status in (403, 404, 409, 422)}
PLAIN_TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", PAGES)]},
    }
]


@pytest.mark.parametrize(("error", "status", "code"), REFUSALS)
def test_api_refusals_are_problems(error, status, code):
    answer = web.answer_for(error, RequestFactory().get("/api/v1/reports"))
    body = json.loads(answer.content)
    assert answer.status_code == body["status"] == status
    assert answer["Content-Type"] == "application/problem+json"
    assert body["code"] == code
    assert body["title"] == web.TITLES[status]
    assert body.get("field") == getattr(error, "field", None)
    assert body["detail"]


@override_settings(TEMPLATES=PLAIN_TEMPLATES)
@pytest.mark.parametrize(("error", "status", "code"), REFUSALS)
def test_pages_say_it_in_words(error, status, code):
    answer = web.answer_for(error, RequestFactory().get("/cases/"))
    title, message, said = answer.content.decode().split("|")
    assert answer.status_code == status
    assert (title, said) == (web.TITLES[status], code)
    assert message


def test_a_missing_permission_is_named_by_its_label():
    permissions.declare("web_test.do", "做一件事")
    try:
        assert "“做一件事”" in web.describe(NotAllowed("web_test.do"))[2]
    finally:
        del permissions._declared["web_test.do"]
    assert "没有做这件事的权限" in web.describe(NotAllowed("web_test.do"))[2]


def test_only_the_four_are_turned_into_answers():
    middleware = web.RefusalMiddleware(lambda request: HttpResponse())
    request = RequestFactory().get("/api/v1/x")
    assert middleware.process_exception(request, ValueError("a bug")) is None
    assert middleware.process_exception(request, NotFound()).status_code == 404
    assert middleware(request).status_code == 200


def test_every_request_has_its_own_identity():
    seen = []

    def view(request):
        seen.append(web.request_id())
        return HttpResponse()

    middleware = web.RequestIdMiddleware(view)
    answers = [middleware(RequestFactory().get("/")) for _ in range(2)]
    assert [str(one) for one in seen] == [answer["X-Request-Id"] for answer in answers]
    assert len(set(seen)) == 2
    assert web.request_id() is None


def test_a_rule_error_stands_at_its_field():
    class Form(forms.Form):
        phone = forms.CharField(required=False)

    for field, at in (("phone", "phone"), ("unknown", "__all__"), (None, "__all__")):
        form = Form(data={})
        assert form.is_valid()
        web.apply_rule_error(form, RuleError("bad_phone", "手机号应为 11 位，请检查。", field))
        assert form.errors == {at: ["手机号应为 11 位，请检查。"]}


class Body(Schema):
    text: str = Field(min_length=2, max_length=5)
    lon: float | None = None
    names: list[str] = []


@pytest.fixture
def client():
    api = NinjaAPI(urls_namespace="web_test")
    web.ninja_handlers(api)

    @api.post("/x")
    def make(request, body: Body):
        if body.text == "没有":
            raise NotFound
        return {"text": body.text}

    return TestClient(api)


@pytest.mark.parametrize(
    ("sent", "field", "code", "word"),
    [
        ({}, "text", "required", "请填写"),
        ({"text": "一"}, "text", "too_short", "至少要 2 个字"),
        ({"text": "一二三四五六"}, "text", "too_long", "最多 5 个字"),
        ({"text": "路灯", "lon": "东"}, "lon", "malformed", "应是数字"),
        ({"text": "路灯", "names": "东"}, "names", "malformed", "应是一个列表"),
        ({"text": "路灯", "names": [1]}, "names.0", "malformed", "应是文字"),
    ],
)
def test_malformed_input_is_answered_in_words(client, sent, field, code, word):
    answer = client.post("/x", json=sent)
    body = answer.json()
    assert answer.status_code == 422
    assert (body["field"], body["code"]) == (field, code)
    assert word in body["detail"]
    assert body["errors"][0]["field"] == field


def test_several_errors_are_all_told(client):
    body = client.post("/x", json={"lon": "东"}).json()
    assert [error["field"] for error in body["errors"]] == ["text", "lon"]


def test_refusals_and_unreadable_bodies_through_ninja(client):
    assert client.post("/x", json={"text": "没有"}).json()["code"] == "not_found"
    unreadable = client.post("/x", data=b"{", content_type="application/json")
    assert unreadable.status_code == 400
    assert unreadable.json()["code"] == "unreadable"


def test_log_lines_are_json_without_personal_numbers():
    record = logging.LogRecord("yijiaan.test", logging.INFO, "", 1, "%s 来电 %s", ("报事人", "13812345678"), None)
    line = json.loads(JsonLine().format(record))
    assert line["message"] == "报事人 来电 138****5678"
    assert (line["level"], line["logger"]) == ("INFO", "yijiaan.test")
    assert line["time"].endswith("+00:00")


def test_exceptions_are_masked_too():
    try:
        raise ValueError("bad 11010519491231002X and 13812345678")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (type(error), error, error.__traceback__))
    line = json.loads(JsonLine().format(record))
    assert "110105********002X and 138****5678" in line["exception"]


def test_every_way_to_write_a_phone_is_masked():
    for text in ("+8613812345678", "0086 138 1234 5678", "138-1234-5678"):
        assert masked(text).endswith("****5678")
        assert "1234" not in masked(text)


def test_tracking_codes_are_masked():
    code = identifiers.tracking_code("370812")
    assert masked(f"Not Found: /p/{code}/") == f"Not Found: /p/{code[:4]}****************/"


def test_other_numbers_are_left_alone():
    for text in ("XY202611230041", "3708122611230041", "1790000000000", "138123456789", "37081210200010011"):
        assert masked(text) == text
