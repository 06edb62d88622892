"""回访: whom the centre rings, when the next call may be made, and that nobody is rung twice for one matter."""

from datetime import UTC, datetime, timedelta

import pytest

from yijiaan.cases import actions
from yijiaan.cases.models import Callback, CallbackClaim, Case, Rating, Report
from yijiaan.cases.queries import calling as queue
from yijiaan.cases.queries import lines_of, list_callbacks
from yijiaan.cases.tests import make
from yijiaan.cases.views import calling
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, unchanged
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
OTHER_PHONE = "15400012218"


def waiting(town, who="dispatcher", **narrowed):
    return list(list_callbacks(town.actor(who), **narrowed))


def ring(town, case, result, *, who="dispatcher", text="", report=""):
    return actions.record_callback(
        actor=town.actor(who), number=case.number, result=result, text=text, report_number=report
    )


def test_the_queue_holds_who_waits_and_can_be_rung(town):
    _, heard = make.case_in(town, "callback")
    _, nameless = make.case_in(town, "callback", reporter_name="", reporter_phone="")
    make.case_in(town, "in_progress")
    outside, _ = make.case_in(town, "callback")
    actions.set_outside_terms(actor=system("tests", make.COUNTY), number=outside.number, due_at=None, calls_back=True)
    _, tip = make.case_in(town, "received", kind="tip")
    assert [report.id for report in waiting(town)] == [heard.report_id]
    assert waiting(town, "stranger") == []
    assert waiting(town, "power") == []  # no permission
    actions.rate_report(actor=make.reporter(heard), result="satisfied")
    assert waiting(town) == []
    with pytest.raises(RuleError) as refused:
        ring(town, outside, "satisfied")
    assert refused.value.code == "called_outside"


def test_a_long_queue_is_looked_through_from_the_front_and_loses_nobody(town, monkeypatch):
    numbers = [make.case_in(town, "callback")[0].number for _ in range(4)]
    make.case_in(town, "callback", reporter_name="", reporter_phone="")
    client = town.client("dispatcher")
    whole = client.get("/callbacks/").content.decode()
    monkeypatch.setattr(calling, "FIRST", 2)
    monkeypatch.setattr(queue, "MOST_COUNTED", 3)
    narrow = client.get("/callbacks/").content.decode()
    for number in numbers:
        assert whole.count(f"/cases/{number}/") == narrow.count(f"/cases/{number}/") == 1
    assert '现在可打<b class="num">4</b>' in whole
    assert "+</b>" in narrow


@pytest.mark.parametrize(
    ("result", "rating", "is_solved", "status", "reason"),
    [
        ("solved_satisfied", "satisfied", True, "closed", "solved"),
        ("solved_basically", "basically", True, "closed", "solved"),
        ("solved_dissatisfied", "dissatisfied", True, "in_progress", ""),
        ("unsolved_understanding", "understanding", False, "closed", "understood"),
        ("unsolved_dissatisfied", "dissatisfied", False, "in_progress", ""),
        ("satisfied", "satisfied", True, "closed", "solved"),
    ],
)
def test_what_the_caller_hears_is_kept_in_both_questions(town, result, rating, is_solved, status, reason):
    case, receipt = make.case_in(town, "callback")
    done = ring(town, case, result, text="说了几句")
    assert (done.status, done.close_reason) == (status, reason)
    said = Rating.objects.get(report_id=receipt.report_id)
    assert (said.result, said.is_solved) == (rating, is_solved)
    call = Callback.objects.get()
    assert (call.is_final, call.text, call.called_by_id) == (True, "说了几句", town.posts["dispatcher"].id)
    entry = Entry.objects.get(subject_id=case.id, verb="cases.rated")
    assert entry.data["solved"] is is_solved


def test_what_a_reporter_says_himself_tells_whether_it_was_solved(town):
    for result, reasons, text, is_solved in (
        ("satisfied", (), "", True),
        ("basically", (), "", True),
        ("dissatisfied", ("没修好",), "", False),
        ("dissatisfied", ("来得太慢",), "", True),
        ("dissatisfied", ("来得太慢", "没修好"), "", False),
        ("dissatisfied", (), "还是不亮", False),
    ):
        _, receipt = make.case_in(town, "callback")
        actions.rate_report(actor=make.reporter(receipt), result=result, reasons=reasons, text=text)
        assert Rating.objects.get(report_id=receipt.report_id).is_solved is is_solved


