"""Questions, more time, the ledger, whistles, arbitration, who keeps out: each as its people do it, and each refusal."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from yijiaan.cases import actions
from yijiaan.cases.models import Assignment, Case, GivenCard, HandlingRequest, Pause, RoutingRule, Ruling, Summons
from yijiaan.cases.queries import dry_run, suggest_dispatch
from yijiaan.cases.queries.routing import forget_rules
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import NOON, TOWN, Town
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo

pytestmark = pytest.mark.django_db
DUE = datetime.fromisoformat("2026-11-30T09:30:00+00:00")  # five working days after Monday noon


@pytest.fixture
def town() -> Town:
    return make.town()


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.at(NOON):
        yield


def refused(code: str, deed: Any, **values: Any) -> RuleError:
    """The deed is refused with this code and changes nothing."""
    with pytest.raises(RuleError) as said, unchanged(*make.ROWS):
        deed(**values)
    assert said.value.code == code
    return said.value


def _in_progress(town: Town) -> tuple[Case, make.Receipt]:
    with clock.at(NOON - timedelta(minutes=10)):
        case, receipt = make.case_in(town, "dispatched")
    actions.sign_case(actor=town.actor("power"), number=case.number)
    return make.case(receipt), receipt


def _due(case: Case, kind: str) -> datetime:
    return Todo.objects.get(county=case.county, subject_id=case.id, kind=kind, done_at=None).due_at


# ---- a question to the reporter ----


def test_while_the_reporter_is_asked_the_clock_stands_still(town: Town) -> None:
    case, receipt = _in_progress(town)
    before = case.next_due_at
    actions.ask_reporter(actor=town.actor("power"), number=case.number, text="是哪一盏，几号门口？")
    case.refresh_from_db()
    assert case.status == "need_info"
    assert case.next_due_at == datetime.fromisoformat("2026-11-26T09:30:00+00:00")  # three working days
    page = Client().get(f"/p/{receipt.tracking_code}/").content.decode()
    assert "是哪一盏，几号门口？" in page
    assert "想请您补充一点情况" in page
    with clock.at(NOON + timedelta(days=2)):
        answer = Client().post(f"/p/{receipt.tracking_code}/answer/", {"text": "八号门口那盏。"}, follow=True)
        assert "收到了，马上接着办" in answer.content.decode()
        case.refresh_from_db()
        assert (case.status, case.owner_id) == ("in_progress", town.units["power"].id)
        assert case.next_due_at - before == timedelta(days=2)  # two working days later
        assert "八号门口那盏。" in town.client("power").get(f"/cases/{case.number}/").content.decode()
        refused("wrong_state", actions.answer_question, actor=make.reporter(receipt), text="再说一句")
    pause = Pause.objects.get()
    assert (pause.kind, pause.back_to, pause.ended_at - pause.begun_at) == (
        "need_info",
        "in_progress",
        timedelta(days=2),
    )


def test_no_card_is_given_while_the_clock_stands_still(town: Town) -> None:
    case, _ = _in_progress(town)
    actions.ask_reporter(actor=town.actor("power"), number=case.number, text="几号门口？")
    with clock.at(DUE + timedelta(days=2)):
        while tell_due_todos(actor=system("tests")):
            pass
        assert Todo.objects.get(subject_id=case.id, kind="handle").card == ""
        assert actions.resume_unanswered(actor=system("tests")) == 1
        case.refresh_from_db()
        assert (case.status, case.card) == ("in_progress", "")
        assert case.next_due_at > clock.now()
        assert actions.resume_unanswered(actor=system("tests")) == 0


@pytest.mark.parametrize("is_late", [False, True])
def test_a_question_answered_on_the_same_day_gives_no_card_a_second_time(town: Town, is_late: bool) -> None:
    case, receipt = _in_progress(town)
    handle = Todo.objects.get(county=case.county, subject_id=case.id, kind="handle", done_at=None)
    assert handle.tell_at is not None
    told = handle.alert_at if is_late else handle.tell_at
    for moment in sorted({handle.tell_at, told}):
        with clock.at(moment + timedelta(minutes=1)):
            while tell_due_todos(actor=system("tests")):
                pass
    given = list(GivenCard.objects.filter(case_id=case.id, duty="handle").values_list("card", "climbs"))
    assert given == ([("yellow", 0), ("red", 1)] if is_late else [("yellow", 0)])
    with clock.at(told + timedelta(minutes=5)):
        actions.ask_reporter(actor=town.actor("power"), number=case.number, text="几号门口？")
    with clock.at(told + timedelta(minutes=25)):
        actions.answer_question(actor=make.reporter(receipt), text="三号。")
        case.refresh_from_db()
        assert case.card == given[-1][0]
        while tell_due_todos(actor=system("tests")):
            pass
    for days in range(1, 6):
        with clock.at(handle.alert_at + timedelta(days=days)):
            while tell_due_todos(actor=system("tests")):
                pass
    cards = GivenCard.objects.filter(case_id=case.id, duty="handle").order_by("id")
    # the yellow one once, then the red ones, each a level higher than the last
    assert list(cards.values_list("card", "climbs"))[:3] == [("yellow", 0), ("red", 1), ("red", 2)]


def test_a_question_of_the_centre_leads_back_to_dispatch(town: Town) -> None:
    receipt = make.report()
    case = make.case(receipt)
    actions.ask_reporter(actor=town.actor("dispatcher"), number=case.number, text="在哪个村？")
    with clock.at(NOON + timedelta(hours=1)):
        actions.answer_question(actor=make.reporter(receipt), text="三村。")
    case = make.case(receipt)
    assert case.status == "received"
    assert set(make.open_todos(case)) == {"dispatch", "first_contact"}
    assert case.next_due_at == NOON + timedelta(hours=2)  # a clock that no pause stops


def test_who_may_ask_and_how_often(town: Town) -> None:
    case, receipt = _in_progress(town)
    ask = {"number": case.number, "text": "几号？"}
    refused("not_owner", actions.ask_reporter, actor=town.actor("dispatcher"), **ask)
    refused("no_text", actions.ask_reporter, actor=town.actor("power"), number=case.number, text=" ")
    for _ in range(3):
        actions.ask_reporter(actor=town.actor("power"), **ask)
        actions.answer_question(actor=make.reporter(receipt), text="八号。")
    refused("asked_often", actions.ask_reporter, actor=town.actor("power"), **ask)
    with pytest.raises(NotFound):
        actions.ask_reporter(actor=town.actor("stranger"), **ask)
    found = actions.submit_report(
        actor=town.actor("worker"),
        intake=make.intake(reporter_name="", reporter_phone=""),
        door=TOWN,
        channel="grid_worker",
    )
    actions.take_case(actor=town.actor("head"), number=found.case_number)
    refused("nobody_to_ask", actions.ask_reporter, actor=town.actor("head"), number=found.case_number, text="几号？")


# ---- more time ----


def _ask_extension(town: Town, case: Case, **changes: Any) -> Case:
    values = {"reason": "weather", "days": 3, "text": "连着下雨，杆子立不了。"} | changes
    return actions.ask_extension(actor=town.actor("power"), number=case.number, **values)


def test_an_extension_is_asked_for_approved_and_told(town: Town) -> None:
    case, receipt = _in_progress(town)
    _ask_extension(town, case)
    case.refresh_from_db()
    assert (case.has_request, case.next_due_at) == (True, DUE)
    page = town.client("leader").get(f"/cases/{case.number}/").content.decode()
    assert "延期申请，等着批：延长 3 个工作日" in page
    answer = town.client("leader").post(
        f"/cases/{case.number}/decide-request/", {"seen_version": case.version, "agreed": "yes"}, follow=True
    )
    assert "记下了" in answer.content.decode()
    case.refresh_from_db()
    assert (case.has_request, case.next_due_at) == (False, datetime.fromisoformat("2026-12-03T09:30:00+00:00"))
    assert "12月3日" in Client().get(f"/p/{receipt.tracking_code}/").content.decode()
    wish = HandlingRequest.objects.get()
    assert (wish.due_before, wish.due_after) == (DUE, case.next_due_at)
    while deliver(actor=system("tests")):
        pass
    assert Notice.objects.filter(unit=town.units["power"], title__startswith="延期批了").count() == 1


def test_what_an_extension_is_refused_for(town: Town) -> None:
    case, _ = _in_progress(town)
    ask = {"actor": town.actor("power"), "number": case.number, "reason": "weather", "days": 3, "text": "下雨。"}
    refused("unknown_reason", actions.ask_extension, **ask | {"reason": "tired"})
    refused("bad_days", actions.ask_extension, **ask | {"days": 11})
    refused("bad_days", actions.ask_extension, **ask | {"days": 0})
    refused("no_text", actions.ask_extension, **ask | {"text": ""})
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.ask_extension(**ask | {"actor": town.actor("dispatcher")})
    with clock.at(DUE + timedelta(minutes=1)):
        refused("too_late", actions.ask_extension, **ask)
    actions.ask_extension(**ask)
    refused("asked_already", actions.ask_extension, **ask)
    decide = {"number": case.number, "is_agreed": False}
    refused("no_answer", actions.decide_request, actor=town.actor("leader"), **decide)
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.decide_request(actor=town.actor("power"), **decide)
    actions.decide_request(actor=town.actor("leader"), **decide, answer="材料已到，按时办。")
    case.refresh_from_db()
    assert (case.next_due_at, case.has_request) == (DUE, False)
    for _ in range(2):
        _ask_extension(town, case)
        actions.decide_request(actor=town.actor("dispatcher"), number=case.number, is_agreed=True)
    refused("extended_often", actions.ask_extension, **ask)


def test_a_lengthened_deadline_warns_anew(town: Town) -> None:
    case, _ = _in_progress(town)
    actions.record_contact(actor=town.actor("power"), number=case.number, text="说了在办。")
    with clock.at(DUE - timedelta(hours=3)):
        assert tell_due_todos(actor=system("tests")) == 1
        _ask_extension(town, case)
        actions.decide_request(actor=town.actor("leader"), number=case.number, is_agreed=True)
        case.refresh_from_db()
        assert case.card == ""
    with clock.at(case.next_due_at - timedelta(hours=3)):
        assert tell_due_todos(actor=system("tests")) == 1
        case.refresh_from_db()
        assert case.card == "yellow"
    assert list(GivenCard.objects.order_by("given_at").values_list("card", "climbs")) == [("yellow", 0), ("yellow", 0)]


def test_finishing_needs_no_answer_to_what_was_asked(town: Town) -> None:
    case, _ = _in_progress(town)
    _ask_extension(town, case)
    actions.finish_case(actor=town.actor("power"), number=case.number, result="天晴了，修好了。")
    case.refresh_from_db()
    assert case.has_request is False
    refused("nothing_asked", actions.decide_request, actor=town.actor("leader"), number=case.number, is_agreed=True)


# ---- the ledger ----


def _suspend(town: Town, case: Case, **changes: Any) -> Case:
    values = {
        "reason": "plan_next_year", "text": "整条路要重修。", "public_text": "这条路列进明年春天的计划了。",
        "review_on": date(2027, 1, 20),
    } | changes  # fmt: skip
    return actions.ask_suspension(actor=town.actor("power"), number=case.number, **values)


def test_what_cannot_be_done_this_year_stands_on_the_ledger_with_an_honest_word(town: Town) -> None:
    case, receipt = _in_progress(town)
    actions.record_contact(actor=town.actor("power"), number=case.number, text="说了要等明年。")
    _suspend(town, case)
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.decide_request(actor=town.actor("dispatcher"), number=case.number, is_agreed=True)
    actions.decide_request(actor=town.actor("leader"), number=case.number, is_agreed=True)
    case.refresh_from_db()
    assert (case.status, case.next_due_at) == ("suspended", datetime.fromisoformat("2027-01-20T09:30:00+00:00"))
    page = Client().get(f"/p/{receipt.tracking_code}/").content.decode()
    assert "现在还办不了，先记着，不会忘" in page
    assert "这条路列进明年春天的计划了。" in page
    assert "1月20日" in page
    with clock.at(datetime.fromisoformat("2027-01-19T01:00:00+00:00")):
        assert tell_due_todos(actor=system("tests")) == 1
        case.refresh_from_db()
        assert case.card == "yellow"
        actions.resume_case(actor=town.actor("power"), number=case.number)
        case.refresh_from_db()
        assert case.status == "in_progress"
        assert case.next_due_at > clock.now()
    assert Pause.objects.get().reason == "plan_next_year"


def test_what_the_ledger_is_refused_for(town: Town) -> None:
    case, _ = _in_progress(town)
    for code, changes in (
        ("unknown_reason", {"reason": "later"}), ("no_text", {"text": ""}), ("no_public_text", {"public_text": " "}),
        ("no_day", {"review_on": None}), ("day_past", {"review_on": date(2026, 11, 23)}),
        ("day_too_far", {"review_on": date(2028, 1, 1)}),
    ):  # fmt: skip
        refused(code, lambda **values: _suspend(town, case, **values), **changes)
    _suspend(town, case)
    actions.decide_request(actor=town.actor("leader"), number=case.number, is_agreed=True)
    refused("wrong_state", actions.finish_case, actor=town.actor("power"), number=case.number, result="办好了")
    with pytest.raises((NotFound, NotAllowed)), unchanged(*make.ROWS):
        actions.resume_case(actor=town.actor("enforcement"), number=case.number)


# ---- whistle ----


def test_the_town_whistles_and_the_units_report_in(town: Town) -> None:
    case, _ = _in_progress(town)
    called = [town.units["enforcement"].id, town.units["office"].id]
    actions.whistle(actor=town.actor("dispatcher"), number=case.number, unit_ids=called, task="一起清线")
    case.refresh_from_db()
    assert (case.status, case.owner_id) == ("coordinating", town.units["power"].id)
    assert {row.due_at for row in Summons.objects.all()} == {NOON + timedelta(minutes=30)}
    while deliver(actor=system("tests")):
        pass
    assert Notice.objects.filter(title__startswith="吹哨叫您单位来").count() == 2
    assert "吹哨叫您单位" in town.client("enforcement").get("/orders/").content.decode()
    with clock.at(NOON + timedelta(minutes=20)):
        client = town.client("enforcement")
        assert "报到" in client.get(f"/cases/{case.number}/").content.decode()
        answer = client.post(f"/cases/{case.number}/report-in/", {"seen_version": case.version}, follow=True)
        assert "报到了" in answer.content.decode()
    refused("in_already", actions.report_in, actor=town.actor("enforcement"), number=case.number)
    refused("not_called", actions.report_in, actor=town.actor("power"), number=case.number)
    actions.end_whistle(actor=town.actor("dispatcher"), number=case.number)
    case.refresh_from_db()
    assert (case.status, case.next_due_at) == ("in_progress", DUE)  # the handling clock ran on
    assert not Summons.objects.filter(released_at=None).exists()
    assert not Assignment.objects.filter(case=case, is_lead=False, ended_at=None).exists()


def test_what_a_whistle_is_refused_for(town: Town) -> None:
    case, _ = _in_progress(town)
    blow = {
        "actor": town.actor("dispatcher"),
        "number": case.number,
        "unit_ids": [town.units["enforcement"].id],
        "task": "来",
    }
    refused("no_units", actions.whistle, **blow | {"unit_ids": [town.units["power"].id]})
    refused("unknown_unit", actions.whistle, **blow | {"unit_ids": [town.units["neighbour"].id]})
    refused("no_task", actions.whistle, **blow | {"task": " "})
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.whistle(**blow | {"actor": town.actor("power")})


def test_finishing_releases_who_was_called(town: Town) -> None:
    case, _ = make.case_in(town, "coordinating")
    with clock.later(timedelta(hours=1)):
        actions.finish_case(actor=town.actor("power"), number=case.number, result="线清好了。")
    assert not Summons.objects.filter(released_at=None).exists()


# ---- arbitration and what follows from it ----


def _return(town: Town, case: Case, who: str, **changes: Any) -> Case:
    values = {"reason": "not_my_duty", "text": "不归我们管。"} | changes
    return actions.return_case(actor=town.actor(who), number=case.number, **values)


def _returned_twice(town: Town) -> Case:
    case = make.case(make.report())
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, category="0401"
    )
    _return(town, case, "power")
    actions.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["enforcement"].id)
    return _return(town, case, "enforcement", proposed_id=town.units["power"].id)


def test_the_second_return_goes_to_arbitration_and_the_ruling_binds(town: Town) -> None:
    case = _returned_twice(town)
    assert (case.status, case.owner_id) == ("arbitration", town.units["centre"].id)
    assert _due(case, "rule") == datetime.fromisoformat("2026-11-24T09:30:00+00:00")  # one working day
    page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "两家都退回来了" in page
    assert "责任清单" in page
    case.refresh_from_db()
    answer = town.client("dispatcher").post(
        f"/cases/{case.number}/rule/",
        {
            "seen_version": case.version,
            "lead": town.units["power"].id,
            "text": "路灯归供电所，清单第三条。",
            "is_precedent": "on",
            "category": "0401",
        },
        follow=True,
    )
    assert "裁定了" in answer.content.decode()
    case.refresh_from_db()
    assert (case.status, case.owner_id) == ("dispatched", town.units["power"].id)
    refused("returned_once", _return, town=town, case=case, who="power")
    ruling = Ruling.objects.get()
    assert (ruling.lead_id, ruling.is_precedent) == (town.units["power"].id, True)


def test_a_unit_ruled_for_the_first_time_cannot_return_it_either(town: Town) -> None:
    case = _returned_twice(town)
    actions.rule_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["first"].id, text="村里先办。"
    )
    refused("ruled", _return, town=town, case=case, who="head")


def test_the_next_case_of_that_kind_goes_straight_to_the_unit_ruled(town: Town) -> None:
    case = _returned_twice(town)
    before = suggest_dispatch(town.actor("dispatcher"), case=make.case(make.report()), text="路灯不亮")
    assert before.lead is None or before.lead.unit.id != town.units["enforcement"].id
    actions.rule_case(
        actor=town.actor("dispatcher"),
        number=case.number,
        lead_id=town.units["enforcement"].id,
        text="今年由执法队代管。",
    )
    forget_rules()
    rule = RoutingRule.objects.get()
    assert (rule.source, rule.is_active, rule.area_id, rule.reference) == ("precedent", True, TOWN, case.number)
    alike = make.case(make.report(text="二组路灯也不亮了"))
    found = suggest_dispatch(town.actor("dispatcher"), case=alike, text="二组路灯也不亮了")
    assert found.lead is not None
    assert found.lead.unit.id == town.units["enforcement"].id
    assert found.lead.reason == f"裁定先例（{case.number}）"
    other = suggest_dispatch(
        town.actor("dispatcher"), case=make.case(make.report(text="自来水停了")), text="自来水停了"
    )
    assert other.lead is None or other.lead.unit.id != town.units["enforcement"].id
    run = dry_run(town.actor("dispatcher"), rule=rule)
    # the case itself, whose last order went where the ruling says
    assert (run.compared, run.same, run.differences) == (1, 1, ())


def test_what_a_ruling_is_refused_for(town: Town) -> None:
    case = _returned_twice(town)
    settle = {
        "actor": town.actor("dispatcher"),
        "number": case.number,
        "lead_id": town.units["power"].id,
        "text": "归它。",
    }
    refused("no_text", actions.rule_case, **settle | {"text": ""})
    refused("no_lead", actions.rule_case, **settle | {"lead_id": None})
    refused("unknown_unit", actions.rule_case, **settle | {"lead_id": town.units["neighbour"].id})
    with pytest.raises(NotFound), unchanged(*make.ROWS):
        actions.rule_case(
            **settle | {"actor": town.actor("power")} if False else settle | {"actor": town.actor("stranger")}
        )


# ---- who keeps out ----


def test_a_unit_that_the_report_is_about_neither_handles_nor_verifies_nor_calls_back(town: Town) -> None:
    receipt = make.report(text="供电所的人态度不好，路灯也不修。")
    case = make.case(receipt)
    answer = town.client("dispatcher").post(
        f"/cases/{case.number}/party/",
        {"seen_version": case.version, "unit": f"unit:{town.units['power'].id}", "kind": "named"},
        follow=True,
    )
    assert "登记了" in answer.content.decode()
    said = refused(
        "conflict_of_interest",
        actions.dispatch_case,
        actor=town.actor("dispatcher"),
        number=case.number,
        lead_id=town.units["power"].id,
    )
    assert "要回避" in said.message
    refused(
        "conflict_of_interest", actions.dispatch_case, actor=town.actor("dispatcher"), number=case.number,
        lead_id=town.units["enforcement"].id, assistant_ids=[town.units["power"].id],
    )  # fmt: skip
    found = suggest_dispatch(town.actor("dispatcher"), case=make.case(receipt), text="路灯不亮")
    assert found.lead is None or found.lead.unit.id != town.units["power"].id


def test_a_person_named_keeps_out(town: Town) -> None:
    receipt = make.report(text="网格员不管事。")
    case = make.case(receipt)
    actions.declare_party(actor=town.actor("dispatcher"), number=case.number, user_id=town.posts["head"].user_id)
    refused("conflict_of_interest", actions.take_case, actor=town.actor("head"), number=case.number)
    refused("conflict_of_interest", actions.solve_case, actor=town.actor("head"), number=case.number, result="说好了")
    actions.take_case(actor=town.actor("worker"), number=case.number)
    refused("conflict_of_interest", actions.finish_case, actor=town.actor("head"), number=case.number, result="说好了")
    actions.finish_case(actor=town.actor("worker"), number=case.number, result="道了歉。")
    with clock.later(timedelta(hours=1)):
        actions.declare_party(
            actor=town.actor("dispatcher"), number=case.number, user_id=town.posts["dispatcher"].user_id
        )
        refused(
            "conflict_of_interest",
            actions.record_callback,
            actor=town.actor("dispatcher"),
            number=case.number,
            result="satisfied",
        )
        actions.record_callback(actor=town.actor("centre_head"), number=case.number, result="satisfied")


def test_what_declaring_is_refused_for(town: Town) -> None:
    case, _ = _in_progress(town)
    named = {"actor": town.actor("dispatcher"), "number": case.number}
    refused("nobody_named", actions.declare_party, **named)
    refused("holds_it", actions.declare_party, **named, unit_id=town.units["power"].id)
    refused("unknown_kind", actions.declare_party, **named, unit_id=town.units["first"].id, kind="friend")
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.declare_party(actor=town.actor("power"), number=case.number, unit_id=town.units["first"].id)


# ---- a rejection looked at once more, and the archive ----


def test_a_rejection_is_appealed_once_and_then_needs_two_persons(town: Town) -> None:
    case, receipt = make.case_in(town, "rejected")
    page = Client().get(f"/p/{receipt.tracking_code}/").content.decode()
    assert "请复核" in page
    Client().post(f"/p/{receipt.tracking_code}/appeal/", {"text": "法院说这事归镇里。"})
    case = make.case(receipt)
    assert (case.status, case.owner_id) == ("received", town.units["centre"].id)
    actions.reject_case(actor=town.actor("dispatcher"), number=case.number, reason="judicial", text="还是法院管。")
    assert make.case(receipt).status == "received"  # only proposed
    actions.decide_proposal(actor=town.actor("centre_head"), number=case.number, is_agreed=True)
    assert make.case(receipt).status == "rejected"
    refused("appealed_already", actions.appeal_rejection, actor=make.reporter(receipt), text="还是不服。")


def test_half_a_year_after_the_end_it_goes_to_the_archive_and_reads_the_same(town: Town) -> None:
    case, receipt = make.case_in(town, "closed")
    with clock.at(NOON + timedelta(days=170)):
        assert actions.archive_ended(actor=system("tests")) == 0
    with clock.at(NOON + timedelta(days=181)):
        assert actions.archive_ended(actor=system("tests")) == 1
        assert actions.archive_ended(actor=system("tests")) == 0
        assert make.case(receipt).status == "archived"
        assert "这件事办完了" in Client().get(f"/p/{receipt.tracking_code}/").content.decode()
        assert "已归档" in town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()


def test_a_merged_case_is_archived_when_the_other_has_answered(town: Town) -> None:
    case, _ = make.case_in(town, "merged")
    with clock.at(NOON + timedelta(days=200)):
        assert actions.archive_ended(actor=system("tests")) == 0
    assert Case.objects.get(id=case.id).status == "merged"


# ---- the terms of the system that sent it ----


def test_the_hotlines_deadline_and_callback_override_ours(town: Town) -> None:
    receipt = make.report()
    case = make.case(receipt)
    theirs = NOON + timedelta(days=2)
    hotline = system("hotline", make.COUNTY)
    actions.set_outside_terms(actor=hotline, number=case.number, due_at=theirs, calls_back=True)
    actions.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    actions.sign_case(actor=town.actor("power"), number=case.number)
    case = make.case(receipt)
    assert case.next_due_at == theirs
    later = theirs + timedelta(days=1)
    actions.set_outside_terms(actor=hotline, number=case.number, due_at=later, calls_back=True)
    assert make.case(receipt).next_due_at == later
    actions.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
    case = make.case(receipt)
    assert (case.status, case.close_reason) == ("closed", "outside")
    refused("wrong_state", actions.set_outside_terms, actor=hotline, number=case.number, due_at=later, calls_back=True)
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.set_outside_terms(actor=town.actor("dispatcher"), number=case.number, due_at=later, calls_back=True)
