"""Intake by the full path, the fast door and the batch: equal rows, equal refusals, and what bad input meets."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.memory import forget_everything
from yijiaan.accounts.actions import issue_token, revoke_token
from yijiaan.accounts.queries import partner_actor
from yijiaan.accounts.tests import make as people
from yijiaan.areas.tests import make as land
from yijiaan.cases import intake as intake_module
from yijiaan.cases import intake_fast
from yijiaan.cases.actions import submit_report, submit_solved
from yijiaan.cases.actions.intake import Conflict
from yijiaan.cases.intake import Intake, Receipt
from yijiaan.cases.intake_fast import submit_batch, submit_fast
from yijiaan.cases.models import Case, CaseDayCount, CaseWords, Report, Reporter
from yijiaan.cases.tests import make
from yijiaan.cases.tests.race import at_once
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, Refusal, RuleError
from yijiaan.core.geo import from_cgcs2000
from yijiaan.core.sealed import SealedField
from yijiaan.core.testing import assert_statements, unchanged, without
from yijiaan.core.web import describe
from yijiaan.engines.journal import subscribers
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.todos.models import Todo

HERE = land.middle(0)
WRITTEN = (Case, CaseWords, CaseDayCount, Report, Reporter, Entry, Delivery, Todo)
RELAXED = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
BIDI = "\u202e\u2066"


@pytest.fixture
def heard(monkeypatch):
    """Two subscribers to receipts, so that there are deliveries to compare; and a process that remembers nothing of the last deed."""
    monkeypatch.setattr(subscribers, "_subscribers", {})
    monkeypatch.setattr(subscribers, "_by_verb", {})
    for name in ("tests.one", "tests.two"):
        subscribers.subscribe(name, ("cases.received",), lambda entry: None)


words = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)


def mostly(good, *bad):
    """A good value nine times of ten: a report with one fault shows nothing of the others."""
    return st.integers(0, 9).flatmap(
        lambda number: st.sampled_from(bad) if number == 0 and bad else st.sampled_from(good)
    )


points = st.one_of(
    st.tuples(st.floats(116.59, 116.65), st.floats(35.59, 35.62)),
    mostly([(None, None), HERE, land.middle(3)], (35.6, 116.6), (200.0, 35.6), (116.6, None)),
)


@st.composite
def intakes(draw):
    lon, lat = draw(points)
    return Intake(
        text=draw(mostly(["路灯不亮。快来修", "三村\n东头"], " ")) + draw(words),
        client_key=draw(st.uuids(version=4)),
        kind=draw(mostly(["help", "complaint", "enquiry", "tip"], "shout")),
        category=draw(mostly(["", "0401", "0104", "9901"], "77")),
        lon=lon,
        lat=lat,
        crs=draw(mostly(["cgcs2000", "wgs84", "gcj02", "bd09"], "mars")),
        place=draw(st.one_of(st.just(""), words)),
        area_code=draw(mostly(["", land.FIRST, land.TOWN], "370811", "9")),
        reporter_name=draw(st.one_of(st.just(""), words.map(lambda text: text[:30]))),
        reporter_phone=draw(mostly(["", "15400012217", "+86 154-0001-2217", "0537-3412345"], "12")),
        happened_at=draw(
            st.one_of(st.none(), st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 23), timezones=st.just(UTC)))
        ),
        wish=draw(st.one_of(st.just(""), words)),
        external_number=draw(st.sampled_from(["", "JN2026112300417"])),
        outside_due_at=draw(
            st.sampled_from([None, None, make.NOON + timedelta(days=2), make.NOON - timedelta(days=2)])
        ),
    )


def rows_after(deed):
    """What stands in every table after a deed (undone again): rows with ids by their part and sealed values open, or the refusal."""
    forget_everything()
    codes = count(1)
    fixed = {
        "tracking_code": lambda county: f"ABCD{next(codes):016d}",
        "query_code": lambda: f"{next(codes):06d}",
    }
    savepoint = transaction.savepoint()
    try:
        with patch.multiple(intake_module, **fixed):
            answer = deed()
        parts = {}
        for case in Case.objects.order_by("number"):
            parts[case.id] = f"case {case.number}"
        for report in Report.objects.order_by("number"):
            parts[report.id] = f"report {report.number}"
        for entry in Entry.objects.filter(verb="cases.received"):
            parts[entry.id] = f"entry of {parts[entry.subject_id]}"
        found = {model.__name__: sorted(str(row(one, parts)) for one in model.objects.all()) for model in WRITTEN}
        found["Entry"] = [line for line in found["Entry"] if "cases.received" in line]
        return found, said(answer, parts)
    except Refusal as refused:
        return describe(refused)
    finally:
        transaction.savepoint_rollback(savepoint)


def row(one, parts):
    values = {}
    for field in one._meta.concrete_fields:
        value = getattr(one, field.attname)
        if field.name == "id":
            value = parts.get(value, "new")
        elif isinstance(value, UUID):
            value = parts.get(value, value)
        elif isinstance(value, memoryview | bytes) and not isinstance(field, SealedField):
            value = bytes(value).hex()
        elif isinstance(value, dict):
            value = {key: parts.get(UUID(text), text) if key == "report" else text for key, text in value.items()}
        values[field.name] = value
    return values


def said(answer, parts):
    if isinstance(answer, Refusal):
        return describe(answer)
    if isinstance(answer, list):
        return [said(one, parts) for one in answer]
    return {**answer.as_json(), "case": parts[answer.case_id], "report": parts[answer.report_id], "new": answer.is_new}


def speakers(town):
    _, token = issue_token(actor=people.BOSS, name="随手拍", area_code=land.TOWN, channel="third_party_app")
    return [
        (make.door(), "snap_report"),
        (town.actor("dispatcher"), "phone"),
        (partner_actor(token), "third_party_app"),
    ]


def test_the_fast_door_writes_what_the_full_path_writes(town, heard):
    everybody = speakers(town)

    @RELAXED
    @given(intake=intakes(), speaker=st.integers(0, 2), door=st.sampled_from([land.TOWN, land.COUNTY, land.FIRST]))
    def check(intake, speaker, door):
        actor, channel = everybody[speaker]
        how = {"actor": actor, "intake": intake, "door": door, "channel": channel}
        full = rows_after(lambda: submit_report(**how))
        assert rows_after(lambda: submit_fast(**how)) == full

    check()


def test_a_plain_report_is_equal_on_both_paths_column_by_column(heard, town):
    for changes in ({}, {"reporter_name": "", "reporter_phone": ""}, {"kind": "tip"}, {"lon": None, "lat": None}):
        how = {"actor": make.door(), "intake": make.intake(**changes), "door": land.TOWN, "channel": "snap_report"}
        full, said_full = rows_after(lambda how=how: submit_report(**how))
        fast, said_fast = rows_after(lambda how=how: submit_fast(**how))
        assert {name: len(lines) for name, lines in full.items()} == {
            "Case": 1,
            "CaseWords": 1,
            "CaseDayCount": 0 if changes.get("kind") == "tip" else 2,
            "Report": 1,
            "Reporter": 0 if changes.get("reporter_phone") == "" else 1,
            "Entry": 1,
            "Delivery": 2,
            "Todo": 2,
        }
        assert fast == full
        assert said_fast == said_full


def test_a_batch_writes_what_many_single_reports_write(town, heard):
    @settings(RELAXED, max_examples=12)
    @given(many=st.lists(intakes(), min_size=1, max_size=6))
    def check(many):
        how = {"actor": make.door(), "door": land.TOWN, "channel": "snap_report"}

        def one_by_one():
            answers = []
            for intake in many:
                try:
                    answers.append(submit_fast(intake=intake, **how))
                except Refusal as refused:
                    answers.append(refused)
            return answers

        singles, batch = rows_after(one_by_one), rows_after(lambda: submit_batch(intakes=many, **how))
        # the codes are drawn for refused ones too, in another order: all else is equal
        assert without_codes(batch) == without_codes(singles)

    check()


def without_codes(found):
    return re.sub(
        r"('(?:tracking_search|tracking_sealed|tracking_code|query_code|query_code_sealed)'): '\w*'", r"\1", repr(found)
    )


def test_a_batch_keeps_order_among_repeats_and_refusals(town):
    known = make.intake(text="早就报过的。")
    first = submit_report(actor=make.door(), intake=known, door=land.TOWN, channel="snap_report")
    twin = make.intake(text="一批里有两次。")
    other = Intake(text="同一个键，另一件事。", client_key=twin.client_key)
    many = [
        make.intake(text="甲"), known, make.intake(text="  "), twin, RuleError("malformed", "不成样子"), twin, other,
        Intake(text="改了。", client_key=known.client_key), make.intake(text="乙", category="zz"), make.intake(text="丙"),
    ]  # fmt: skip
    answers = submit_batch(actor=make.door(), intakes=many, door=land.TOWN, channel="snap_report")
    told = [
        ("new" if answer.is_new else "again") if isinstance(answer, Receipt) else describe(answer)[1]
        for answer in answers
    ]
    assert told == [
        "new", "again", "empty_text", "new", "malformed", "again", "client_key_reused", "client_key_reused",
        "unknown_category", "new",
    ]  # fmt: skip
    assert answers[1].as_json() == first.as_json()
    assert answers[5].as_json() == answers[3].as_json()
    texts = list(Report.objects.order_by("number").values_list("text", flat=True))
    assert texts == ["早就报过的。", "甲", "一批里有两次。", "丙"]
    assert Case.objects.count() == 4


def test_a_row_that_the_database_refuses_fails_alone(transactional_db, town, monkeypatch):
    clash = make.report(text="占着查询链接的")

    def rows_of(actor, facts):
        if facts.text == "乙":
            facts.tracking_code = clash.tracking_code
        return whole(actor, facts)

    whole = intake_fast.rows_of
    monkeypatch.setattr(intake_fast, "rows_of", rows_of)
    many = [make.intake(text=text) for text in "甲乙丙"]
    answers = submit_batch(actor=make.door(), intakes=many, door=land.TOWN, channel="snap_report")
    assert [answer.number[-4:] for answer in (answers[0], answers[2])] == ["0002", "0004"]
    assert answers[1].code == "not_stored"
    assert list(Report.objects.order_by("number").values_list("text", flat=True)) == ["占着查询链接的", "甲", "丙"]
    assert Case.objects.count() == 3
    assert Todo.objects.count() == 6


def test_full_path_takes_at_most_ten_statements(town):
    make.report()
    intake = make.intake()
    with assert_statements(at_most=10) as seen:
        submit_report(actor=make.door(), intake=intake, door=land.TOWN, channel="snap_report")
    assert len(seen) >= 7


def test_fast_door_takes_one_statement(town):
    how = {"actor": make.door(), "door": land.TOWN, "channel": "snap_report"}
    submit_fast(intake=make.intake(category="0104"), **how)
    for changes in ({}, {"kind": "tip"}, {"reporter_name": "", "reporter_phone": ""}, {"category": "0104"}):
        with assert_statements(1):
            submit_fast(intake=make.intake(**changes), **how)


def test_a_batch_takes_at_most_eight_statements_however_long(town):
    how = {"actor": make.door(), "door": land.TOWN, "channel": "snap_report"}
    submit_fast(intake=make.intake(), **how)
    many = [make.intake() for _ in range(100)]
    with assert_statements(at_most=8):
        submit_batch(intakes=many, **how)
    with assert_statements(at_most=8):
        again = submit_batch(intakes=many, **how)
    assert [answer.is_new for answer in again] == [False] * 100


def post(body, client=None, path="/api/v1/reports", **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (client or Client()).post(path, raw, content_type="application/json", headers=headers)


def body(**changes):
    values = {"text": "路灯不亮", "client_key": str(uuid4()), "lon": HERE[0], "lat": HERE[1]} | changes
    return {name: value for name, value in values.items() if value is not ...}


def test_a_report_answers_what_the_contract_says(town):
    answer = post(
        body(category="0401", reporter={"name": "张先生", "phone": make.PHONE}, happened_at="2026-11-23T08:00:00+08:00")
    )
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert set(said) == {"number", "tracking_code", "query_code", "status", "grid", "promised_at"}
    assert said["number"] == "XY202611230001"
    assert re.fullmatch(r"[A-Z2-7]{20}", said["tracking_code"])
    assert re.fullmatch(r"\d{6}", said["query_code"])
    assert said["status"] == "received"
    assert said["grid"] == "新驿一村第1网格"
    assert said["promised_at"] == "2026-11-24T12:00:00+08:00"
    case = Case.objects.get()
    assert case.number == "37081226112300001"
    assert case.number not in answer.content.decode()
    assert (case.area_code, case.is_place_unknown, case.category.code) == (town.grids[0].code, False, "0401")
    reporter = Reporter.objects.get()
    assert (reporter.name_sealed, reporter.phone_sealed) == ("张先生", make.PHONE)
    assert reporter.report.channel == "snap_report"


def test_the_same_key_again_gives_the_first_answer_and_another_body_a_conflict(town):
    sent = body()
    first = post(sent)
    with unchanged(*make.ROWS):
        again = post(sent)
        assert (again.status_code, again.json()) == (200, first.json())
        spelled = post(json.dumps(sent | {"place": "", "wish": None}, indent=3).encode())
        assert (spelled.status_code, spelled.json()) == (200, first.json())
        other = post(sent | {"text": "别的事"})
        assert (other.status_code, other.json()["code"]) == (409, "client_key_reused")
        assert other["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("submit", [submit_report, submit_fast])
def test_two_at_once_with_one_key_make_one_case(transactional_db, town, submit):
    intake = make.intake()

    def deed():
        return submit(actor=make.door(), intake=intake, door=land.TOWN, channel="snap_report")

    results = at_once(*[deed] * 4)
    assert all(isinstance(result, Receipt) for result in results), results
    assert sorted(result.is_new for result in results) == [False, False, False, True]
    assert len({json.dumps(result.as_json()) for result in results}) == 1
    assert (Case.objects.count(), Report.objects.count()) == (1, 1)
    assert Todo.objects.count() == 2


REFUSED = {
    "no text": (body(text=...), 422, "empty_text", "text"),
    "empty text": (body(text=""), 422, "empty_text", "text"),
    "blank text": (body(text=" \u3000\n\t "), 422, "empty_text", "text"),
    "text of control characters only": (body(text="\x00\x01" + BIDI), 422, "empty_text", "text"),
    "20,000 characters": (body(text="灯" * 20_000), 422, "text_too_long", "text"),
    "2,001 characters": (body(text="灯" * 2001), 422, "text_too_long", "text"),
    "text as a number": (body(text=5), 422, "malformed", "text"),
    "text as a list": (body(text=["灯"]), 422, "malformed", "text"),
    "no key": (body(client_key=...), 422, "bad_client_key", "client_key"),
    "key is no uuid": (body(client_key="7"), 422, "bad_client_key", "client_key"),
    "key as a number": (body(client_key=7), 422, "bad_client_key", "client_key"),
    "key as a list": (body(client_key=[]), 422, "bad_client_key", "client_key"),
    "unknown kind": (body(kind="shout"), 422, "unknown_kind", "kind"),
    "kind as an object": (body(kind={}), 422, "malformed", "kind"),
    "unknown category": (body(category="zz"), 422, "unknown_category", "category"),
    "long category": (body(category="9" * 3000), 422, "unknown_category", "category"),
    "category as a number": (body(category=401), 422, "malformed", "category"),
    "swapped": (body(lon=HERE[1], lat=HERE[0]), 422, "swapped_coordinates", "lon"),
    "absurd": (body(lon=500, lat=35.6), 422, "bad_coordinates", "lon"),
    "in Africa": (body(lon=20.0, lat=10.0), 422, "outside_china", "lon"),
    "half a point": (body(lat=...), 422, "half_point", "lon"),
    "the other half": (body(lon=...), 422, "half_point", "lon"),
    "lon as text": (body(lon="116.6"), 422, "malformed", "lon"),
    "lat as true": (body(lat=True), 422, "malformed", "lat"),
    "unknown crs": (body(crs="mars"), 422, "unknown_crs", "crs"),
    "crs as a list": (body(crs=[]), 422, "unknown_crs", "crs"),
    "place too long": (body(place="村" * 121), 422, "place_too_long", "place"),
    "place as a number": (body(place=3), 422, "malformed", "place"),
    "bad phone": (body(reporter={"phone": "12345"}), 422, "bad_phone", "phone"),
    "phone of letters": (body(reporter={"phone": "没有"}), 422, "bad_phone", "phone"),
    "phone as a number": (body(reporter={"phone": 15400012217}), 422, "malformed", "phone"),
    "name too long": (body(reporter={"name": "王" * 31}), 422, "name_too_long", "name"),
    "reporter as text": (body(reporter="王"), 422, "malformed", "reporter"),
    "reporter as a list": (body(reporter=["王"]), 422, "malformed", "reporter"),
    "unknown field of the reporter": (body(reporter={"phon": make.PHONE}), 422, "unknown_field", "phon"),
    "in the future": (body(happened_at="2026-11-24T00:00:00+08:00"), 422, "in_the_future", "happened_at"),
    "no time": (body(happened_at="yesterday"), 422, "malformed", "happened_at"),
    "time as a number": (body(happened_at=1), 422, "malformed", "happened_at"),
    "time at the end of all days": (body(happened_at="9999-12-31T23:59:59-12:00"), 422, "in_the_future", "happened_at"),
    "time at the beginning": (body(happened_at="0001-01-01T00:00:00+14:00"), 422, "too_long_ago", "happened_at"),
    "wish too long": (body(wish="快" * 201), 422, "wish_too_long", "wish"),
    "unknown plate": (body(plate="XY-0001"), 422, "unknown_plate", "plate"),
    "unknown field": (body(county="370811"), 422, "unknown_field", "county"),
    "an array": ([body()], 422, "malformed", None),
    "a text": ("路灯", 422, "malformed", None),
    "null": (None, 422, "malformed", None),
    "not JSON": (b"text=hello", 422, "unreadable", None),
    "empty": (b"", 422, "unreadable", None),
    "cut off": (b'{"text": "a', 422, "unreadable", None),
    "broken UTF-8": (b'{"text": "\xff\xfe", "client_key": "x"}', 422, "unreadable", None),
    "half a surrogate": (b'{"text": "\\ud800", "client_key": "%s"}' % str(uuid4()).encode(), 422, "unreadable", None),
    "GBK": ('{"text": "路灯"}'.encode("gbk"), 422, "unreadable", None),
    "a number too large": (json.dumps(body()).replace(str(HERE[0]), "1" + "0" * 400).encode(), 422, "malformed", "lon"),
    "not a number": (json.dumps(body()).replace(str(HERE[0]), "NaN").encode(), 422, "unreadable", None),
    "endless nesting": (b"[" * 100_000, 422, "unreadable", None),
    "9 MB": (b'{"text": "' + b"a" * 9_000_000 + b'"}', 422, "too_large", None),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_at_its_field_and_nothing_is_written(town, name):
    sent, status, code, field = REFUSED[name]
    with unchanged(*make.ROWS):
        answer = post(sent)
    assert answer.status_code == status, answer.content
    said = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (said["code"], said.get("field")) == (code, field)
    assert re.search(r"[\u4e00-\u9fff]", said["detail"])
    if not isinstance(sent, bytes):
        batch = post({"reports": [sent, body()]}, path="/api/v1/reports/batch")
        assert batch.status_code == 200
        first, second = batch.json()["results"]
        assert (first["status"], first["body"]["code"], first["body"].get("field")) == (status, code, field)
        assert second["status"] == 201


def test_a_point_outside_every_grid_is_accepted_as_place_unknown(town):
    for place in ({"lon": 116.7, "lat": 35.69}, {"lon": ..., "lat": ...}):
        answer = post(body(**place))
        assert answer.status_code == 201
        assert answer.json()["grid"] == "新驿镇"
        case = Case.objects.order_by("-id").first()
        assert (case.is_place_unknown, case.area_code, case.owner_id) == (True, land.TOWN, town.units["centre"].id)


def test_numbers_at_the_edge_of_what_is_allowed_pass(town):
    edge = {
        "text": "灯" * 2000, "place": "村" * 120, "wish": "快" * 200, "reporter": {"name": "王" * 30, "phone": " "},
        "happened_at": "2026-11-23T12:04:59+08:00",
    }  # fmt: skip
    assert post(body(**edge)).status_code == 201
    assert Reporter.objects.get().phone_search is None
    assert Case.objects.get().title == "灯" * 39 + "…"


def test_control_characters_go_and_html_stays_what_it_is(town):
    evil = "<script>alert(1)</script>&amp;\"'"
    sent = body(text=f"{evil}\x00{BIDI}尾", place=evil, wish=evil, reporter={"name": "<b>王</b>"})
    answer = post(sent)
    assert answer.status_code == 201
    report = Report.objects.get()
    assert (report.text, report.place, report.wish) == (f"{evil}尾", evil, evil)
    assert Reporter.objects.get().name_sealed == "<b>王</b>"
    shown = Client().get(f"/api/v1/reports/{answer.json()['tracking_code']}").json()
    assert (shown["text"], shown["place"]) == (f"{evil}尾", evil)


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "wgs84", "cgcs2000"])
def test_points_of_chinese_maps_land_in_the_right_grid(town, crs):
    for column in range(4):
        west = land.WEST + column * land.SIDE
        for inside in (0.0008, land.SIDE - 0.0008):  # 70 m from the border: an unconverted point is some 500 m off
            lon, lat = from_cgcs2000(west + inside, land.SOUTH + 0.005, crs)
            assert post(body(lon=lon, lat=lat, crs=crs)).status_code == 201
            case = Case.objects.order_by("-id").first()
            assert case.area_code == town.grids[column].code
            assert abs(case.lon - (west + inside)) < 2e-6 and abs(case.lat - land.SOUTH - 0.005) < 2e-6


def test_a_partner_comes_by_his_own_door(town):
    row, token = issue_token(actor=people.BOSS, name="邻镇小程序", area_code=land.OTHER_TOWN, channel="third_party_app")
    bearer = {"Authorization": f"Bearer {token}"}
    placed, unplaced = post(body(), **bearer), post(body(lon=..., lat=...), **bearer)
    assert (placed.status_code, placed.json()["grid"]) == (201, "新驿一村第1网格")
    assert (unplaced.status_code, unplaced.json()["grid"]) == (201, "新兖镇")
    assert unplaced.json()["number"].startswith("XYA20261123")
    assert set(Case.objects.values_list("channel", flat=True)) == {"third_party_app"}
    assert Entry.objects.filter(verb="cases.received", actor_kind="partner", actor_id=str(row.id)).count() == 2
    revoke_token(actor=people.BOSS, token_id=row.id)
    with unchanged(*make.ROWS):
        for header in (f"Bearer {token}", "Bearer nobody", "Bearer ", "Bearer", "Basic eDp5", "x"):
            for path, sent in (("/api/v1/reports", body()), ("/api/v1/reports/batch", {"reports": [body()]})):
                refused = post(sent, path=path, Authorization=header)
                assert (refused.status_code, refused.json()["code"]) == (401, "bad_token"), header


def test_the_county_is_the_doors_whatever_the_point_says(town, settings):
    far = land.far_county()
    people.unit("county_centre", "370811")
    _, token = issue_token(
        actor=people.system("tests", "370811"), name="任城", area_code=far, channel="third_party_app"
    )
    answer = post(body(), Authorization=f"Bearer {token}")
    assert answer.status_code == 201
    case = Case.objects.get()
    assert (case.county, case.area_code, case.is_place_unknown) == ("370811", far, True)
    assert case.number.startswith("370811") and answer.json()["grid"] == "新阳镇"


def test_a_door_without_anybody_in_service_says_so(town, settings):
    settings.HOME_AREA = land.far_county()
    with unchanged(*make.ROWS):
        answer = post(body())
    assert (answer.status_code, answer.json()["code"]) == (422, "door_not_open")


def test_a_tip_goes_to_the_discipline_office_and_nowhere_else(town, settings):
    assert post(body(kind="tip")).status_code == 201
    case = Case.objects.get()
    assert (case.is_confidential, case.owner_id) == (True, town.units["discipline"].id)
    settings.HOME_AREA = land.OTHER_TOWN
    with unchanged(*make.ROWS):
        refused = post(body(kind="tip", lon=..., lat=...))
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "tips_not_open", "kind")


def test_public_numbers_are_unique_in_two_towns_of_the_same_initials(town):
    xinyi = [make.report().number for _ in range(3)]
    xinyan = [make.report(land.OTHER_TOWN, lon=None, lat=None).number for _ in range(3)]
    assert xinyi == [f"XY20261123000{n}" for n in (1, 2, 3)]
    assert xinyan == [f"XYA20261123000{n}" for n in (1, 2, 3)]
    with clock.later(timedelta(days=1)):
        assert make.report().number == "XY202611240001"


def test_the_running_number_may_grow(town):
    with patch.object(intake_module, "take", lambda *, actor, series, count: list(range(123_456, 123_456 + count))):
        receipt = make.report()
    assert receipt.number == "XY20261123123456"
    assert make.case(receipt).number == "370812261123123456"


def test_a_batch_takes_five_hundred_and_no_more(town):
    def batch(reports):
        return post({"reports": reports}, path="/api/v1/reports/batch")

    many = [body() for _ in range(501)]
    with unchanged(*make.ROWS):
        refused = batch(many)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "too_many", "reports")
    answer = batch(many[:500])
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201] * 500
    assert [result["body"]["number"] for result in results] == [f"XY20261123{n:04d}" for n in range(1, 501)]
    assert Case.objects.count() == 500
    again = batch(many[:500]).json()["results"]
    assert [result["status"] for result in again] == [200] * 500
    assert [result["body"] for result in again] == [result["body"] for result in results]


@pytest.mark.parametrize("sent", [{}, {"reports": []}, {"reports": {}}, {"reports": "x"}, [], 5, None])
def test_a_batch_that_is_none_is_refused(town, sent):
    with unchanged(*make.ROWS):
        answer = post(sent, path="/api/v1/reports/batch")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "empty_batch", "reports")


def test_only_post_is_taken(town):
    for path in ("/api/v1/reports", "/api/v1/reports/batch"):
        for method in ("get", "put", "delete"):
            answer = getattr(Client(), method)(path)
            assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_a_session_plays_no_part_at_the_public_door(town):
    answer = post(body(), client=town.client("dispatcher", enforce_csrf_checks=True))
    assert answer.status_code == 201
    assert Report.objects.get().entered_by_id is None


def test_staff_registers_by_the_full_path_only_with_the_permission(town):
    how = {"intake": make.intake(), "door": land.TOWN, "channel": "phone"}
    with unchanged(*make.ROWS), pytest.raises(NotAllowed):
        submit_report(actor=without(town.actor("dispatcher"), "cases.register"), **how)
    submit_report(actor=town.actor("dispatcher"), **how)
    assert Report.objects.get().entered_by_id == town.posts["dispatcher"].id


def test_solved_on_the_spot_is_one_form(town):
    worker = town.actor("worker")
    found = make.intake(reporter_name="", reporter_phone="", category="0501", text="垃圾桶满了。")
    how = {"door": worker.areas[0], "channel": "grid_worker"}
    receipt = submit_solved(actor=worker, intake=found, result="叫车拉走了。", **how)
    case = make.case(receipt)
    assert (case.status, case.close_reason, case.solved_at_level) == ("closed", "no_reporter", "grid")
    assert (case.owner_id, make.verbs(case)) == (town.units["first"].id, ["received", "finished", "closed"])
    assert make.open_todos(case) == {}
    with unchanged(*make.ROWS):
        again = submit_solved(actor=worker, intake=found, result="叫车拉走了。", **how)
    assert again.as_json() == receipt.as_json()
    asked = submit_solved(actor=worker, intake=make.intake(category="0501"), result="叫车拉走了。", **how)
    assert make.case(asked).status == "callback"


@pytest.mark.parametrize(
    ("changes", "result", "lacking", "refusal"),
    [
        ({}, "  ", "", "empty_result"),
        ({"category": "0104"}, "办了", "", "above_level"),
        ({"text": ""}, "办了", "", "empty_text"),
        ({}, "办了", "cases.register", "not_allowed"),
        ({}, "办了", "cases.solve_on_spot", "not_allowed"),
    ],
)
def test_solved_on_the_spot_is_refused_whole(town, changes, result, lacking, refusal):
    worker = without(town.actor("worker"), lacking) if lacking else town.actor("worker")
    with unchanged(*make.ROWS), pytest.raises(Refusal) as refused:
        submit_solved(
            actor=worker, intake=make.intake(**changes), door=worker.areas[0], channel="grid_worker", result=result
        )
    assert describe(refused.value)[1] == refusal


def test_an_unknown_channel_is_refused(town):
    with unchanged(*make.ROWS), pytest.raises(RuleError, match="没有这个渠道"):
        submit_report(actor=make.door(), intake=make.intake(), door=land.TOWN, channel="carrier_pigeon")


def test_conflict_on_the_full_path(town):
    intake = make.intake()
    make_once = {"actor": make.door(), "door": land.TOWN, "channel": "snap_report"}
    submit_report(intake=intake, **make_once)
    with unchanged(*make.ROWS), pytest.raises(Conflict):
        submit_report(intake=Intake(text="另一件", client_key=intake.client_key), **make_once)