def test_three_calls_on_different_half_days_and_it_ends_as_not_reached(town):
    case, receipt = make.case_in(town, "callback")
    at = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # ten in the morning
    moments = [at, at + timedelta(hours=2), at + timedelta(hours=22)]
    with clock.at(moments[0]):
        assert ring(town, case, "unreachable", text="没人接").status == "callback"
        assert waiting(town, tab="now", now=clock.now()) == []
        assert [row.id for row in waiting(town, tab="later", now=clock.now())] == [receipt.report_id]
    with clock.at(moments[1] - timedelta(seconds=1)), unchanged(Callback, Case), pytest.raises(RuleError) as refused:
        ring(town, case, "unreachable")
    assert (refused.value.code, refused.value.field) == ("too_soon", "result")
    assert "12:00以后可以再打" in refused.value.message
    with clock.at(moments[1]):
        assert [row.id for row in waiting(town, tab="now", now=clock.now())] == [receipt.report_id]
        ring(town, case, "unreachable")
    with clock.at(moments[1] + timedelta(hours=15)), pytest.raises(RuleError) as refused:  # three at night
        ring(town, case, "unreachable")
    assert "08:00以后可以再打" in refused.value.message
    with clock.at(moments[2]):
        done = ring(town, case, "unreachable")
    assert (done.status, done.close_reason) == ("closed", "not_reached")
    assert not Rating.objects.exists()
    assert [row.is_final for row in Callback.objects.order_by("called_at")] == [False, False, True]
    with pytest.raises(RuleError) as refused:
        ring(town, case, "unreachable")
    assert refused.value.code == "wrong_state"
    assert make.verbs(case)[-4:] == ["callback_tried", "callback_tried", "callback_tried", "closed"]


def test_who_does_not_want_to_be_asked_is_not_rung_again(town):
    case, _ = make.case_in(town, "callback")
    done = ring(town, case, "refused", text="说忙")
    assert (done.status, done.close_reason) == ("closed", "not_asked")
    assert "callback_refused" in make.verbs(case)


def merged(town):
    """A case of two reporters, finished."""
    one, two = make.report(), make.report(reporter_phone=OTHER_PHONE, text="灯又坏了")
    dispatcher = town.actor("dispatcher")
    number = make.case(one).number
    with clock.later(timedelta(minutes=10)):
        actions.merge_cases(actor=dispatcher, number=number, parts=[make.case(two).number])
        actions.dispatch_case(actor=dispatcher, number=number, lead_id=town.units["power"].id)
        actions.sign_case(actor=town.actor("power"), number=number)
        actions.finish_case(actor=town.actor("power"), number=number, result="换了灯泡。")
        case = make.case(one)
        if case.status == "verifying":
            actions.verify_case(actor=town.actor("head"), number=number, is_passed=True)
    return make.case(one), one, two


def test_every_reporter_of_a_merged_case_gets_his_own_call(town):
    case, one, two = merged(town)
    with clock.later(timedelta(hours=1)):
        assert {row.id for row in waiting(town)} == {one.report_id, two.report_id}
        assert ring(town, case, "solved_satisfied", report=one.number).status == "callback"
        assert [row.id for row in waiting(town)] == [two.report_id]
        with pytest.raises(RuleError) as refused:
            ring(town, case, "solved_satisfied", report=one.number)
        assert refused.value.code == "already_rated"
        assert "已经评价过" in refused.value.message
        done = ring(town, case, "refused", report=two.number)
    assert (done.status, done.close_reason) == ("closed", "solved")


def test_who_said_no_again_is_rung_once(town):
    case, receipt = make.case_in(town, "callback")
    reporter = make.reporter(receipt)
    actions.rate_report(actor=reporter, result="dissatisfied", text="没修好")
    with clock.later(timedelta(days=1)):
        actions.finish_case(actor=town.actor("power"), number=case.number, result="又修了。")
        actions.verify_case(actor=town.actor("worker"), number=case.number, is_passed=True)
        actions.rate_report(actor=reporter, result="dissatisfied", text="还没修好")
        assert [row.id for row in waiting(town)] == [receipt.report_id]
        ring(town, case, "unsolved_dissatisfied", text="还是不行")
        assert waiting(town) == []


