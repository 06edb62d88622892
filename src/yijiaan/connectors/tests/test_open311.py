"""Open311 GeoReport v2: as the specification writes it, and never more than is public."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from georeport import GeoReport

from yijiaan.areas.tests import make as land
from yijiaan.cases import actions as cases
from yijiaan.cases.actions import QuestionFacts
from yijiaan.cases.models import Case, Note, Report, ReportAnswer, Reporter
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, FIRST, PHONE, TOWN, Town
from yijiaan.cases.tests.pictures import jpeg
from yijiaan.connectors import actions
from yijiaan.connectors.models import Open311Key, Open311Post
from yijiaan.connectors.open311.reading import Wrong, moment_of, search_of
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.testing import assert_statements, unchanged
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BASE = "/open311/v2"
LAMP = "0401"


@pytest.fixture
def town() -> Town:
    return make.town()


@pytest.fixture
def key(town: Town) -> str:
    return actions.make_key(actor=town.actor("admin"), name="某某城市应用", area_code=COUNTY, hourly_limit=600)[1]


def read(path: str, **asked: Any) -> Any:
    answer = Client().get(f"{BASE}/{path}", {"jurisdiction_id": COUNTY} | asked)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def filing(key: str, **changes: Any) -> dict[str, Any]:
    lon, lat = land.middle(0)
    values = {
        "api_key": key, "jurisdiction_id": COUNTY, "service_code": LAMP, "lat": lat, "long": lon,
        "description": "路灯不亮，打我电话15400012217。", "first_name": "三", "last_name": "张", "phone": PHONE,
    }  # fmt: skip
    return {name: value for name, value in (values | changes).items() if value is not None}


def file(key: str, **changes: Any) -> Any:
    return Client().post(f"{BASE}/requests.json", filing(key, **changes))


def reader_of(client: Open311Client, code: str) -> list[str]:
    """What a client reads of a definition."""
    return [one["code"] for one in client.get_service_definition(code)["attributes"]]


def code_of(answer: Any) -> tuple[int, int]:
    """The HTTP status, and the code in the array of errors."""
    (error,) = answer.json()
    assert error["description"]
    return answer.status_code, error["code"]


# ---- a client of somebody else's ----


@pytest.mark.django_db(transaction=True)
def test_clients_of_others_file_and_follow_a_case(live_server: Any) -> None:
    town = make.town()
    _, key = actions.make_key(actor=town.actor("admin"), name="某某城市应用", area_code=COUNTY, hourly_limit=600)
    base = f"{live_server.url}{BASE}"
    ours = Endpoint(id="yanzhou", name="兖州", base_url=base, write=True)
    transport = HttpTransport(rate_limiter=RateLimiter(min_interval=0.0))
    client = Open311Client(ours, transport, jurisdiction_id=COUNTY)
    readers = [GeoReport(base, jurisdiction=COUNTY, output_format=form) for form in ("json", "xml")]
    services = client.list_services()
    assert LAMP in {service["service_code"] for service in services}
    for reader in readers:
        assert len(reader.get_service_list()) == len(services)
    cases.add_question(
        actor=town.actor("admin"),
        category=LAMP,
        facts=QuestionFacts("灯杆号", "text", code="pole", is_required=True, use="找到是哪一盏"),
    )
    assert reader_of(client, LAMP) == ["pole"]
    lon, lat = land.middle(0)
    made = client.create_request(
        LAMP, dry_run=False, confirm="SEND", api_key=key, validate_remote=True, lat=lat, lng=lon, description="路灯不亮。", attributes={"pole": "东12"},
    )  # fmt: skip
    number = made.response[0]["service_request_id"]
    assert number == Report.objects.get(county=COUNTY).number
    assert client.get_token(number)[0]["service_request_id"] == number
    assert client.get_request(number)["status"] == "open"
    case = Case.objects.get(county=COUNTY)
    cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    cases.sign_case(actor=town.actor("power"), number=case.number)
    for reader in readers:
        assert reader.get_service_request(number)["agency_responsible"] == town.units["power"].name
    cases.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
    with clock.later(timedelta(days=60)):
        cases.close_unanswered(actor=make.system("tests"))
    assert client.list_requests(service_request_ids=[number])[0]["status"] == "closed"
    with pytest.raises(HttpError) as refused:
        client.create_request(
            LAMP, dry_run=False, confirm="SEND", api_key="wrong", lat=lat, lng=lon, description="路灯不亮。"
        )
    assert refused.value.status == 403


# ---- reading ----


def test_services_and_their_definition(town: Town) -> None:
    services = read("services.json")
    assert {one["group"] for one in services} == {"道路交通", "公共设施", "环境卫生", "农业农村"}
    lamp = next(one for one in services if one["service_code"] == LAMP)
    assert lamp == {
        "service_code": LAMP, "service_name": lamp["service_name"], "description": f"公共设施：{lamp['service_name']}",
        "metadata": False, "type": "realtime", "keywords": lamp["keywords"], "group": "公共设施",
    }  # fmt: skip
    assert read(f"services/{LAMP}.json") == {"service_code": LAMP, "attributes": []}
    tree = ElementTree.fromstring(Client().get(f"{BASE}/services.xml").content)  # noqa: S314 - our own answer
    assert (tree.tag, {one.tag for one in tree}, len(tree)) == ("services", {"service"}, len(services))
    for path in ("services/9999.json", "services/0101.json"):  # unknown, and not public
        assert code_of(Client().get(f"{BASE}/{path}")) == (404, 404)


def test_discovery(town: Town) -> None:
    found = read("discovery.json")
    assert found["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert found["endpoints"][0]["url"].endswith(BASE)
    tree = ElementTree.fromstring(Client().get(f"{BASE}/discovery.xml").content)  # noqa: S314
    assert tree.findtext("endpoints/endpoint/formats/format") == "text/xml"


def test_a_request_tells_no_person_and_of_others_no_words(town: Town, key: str) -> None:
    with clock.at(NOON):
        case, receipt = make.case_in(town, "in_progress", category=LAMP, place="三村东头张家门口")
        (told,) = read("requests.json")
        assert told["service_request_id"] == receipt.number
        assert (told["status"], told["status_notes"], told["service_code"]) == ("open", "办理中", LAMP)
        assert told["agency_responsible"] == town.units["power"].name
        assert told["address_id"] == case.area_code[:12]
        assert (told["lat"], told["long"]) == (round(case.lat, 3), round(case.lon, 3))
        assert told["media_url"] is None
        assert told["requested_datetime"] == "2026-11-23T12:00:00+08:00"
        words = str(told)
        for secret in (
            "娃娃",
            "张",
            PHONE,
            case.number,
            receipt.tracking_code,
            receipt.query_code,
            str(case.id),
            "东头",
        ):
            assert secret not in words
        ours = file(key).json()[0]["service_request_id"]
        mine = read(f"requests/{ours}.json")[0]
        assert mine["description"] == "路灯不亮，打我电话……。"
        assert "张三" not in str(mine)
        assert read(f"requests/{ours}.json", extensions="true")[0]["x_events"][0]["label"] == "收到"
        assert "x_events" not in mine
    reporter = Reporter.objects.get(county=COUNTY, report__number=ours)
    assert (reporter.name_sealed, reporter.phone_sealed) == ("张三", PHONE)


def test_what_is_not_public_is_not_there(town: Town) -> None:
    hidden = [
        make.report(kind="tip", category=LAMP), make.report(category="0101"), make.report(), make.report(kind="enquiry", category=LAMP),
    ]  # fmt: skip
    shown = make.report(category=LAMP)
    assert [one["service_request_id"] for one in read("requests.json")] == [shown.number]
    ids = ",".join(receipt.number for receipt in [*hidden, shown])
    assert [one["service_request_id"] for one in read("requests.json", service_request_id=ids)] == [shown.number]
    for receipt in hidden:
        for path in (f"requests/{receipt.number}.json", f"tokens/{receipt.number}.json"):
            assert code_of(Client().get(f"{BASE}/{path}")) == (404, 404)
    for secret in (shown.tracking_code, shown.query_code, make.case(shown).number, str(shown.report_id)):
        assert code_of(Client().get(f"{BASE}/requests/{secret}.json")) == (404, 404)
    cases.classify_case(actor=town.actor("dispatcher"), number=make.case(shown).number, category="0101")
    assert read("requests.json") == []


def test_the_search_by_time_state_kind_and_page(town: Town) -> None:
    numbers = []
    for days in (0, 10, 200):
        with clock.at(NOON + timedelta(days=days)):
            numbers.append(make.report(category=LAMP).number)
    with clock.at(NOON + timedelta(days=10, minutes=1)):
        road = make.report(category="0301").number
    with clock.at(NOON + timedelta(days=201)):
        case = Report.objects.get(county=COUNTY, number=numbers[0]).case
        cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)

        def found(**asked: Any) -> list[str]:
            return [one["service_request_id"] for one in read("requests.json", **asked)]

        assert found() == [numbers[2]]  # the last 90 days
        first = {"start_date": "2026-11-23T04:00:00Z"}
        assert found(**first) == [road, numbers[1], numbers[0]]
        assert found(start_date="2026-11-23T04:00:01Z") == [road, numbers[1]]
        assert found(**first, end_date="2026-11-24T00:00:00+00:00") == [numbers[0]]
        # a plus that nobody escaped arrives as a space
        raw = f"{BASE}/requests.json?start_date=2026-11-23T12:00:00+08:00&end_date=2026-11-24T00:00:00+08:00"
        assert [one["service_request_id"] for one in Client().get(raw).json()] == [numbers[0]]
        assert found(**first, service_code=LAMP) == [numbers[1], numbers[0]]
        assert found(**first, service_code=f"{LAMP},0301", page_size=2) == [road, numbers[1]]
        assert found(**first, page_size=2, page=2) == [numbers[0]]
        assert found(**first, status="closed") == []
        assert len(found(**first, status="open,closed")) == 3
        assert found(updated_after="2027-06-11T00:00:00Z") == [numbers[2], numbers[0]]
        assert found(updated_after="2027-06-12T00:00:00Z") == [numbers[0]]
        assert found(**first, updated_before="2026-12-03T04:02:00Z") == [road, numbers[1]]
        assert found(service_request_id=f"{numbers[0]},{numbers[2]}, nothing") == [numbers[2], numbers[0]]
        assert found(jurisdiction_id=TOWN) == [numbers[2]]
        assert found(jurisdiction_id=FIRST) == [numbers[2]]
        assert found(jurisdiction_id=make.SECOND) == []
        assert found(jurisdiction_id=make.OTHER_TOWN) == []
    for wrong in (
        {"start_date": "yesterday"}, {"start_date": "2026-11-23"}, {"end_date": "2026-11-23T00:00:00"}, {"status": "half"},
        {"page": "0"}, {"page_size": "x"}, {"start_date": "2026-12-01T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"},
    ):  # fmt: skip
        assert code_of(Client().get(f"{BASE}/requests.json", wrong)) == (400, 400)


def test_a_span_is_never_longer_than_ninety_days() -> None:
    assert search_of(
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-12-31T00:00:00Z"}, NOON
    ).start == datetime(2026, 10, 2, tzinfo=UTC)
    assert search_of({"page_size": "100000"}, NOON).page_size == 500
    assert moment_of("x", "2026-11-23T12:00:00 08:00") == NOON
    with pytest.raises(Wrong):
        search_of({"service_request_id": ",".join(str(one) for one in range(201))}, NOON)


def test_a_place_that_we_do_not_serve_is_not_found(town: Town) -> None:
    for code in ("370811", "37", "city.gov", "9" * 12, "37081210"):
        for path in ("services.json", "requests.json", f"services/{LAMP}.json", "servicerequestupdates.json"):
            assert code_of(Client().get(f"{BASE}/{path}", {"jurisdiction_id": code})) == (404, 404)


def test_errors_in_xml_and_for_wrong_methods_and_formats(town: Town) -> None:
    answer = Client().get(f"{BASE}/services/9999.xml")
    tree = ElementTree.fromstring(answer.content)  # noqa: S314
    assert (tree.tag, tree.findtext("error/code"), answer["Content-Type"]) == (
        "errors",
        "404",
        "text/xml; charset=utf-8",
    )
    assert code_of(Client().get(f"{BASE}/services.yaml")) == (404, 404)
    assert code_of(Client().post(f"{BASE}/services.json")) == (405, 405)
    assert Client().options(f"{BASE}/requests.json")["Access-Control-Allow-Methods"] == "GET, POST"


def test_xml_of_requests(town: Town, key: str) -> None:
    number = file(key, description="<b>井盖&\x0b</b>").json()[0]["service_request_id"]
    tree = ElementTree.fromstring(Client().get(f"{BASE}/requests/{number}.xml").content)  # noqa: S314
    assert tree.findtext("request/service_request_id") == number
    assert tree.findtext("request/description") == "<b>井盖&</b>"
    assert tree.find("request/zipcode") is not None
    tree = ElementTree.fromstring(Client().get(f"{BASE}/tokens/{number}.xml").content)  # noqa: S314
    assert tree.findtext("request/token") == number


def test_a_hundred_take_few_statements_by_the_key(town: Town) -> None:
    receipts = [make.report(category=LAMP) for _ in range(12)]
    merged = [make.case(one).number for one in receipts[:3]]
    cases.merge_cases(actor=town.actor("dispatcher"), number=merged[0], parts=merged[1:])
    client, asked = Client(), {"jurisdiction_id": COUNTY, "page_size": 100, "updated_after": "2020-01-01T00:00:00Z"}
    client.get(f"{BASE}/requests.json", asked)
    with assert_statements(at_most=8) as seen:
        assert len(client.get(f"{BASE}/requests.json", asked).json()) == 12
    with assert_statements(exactly=len(seen)):
        client.get(f"{BASE}/requests.json", asked | {"page_size": 2})
    listing = next(sql for sql in seen if 'FROM "report"' in sql)
    assert 'ORDER BY "report"."id" DESC' in listing
    with assert_statements(at_most=6):
        client.get(f"{BASE}/servicerequestupdates.json")
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM report WHERE county = %s AND id >= %s ORDER BY id DESC LIMIT 100",
            [COUNTY, str(receipts[0].report_id)],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index" in plan
    assert "Backward" in plan


# ---- writing ----


@pytest.mark.parametrize("kind", ["body", "query", "multipart"])
def test_a_request_is_filed_by_form_by_address_and_in_parts(town: Town, key: str, kind: str) -> None:
    values = filing(key)
    if kind == "query":
        del values["api_key"]
        path = f"{BASE}/requests.json?api_key={quote(key)}"
    else:
        path = f"{BASE}/requests.json"
    if kind == "multipart":
        values["media"] = [SimpleUploadedFile("lamp.jpg", jpeg(), "image/jpeg")]
        answer = Client().post(path, values)
    else:
        body = "&".join(f"{name}={quote(str(value))}" for name, value in values.items())
        answer = Client().post(path, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 201, answer.content.decode()
    ((said),) = answer.json()
    report = Report.objects.get(county=COUNTY)
    assert said == {"service_request_id": report.number, "service_notice": None, "account_id": None}
    assert (report.channel, report.case.category.code, len(report.area_code)) == ("third_party_app", LAMP, 16)
    assert StoredFile.objects.filter(county=COUNTY, subject_id=report.id).count() == (kind == "multipart")
    assert Open311Key.objects.get().last_used_at is not None


def test_a_broken_picture_does_not_hold_the_report_up(town: Town, key: str) -> None:
    (said,) = file(key, media=SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")).json()
    assert "照片没有收" in said["service_notice"]
    assert Report.objects.filter(county=COUNTY, number=said["service_request_id"]).exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"api_key": None}, 403), ({"api_key": "wrong"}, 403), ({"api_key": "\0"}, 403), ({"jurisdiction_id": "370811"}, 404),
        ({"service_code": None}, 400), ({"service_code": "9999"}, 404), ({"service_code": "0101"}, 404), ({"lat": None, "long": None}, 400),
        ({"lat": "north"}, 400), ({"long": None}, 400), ({"lat": "95", "long": "400"}, 400), ({"phone": "123"}, 400),
        ({"description": "长" * 2001}, 400), ({"attribute[size]": "3"}, 400), ({"address_id": "999999999999"}, 404),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(town: Town, key: str, changes: dict[str, Any], status: int) -> None:
    with unchanged(Report, Case, Open311Post, Entry):
        assert code_of(file(key, **changes)) == (status, status)


def test_an_address_without_a_point_is_enough(town: Town, key: str) -> None:
    assert file(key, lat=None, long=None, address_string="三村东头").status_code == 201
    assert file(key, lat=None, long=None, address_id=FIRST).status_code == 201
    assert [report.area_code for report in Report.objects.filter(county=COUNTY).order_by("id")] == [COUNTY, FIRST]


def test_the_same_client_key_is_the_same_request(town: Town, key: str) -> None:
    first, again = file(key, x_client_key="A1"), file(key, x_client_key="A1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()[0]["service_request_id"] == again.json()[0]["service_request_id"]
    assert code_of(file(key, x_client_key="A1", description="别的话")) == (409, 409)
    assert Report.objects.filter(county=COUNTY).count() == 1
    other = actions.make_key(actor=town.actor("admin"), name="别的应用", area_code=COUNTY, hourly_limit=600)[1]
    assert file(other, x_client_key="A1").status_code == 201


def test_questions_of_a_category_are_attributes(town: Town, key: str) -> None:
    for code, kind, options, is_required in (
        ("pole", "number", (), True),
        ("when", "multiple", ("白天", "晚上"), False),
        ("photo", "photo", (), False),
    ):
        facts = QuestionFacts(f"问{code}", kind, code=code, options=options, is_required=is_required, use="找到它")
        cases.add_question(actor=town.actor("admin"), category=LAMP, facts=facts)
    assert next(one for one in read("services.json") if one["service_code"] == LAMP)["metadata"] is True
    attributes = read(f"services/{LAMP}.json")["attributes"]
    assert [(one["code"], one["datatype"], one["required"]) for one in attributes] == [
        ("pole", "number", True),
        ("when", "multivaluelist", False),
    ]
    assert attributes[1]["values"] == [{"key": "白天", "name": "白天"}, {"key": "晚上", "name": "晚上"}]
    tree = ElementTree.fromstring(Client().get(f"{BASE}/services/{LAMP}.xml").content)  # noqa: S314
    assert tree.findtext("attributes/attribute/values/value/key") == "白天"
    for bad in ({}, {"attribute[pole]": "many"}, {"attribute[pole]": "3", "attribute[when]": "never"}):
        with unchanged(Report):
            assert code_of(file(key, **bad)) == (400, 400)
    sent = {"attribute[pole]": "12", "attribute[when][]": ["白天", "晚上"]}
    sent["media"] = SimpleUploadedFile("lamp.jpg", jpeg(), "image/jpeg")
    assert file(key, **sent).status_code == 201
    assert dict(ReportAnswer.objects.filter(county=COUNTY).values_list("code", "value")) == {
        "pole": 12,
        "when": ["白天", "晚上"],
        "photo": 1,
    }


def test_a_key_has_a_limit_and_can_be_withdrawn(town: Town) -> None:
    row, key = actions.make_key(actor=town.actor("admin"), name="慢应用", area_code=TOWN, hourly_limit=12)
    assert [file(key, jurisdiction_id=TOWN).status_code for _ in range(2)] == [201, 201]
    full = file(key, jurisdiction_id=TOWN)
    assert code_of(full) == (429, 429)
    assert 0 < int(full["Retry-After"]) <= 600
    assert code_of(file(key)) == (403, 403)  # the county is more than its town
    actions.change_key(actor=town.actor("admin"), key_id=row.id, name="慢应用", hourly_limit=600, is_active=False)
    assert code_of(file(key, jurisdiction_id=TOWN)) == (403, 403)


# ---- updates ----


def test_updates_are_read_and_sent(town: Town, key: str) -> None:
    with clock.at(NOON):
        number = file(key).json()[0]["service_request_id"]
        case = Report.objects.get(county=COUNTY, number=number).case
    with clock.at(NOON + timedelta(hours=1)):
        cases.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
        make.report(kind="tip", category=LAMP)
        told = read("servicerequestupdates.json")
        assert [(one["service_request_id"], one["description"], one["status"]) for one in told] == [
            (number, "收到", "open"), (number, "交给单位", "open"),
        ]  # fmt: skip
        assert len({one["update_id"] for one in told}) == 2
        assert len(read("servicerequestupdates.json", start_date="2026-11-23T04:30:00Z")) == 1
        assert len(read("servicerequestupdates.json", service_request_id=number)) == 2
        tree = ElementTree.fromstring(Client().get(f"{BASE}/servicerequestupdates.xml").content)  # noqa: S314
        assert tree.findtext("request_update/service_request_id") == number
        door = f"{BASE}/servicerequestupdates.json"
        said = {"api_key": key, "service_request_id": number, "description": "又灭了一盏。", "update_id": "U1"}
        first, again = Client().post(door, said), Client().post(door, said)
        assert (first.status_code, again.status_code) == (201, 200)
        assert Note.objects.get(county=COUNTY).text == "某某城市应用补充：又灭了一盏。"
        assert code_of(Client().post(door, said | {"description": "别的"})) == (409, 409)
        assert code_of(Client().post(door, said | {"api_key": "x"})) == (403, 403)
        assert code_of(Client().post(door, said | {"description": ""})) == (400, 400)
        assert code_of(Client().post(door, said | {"service_request_id": ""})) == (400, 400)
        others = make.report(category=LAMP).number
        with unchanged(Note, Open311Post):
            assert code_of(Client().post(door, said | {"service_request_id": others, "update_id": "U2"})) == (404, 404)


def test_an_update_answers_what_was_asked(town: Town, key: str) -> None:
    number = file(key).json()[0]["service_request_id"]
    case = Report.objects.get(county=COUNTY, number=number).case
    cases.ask_reporter(actor=town.actor("dispatcher"), number=case.number, text="是哪一盏？")
    said = {"api_key": key, "service_request_id": number, "description": "第三盏。"}
    assert Client().post(f"{BASE}/servicerequestupdates.json", said).status_code == 201
    case.refresh_from_db()
    assert case.status == "received"


# ---- keys ----


def test_a_key_is_made_on_the_page_and_kept_as_a_hash(town: Town) -> None:
    client = town.client("admin")
    for changes, words in (({"name": ""}, "请填谁用"), ({"hourly_limit": "1"}, "6"), ({"area": "x"}, "选")):
        with unchanged(Open311Key):
            answer = client.post("/connectors/open311/new/", {"name": "应用", "area": TOWN} | changes)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    page = client.post("/connectors/open311/new/", {"name": "应用", "area": TOWN}).content.decode()
    text = page.split("<code>")[1].split("</code>")[0]
    row = Open311Key.objects.get()
    assert (row.hourly_limit, row.hint) == (600, text[-4:])
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM open311_key AS k WHERE k::text LIKE %s", [f"%{text[8:]}%"])
        assert cursor.fetchone()[0] == 0
    listing = client.get("/connectors/open311/").content.decode()
    assert "应用" in listing
    assert text not in listing
    assert client.post(f"/connectors/open311/{row.id}/", {"name": "应用", "hourly_limit": "60"}).status_code == 302
    assert "作废" in client.get("/connectors/open311/").content.decode()
    for who in ("dispatcher", "power"):
        assert town.client(who).get("/connectors/open311/").status_code == 403
        with pytest.raises(NotAllowed), unchanged(Open311Key):
            actions.make_key(actor=town.actor(who), name="应用", area_code=TOWN, hourly_limit=600)
    with pytest.raises(RuleError, match="请选本区"):
        actions.make_key(actor=town.actor("admin"), name="应用", area_code=FIRST, hourly_limit=600)
