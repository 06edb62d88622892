"""Each deed on a case: allowed, refused by each rule, by strangers and by those without the permission; and two at once."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from yijiaan.areas.tests import make as land
from yijiaan.cases import actions
from yijiaan.cases.actions.answering import REASONS
from yijiaan.cases.models import Assignment, Case, Note, Outcome, Rating, Report
from yijiaan.cases.queries import find_report, get_report_by_tracking, public_progress
from yijiaan.cases.tests import make
from yijiaan.cases.tests.pictures import BAD, jpeg, with_position
from yijiaan.cases.tests.race import at_once
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, Refusal, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.core.web import describe
from yijiaan.engines.files import store
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.todos.queries import list_open_todos


def refused(deed, code, **values):
    """The deed is refused with this code and changes nothing."""
    with unchanged(*make.ROWS), pytest.raises(Refusal) as caught:
        deed(**values)
    assert describe(caught.value)[1] == code
    return caught.value


# deed, the state it needs, who does it, its other arguments, the permission it asks for
DEEDS = {
    "dispatch_case": ("received", "dispatcher", {"lead_id": "power"}, "cases.dispatch"),
    "take_case": ("received", "worker", {}, "cases.take"),
    "solve_case": ("received", "worker", {"result": "扶正了。"}, "cases.solve_on_spot"),
    "classify_case": ("received", "dispatcher", {"category": "0401"}, "cases.classify"),
    "undo_dispatch": ("dispatched", "dispatcher", {}, "cases.dispatch"),
    "return_case": ("dispatched", "power", {"reason": "not_my_duty", "text": "该城建办。"}, "cases.sign"),
    "sign_case": ("dispatched", "power", {}, "cases.sign"),
    "finish_case": ("in_progress", "power", {"result": "换了灯泡。"}, "cases.finish"),
    "record_callback": ("callback", "dispatcher", {"result": "satisfied"}, "cases.callback"),
    "add_note": ("in_progress", "power", {"text": "去看过。"}, "cases.note"),
    "record_contact": ("in_progress", "power", {"text": "约好明天。"}, "cases.contact"),
    "see_reporter": ("in_progress", "power", {"report_id": None, "purpose": "contact"}, "cases.contact"),
    "add_photo": ("in_progress", "power", {"raw": jpeg()}, "cases.note"),
    "print_case": ("in_progress", "power", {}, "cases.print"),
}


@pytest.mark.parametrize("name", DEEDS)
def test_strangers_hear_nothing_and_the_unprivileged_are_not_allowed(town, name):
    state, who, values, permission = DEEDS[name]
    case, receipt = make.case_in(town, state)
    values = dict(values)
    if "lead_id" in values:
        values["lead_id"] = town.units[values["lead_id"]].id
    if "report_id" in values:
        values["report_id"] = receipt.report_id
    deed, actor = getattr(actions, name), town.actor(who)
    for stranger in ("stranger", "other_worker", "enforcement", "admin"):
        check_refusals(
            deed,
            stranger=town.actor(stranger),
            unprivileged=without(actor, permission),
            tables=make.ROWS,
            number=case.number,
            **values,
        )
    with unchanged(*make.ROWS), pytest.raises(NotFound):
        deed(actor=actor, number="370812269999999999", **values)
    before = Entry.objects.count()
    deed(actor=actor, number=case.number, **values)
    assert Entry.objects.count() > before


@pytest.mark.parametrize(
    "name",
    [name for name in DEEDS if name not in {"add_note", "record_contact", "see_reporter", "add_photo", "print_case"}],
)
def test_a_page_that_is_old_meets_a_conflict(town, name):
    state, who, values, _ = DEEDS[name]
    case, _ = make.case_in(town, state)
    values = {key: town.units[value].id if key == "lead_id" else value for key, value in values.items()}
    late = {"actor": town.actor(who), "number": case.number, "seen_version": case.version - 1, **values}
    refused(getattr(actions, name), "stale_version", **late)
    getattr(actions, name)(**late | {"seen_version": case.version})


def test_a_dispatch_names_units_and_begins_the_clocks(town):
    case, _ = make.case_in(town, "received")
    power, first, enforcement = (town.units[name].id for name in ("power", "first", "enforcement"))
    done = actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=power, assistant_ids=[first, enforcement, first, power],
        category="0401", urgency="normal", note="  先去看看\x00 ",
    )  # fmt: skip
    assert (done.status, done.owner_id, done.category.code, done.version) == (
        "dispatched",
        power,
        "0401",
        case.version + 1,
    )
    rows = Assignment.objects.filter(case=case).order_by("-is_lead", "unit__kind")
    assert [(row.unit_id, row.is_lead, row.note) for row in rows] == [
        (power, True, "先去看看"), (enforcement, False, "先去看看"), (first, False, "先去看看"),
    ]  # fmt: skip
    todos = make.open_todos(case)
    assert todos["sign"].due_at == done.next_due_at == make.NOON + timedelta(minutes=240)
    assert todos["handle"].due_at == make.HANDLED_BY
    assert (todos["sign"].unit_id, todos["handle"].unit_id) == (power, power)
    dispatch = Todo.objects.get(subject_id=case.id, kind="dispatch")
    assert (dispatch.done_at, dispatch.done_by_id, dispatch.is_fulfilled) == (
        make.NOON,
        town.posts["dispatcher"].id,
        True,
    )
    entry = Entry.objects.get(verb="cases.dispatched")
    assert entry.data == {
        "lead": str(power), "assistants": [str(first), str(enforcement)], "category": "0401",
        "changed": {
            "status": ["received", "dispatched"],
            "owner_id": [str(town.units["centre"].id), str(power)],
            "category_id": ["", str(done.category_id)],
            "next_due_at": [case.next_due_at.isoformat(), done.next_due_at.isoformat()],
            "hop_count": [0, 1],
        },
    }  # fmt: skip


def test_an_urgent_dispatch_is_signed_within_half_an_hour(town):
    case, _ = make.case_in(town, "received")
    done = actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, urgency="urgent"
    )
    assert done.next_due_at == make.NOON + timedelta(minutes=30)


def test_a_dispatch_is_refused_by_its_rules(town):
    case, _ = make.case_in(town, "received")
    units = {name: unit.id for name, unit in town.units.items()}
    here = {"actor": town.actor("dispatcher"), "number": case.number}
    refused(actions.dispatch_case, "no_lead", **here, lead_id=None)
    refused(actions.dispatch_case, "unknown_unit", **here, lead_id=uuid4())
    for elsewhere in ("neighbour", "second"):
        refused(actions.dispatch_case, "unknown_unit", **here, lead_id=units[elsewhere])
        error = refused(
            actions.dispatch_case, "unknown_unit", **here, lead_id=units["power"], assistant_ids=[units[elsewhere]]
        )
        assert error.field == "assistants"
    many = [units[name] for name in ("enforcement", "first", "discipline", "office", "centre", "county")]
    refused(actions.dispatch_case, "too_many_assistants", **here, lead_id=units["power"], assistant_ids=many)
    refused(actions.dispatch_case, "unknown_category", **here, lead_id=units["power"], category="zz")
    refused(actions.dispatch_case, "unknown_urgency", **here, lead_id=units["power"], urgency="now")
    refused(actions.dispatch_case, "note_too_long", **here, lead_id=units["power"], note="急" * 201)
    actions.dispatch_case(**here, lead_id=units["power"])
    refused(actions.dispatch_case, "wrong_state", **here, lead_id=units["power"])


def test_only_the_lead_signs_and_only_the_owner_finishes(town):
    case, _ = make.case_in(town, "received")
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id,
        assistant_ids=[town.units["enforcement"].id],
    )  # fmt: skip
    refused(actions.sign_case, "not_lead", actor=town.actor("enforcement"), number=case.number)
    refused(actions.finish_case, "wrong_state", actor=town.actor("power"), number=case.number, result="好了")
    with clock.later(timedelta(minutes=30)):
        signed = actions.sign_case(actor=town.actor("power"), number=case.number)
    assert (signed.status, signed.level, signed.next_due_at) == (
        "in_progress", "town", make.HANDLED_BY,
    )  # fmt: skip
    lead = Assignment.objects.get(case=case, is_lead=True)
    assert (lead.signed_at, lead.signed_by_id) == (make.NOON + timedelta(minutes=30), town.posts["power"].id)
    refused(actions.sign_case, "wrong_state", actor=town.actor("power"), number=case.number)
    refused(actions.finish_case, "not_owner", actor=town.actor("enforcement"), number=case.number, result="好了")
    refused(actions.finish_case, "empty_result", actor=town.actor("power"), number=case.number, result=" \n ")
    refused(actions.finish_case, "result_too_long", actor=town.actor("power"), number=case.number, result="好" * 1001)
    with clock.later(timedelta(hours=1)):
        done = actions.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
    assert (done.status, done.handled_at, done.next_due_at) == (
        "callback", make.NOON + timedelta(hours=1), make.NOON + timedelta(days=7, hours=1),
    )  # fmt: skip
    outcome = Outcome.objects.get(case=case)
    assert (outcome.text, outcome.level, outcome.is_on_spot, outcome.unit_id) == (
        "换了灯泡。", "town", False, town.units["power"].id,
    )  # fmt: skip
    assert Assignment.objects.filter(case=case, ended_at=None).count() == 0


def test_what_staff_found_closes_at_once_and_what_people_reported_waits_for_them(town):
    worker, head = town.actor("worker"), town.actor("head")
    nameless = {"reporter_name": "", "reporter_phone": ""}
    found = actions.submit_report(actor=worker, intake=make.intake(**nameless), door=land.TOWN, channel="grid_worker")
    told = make.report(**nameless)
    ends = {}
    for receipt in (found, told):
        number = make.case(receipt).number
        taken = actions.take_case(actor=head, number=number)
        assert (taken.status, taken.owner_id, taken.level) == ("in_progress", town.units["first"].id, "village")
        ends[receipt.number] = actions.finish_case(actor=worker, number=number, result="自己换了灯泡。")
    assert ends[told.number].status == "callback"
    closed = ends[found.number]
    assert (closed.status, closed.close_reason, closed.solved_at_level) == ("closed", "no_reporter", "village")


def test_solving_on_the_spot_keeps_to_the_level_of_the_category(town):
    case, _ = make.case_in(town, "received", category="0104")
    refused(actions.solve_case, "above_level", actor=town.actor("worker"), number=case.number, result="好了")
    refused(actions.solve_case, "empty_result", actor=town.actor("worker"), number=case.number, result="")
    easy, receipt = make.case_in(town, "received", category="0401")
    solved = actions.solve_case(actor=town.actor("worker"), number=easy.number, result="拧紧了灯泡。")
    assert (solved.status, solved.owner_id, solved.level) == ("callback", town.units["first"].id, "grid")
    closed = actions.rate_report(actor=make.reporter(receipt), result="basically")
    assert (closed.status, closed.solved_at_level, closed.close_reason) == ("closed", "grid", "solved")


def test_a_correction_moves_case_and_duties_and_keeps_where_it_happened(town):
    case, _ = make.case_in(town, "received")
    here = {"actor": town.actor("dispatcher"), "number": case.number}
    new = town.grids[3].code
    moved = actions.classify_case(**here, category="0401", area_code=new)
    assert (moved.area_code, moved.occurred_area_code, moved.category.code) == (new, town.grids[0].code, "0401")
    assert {todo.area_code for todo in make.open_todos(moved).values()} == {new}
    entry = Entry.objects.get(verb="cases.classified")
    assert entry.data["changed"] == {
        "category_id": ["", str(moved.category_id)],
        "area_code": [town.grids[0].code, new],
    }
    refused(actions.classify_case, "unknown_category", **here, category="zz")
    refused(actions.classify_case, "unknown_area", **here, area_code="3708121029999999")
    refused(actions.classify_case, "unknown_area", **here, area_code=land.OTHER_TOWN)
    done, _ = make.case_in(town, "closed")
    refused(actions.classify_case, "wrong_state", actor=town.actor("dispatcher"), number=done.number, category="0401")


def test_a_case_of_the_wrong_town_goes_to_the_right_centre(town):
    case, _ = make.case_in(town, "received")
    moved = actions.classify_case(actor=town.actor("county"), number=case.number, area_code=land.OTHER_TOWN)
    assert (moved.owner_id, moved.is_place_unknown) == (town.units["neighbour"].id, True)
    assert {todo.unit_id for todo in make.open_todos(moved).values()} == {town.units["neighbour"].id}
    check_refusals(actions.take_case, stranger=town.actor("dispatcher"), tables=make.ROWS, number=case.number)


def test_a_remark_is_kept_and_an_empty_one_refused(town):
    case, _ = make.case_in(town, "received")
    here = {"actor": town.actor("dispatcher"), "number": case.number}
    for deed in (actions.add_note, actions.record_contact):
        refused(deed, "empty_text", **here, text="  ")
        refused(deed, "text_too_long", **here, text="啊" * 501)
    note = actions.add_note(**here, text="先等等。")
    assert (note.kind, note.text, Entry.objects.get(id=note.entry_id).data) == ("note", "先等等。", {})


def test_a_talk_with_the_reporter_keeps_the_promise(town):
    case, _ = make.case_in(town, "in_progress")
    assert "first_contact" in make.open_todos(case)
    with clock.later(timedelta(hours=3)):
        actions.record_contact(actor=town.actor("power"), number=case.number, text="约好明天。")
    assert "first_contact" not in make.open_todos(case)
    kept = Todo.objects.get(subject_id=case.id, kind="first_contact")
    assert (kept.is_fulfilled, kept.done_by_id) == (True, town.posts["power"].id)


def test_where_nobody_left_a_phone_taking_it_up_is_the_first_contact(town):
    case, _ = make.case_in(town, "in_progress", reporter_phone="")
    assert set(make.open_todos(case)) == {"handle"}


def test_looking_at_the_reporter_needs_a_purpose_and_is_told_to_him(town):
    case, receipt = make.case_in(town, "in_progress")
    here = {"actor": town.actor("power"), "number": case.number, "report_id": receipt.report_id}
    for purpose in ("", "curiosity"):
        refused(actions.see_reporter, "no_purpose", **here, purpose=purpose)
    refused(actions.see_reporter, "not_found", **here | {"report_id": uuid4()}, purpose="contact")
    other = make.report()
    refused(actions.see_reporter, "not_found", **here | {"report_id": other.report_id}, purpose="contact")
    nobody, plain = make.case_in(town, "in_progress", reporter_name="", reporter_phone="")
    with pytest.raises(NotFound):
        actions.see_reporter(
            actor=town.actor("power"), number=nobody.number, report_id=plain.report_id, purpose="contact"
        )
    with clock.later(timedelta(hours=1)):
        seen = actions.see_reporter(**here, purpose="contact")
    assert (seen["name"], seen["phone"]) == ("张先生", make.PHONE)
    report = get_report_by_tracking(make.door(), code=receipt.tracking_code)
    looks = public_progress(make.reporter(receipt), report=report).looks
    assert looks == [
        {
            "unit": town.units["power"].name,
            "post": "接单员",
            "purpose": "联系核实",
            "how": "",
            "at": make.NOON + timedelta(hours=1),
        }
    ]
    assert make.PHONE not in str(list(Entry.objects.values_list("data", flat=True)))


def test_content_closes_the_case(town):
    for result in ("satisfied", "basically"):
        case, receipt = make.case_in(town, "callback")
        done = actions.rate_report(actor=make.reporter(receipt), result=result)
        assert (done.status, done.close_reason, done.solved_at_level) == ("closed", "solved", "town")
        assert make.open_todos(case) == {}
        assert Rating.objects.get(case=case).result == result
        refused(actions.rate_report, "wrong_state", actor=make.reporter(receipt), result=result)


def test_a_rating_is_refused_by_its_rules(town):
    for state in make.STATES:
        if state != "callback":
            _, early = make.case_in(town, state)
            refused(actions.rate_report, "wrong_state", actor=make.reporter(early), result="satisfied")
    case, receipt = make.case_in(town, "callback")
    reporter = make.reporter(receipt)
    for result in ("understanding", "unreachable", "", "splendid"):
        refused(actions.rate_report, "unknown_rating", actor=reporter, result=result)
    refused(actions.rate_report, "no_reason", actor=reporter, result="dissatisfied", text="  ")
    refused(actions.rate_report, "unknown_reason", actor=reporter, result="dissatisfied", reasons=["太贵"])
    refused(actions.rate_report, "text_too_long", actor=reporter, result="dissatisfied", text="差" * 501)
    for somebody in (town.actor("dispatcher"), make.door(), system("tests", make.COUNTY)):
        refused(actions.rate_report, "not_found", actor=somebody, result="satisfied")


def test_not_solved_sends_it_back_once_and_the_second_time_it_stays_with_the_centre(town):
    case, receipt = make.case_in(town, "callback")
    reporter, power = make.reporter(receipt), town.actor("power")
    with clock.later(timedelta(hours=1)):
        again = actions.rate_report(actor=reporter, result="dissatisfied", reasons=REASONS[:1])
    assert (again.status, again.reopened_count, again.owner_id, again.handled_at) == (
        "in_progress", 1, town.units["power"].id, None,
    )  # fmt: skip
    assert set(make.open_todos(again)) == {"handle"}
    lead = Assignment.objects.get(case=case, ended_at=None)
    assert (lead.unit_id, lead.is_lead, lead.signed_at) == (
        town.units["power"].id,
        True,
        make.NOON + timedelta(hours=1),
    )
    with clock.later(timedelta(days=1)):
        done = actions.finish_case(actor=power, number=case.number, result="又换了一回。")
        assert (done.status, done.owner_id) == ("verifying", town.units["first"].id)
        actions.verify_case(actor=town.actor("worker"), number=case.number, is_passed=True)
    with clock.later(timedelta(days=2)):
        kept = actions.rate_report(actor=reporter, result="dissatisfied", text="还是不亮")
        assert (kept.status, kept.reopened_count, kept.owner_id) == ("callback", 1, town.units["centre"].id)
        assert make.open_todos(kept)["callback"].due_at == kept.next_due_at == clock.now() + timedelta(days=1)
        refused(actions.rate_report, "already_rated", actor=reporter, result="satisfied")
    with clock.later(timedelta(days=30)):
        assert actions.close_unanswered(actor=system("tests")) == 0
        assert make.case(receipt).status == "callback"
        tried = actions.record_callback(actor=town.actor("dispatcher"), number=case.number, result="unreachable")
        assert tried.status == "callback"
        done = actions.record_callback(
            actor=town.actor("dispatcher"), number=case.number, result="understanding", text="说清楚了"
        )
    assert (done.status, done.close_reason) == ("closed", "understood")
    ratings = Rating.objects.filter(case=case).order_by("round").values_list("round", "result", "recorded_by")
    assert list(ratings) == [(1, "dissatisfied", None), (2, "understanding", town.posts["dispatcher"].id)]
    assert make.verbs(case) == [
        "received", "dispatched", "signed", "finished", "rated", "reopened", "finished", "verified", "rated",
        "callback_raised", "callback_tried", "rated", "closed",
    ]  # fmt: skip


def test_a_callback_is_refused_by_its_rules(town):
    case, receipt = make.case_in(town, "callback")
    here = {"actor": town.actor("dispatcher"), "number": case.number}
    refused(actions.record_callback, "unknown_rating", **here, result="splendid")
    refused(actions.record_callback, "no_reason", **here, result="dissatisfied")
    actions.record_callback(**here, result="satisfied")
    refused(actions.record_callback, "wrong_state", **here, result="satisfied")
    assert Rating.objects.get(case=case).recorded_by_id == town.posts["dispatcher"].id


def test_silence_closes_after_seven_days_once(town):
    case, receipt = make.case_in(town, "callback")
    other, _ = make.case_in(town, "in_progress")
    due = make.case(receipt).next_due_at
    with clock.at(due - timedelta(seconds=1)), unchanged(*make.ROWS):
        assert actions.close_unanswered(actor=system("tests")) == 0
    with clock.at(due):
        assert actions.close_unanswered(actor=system("tests")) == 1
        with unchanged(*make.ROWS):
            assert actions.close_unanswered(actor=system("tests")) == 0
    done = make.case(receipt)
    assert (done.status, done.close_reason, done.closed_at, done.solved_at_level) == (
        "closed",
        "unreachable",
        due,
        "town",
    )
    assert Todo.objects.get(subject_id=case.id, kind="callback").is_fulfilled is False
    assert make.case(receipt).version > case.version


def test_cases_that_wait_for_the_centre_hold_nobody_up(town, monkeypatch):
    monkeypatch.setattr("yijiaan.cases.actions.answering.UNANSWERED_BATCH", 1)
    _, unhappy = make.case_in(town, "callback")
    reporter = make.reporter(unhappy)
    actions.rate_report(actor=reporter, result="dissatisfied", text="没修好")
    actions.finish_case(actor=town.actor("power"), number=make.case(unhappy).number, result="又修了。")
    actions.verify_case(actor=town.actor("head"), number=make.case(unhappy).number, is_passed=True)
    actions.rate_report(actor=reporter, result="dissatisfied", text="还没修好")
    _, silent = make.case_in(town, "callback")
    with clock.later(timedelta(days=30)):
        assert actions.close_unanswered(actor=system("tests")) == 1
    assert (make.case(unhappy).status, make.case(silent).status) == ("callback", "closed")


def test_two_dispatchers_at_once_make_one_dispatch(transactional_db, town):
    case, receipt = make.case_in(town, "received")

    def dispatch(who, lead, **more):
        return lambda: actions.dispatch_case(
            actor=town.actor(who), number=case.number, lead_id=town.units[lead].id, **more
        )

    town.actor("dispatcher"), town.actor("centre_head")
    results = at_once(
        dispatch("dispatcher", "power", seen_version=case.version),
        dispatch("centre_head", "enforcement", seen_version=case.version),
        dispatch("centre_head", "first"),
    )
    won = [result for result in results if isinstance(result, Case)]
    lost = [result for result in results if not isinstance(result, Case)]
    assert len(won) == 1 and all(isinstance(error, Conflict | RuleError) for error in lost), results
    assert Assignment.objects.filter(case=case).count() == 1
    assert Entry.objects.filter(verb="cases.dispatched").count() == 1
    assert Todo.objects.filter(subject_id=case.id, kind="sign").count() == 1
    assert make.case(receipt).owner_id == won[0].owner_id


def test_reporter_and_caller_at_once_leave_one_answer(transactional_db, town):
    case, receipt = make.case_in(town, "callback")
    reporter, dispatcher = make.reporter(receipt), town.actor("dispatcher")
    results = at_once(
        lambda: actions.rate_report(actor=reporter, result="dissatisfied", text="没修好"),
        lambda: actions.record_callback(actor=dispatcher, number=case.number, result="satisfied"),
        lambda: actions.rate_report(actor=reporter, result="dissatisfied", text="没修好"),
    )
    assert sum(isinstance(result, Case) for result in results) == 1, results
    assert Rating.objects.filter(case=case).count() == 1
    assert make.case(receipt).reopened_count in {0, 1}


class TestTips:
    """举报 are for named posts only."""

    @pytest.fixture
    def tip(self, town):
        return make.report(kind="tip", text="村干部给自己亲戚办低保。")

    def test_nobody_else_finds_one(self, town, tip):
        case = make.case(tip)
        for name in ("dispatcher", "centre_head", "leader", "county", "worker", "head", "power", "admin", "stranger"):
            actor = town.actor(name)
            assert not Case.objects.visible_to(actor).filter(id=case.id).exists(), name
            assert not Report.objects.visible_to(actor).filter(id=tip.report_id).exists(), name
            assert not list_open_todos(actor).filter(subject_id=case.id).exists(), name
            check_refusals(actions.take_case, stranger=actor, tables=make.ROWS, number=case.number)
        officer = town.actor("tips")
        assert Case.objects.visible_to(officer).get().id == case.id
        assert list_open_todos(officer).count() == 2

    def test_no_list_of_the_api_shows_one(self, town, tip):
        number = make.case(tip).number
        for name in ("dispatcher", "leader", "county", "worker", "power"):
            client = town.client(name)
            assert client.get("/api/v1/cases").json() == {"items": [], "next": None}
            assert client.get(f"/api/v1/cases/{number}").status_code == 404
        items = town.client("tips").get("/api/v1/cases").json()["items"]
        assert [item["number"] for item in items] == [number]

    def test_a_station_without_a_tip_officer_cannot_get_one(self, town, tip):
        case, officer = make.case(tip), town.actor("tips")
        here = {"actor": officer, "number": case.number}
        refused(actions.dispatch_case, "not_for_tips", **here, lead_id=town.units["power"].id)
        error = refused(
            actions.dispatch_case, "not_for_tips", **here, lead_id=town.units["discipline"].id,
            assistant_ids=[town.units["office"].id],
        )  # fmt: skip
        assert error.field == "assistants"

    def test_the_officer_brings_it_to_its_end_and_messages_say_nothing(self, town, tip):
        case, officer = make.case(tip), town.actor("tips")
        here = {"actor": officer, "number": case.number}
        actions.dispatch_case(**here, lead_id=town.units["discipline"].id)
        while deliver(actor=system("tests")):
            continue
        assert [notice.title for notice in Notice.objects.all()] == ["请签收：一件保密事件"]
        actions.sign_case(**here)
        actions.finish_case(**here, result="查实，已处理。")
        done = actions.record_callback(**here, result="satisfied")
        assert done.status == "closed"
        assert set(Todo.objects.filter(subject_id=case.id).values_list("area_code", flat=True)) == {""}

    def test_one_told_by_phone_leaves_the_callers_desk(self, town):
        dispatcher = town.actor("dispatcher")
        receipt = actions.submit_report(
            actor=dispatcher, intake=make.intake(kind="tip"), door=land.TOWN, channel="phone"
        )
        check_refusals(actions.take_case, stranger=dispatcher, tables=make.ROWS, number=make.case(receipt).number)


class TestQueryCode:
    """Number and six digits."""

    def ask(self, receipt, code, number=""):
        return find_report(make.door(), county=make.COUNTY, number=number or receipt.number, query_code=code)

    def wrong(self, receipt):
        return f"{(int(receipt.query_code) + 1) % 1_000_000:06d}"

    def test_spaces_and_case_do_not_matter(self, town):
        receipt = make.report()
        typed = f" {receipt.number[:2].lower()} {receipt.number[2:]} "
        assert self.ask(receipt, f" {receipt.query_code[:3]} {receipt.query_code[3:]}", typed).id == receipt.report_id

    def test_five_wrong_tries_lock_it_even_for_the_right_code(self, town):
        receipt, other = make.report(), make.report()
        for _ in range(5):
            with pytest.raises(RuleError) as wrong:
                self.ask(receipt, self.wrong(receipt))
            assert wrong.value.code == "not_matching"
        with unchanged(*make.ROWS), pytest.raises(RuleError) as locked:
            self.ask(receipt, receipt.query_code)
        assert locked.value.code == "query_locked"
        assert Report.objects.get(id=receipt.report_id).query_failures == 5
        assert self.ask(other, other.query_code).id == other.report_id
        assert get_report_by_tracking(make.door(), code=receipt.tracking_code).id == receipt.report_id

    def test_a_right_try_begins_the_count_anew(self, town):
        receipt = make.report()
        for _ in range(3):
            for _ in range(4):
                with pytest.raises(RuleError):
                    self.ask(receipt, self.wrong(receipt))
            self.ask(receipt, receipt.query_code)
        assert Report.objects.get(id=receipt.report_id).query_failures == 0

    def test_an_unknown_number_and_a_wrong_code_read_the_same(self, town):
        receipt = make.report()
        said = set()
        for number, code in (
            (receipt.number, self.wrong(receipt)),
            ("XY202611239999", "123456"),
            ("'; --", ""),
            ("\x00", "1"),
        ):
            with pytest.raises(RuleError) as wrong:
                self.ask(receipt, code, number)
            said.add(describe(wrong.value))
        assert len(said) == 1

    def test_another_county_does_not_know_the_number(self, town):
        receipt = make.report()
        with pytest.raises(RuleError):
            find_report(make.door(), county="370811", number=receipt.number, query_code=receipt.query_code)


class TestPhotos:
    """Pictures of a reporter and of staff."""

    def test_what_is_stored_holds_nothing_but_the_picture(self, town):
        receipt = make.report()
        kept = actions.add_photo(actor=make.reporter(receipt), raw=with_position())
        data = store.path_of(kept.sha256).read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            assert (picture.size, dict(picture.getexif())) == ((480, 640), {})  # turned upright
        assert b"Huawei" not in data and b"Exif" not in data
        assert (kept.width, kept.height, kept.subject_type, kept.subject_id) == (
            480,
            640,
            "cases.report",
            receipt.report_id,
        )
        with Image.open(store.path_of(kept.sha256, thumb=True)) as thumb:
            assert max(thumb.size) == 320

    def test_the_same_picture_twice_is_one_row(self, town):
        reporter = make.reporter(make.report())
        first, second = (actions.add_photo(actor=reporter, raw=jpeg()) for _ in range(2))
        assert first.id == second.id
        assert StoredFile.objects.count() == 1

    def test_a_large_picture_is_made_smaller(self, town):
        kept = actions.add_photo(actor=make.reporter(make.report()), raw=jpeg(6000, 3000, quality=30))
        assert (kept.width, kept.height) == (2560, 1280)

    @pytest.mark.parametrize("name", BAD)
    def test_bad_files_are_refused(self, town, name):
        raw, code = BAD[name]
        receipt = make.report()
        before = set(Path(settings.MEDIA_ROOT).rglob("*.jpg"))
        error = refused(actions.add_photo, code, actor=make.reporter(receipt), raw=raw)
        assert error.field == "photo"
        assert set(Path(settings.MEDIA_ROOT).rglob("*.jpg")) == before
        case = make.case(receipt)
        refused(actions.add_photo, code, actor=town.actor("dispatcher"), number=case.number, raw=raw)

    def test_the_thirteenth_is_refused(self, town):
        reporter = make.reporter(make.report())
        for number in range(12):
            actions.add_photo(actor=reporter, raw=jpeg(40 + number, 40))
        refused(actions.add_photo, "too_many_photos", actor=reporter, raw=jpeg(99, 40))
        assert actions.add_photo(actor=reporter, raw=jpeg(40, 40)).width == 40

    def test_a_closed_case_takes_no_more_from_its_reporter(self, town):
        _, receipt = make.case_in(town, "closed")
        refused(actions.add_photo, "wrong_state", actor=make.reporter(receipt), raw=jpeg())

    def test_pictures_open_to_those_who_see_the_case(self, town):
        receipt = make.report()
        case = make.case(receipt)
        of_reporter = actions.add_photo(actor=make.reporter(receipt), raw=jpeg(50, 50))
        of_staff = actions.add_photo(
            actor=town.actor("dispatcher"), number=case.number, raw=jpeg(60, 60), purpose="after"
        )
        for kept in (of_reporter, of_staff):
            for path in (f"/files/{make.COUNTY}/{kept.id}/", f"/files/{make.COUNTY}/{kept.id}/thumb/"):
                seen = {
                    name: town.client(name).get(path).status_code
                    for name in ("dispatcher", "worker", "power", "stranger")
                }
                assert seen == {"dispatcher": 200, "worker": 200, "power": 404, "stranger": 404}
                assert Client().get(path).status_code == 404
        assert town.client("dispatcher").get(f"/files/370811/{of_staff.id}/").status_code == 404
        answer = town.client("dispatcher").get(f"/files/{make.COUNTY}/{of_staff.id}/")
        assert answer["Content-Type"] == "image/jpeg" and answer["Cache-Control"].startswith("private")


def test_the_progress_page_is_in_plain_words_at_each_stage(town):
    headlines = {}
    for state in make.STATES:
        case, receipt = make.case_in(town, state)
        report = get_report_by_tracking(make.door(), code=receipt.tracking_code)
        shown = public_progress(make.reporter(receipt), report=report)
        headlines[state] = shown.headline
        whole = ["收到", "交办", "办理", "办结", "评价"]
        assert [stage["label"] for stage in shown.stages] == (
            whole if state not in {"rejected", "withdrawn", "archived"} else whole[:1]
        ), state
        assert case.number not in str(shown.stages)
        assert shown.can_rate is (state == "callback")
    power = town.units["power"].name
    assert headlines == {
        "received": "收到了", "dispatched": f"交给了{power}", "in_progress": f"{power}正在办",
        "callback": "办好了，请您看看", "closed": "这件事办完了", "verifying": "办好了，正在核查",
        "rejected": "这件事不归这里受理", "withdrawn": "您撤回了这件事", "need_info": "想请您补充一点情况",
        "arbitration": "正在定由哪家办", "coordinating": f"{power}正在和几家单位一起办",
        "suspended": "现在还办不了，先记着，不会忘", "merged": "收到了", "archived": "您撤回了这件事",
    }  # fmt: skip


def test_a_wrong_tracking_code_opens_nothing(town):
    receipt = make.report()
    for code in ("", "x", receipt.tracking_code[:-1], "A" * 20, receipt.tracking_code + "A", "！" * 20, "AAAA\x00"):
        with pytest.raises(NotFound):
            get_report_by_tracking(make.door(), code=code)
    assert get_report_by_tracking(make.door(), code=f" {receipt.tracking_code.lower()} ").id == receipt.report_id


def test_default_categories_are_loaded_once_by_the_system(town):
    assert actions.load_default_categories(actor=system("tests")) == 0
    with pytest.raises(NotAllowed):
        actions.load_default_categories(actor=town.actor("admin"))


def test_nothing_personal_stands_in_the_journal(town):
    case, receipt = make.case_in(town, "closed")
    actions.add_note(actor=town.actor("dispatcher"), number=case.number, text="张先生说可以了")
    data = str(list(Entry.objects.values_list("data", flat=True)))
    for word in ("张先生", make.PHONE, "路灯", "灯泡", receipt.tracking_code, receipt.query_code):
        assert word not in data
    assert Note.objects.get().text == "张先生说可以了"