def test_the_unit_that_handled_it_does_not_ask(town):
    case, _ = make.case_in(town, "callback", lead="power")
    # the centre answers an enquiry itself: a colleague rings
    enquiry = make.report(kind="enquiry", text="低保怎么办？")
    actions.answer_enquiry(actor=town.actor("dispatcher"), number=make.case(enquiry).number, text="到民政窗口。")
    with unchanged(Callback, Rating), pytest.raises(RuleError) as refused:
        ring(town, make.case(enquiry), "satisfied")
    assert refused.value.code == "own_work"
    assert ring(town, make.case(enquiry), "satisfied", who="centre_head").status == "closed"
    with pytest.raises((NotAllowed, NotFound)):
        ring(town, case, "satisfied", who="power")


def test_a_claim_tells_the_others_for_ten_minutes(town):
    case, receipt = make.case_in(town, "callback")
    actions.claim_callback(actor=town.actor("dispatcher"), report_id=receipt.report_id)
    (report,) = waiting(town)
    name = town.posts["dispatcher"].user.name
    now = clock.now()
    assert lines_of(town.actor("centre_head"), reports=[report], now=now)[0].claimed_by == name
    assert lines_of(town.actor("dispatcher"), reports=[report], now=now)[0].claimed_by == ""
    actions.claim_callback(actor=town.actor("centre_head"), report_id=receipt.report_id)  # his stays
    assert CallbackClaim.objects.get().post_id == town.posts["dispatcher"].id
    with clock.later(timedelta(minutes=11)):
        assert lines_of(town.actor("centre_head"), reports=[report], now=clock.now())[0].claimed_by == ""
        actions.claim_callback(actor=town.actor("centre_head"), report_id=receipt.report_id)
        assert CallbackClaim.objects.get().post_id == town.posts["centre_head"].id
        ring(town, case, "satisfied")
    assert not CallbackClaim.objects.exists()
    for who in ("stranger", "power"):
        with pytest.raises((NotFound, NotAllowed)):
            actions.claim_callback(actor=town.actor(who), report_id=receipt.report_id)


def test_the_queue_takes_the_same_statements_for_one_as_for_many(town):
    client = town.client("dispatcher")
    make.case_in(town, "callback")
    client.get("/callbacks/")
    with assert_statements(at_most=40) as few:
        client.get("/callbacks/")
    for number in range(5):
        make.case_in(town, "callback", reporter_phone=f"1540001230{number}")
    with assert_statements(at_most=40) as many:
        page = client.get("/callbacks/").content.decode()
    assert page.count("回访：三村东头路灯") == 6
    assert len(many) == len(few)


def test_one_call_for_a_person_with_two_matters_one_deed_each(town):
    one, first = make.case_in(town, "callback")
    two, second = make.case_in(town, "callback", text="三村西头的井盖也响。")
    make.case_in(town, "callback", reporter_phone=OTHER_PHONE, text="别人的事。")
    client = town.client("dispatcher")
    assert "同一人还有 1 件" in client.get("/callbacks/").content.decode()
    opened = client.post(f"/callbacks/{first.report_id}/open/", follow=True)
    page = opened.content.decode()
    assert "同一个人有 2 件" in page
    assert "井盖也响" in page
    assert "别人的事" not in page
    assert "我是" in page and "换了灯泡。" in page
    assert make.PHONE not in page
    seen = client.post(f"/callbacks/{first.report_id}/phone/").content.decode()
    assert make.PHONE in seen
    entry = Entry.objects.get(subject_id=one.id, verb="cases.reporter_seen")
    assert entry.data["purpose"] == "callback"
    wrong = client.post(f"/callbacks/{first.report_id}/heard/", {"text": "写了一句", "seen_version": one.version})
    assert wrong.status_code == 422
    assert "请选一个回访结果" in wrong.content.decode() and "写了一句" in wrong.content.decode()
    case = make.case(first)
    sent = {"result": "solved_satisfied", "seen_version": case.version}
    led = client.post(f"/callbacks/{first.report_id}/heard/", sent)
    assert led.status_code == 302 and str(second.report_id) in led["Location"]
    assert make.case(first).status == "closed"
    again = client.post(f"/callbacks/{first.report_id}/heard/", sent, follow=True)
    assert "不用再打了" in again.content.decode()
    assert client.get(f"/callbacks/{first.report_id}/").status_code == 404
    assert town.client("power").get("/callbacks/").status_code == 403
    assert town.client("stranger").get(f"/callbacks/{second.report_id}/").status_code == 404
    old = client.post(f"/callbacks/{second.report_id}/heard/", {"result": "refused", "seen_version": 1})
    assert old.status_code == 409
    assert Report.objects.get(id=second.report_id).case.status == "callback"


