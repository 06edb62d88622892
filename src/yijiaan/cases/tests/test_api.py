"""The JSON side: staff with session and CSRF token, the public with a tracking code."""

import json
import re
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yijiaan.cases.models import Case, Rating
from yijiaan.cases.tests import make
from yijiaan.cases.tests.pictures import BAD, jpeg
from yijiaan.core.testing import assert_statements, unchanged
from yijiaan.engines.files.models import StoredFile

CASE_KEYS = {
    "number", "title", "status", "kind", "channel", "category", "urgency", "area_code", "is_place_unknown", "place",
    "lon", "lat", "owner", "next_due_at", "received_at", "closed_at", "solved_at_level", "level", "hop_count",
    "card", "supervision", "version", "moves",
}  # fmt: skip


def send(client, path, body, **more):
    return client.post(path, body, content_type="application/json", **more)


def move(client, case, name, **body):
    return send(client, f"/api/v1/cases/{case.number}/{name}", body)


def check_problem(answer, status, code, field=None):
    """The shape of RFC 9457 with our code and a Chinese sentence."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert (said["type"], said["status"], said["code"], said.get("field")) == ("about:blank", status, code, field)
    assert said["title"] and re.search(r"[\u4e00-\u9fff]", said["detail"])


def test_the_round_of_a_case_over_the_api(town):
    case, receipt = make.case_in(town, "received")
    dispatcher, power = town.client("dispatcher"), town.client("power")
    seen = dispatcher.get(f"/api/v1/cases/{case.number}").json()
    assert set(seen) == CASE_KEYS
    assert (seen["status"], seen["moves"], seen["version"]) == (
        "received",
        ["ask_reporter", "dispatch", "merge", "reject", "urge"],
        1,
    )
    said = move(dispatcher, case, "dispatch", lead=str(town.units["power"].id), category="0401", version=1).json()
    assert (said["status"], said["owner"], said["category"]) == ("dispatched", town.units["power"].name, "0401")
    assert move(power, case, "sign", version=said["version"]).json()["status"] == "in_progress"
    assert move(power, case, "contact", text="约好明天。").status_code == 200
    assert move(power, case, "note", text="灯杆 12 号。").status_code == 200
    assert move(power, case, "finish", result="换了灯泡。").json()["status"] == "callback"
    assert move(dispatcher, case, "callback", result="satisfied").json()["status"] == "closed"
    assert make.verbs(case) == ["received", "dispatched", "signed", "contacted", "noted", "finished", "rated", "closed"]


def test_moves_of_the_field(town):
    taken, _ = make.case_in(town, "received")
    solved, _ = make.case_in(town, "received", category="0401")
    worker = town.client("worker")
    assert move(worker, taken, "take").json()["status"] == "in_progress"
    assert move(worker, solved, "solve", result="拧紧了。").json()["status"] == "callback"
    moved = move(town.client("dispatcher"), taken, "classify", area_code=town.grids[1].code).json()
    assert moved["area_code"] == town.grids[1].code


def test_refusals_speak_in_problems(town):
    case, _ = make.case_in(town, "received")
    dispatcher, leader = town.client("dispatcher"), town.client("leader")
    lead = str(town.units["power"].id)
    with unchanged(*make.ROWS):
        check_problem(move(dispatcher, case, "dispatch", lead=lead, version=9), 409, "stale_version")
        check_problem(move(leader, case, "dispatch", lead=lead), 403, "not_allowed")
        check_problem(move(dispatcher, case, "dispatch"), 422, "required", "lead")
        check_problem(move(dispatcher, case, "dispatch", lead="power"), 422, "malformed", "lead")
        check_problem(move(dispatcher, case, "dispatch", lead=str(uuid4())), 422, "unknown_unit", "lead")
        check_problem(move(dispatcher, case, "classify", category="zz"), 422, "unknown_category", "category")
        check_problem(move(dispatcher, case, "classify", area_code="3708121\0"), 422, "unknown_area", "area_code")
        check_problem(move(dispatcher, case, "note", text="  "), 422, "empty_text", "text")
        check_problem(move(dispatcher, case, "note", text="字" * 501), 422, "too_long", "text")
        check_problem(move(dispatcher, case, "callback", result="satisfied"), 422, "wrong_state")
        check_problem(send(dispatcher, f"/api/v1/cases/{case.number}/note", b"{"), 400, "unreadable")
        check_problem(send(dispatcher, f"/api/v1/cases/{case.number}/note", b'{"text": "\xff"}'), 400, "unreadable")
        check_problem(dispatcher.get("/api/v1/cases/nothing"), 404, "not_found")
        check_problem(dispatcher.get("/api/v1/nothing"), 404, "not_found")
        check_problem(town.client("admin").get("/api/v1/cases"), 403, "not_allowed")


def test_staff_needs_a_session_and_the_csrf_token(town):
    case, _ = make.case_in(town, "received")
    check_problem(Client().get("/api/v1/cases"), 401, "not_signed_in")
    check_problem(move(Client(), case, "take"), 401, "not_signed_in")
    careful = town.client("worker", enforce_csrf_checks=True)
    with unchanged(*make.ROWS):
        check_problem(move(careful, case, "take"), 403, "refused")
    careful.cookies["csrftoken"] = token = "a" * 32
    answer = send(careful, f"/api/v1/cases/{case.number}/take", {}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_a_password_that_must_be_changed_opens_no_api(town):
    user = town.posts["dispatcher"].user
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    check_problem(town.client("dispatcher").get("/api/v1/cases"), 401, "not_signed_in")


def test_pages_of_twenty_by_key(town):
    numbers = [make.case(make.report()).number for _ in range(45)]
    client, seen, after = town.client("dispatcher"), [], ""
    for size in (20, 20, 5):
        page = client.get("/api/v1/cases", {"after": after}).json()
        assert len(page["items"]) == size
        seen += [item["number"] for item in page["items"]]
        after = page["next"]
    assert after is None
    assert seen == numbers[::-1]
    assert client.get("/api/v1/cases", {"status": "received"}).json()["items"][0]["number"] == numbers[-1]
    assert client.get("/api/v1/cases", {"status": "closed"}).json() == {"items": [], "next": None}
    check_problem(client.get("/api/v1/cases", {"status": "\0"}), 422, "unknown_status", "status")
    check_problem(client.get("/api/v1/cases", {"after": "x"}), 404, "not_found")
    with assert_statements(at_most=10):
        client.get("/api/v1/cases")


def test_categories_are_public(town):
    rows = Client().get("/api/v1/categories").json()
    assert {"code": "0401", "name": "路灯", "group": "公共设施", "group_code": "04", "questions": []} in rows
    assert all(len(row["code"]) == 4 for row in rows)


def test_progress_says_what_the_reporter_may_know(town):
    case, receipt = make.case_in(town, "callback")
    answer = Client().get(f"/api/v1/reports/{receipt.tracking_code}")
    said = answer.json()
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    assert (said["number"], said["status"], said["result"], said["can_rate"]) == (
        receipt.number, "callback", "换了灯泡。", True,
    )  # fmt: skip
    for hidden in (case.number, make.PHONE, "张先生", town.posts["power"].user.name, str(case.id), receipt.query_code):
        assert hidden not in answer.content.decode()
    check_problem(Client().get(f"/api/v1/reports/{'A' * 20}"), 404, "not_found")
    check_problem(Client().get("/api/v1/reports/x%00"), 404, "not_found")


def test_rating_over_the_api(town):
    case, receipt = make.case_in(town, "callback")
    path = f"/api/v1/reports/{receipt.tracking_code}/rating"
    with unchanged(*make.ROWS):
        check_problem(send(Client(), path, {"result": "dissatisfied"}), 422, "no_reason", "text")
        check_problem(send(Client(), path, {"result": "splendid"}), 422, "unknown_rating", "result")
        check_problem(send(Client(), path, {}), 422, "required", "result")
        check_problem(send(Client(), f"/api/v1/reports/{'A' * 20}/rating", {"result": "satisfied"}), 404, "not_found")
    said = send(Client(), path, {"result": "satisfied"}).json()
    assert (said["status"], said["can_rate"]) == ("closed", False)
    assert Rating.objects.get(case=case).result == "satisfied"
    check_problem(send(Client(), path, {"result": "satisfied"}), 422, "wrong_state")


def test_a_photo_by_the_tracking_code(town):
    receipt = make.report()
    path = f"/api/v1/reports/{receipt.tracking_code}/photos"
    answer = Client().post(path, {"photo": SimpleUploadedFile("lamp.jpg", jpeg(), "image/jpeg")})
    assert answer.status_code == 201
    kept = StoredFile.objects.get()
    assert answer.json() == {"id": str(kept.id), "width": 640, "height": 480}
    with unchanged(*make.ROWS):
        for name, (raw, code) in BAD.items():
            bad = Client().post(path, {"photo": SimpleUploadedFile("lamp.jpg", raw, "image/jpeg")})
            check_problem(bad, 422, code, "photo")
            assert name
        check_problem(Client().post(path, {}), 422, "required", "photo")
        unknown = Client().post(f"/api/v1/reports/{'A' * 20}/photos", {"photo": SimpleUploadedFile("a.jpg", jpeg())})
        check_problem(unknown, 404, "not_found")


def test_no_answer_of_the_public_api_holds_the_inner_number(town):
    number = "370812261123"
    sent = {"text": "灯", "client_key": str(uuid4())}
    answers = [send(Client(), "/api/v1/reports", sent) for _ in range(2)]
    answers.append(send(Client(), "/api/v1/reports/batch", {"reports": [sent, {**sent, "client_key": str(uuid4())}]}))
    code = answers[0].json()["tracking_code"]
    answers.append(Client().get(f"/api/v1/reports/{code}"))
    assert Case.objects.filter(number__startswith=number).count() == 2
    for answer in answers:
        assert number not in json.dumps(answer.json())


def test_the_hard_turns_over_the_api(town):
    case, receipt = make.case_in(town, "received")
    head, dispatcher, worker = town.client("head"), town.client("dispatcher"), town.client("worker")
    move(head, case, "take")
    check_problem(move(head, case, "report-up", tried=""), 422, "empty_tried", "tried")
    up = move(head, case, "report-up", tried="换过两回。", proposed=str(town.units["power"].id)).json()
    assert (up["status"], up["level"], up["owner"], up["hop_count"]) == (
        "received",
        "town",
        town.units["centre"].name,
        2,
    )
    move(dispatcher, case, "dispatch", lead=str(town.units["power"].id), category="0202")
    power = town.client("power")
    move(power, case, "sign")
    assert move(power, case, "finish", result="换了线路。").json()["status"] == "verifying"
    check_problem(move(worker, case, "verify", passed=False), 422, "no_text", "text")
    assert move(worker, case, "verify", passed=True).json()["status"] == "callback"
    reporter = Client()
    rated = reporter.post(
        f"/api/v1/reports/{receipt.tracking_code}/rating", {"result": "satisfied"}, content_type="application/json"
    )
    assert rated.json()["status"] == "closed"
    assert (
        send(reporter, f"/api/v1/reports/{receipt.tracking_code}/reopen", {"text": "又不亮了。"}).json()["status"]
        == "received"
    )
    assert send(reporter, f"/api/v1/reports/{receipt.tracking_code}/urge", {}).status_code == 200
    check_problem(send(reporter, f"/api/v1/reports/{receipt.tracking_code}/urge", {}), 422, "urged_already")
    assert (
        send(reporter, f"/api/v1/reports/{receipt.tracking_code}/withdraw", {"text": ""}).json()["status"]
        == "withdrawn"
    )
    check_problem(send(reporter, f"/api/v1/reports/{receipt.tracking_code}/withdraw", {}), 422, "wrong_state")


def test_two_persons_over_the_api(town):
    case, _ = make.case_in(town, "received", kind="complaint")
    one, other = town.client("dispatcher"), town.client("centre_head")
    check_problem(move(one, case, "reject", reason="tired", text="不办"), 422, "unknown_reason", "reason")
    assert move(one, case, "reject", reason="judicial", text="法院在办。").json()["status"] == "received"
    check_problem(move(one, case, "decide", agreed=True), 422, "same_person")
    assert move(other, case, "decide", agreed=True).json()["status"] == "rejected"
    check_problem(move(other, case, "urge"), 422, "wrong_state")
    check_problem(move(town.client("power"), case, "supervise", text="抓紧。"), 404, "not_found")


def test_words_from_above_over_the_api(town):
    case, _ = make.case_in(town, "in_progress")
    leader = town.client("leader")
    assert move(leader, case, "urge").json()["supervision"] == "urged"
    assert move(leader, case, "supervise", text="三天内办好。").json()["supervision"] == "supervised"
    assert move(leader, case, "instruct", text="请城建办牵头。").status_code == 200
    assert move(leader, case, "redo", text="再办").status_code == 403
    assert move(leader, case, "close-explained", text="讲过了。").status_code == 403
    assert move(leader, case, "reopen", text="又坏了。").status_code == 403
