"""Many reports, one case: nothing is lost on the way in or back, and each reporter has his own answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.cases import actions
from yijiaan.cases.models import Case, Merge, Rating, Report
from yijiaan.cases.queries import get_report_by_tracking, list_nearby, list_similar
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, TOWN, Town
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make.town()


def _three(town: Town) -> tuple[list[Case], list[make.Receipt]]:
    receipts = [
        make.report(text="涵洞塌了半边，车过不去。"),
        make.report(text="村口涵洞塌了，快来看看。"),
        make.report(text="涵洞那里塌了个大洞。"),
    ]
    return [make.case(receipt) for receipt in receipts], receipts


def _merge(town: Town, cases: list[Case]) -> Case:
    return actions.merge_cases(
        actor=town.actor("dispatcher"), number=cases[0].number, parts=[case.number for case in cases[1:]]
    )


def _finish(town: Town, number: str) -> None:
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id, category="0301"
    )
    actions.sign_case(actor=town.actor("power"), number=number)
    actions.finish_case(actor=town.actor("power"), number=number, result="涵洞修好了。")


def test_six_calls_become_one_case_and_each_is_answered(town: Town) -> None:
    cases, receipts = _three(town)
    into = _merge(town, cases)
    assert (into.report_count, into.status) == (3, "received")
    for part in cases[1:]:
        part.refresh_from_db()
        assert (part.status, part.report_count, part.close_reason, part.next_due_at) == ("merged", 0, "merged", None)
        assert not make.open_todos(part)
    assert {report.case_id for report in Report.objects.all()} == {into.id}
    _finish(town, into.number)
    case = Case.objects.get(id=into.id)
    if case.status == "verifying":  # more than one report is always looked at
        actions.verify_case(actor=town.actor("head"), number=into.number, is_passed=True)
    for receipt in receipts:
        page = Client().get(f"/p/{receipt.tracking_code}/").content.decode()
        assert "涵洞修好了。" in page
        assert "请您评价" in page
    actions.rate_report(actor=make.reporter(receipts[0]), result="satisfied")
    actions.rate_report(actor=make.reporter(receipts[2]), result="basically")
    assert Case.objects.get(id=into.id).status == "callback"  # one is still to be heard
    with pytest.raises(RuleError, match="已经评价过"):
        actions.rate_report(actor=make.reporter(receipts[0]), result="satisfied")
    actions.rate_report(actor=make.reporter(receipts[1]), result="satisfied")
    case = Case.objects.get(id=into.id)
    assert (case.status, case.close_reason) == ("closed", "solved")
    assert Rating.objects.filter(case=case).count() == 3


def _to_callback(town: Town) -> tuple[Case, list[make.Receipt]]:
    cases, receipts = _three(town)
    into = _merge(town, cases)
    _finish(town, into.number)
    actions.verify_case(actor=town.actor("head"), number=into.number, is_passed=True)
    return Case.objects.get(id=into.id), receipts


def test_one_no_sends_it_back_once_and_all_are_asked_again(town: Town) -> None:
    case, receipts = _to_callback(town)
    actions.rate_report(actor=make.reporter(receipts[0]), result="satisfied")
    actions.rate_report(actor=make.reporter(receipts[1]), result="dissatisfied", text="还有个坑")
    case.refresh_from_db()
    assert (case.status, case.reopened_count) == ("in_progress", 1)
    actions.finish_case(actor=town.actor("power"), number=case.number, result="坑也填了。")
    actions.verify_case(actor=town.actor("head"), number=case.number, is_passed=True)
    for receipt in receipts:
        actions.rate_report(actor=make.reporter(receipt), result="satisfied")
    case.refresh_from_db()
    assert case.status == "closed"


def test_the_centre_asks_those_who_have_not_answered_one_after_the_other(town: Town) -> None:
    case, receipts = _to_callback(town)
    numbers = [receipt.number for receipt in receipts]
    asked = {"actor": town.actor("dispatcher"), "number": case.number}
    actions.record_callback(**asked, result="satisfied", report_number=numbers[1])
    actions.record_callback(**asked, result="understanding")  # the first who has not answered
    assert set(Rating.objects.values_list("report__number", flat=True)) == {numbers[0], numbers[1]}
    with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
        actions.record_callback(**asked, result="satisfied", report_number="XY000")
    assert refused.value.code == "unknown_report"
    actions.record_callback(**asked, result="satisfied")
    case.refresh_from_db()
    assert (case.status, case.close_reason) == ("closed", "solved")


def test_silence_of_some_leaves_it_solved_silence_of_all_unreachable(town: Town) -> None:
    case, receipts = _to_callback(town)
    actions.rate_report(actor=make.reporter(receipts[0]), result="satisfied")
    other, _ = _to_callback(town)
    with clock.later(timedelta(days=8)):
        assert actions.close_unanswered(actor=system("tests")) == 2
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.close_reason, other.close_reason) == ("solved", "unreachable")


def test_who_takes_his_report_back_is_asked_no_more_and_the_others_go_on(town: Town) -> None:
    cases, receipts = _three(town)
    into = _merge(town, cases)
    actions.withdraw_report(actor=make.reporter(receipts[1]), text="我看错了")
    into.refresh_from_db()
    assert into.status == "received"
    with pytest.raises(RuleError) as refused:
        actions.withdraw_report(actor=make.reporter(receipts[1]))
    assert refused.value.code == "withdrawn_already"
    _finish(town, into.number)
    actions.verify_case(actor=town.actor("head"), number=into.number, is_passed=True)
    for receipt in (receipts[0], receipts[2]):
        actions.rate_report(actor=make.reporter(receipt), result="satisfied")
    into.refresh_from_db()
    assert into.status == "closed"


def test_a_merge_undone_gives_back_every_row(town: Town) -> None:
    cases, receipts = _three(town)
    columns = ("case_id", "id", "number", "text", "area_code", "received_at", "client_key", "withdrawn_at")
    before = set(Report.objects.values_list(*columns))
    _merge(town, cases)
    for part in cases[1:]:
        back = actions.unmerge_case(actor=town.actor("dispatcher"), number=part.number)
        assert (back.status, back.report_count, back.closed_at, back.close_reason) == ("received", 1, None, "")
        assert set(make.open_todos(back)) == {"dispatch"}
    assert set(Report.objects.values_list(*columns)) == before
    assert Case.objects.get(id=cases[0].id).report_count == 1
    assert Merge.objects.filter(undone_at=None).count() == 0
    for receipt in receipts:
        assert get_report_by_tracking(make.door(), code=receipt.tracking_code).number == receipt.number


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(orders=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5))
def test_any_order_of_merges_undone_backwards_is_the_beginning(town: Town, orders: list[tuple[int, int]]) -> None:
    receipts = [make.report(text=f"涵洞第{number}处塌了。") for number in range(4)]
    cases = [make.case(receipt) for receipt in receipts]
    before = dict(Report.objects.filter(case__in=cases).values_list("id", "case_id"))
    done = []
    for into, part in orders:
        try:
            actions.merge_cases(actor=town.actor("dispatcher"), number=cases[into].number, parts=[cases[part].number])
        except RuleError:
            continue
        done.append(part)
    assert Report.objects.filter(id__in=before).count() == 4
    for part in reversed(done):
        actions.unmerge_case(actor=town.actor("dispatcher"), number=cases[part].number)
    assert dict(Report.objects.filter(id__in=before).values_list("id", "case_id")) == before
    assert {case.report_count for case in Case.objects.filter(id__in=[case.id for case in cases])} == {1}


def test_what_cannot_be_merged_is_refused_with_the_reason(town: Town) -> None:
    cases, _ = _three(town)
    tip = make.case(make.report(kind="tip", text="有人夜里倒药渣"))
    closed, _ = make.case_in(town, "closed")
    mine = {"actor": town.actor("dispatcher")}
    for number, parts, code in (
        (cases[0].number, [], "no_parts"),
        (cases[0].number, [cases[0].number], "itself"),
        (cases[0].number, [closed.number], "wrong_state"),
        (closed.number, [cases[0].number], "wrong_state"),
    ):
        with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
            actions.merge_cases(**mine, number=number, parts=parts)
        assert refused.value.code == code
    with pytest.raises(NotFound), unchanged(*make.ROWS):
        actions.merge_cases(**mine, number=cases[0].number, parts=[tip.number])
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.merge_cases(actor=town.actor("power"), number=cases[0].number, parts=[cases[1].number])
    _merge(town, cases)
    with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):  # of a merged case
        actions.merge_cases(**mine, number=cases[0].number, parts=[cases[1].number])
    assert refused.value.code == "wrong_state"
    _finish(town, cases[0].number)
    actions.verify_case(actor=town.actor("head"), number=cases[0].number, is_passed=True)
    with clock.later(timedelta(days=8)):
        actions.close_unanswered(actor=system("tests"))
        with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
            actions.unmerge_case(**mine, number=cases[1].number)
    assert refused.value.code == "answered"


def test_one_report_is_split_off_into_a_case_of_its_own(town: Town) -> None:
    first = make.report(text="涵洞塌了半边。")
    case = make.case(first)
    second = actions.follow_case(
        actor=make.door(), intake=make.intake(text="井盖也没了。"), case_id=case.id, door=TOWN, channel="snap_report"
    )
    third = actions.follow_case(
        actor=make.door(), intake=make.intake(text="涵洞过不去车。"), case_id=case.id, door=TOWN, channel="snap_report"
    )
    assert Case.objects.get(id=case.id).report_count == 3
    own = actions.split_report(actor=town.actor("dispatcher"), number=case.number, report_number=second.number)
    assert (own.title, own.status, own.report_count) == ("井盖也没了", "received", 1)
    assert set(make.open_todos(own)) == {"dispatch"}
    assert Case.objects.get(id=case.id).report_count == 2
    with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
        actions.split_report(actor=town.actor("dispatcher"), number=own.number, report_number=second.number)
    assert refused.value.code == "last_report"
    page = Client().get(f"/p/{third.tracking_code}/").content.decode()
    assert "涵洞塌了半边" in page
    client = town.client("dispatcher")
    answer = client.post(
        f"/cases/{case.number}/split/",
        {"report": third.number, "seen_version": Case.objects.get(id=case.id).version},
        follow=True,
    )
    assert "拆出来了" in answer.content.decode()


def test_a_repeated_follow_gives_the_first_receipt(town: Town) -> None:
    case = make.case(make.report())
    intake = make.intake(text="俺这边也不亮。")
    again = [
        actions.follow_case(actor=make.door(), intake=intake, case_id=case.id, door=TOWN, channel="snap_report")
        for _ in range(2)
    ]
    assert again[0].number == again[1].number
    assert (again[0].is_new, again[1].is_new) == (True, False)
    assert Case.objects.get(id=case.id).report_count == 2


def test_nobody_follows_what_has_ended_or_is_confidential(town: Town) -> None:
    closed, _ = make.case_in(town, "closed")
    tip = make.case(make.report(kind="tip", text="有人夜里倒药渣"))
    for case in (closed, tip):
        with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
            actions.follow_case(
                actor=make.door(), intake=make.intake(), case_id=case.id, door=TOWN, channel="snap_report"
            )
        assert refused.value.code == "not_there"


def test_the_page_names_the_likely_ones_with_the_reason_and_merges(town: Town) -> None:
    cases, _ = _three(town)
    far = make.report(text="低保怎么办理？", lon=None, lat=None)
    client = town.client("dispatcher")
    page = client.get(f"/cases/{cases[0].number}/merge/").content.decode()
    assert cases[1].number in page
    assert "相距约 10 米" in page
    assert make.case(far).number not in page
    answer = client.post(
        f"/cases/{cases[0].number}/merge/",
        {"seen_version": cases[0].version, "parts": [cases[1].number], "other": cases[2].number},
        follow=True,
    )
    assert "一共 3 个诉求" in answer.content.decode()
    merged = client.get(f"/cases/{cases[1].number}/").content.decode()
    assert "这件已经并进" in merged
    assert "撤销并案" in merged


def test_candidates_cost_a_fixed_number_of_statements(town: Town) -> None:
    cases, _ = _three(town)
    list_similar(town.actor("dispatcher"), case=cases[0])
    with CaptureQueriesContext(connection) as few:
        list_similar(town.actor("dispatcher"), case=cases[0])
    for _ in range(5):
        make.report(text="涵洞塌了半边，车过不去。")
    with CaptureQueriesContext(connection) as many:
        found = list_similar(town.actor("dispatcher"), case=cases[0])
    assert len(found) == 5
    assert len(many) == len(few) == 3


def test_a_resident_is_shown_what_was_reported_nearby_without_anybodys_words(town: Town) -> None:
    make.report(text="三村东头路灯又不亮咧，老张家门口。")
    make.report(text="邻居垒墙占了滴水檐，吵起来了。")
    make.report(kind="tip", text="路灯的钱让人贪了。")
    lon, lat = make.land.middle(0)
    door = f"/t/{town.grids[0].parent.parent.door_token}/nearby/"
    page = Client().get(door, {"text": "路灯不亮", "lon": lon, "lat": lat}).content.decode()
    assert "附近有人报过" in page
    assert page.count('name="follow"') == 2  # the lamp, and none of them
    for hidden in ("老张", "滴水", "贪", COUNTY + "2611"):
        assert hidden not in page
    assert Client().get(door, {"text": "路灯不亮"}).content.decode().strip() == ""
    assert Client().get(door, {"text": "x\0y", "lon": "nan", "lat": "1e999"}).status_code == 200
    assert list_nearby(make.door(), area_code=town.grids[0].code, text="牛跑了", lon=None, lat=None) == []


def test_a_resident_follows_instead_of_reporting_again(town: Town) -> None:
    first = make.report(text="三村东头路灯又不亮咧。")
    lon, lat = make.land.middle(0)
    door = town.grids[0].parent.parent.door_token
    page = Client().get(f"/t/{door}/nearby/", {"text": "路灯不亮", "lon": lon, "lat": lat}).content.decode()
    key = page.split('name="follow" value="')[1].split('"')[0]
    answer = Client().post(
        f"/t/{door}/report/",
        {"text": "路灯不亮", "lon": lon, "lat": lat, "client_key": str(make.uuid4()), "follow": key},
    )
    assert answer.status_code == 302
    case = make.case(first)
    assert case.report_count == 2
    forged = Client().post(
        f"/t/{door}/report/",
        {"text": "路灯不亮", "lon": lon, "lat": lat, "client_key": str(make.uuid4()), "follow": f"{case.id}:forged"},
    )
    assert forged.status_code == 302
    assert make.case(first).report_count == 2
