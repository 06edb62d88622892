"""What a request leaves in the log: its identity, and nothing of the person who sent it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from launch import web_log
from launch.places import ROOT
from yijiaan.accounts.tests.make import make_person, make_unit
from yijiaan.cases.tests import make
from yijiaan.core.logs import JsonLine, masked

NAME, PHONE, IDENTITY, TEXT = "欧阳试试", "15400012217", "370812198001011234", "三村东头老槐树下那家"
PRIVATE = (NAME, PHONE, IDENTITY, TEXT, "lu-deng-bu-liang-7")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as it is written."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # statements with their parameters are for a developer who switches them on by himself
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.django_db
@pytest.mark.crosses_counties("a statement that fails on purpose names no county")
def test_requests_with_personal_data_leave_none_in_the_log(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    make.town()
    client = Client(raise_request_exception=False)
    body = {"text": TEXT, "client_key": "no uuid", "reporter": {"name": NAME, "phone": PHONE}}
    assert client.post("/api/v1/reports", json.dumps(body), content_type="application/json").status_code == 422
    body["client_key"] = "018f3c1e-8a4b-4c2d-9e10-5a6b7c8d9e0f"
    receipt = client.post("/api/v1/reports", json.dumps(body), content_type="application/json")
    assert receipt.status_code == 201
    code = receipt.json()["tracking_code"]
    lost = client.get(f"/p/{code}/nowhere/")
    client.get("/nowhere/", {"q": f"{NAME} {PHONE}"})
    client.post("/signin/", {"login": PHONE, "password": "lu-deng-bu-liang-7"})
    make_person("jiedan", "handler", make_unit("供电所", "power"), name=NAME).client().get("/orders/", {"q": IDENTITY})

    def break_down(*arguments: Any, **more: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO account_user (id, username, name, password, phone_sealed, is_active, must_change_password)"
                           " SELECT gen_random_uuid(), username, %s, '', '', true, true FROM account_user LIMIT 1", [NAME])  # fmt: skip

    monkeypatch.setattr("yijiaan.portal.views.get_area", break_down)
    answer = client.get("/", {"text": TEXT})
    assert answer.status_code == 500
    written = log.getvalue()
    assert [word for word in (*PRIVATE, code) if word in written] == []
    broken = [line for line in lines(log) if "IntegrityError" in line.get("exception", "")]
    assert broken
    assert broken[-1]["request"] == answer["X-Request-Id"]
    assert "DETAIL: …" in broken[-1]["exception"]
    told = [line for line in lines(log) if line.get("request") == lost["X-Request-Id"]]
    assert [(line["level"], line["status"]) for line in told] == [("WARNING", 404)]


@pytest.mark.django_db
def test_a_row_that_broke_a_rule_is_not_quoted() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO unit (id, name, kind, area_id, phone, is_active) VALUES (gen_random_uuid(), %s, 'x', 'nowhere', '', NULL)",
            [TEXT],
        )
    assert TEXT in str(refused.value)
    assert TEXT not in masked(f"Traceback\n{refused.value}\n\nThe above")
    assert "violates not-null constraint" in masked(str(refused.value))


def test_input_that_a_validator_quotes_is_hidden() -> None:
    said = f"1 validation error\ntext\n  Input should be a number [type=int, input_value='{TEXT}', input_type=str]"
    assert TEXT not in masked(said)
    assert "Input should be a number" in masked(said)


def test_the_web_servers_own_lines_are_json_too() -> None:
    config = json.loads((ROOT / "launch" / "web_log.json").read_text())
    assert config["formatters"]["line"]["()"] == f"{web_log.__name__}.JsonLine"
    record = logging.LogRecord("_granian", logging.WARNING, "", 0, 'Killing "%s"', ("worker-1",), None)
    line = json.loads(web_log.JsonLine().format(record))
    assert (line["level"], line["message"]) == ("WARNING", 'Killing "worker-1"')
