"""A wrong order goes back once, with a reason; a hasty one is taken back within half a minute."""

from datetime import UTC, datetime, timedelta

import pytest

from yijiaan.cases import actions
from yijiaan.cases.models import Assignment, Return
from yijiaan.cases.queries import case_page, get_case, public_progress, reporter_actor, suggest_dispatch
from yijiaan.cases.queries.tracking import get_report_by_tracking
from yijiaan.cases.tests import make
from yijiaan.cases.tests.test_actions import refused
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.models import Todo

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db):
    with clock.at(make.NOON):
        yield make.town()


def send_back(town, case, **more):
    values = {
        "reason": "need_lead_unit",
        "proposed_id": town.units["enforcement"].id,
        "text": "在路面上，不归供电。",
    } | more
    return actions.return_case(actor=town.actor("power"), number=case.number, **values)


def sent_at(case):
    return Assignment.objects.get(case_id=case.id, is_lead=True).dispatched_at


def test_a_returned_case_is_the_centres_again_with_a_new_dispatch_duty(town):
    case, _ = make.case_in(town, "dispatched")
    with clock.later(timedelta(minutes=10)):
        done = send_back(town, case)
    assert (done.status, done.owner_id) == ("received", town.units["centre"].id)
    assert done.next_due_at == make.NOON + timedelta(minutes=10, hours=2)
    waiting = Todo.objects.filter(subject_id=case.id, done_at__isnull=True).exclude(kind="first_contact")
    assert list(waiting.values_list("kind", flat=True)) == ["dispatch"]
    assert not Todo.objects.filter(subject_id=case.id, kind="sign", is_fulfilled=True).exists()
    assert not Assignment.objects.filter(case_id=case.id, ended_at__isnull=True).exists()


def test_the_centre_hears_of_it_and_is_offered_the_proposed_unit(town):
    case, _ = make.case_in(town, "dispatched")
    send_back(town, case)
    while deliver(actor=system("tests")):
        pass
    told = Notice.objects.filter(unit=town.units["centre"], title__startswith="退回来了，请重派").count()
    assert told == 1
    dispatcher = town.actor("dispatcher")
    fresh = get_case(dispatcher, number=case.number)
    proposal = suggest_dispatch(dispatcher, case=fresh, text=fresh.title)
    assert proposal.lead.unit.id == town.units["enforcement"].id
    assert "退回时建议" in proposal.lead.reason
    assert any("建议" in step.text for step in case_page(dispatcher, case=fresh).steps if step.verb == "cases.returned")


def test_the_reporter_reads_that_somebody_is_being_found(town):
    case, receipt = make.case_in(town, "dispatched")
    send_back(town, case)
    report = get_report_by_tracking(town.actor("dispatcher"), code=receipt.tracking_code)
    shown = public_progress(reporter_actor(report), report=report)
    assert shown.headline == "收到了"
    assert [stage["at"] for stage in shown.stages if stage["label"] == "交办"] == [None]


def test_a_unit_returns_a_case_once(town):
    case, _ = make.case_in(town, "dispatched")
    send_back(town, case)
    actions.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    again = {"actor": town.actor("power"), "number": case.number, "reason": "not_my_duty", "text": "真不是我们。"}
    refused(actions.return_case, "returned_once", **again)
    assert Return.objects.filter(case_id=case.id).count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": "lazy"}, "unknown_reason"),
        ({"proposed_id": None, "text": " "}, "no_text"),
        ({"proposed_id": "power"}, "own_unit"),
        ({"proposed_id": "second"}, "unknown_unit"),
        ({"text": "长" * 301}, "text_too_long"),
    ],
)
def test_a_return_needs_a_reason_and_a_way_on(town, changes, code):
    case, _ = make.case_in(town, "dispatched")
    if isinstance(changes.get("proposed_id"), str):
        changes = changes | {"proposed_id": town.units[changes["proposed_id"]].id}
    values = {"reason": "not_my_duty", "proposed_id": None, "text": "不是我们的。"} | changes
    refused(actions.return_case, code, actor=town.actor("power"), number=case.number, **values)


def test_after_two_working_days_nothing_goes_back(town):
    case, _ = make.case_in(town, "dispatched")
    second_working_day = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)  # Wednesday, when offices close
    with clock.at(second_working_day + timedelta(seconds=1)):
        values = {"actor": town.actor("power"), "number": case.number, "reason": "not_my_duty", "text": "不是我们的。"}
        refused(actions.return_case, "too_late", **values)


def test_a_dispatch_is_taken_back_within_half_a_minute(town):
    case, _ = make.case_in(town, "dispatched")
    with clock.at(sent_at(case) + timedelta(seconds=30)):
        done = actions.undo_dispatch(actor=town.actor("dispatcher"), number=case.number)
    assert (done.status, done.owner_id) == ("received", town.units["centre"].id)
    assert not Return.objects.filter(case_id=case.id).exists()


def test_half_a_minute_later_it_stays(town):
    case, _ = make.case_in(town, "dispatched")
    with clock.at(sent_at(case) + timedelta(seconds=31)):
        refused(actions.undo_dispatch, "too_late", actor=town.actor("dispatcher"), number=case.number)


def test_nobody_takes_back_what_another_sent(town):
    case, _ = make.case_in(town, "dispatched")
    Assignment.objects.filter(county=case.county, case_id=case.id).update(dispatched_by=town.actor("power").post_id)
    refused(actions.undo_dispatch, "not_yours", actor=town.actor("dispatcher"), number=case.number)


def test_the_station_sends_back_on_the_case_page(town):
    case, _ = make.case_in(town, "dispatched")
    browser = town.client("power")
    page = browser.get(f"/cases/{case.number}/").content.decode()
    assert "不归我们办，退回" in page
    wrong = browser.post(f"/cases/{case.number}/return/", {"seen_version": case.version, "text": "在路面上。"})
    assert wrong.status_code == 422
    assert "请选一个退回原因" in wrong.content.decode() and "在路面上。" in wrong.content.decode()
    values = {"seen_version": case.version, "reason": "not_my_duty", "text": "在路面上。"}
    answer = browser.post(f"/cases/{case.number}/return/", values)
    assert (answer.status_code, answer["Location"]) == (302, "/orders/")
    listed = town.client("dispatcher").get("/cases/").content.decode()
    assert "退回待重派" in listed


def test_the_dispatcher_takes_back_on_the_case_page_for_half_a_minute(town):
    case, _ = make.case_in(town, "dispatched")
    browser = town.client("dispatcher")
    with clock.at(sent_at(case) + timedelta(seconds=20)):
        assert "撤回派单" in browser.get(f"/cases/{case.number}/").content.decode()
        answer = browser.post(f"/cases/{case.number}/undo-dispatch/", {"seen_version": case.version})
        assert answer.status_code == 302
    assert get_case(town.actor("dispatcher"), number=case.number).status == "received"


def test_after_half_a_minute_the_page_offers_no_undo(town):
    case, _ = make.case_in(town, "dispatched")
    with clock.at(sent_at(case) + timedelta(seconds=31)):
        page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert 'undo-dispatch/"' not in page