def test_narrowed_by_place_and_next_time(town):
    make.case_in(town, "callback")
    client = town.client("dispatcher")
    assert "三村东头路灯" in client.get(f"/callbacks/?area={make.FIRST}").content.decode()
    assert "现在没有要打的" in client.get(f"/callbacks/?area={make.SECOND}").content.decode()
    assert "没有等下次再打的" in client.get("/callbacks/?tab=later").content.decode()


# ---- whoever declared to be related keeps out ----


def test_a_related_person_neither_handles_verifies_nor_calls(town):
    power = town.actor("power")
    actions.declare_interest(actor=town.actor("dispatcher"), unit_id=town.units["power"].id, relation="配偶在那里上班")
    case, _ = make.case_in(town, "callback")
    with unchanged(Callback, Rating), pytest.raises(RuleError) as refused:
        ring(town, case, "satisfied")
    assert refused.value.code == "related"
    assert ring(town, case, "satisfied", who="centre_head").status == "closed"
    # about somebody whose name he declared: he may not handle it, and nobody in his unit could
    actions.declare_interest(actor=power, name="李茂才", relation="连襟")
    about = make.report(text="李茂才把路占了。")
    number = make.case(about).number
    page = town.client("centre_head").get(f"/cases/{number}/").content.decode()
    assert f"{town.units['power'].name} {town.posts['power'].user.name}" in page
    assert "连襟" not in page
    with pytest.raises(RuleError) as refused:
        actions.dispatch_case(actor=town.actor("centre_head"), number=number, lead_id=town.units["power"].id)
    assert refused.value.code == "related"
    actions.dispatch_case(actor=town.actor("centre_head"), number=number, lead_id=town.units["enforcement"].id)
    assert make.case(about).status == "dispatched"


def test_whoever_is_related_to_the_unit_that_a_case_is_about_does_not_dispatch_it(town):
    receipt = make.report(text="供电所的人态度不好。")
    number = make.case(receipt).number
    actions.declare_party(actor=town.actor("centre_head"), number=number, unit_id=town.units["power"].id)
    actions.declare_interest(actor=town.actor("dispatcher"), unit_id=town.units["power"].id, relation="配偶")
    with pytest.raises(RuleError) as refused:
        actions.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["enforcement"].id)
    assert refused.value.code == "related"
    row = actions.end_interest(
        actor=town.actor("dispatcher"),
        interest_id=actions.declare_interest(
            actor=town.actor("dispatcher"), unit_id=town.units["power"].id, relation="配偶"
        ).id,
    )
    assert row.ended_at is not None
    actions.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["enforcement"].id)


def test_declaring_is_ones_own_and_checked(town):
    dispatcher = town.actor("dispatcher")
    for changes, code in (
        ({}, "nobody_named"),
        ({"name": "张三", "unit_id": town.units["power"].id}, "nobody_named"),
        ({"name": "张", "relation": "兄弟"}, "name_too_short"),
        ({"name": "张三", "relation": " "}, "no_relation"),
        ({"unit_id": make.uuid4()}, "unknown_unit"),
        ({"person_id": town.posts["dispatcher"].user_id}, "oneself"),
        ({"person_id": make.uuid4()}, "unknown_user"),
    ):
        with pytest.raises(RuleError) as refused:
            actions.declare_interest(actor=dispatcher, **({"relation": "亲戚"} | changes))
        assert refused.value.code == code
    client = town.client("dispatcher")
    assert client.post("/interests/", {"name": "赵小六", "relation": "表弟"}).status_code == 302
    assert "赵小六" in client.get("/interests/").content.decode()
    assert "赵小六" not in town.client("centre_head").get("/interests/").content.decode()
    entry = Entry.objects.get(verb="cases.interest_declared")
    assert "赵小六" not in str(entry.data)
    with pytest.raises(NotFound):
        actions.end_interest(actor=town.actor("centre_head"), interest_id=entry.subject_id)
    assert client.post(f"/interests/{entry.subject_id}/end/").status_code == 302
    assert "终止" in client.get("/interests/").content.decode()
    assert client.post("/interests/", {"relation": "表弟"}).status_code == 422
