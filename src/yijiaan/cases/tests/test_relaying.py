"""捎话 and 代打电话: who handles a case reaches its reporter without his number, and the reporter answers."""

from datetime import timedelta

import pytest
from django.test import Client

from yijiaan.cases import actions
from yijiaan.cases.models import CallTask, Note, Report
from yijiaan.cases.queries.calls import list_calls_to_make
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def refused(deed, **arguments):
    """The code of the RuleError."""
    with pytest.raises(RuleError) as error:
        deed(**arguments)
    return error.value.code


def page_of(town, receipt):
    return Client().get(f"/p/{receipt.tracking_code}/").content.decode()


def test_a_message_reaches_the_reporter_who_answers_and_nobody_sees_his_number(town):
    case, receipt = make.case_in(town, "in_progress")
    power = town.actor("power")
    due = case.next_due_at
    after = actions.relay_message(actor=power, number=case.number, text="明早八点到您门口，方便吗？")
    assert (after.status, after.next_due_at) == ("in_progress", due)
    assert "明早八点到您门口" in page_of(town, receipt)
    actions.reply_to_relay(actor=make.reporter(receipt), text="方便，走东头")
    seen = town.client("power").get(f"/cases/{case.number}/").content.decode()
    assert "方便，走东头" in seen
    assert make.PHONE not in seen
    deliver(actor=system("tests"))
    told = Notice.objects.filter(unit_id=power.unit_id, title__startswith="报事人回话了")
    assert told.count() == 1


def test_each_reporter_of_a_case_reads_the_message_and_only_his_own_answer(town):
    case, first = make.case_in(town, "in_progress")
    second = make.report(text="路灯也不亮")
    actions.merge_cases(actor=town.actor("dispatcher"), number=case.number, parts=[make.case(second).number])
    actions.relay_message(actor=town.actor("power"), number=case.number, text="材料到了就换")
    actions.reply_to_relay(actor=make.reporter(first), text="甲的回话")
    one, other = page_of(town, first), page_of(town, second)
    assert "材料到了就换" in one
    assert "材料到了就换" in other
    assert "甲的回话" in one
    assert "甲的回话" not in other


def test_messages_are_refused_in_words_and_leave_nothing(town):
    case, receipt = make.case_in(town, "in_progress")
    power = town.actor("power")
    here = {"actor": power, "number": case.number}
    assert refused(actions.relay_message, **here, text=" ") == "no_text"
    with pytest.raises((NotFound, NotAllowed)):
        actions.relay_message(actor=town.actor("enforcement"), number=case.number, text="让我来")
    assert refused(actions.relay_message, actor=town.actor("head"), number=case.number, text="顺便") == "not_handling"
    assert refused(actions.reply_to_relay, actor=make.reporter(receipt), text="在吗") == "nothing_said"
    assert not Note.objects.filter(case_id=case.id, kind="relayed").exists()
    for _ in range(5):
        actions.relay_message(**here, text="再说一句")
    assert refused(actions.relay_message, **here, text="又一句") == "relayed_often"
    with clock.later(timedelta(days=1)):
        actions.relay_message(**here, text="第二天")
    Report.objects.filter(county=case.county, id=receipt.report_id).update(entered_by=power.post_id)
    with clock.later(timedelta(days=2)):
        assert refused(actions.relay_message, **here, text="看得到吗") == "nobody_reads"


def test_the_centre_rings_for_a_unit_and_tells_it_what_was_said(town):
    case, _ = make.case_in(town, "in_progress")
    power, centre = town.actor("power"), town.actor("dispatcher")
    actions.ask_call(actor=power, number=case.number, text="问清楚是哪根电杆")
    assert refused(actions.ask_call, actor=power, number=case.number, text="再问") == "asked_already"
    list(list_calls_to_make(centre))
    with assert_statements(1):
        assert [call.words for call in list_calls_to_make(centre)] == ["问清楚是哪根电杆"]
    assert "问清楚是哪根电杆" in town.client("dispatcher").get("/cases/calls/").content.decode()
    assert town.client("power").get("/cases/calls/").status_code == 403
    page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "电话打过了" in page
    said = {"actor": centre, "number": case.number}
    assert refused(actions.record_call, **said, is_reached=True, text="") == "no_text"
    actions.record_call(**said, is_reached=True, text="东头第三根")
    assert refused(actions.record_call, **said, is_reached=True, text="东头第三根") == "nothing_asked"
    call = CallTask.objects.get(case_id=case.id)
    assert (call.is_reached, call.answer) == (True, "东头第三根")
    assert "东头第三根" in town.client("power").get(f"/cases/{case.number}/").content.decode()
    deliver(actor=system("tests"))
    assert Notice.objects.filter(unit_id=power.unit_id, title__startswith="请代打的电话打过了").count() == 1
    assert not list(list_calls_to_make(centre))


def test_a_call_that_nobody_answered_is_told_and_may_be_asked_for_again(town):
    case, _ = make.case_in(town, "in_progress")
    power = town.actor("power")
    actions.ask_call(actor=power, number=case.number, text="问门牌号")
    actions.record_call(actor=town.actor("dispatcher"), number=case.number, is_reached=False)
    assert "没有打通" in town.client("power").get(f"/cases/{case.number}/").content.decode()
    actions.ask_call(actor=power, number=case.number, text="再打一次")
    assert CallTask.objects.filter(case_id=case.id).count() == 2


def test_a_case_that_has_ended_asks_for_no_call(town):
    case, receipt = make.case_in(town, "in_progress")
    actions.ask_call(actor=town.actor("power"), number=case.number, text="问门牌号")
    actions.withdraw_report(actor=make.reporter(receipt), text="好了")
    assert not list(list_calls_to_make(town.actor("dispatcher")))


def test_who_left_no_phone_is_not_rung(town):
    case, _ = make.case_in(town, "in_progress", reporter_phone="", reporter_name="")
    assert refused(actions.ask_call, actor=town.actor("power"), number=case.number, text="问问") == "no_phone"


def test_the_pages_do_what_they_say(town):
    case, receipt = make.case_in(town, "in_progress")
    client = town.client("power")
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "给报事人捎话" in page
    assert "请中心代打电话" in page
    answer = client.post(f"/cases/{case.number}/relay/", {"text": "", "seen_version": case.version})
    assert answer.status_code == 422
    assert "请写要捎的话" in answer.content.decode()
    assert (
        client.post(f"/cases/{case.number}/relay/", {"text": "下午到", "seen_version": case.version}).status_code == 302
    )
    public = Client()
    answer = public.post(f"/p/{receipt.tracking_code}/reply/", {"text": ""})
    assert answer.status_code == 422
    assert public.post(f"/p/{receipt.tracking_code}/reply/", {"text": "好的"}).status_code == 302
    assert "好的" in page_of(town, receipt)
