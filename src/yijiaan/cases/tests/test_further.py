"""Handing up, verifying, refusing, two persons, taking back, beginning again, and words from above."""

from datetime import timedelta
from functools import partial

import pytest

from yijiaan.accounts.tests import make as people
from yijiaan.cases import actions, sampling
from yijiaan.cases.models import Case, Hop, Note, Proposal, ReportUp, Verification
from yijiaan.cases.queries import count_waiting, get_report_by_tracking, public_progress
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, Refusal
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos


def refused(code, deed, **values):
    """The deed is refused with this code and changes nothing."""
    with unchanged(*make.ROWS), pytest.raises(Refusal) as error:
        deed(**values)
    assert error.value.code == code
    return error.value


def told():
    """What units have been told, once the journal is delivered."""
    with clock.later(timedelta(days=60)):
        while deliver(actor=system("tests")):
            pass
    return set(Notice.objects.values_list("unit_id", "title"))


def in_village(town):
    """A case that the village has taken on itself."""
    case, receipt = make.case_in(town, "received")
    actions.take_case(actor=town.actor("head"), number=case.number)
    return make.case(receipt), receipt


def test_a_village_hands_up_what_it_cannot_solve_and_the_centre_confirms(town):
    case, receipt = in_village(town)
    power, centre = town.units["power"], town.units["centre"]
    with clock.later(timedelta(hours=3)):
        up = actions.report_up(
            actor=town.actor("head"), number=case.number, tried="换了两回灯泡，线路不通。", proposed_id=power.id
        )
    assert (up.status, up.owner_id, up.level, up.hop_count) == ("received", centre.id, "town", 2)
    row = ReportUp.objects.get(case=case)
    assert (row.unit_id, row.proposed_id, row.level, row.reported_by_id) == (
        town.units["first"].id, power.id, "town", town.posts["head"].id,
    )  # fmt: skip
    hops = Hop.objects.filter(case=case).order_by("moved_at").values_list("kind", "to_unit_id", "level", "held_seconds")
    assert list(hops) == [("take", town.units["first"].id, "village", 0), ("report_up", centre.id, "town", 3 * 3600)]
    assert set(make.open_todos(up)) == {"dispatch", "first_contact"} or set(make.open_todos(up)) == {"dispatch"}
    assert (centre.id, f"提级上报，请确认派给谁：{case.title}") in told()
    page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "换了两回灯泡，线路不通。" in page
    assert f'<option value="{power.id}" selected>' in page
    assert "现在在镇，转手 2 次" in page and f'{town.units["first"].name} <span class="reason num">3 时</span>' in page


def test_handing_up_is_refused_by_its_rules(town):
    case, _ = in_village(town)
    here = {"number": case.number, "tried": "试过了。"}
    up = actions.report_up
    refused("empty_tried", up, actor=town.actor("head"), number=case.number, tried="  ")
    refused("unknown_unit", up, actor=town.actor("head"), **here, proposed_id=town.units["second"].id)
    refused("own_unit", up, actor=town.actor("head"), **here, proposed_id=town.units["first"].id)
    with pytest.raises(NotAllowed):
        up(actor=town.actor("dispatcher"), **here)
    with pytest.raises(NotFound):
        up(actor=town.actor("other_worker"), **here)
    other, _ = make.case_in(town, "received")
    refused("wrong_state", up, actor=town.actor("head"), number=other.number, tried="试过了。")
    signed, _ = make.case_in(town, "in_progress")
    refused("not_owner", up, actor=town.actor("head"), number=signed.number, tried="试过了。")


def test_a_station_hands_up_to_the_county(town):
    case, _ = make.case_in(town, "in_progress")
    up = actions.report_up(actor=town.actor("power"), number=case.number, tried="要换变压器，镇里没有权限。")
    assert (up.owner_id, up.level) == (town.units["county"].id, "county")


def test_safety_is_verified_by_somebody_other_than_the_handler(town):
    case, receipt = make.case_in(town, "verifying")
    first = town.units["first"]
    assert (case.status, case.owner_id) == ("verifying", first.id)
    assert make.open_todos(case)["verify"].due_at == case.next_due_at
    assert [part.status for part in count_waiting(town.actor("worker"))] == ["verifying"]
    assert "verifying" not in [part.status for part in count_waiting(town.actor("other_worker"))]
    shown = public_progress(
        make.reporter(receipt), report=get_report_by_tracking(make.door(), code=receipt.tracking_code)
    )
    assert shown.headline == "办好了，正在核查" and not shown.can_rate
    refused("no_text", actions.verify_case, actor=town.actor("worker"), number=case.number, is_passed=False)
    with clock.later(timedelta(days=1)):
        back = actions.verify_case(actor=town.actor("worker"), number=case.number, is_passed=False, text="箱门没锁。")
    assert (back.status, back.owner_id, back.rework_count, back.handled_at) == (
        "in_progress", town.units["power"].id, 1, None,
    )  # fmt: skip
    assert set(make.open_todos(back)) == {"handle"}
    assert (town.units["power"].id, f"核查不过，请再办：{case.title}") in told()
    with clock.later(timedelta(days=2)):
        actions.finish_case(actor=town.actor("power"), number=case.number, result="锁上了。")
        done = actions.verify_case(actor=town.actor("head"), number=case.number, is_passed=True)
    assert (done.status, done.owner_id) == ("callback", town.units["power"].id)
    assert list(Verification.objects.order_by("verified_at").values_list("is_passed", flat=True)) == [False, True]


def test_nobody_verifies_his_own_work_in_whichever_post(town):
    case, _ = in_village(town)
    actions.classify_case(actor=town.actor("dispatcher"), number=case.number, category="0203")
    done = actions.finish_case(actor=town.actor("head"), number=case.number, result="换了烟筒。")
    assert (done.status, done.owner_id) == ("verifying", town.units["centre"].id)  # the village handled it itself
    second = people.actor(people.post(town.units["centre"], "dispatcher", make.TOWN, user=town.posts["head"].user))
    refused("same_person", actions.verify_case, actor=second, number=case.number, is_passed=True)
    refused("not_yours", actions.verify_case, actor=town.actor("worker"), number=case.number, is_passed=True)
    actions.verify_case(actor=town.actor("dispatcher"), number=case.number, is_passed=True)


def test_a_sample_of_the_rest_is_verified_and_the_draw_never_changes(town, settings):
    drawn = [make.case_in(town, "received")[0] for _ in range(40)]
    settings.VERIFY_SAMPLE_PERCENT = 10
    first = [sampling.in_sample(case) for case in drawn]
    assert first == [sampling.in_sample(case) for case in drawn]
    settings.VERIFY_SAMPLE_PERCENT = 100
    assert all(sampling.in_sample(case) for case in drawn)
    case, _ = make.case_in(town, "in_progress")
    assert actions.finish_case(actor=town.actor("power"), number=case.number, result="好了。").status == "verifying"
    settings.VERIFY_SAMPLE_PERCENT = 0
    assert not any(sampling.in_sample(case) for case in drawn)


def test_a_tip_is_not_shown_to_a_verifier(town, settings):
    settings.VERIFY_SAMPLE_PERCENT = 100
    receipt = make.report(kind="tip")
    number = make.case(receipt).number
    tips = town.actor("tips")
    actions.dispatch_case(actor=tips, number=number, lead_id=town.units["discipline"].id)
    actions.sign_case(actor=tips, number=number)
    assert actions.finish_case(actor=tips, number=number, result="核实了。").status == "callback"


def test_a_refusal_tells_the_reporter_where_to_turn(town):
    case, receipt = make.case_in(town, "received")
    reject = partial(actions.reject_case, actor=town.actor("dispatcher"), number=case.number)
    refused("unknown_reason", reject, reason="tired", text="不办")
    refused("no_route", reject, reason="judicial", text=" ")
    with pytest.raises(NotAllowed):
        actions.reject_case(actor=town.actor("head"), number=case.number, reason="judicial", text="法院在办。")
    done = reject(reason="judicial", text="法院在办，判了不服可上诉。")
    assert (done.status, done.close_reason, done.solved_at_level, done.next_due_at) == (
        "rejected",
        "judicial",
        "",
        None,
    )
    assert make.open_todos(done) == {}
    shown = public_progress(
        make.reporter(receipt), report=get_report_by_tracking(make.door(), code=receipt.tracking_code)
    )
    assert (shown.headline, shown.detail) == ("这件事不归这里受理", "涉诉涉仲裁。法院在办，判了不服可上诉。")
    refused("wrong_state", reject, reason="judicial", text="再来一次")


def test_a_complaint_is_refused_by_two_persons(town):
    case, receipt = make.case_in(town, "received", kind="complaint")
    here = {"actor": town.actor("dispatcher"), "number": case.number}
    asked = actions.reject_case(**here, reason="not_government", text="两家合同的事，可找法律援助。")
    assert asked.status == "received"
    refused("already_proposed", actions.reject_case, **here, reason="judicial", text="法院在办。")
    refused("same_person", actions.decide_proposal, **here, is_agreed=True)
    other = {"actor": town.actor("centre_head"), "number": case.number}
    refused("no_answer", actions.decide_proposal, **other, is_agreed=False)
    page = town.client("centre_head").get(f"/cases/{case.number}/").content.decode()
    assert "等另一个人复核：不予受理" in page and f'action="/cases/{case.number}/decide/"' in page
    assert (
        f'action="/cases/{case.number}/decide/"'
        not in town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    )
    kept = actions.decide_proposal(**other, is_agreed=False, answer="合同里有村委，该管。")
    assert kept.status == "received"
    actions.reject_case(**here, reason="not_government", text="两家合同的事，可找法律援助。")
    done = actions.decide_proposal(**other, is_agreed=True)
    assert (done.status, done.close_reason) == ("rejected", "not_government")
    refused("no_proposal", actions.decide_proposal, **other, is_agreed=True)
    assert [row.is_agreed for row in Proposal.objects.order_by("proposed_at", "id")] == [False, True]


def said_no_twice(town):
    """A reporter who was dissatisfied, and again."""
    case, receipt = make.case_in(town, "callback")
    reporter = make.reporter(receipt)
    actions.rate_report(actor=reporter, result="dissatisfied", text="没修好")
    refused("wrong_state", actions.close_explained, actor=town.actor("dispatcher"), number=case.number, text="讲过了。")
    actions.finish_case(actor=town.actor("power"), number=case.number, result="又修了。")
    actions.verify_case(actor=town.actor("worker"), number=case.number, is_passed=True)
    refused("not_said", actions.close_explained, actor=town.actor("dispatcher"), number=case.number, text="讲过了。")
    actions.rate_report(actor=reporter, result="dissatisfied", text="还是不亮")
    return make.case(receipt), receipt


def test_what_cannot_be_solved_is_explained_and_closed_by_two_persons(town):
    case, receipt = said_no_twice(town)
    here = {"actor": town.actor("dispatcher"), "number": case.number}
    refused("no_text", actions.close_explained, **here, text=" ")
    assert actions.close_explained(**here, text="线路要等农网改造，计划在明年三月。").status == "callback"
    refused("same_person", actions.decide_proposal, **here, is_agreed=True)
    done = actions.decide_proposal(actor=town.actor("centre_head"), number=case.number, is_agreed=True)
    assert (done.status, done.close_reason, done.solved_at_level) == ("closed", "explained", "town")


def test_the_centre_may_have_it_done_once_more(town):
    case, _ = said_no_twice(town)
    refused("no_text", actions.redo_case, actor=town.actor("dispatcher"), number=case.number, text="")
    again = actions.redo_case(actor=town.actor("dispatcher"), number=case.number, text="请供电所换整根灯杆。")
    assert (again.status, again.owner_id, again.reopened_count) == ("in_progress", town.units["power"].id, 2)


@pytest.mark.parametrize("state", ["received", "dispatched", "in_progress"])
def test_a_reporter_takes_it_back_and_the_holder_is_told(town, state):
    case, receipt = make.case_in(town, state)
    done = actions.withdraw_report(actor=make.reporter(receipt), text="自己亮了。")
    assert (done.status, done.close_reason, make.open_todos(done)) == ("withdrawn", "withdrawn", {})
    assert (case.owner_id, f"报事人撤回了，不用再办：{case.title}") in told()
    assert Note.objects.get(case=case).text == "自己亮了。"
    refused("wrong_state", actions.withdraw_report, actor=make.reporter(receipt))
    for somebody in (town.actor("dispatcher"), make.door()):
        with unchanged(*make.ROWS), pytest.raises(NotFound):
            actions.withdraw_report(actor=somebody)


def test_new_facts_begin_a_closed_case_again_within_thirty_days(town):
    case, receipt = make.case_in(town, "closed")
    reporter = make.reporter(receipt)
    refused("no_text", actions.reopen_case, actor=reporter, text="")
    with clock.at(case.closed_at + timedelta(days=30, seconds=1)):
        refused("too_late", actions.reopen_case, actor=reporter, text="又不亮了。")
    with clock.at(case.closed_at + timedelta(days=29)):
        again = actions.reopen_case(actor=reporter, text="又不亮了。")
        assert (again.status, again.owner_id, again.reopened_count, again.close_reason, again.solved_at_level) == (
            "received", town.units["centre"].id, 1, "", "",
        )  # fmt: skip
        assert (town.units["centre"].id, f"结案后又有新情况，请派单：{case.title}") in told()
        refused("wrong_state", actions.reopen_case, actor=reporter, text="又不亮了。")
        actions.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
    other, _ = make.case_in(town, "closed")
    with pytest.raises(NotAllowed):
        actions.reopen_case(actor=town.actor("head"), number=other.number, text="又不亮了。")
    actions.reopen_case(actor=town.actor("dispatcher"), number=other.number, text="又不亮了。")


def test_words_from_above_move_nothing(town):
    case, receipt = make.case_in(town, "in_progress")
    power, leader = town.units["power"], town.actor("leader")
    before = make.open_todos(case)["handle"].due_at
    actions.urge_case(actor=town.actor("dispatcher"), number=case.number)
    refused("empty_text", actions.supervise_case, actor=leader, number=case.number, text="")
    actions.supervise_case(actor=leader, number=case.number, text="三天内办好。")
    done = actions.instruct_case(actor=leader, number=case.number, text="请供电所长去看。")
    assert (done.status, done.owner_id, done.supervision) == ("in_progress", power.id, "supervised")
    assert make.open_todos(done)["handle"].due_at == before
    assert {title for unit, title in told() if unit == power.id} >= {
        f"有人催办：{case.title}", f"督办：{case.title}", f"有批示：{case.title}",
    }  # fmt: skip
    for deed in (actions.urge_case, actions.supervise_case, actions.instruct_case):
        with pytest.raises(NotAllowed):
            deed(actor=town.actor("power"), number=case.number, text="抓紧。")
    page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "已督办" in page and "请供电所长去看。" in page
    assert actions.urge_case(actor=make.reporter(receipt)).supervision == "supervised"


def test_a_reporter_urges_once_a_day(town):
    case, receipt = make.case_in(town, "dispatched")
    reporter = make.reporter(receipt)
    actions.urge_case(actor=reporter, text="家里有老人。")
    error = refused("urged_already", actions.urge_case, actor=reporter)
    assert "打电话" in error.message
    with clock.later(timedelta(hours=25)):
        actions.urge_case(actor=reporter)
    assert Entry.objects.filter(verb="cases.urged", actor_kind="reporter").count() == 2
    done, closed = make.case_in(town, "closed")
    refused("wrong_state", actions.urge_case, actor=make.reporter(closed))


def test_what_one_may_do_freely_does_not_wait_for_him(town):
    make.case_in(town, "in_progress")
    make.case_in(town, "closed")
    assert count_waiting(town.actor("dispatcher")) == []
    assert count_waiting(town.actor("leader")) == []


def test_the_pages_make_each_move_and_lose_nothing_that_was_typed(town):
    case, _ = in_village(town)
    head = town.client("head")
    page = head.get(f"/field/cases/{case.number}/").content.decode()
    assert f'action="/cases/{case.number}/report-up/"' in page
    bad = head.post(
        f"/cases/{case.number}/report-up/",
        {"face": "field", "seen_version": case.version, "tried": "", "proposed": ""},
    )
    assert bad.status_code == 422 and "请写一句已经做了什么" in bad.content.decode()
    stale = head.post(
        f"/cases/{case.number}/report-up/", {"face": "field", "seen_version": case.version - 1, "tried": "试过两回。"}
    )
    assert stale.status_code == 409 and "试过两回。" in stale.content.decode()
    done = head.post(
        f"/cases/{case.number}/report-up/", {"face": "field", "seen_version": case.version, "tried": "试过两回。"}
    )
    assert done.status_code == 302
    assert Case.objects.get(id=case.id).status == "received"


def test_the_progress_page_lets_a_reporter_act(town, client):
    case, receipt = make.case_in(town, "dispatched")
    address = f"/p/{receipt.tracking_code}/"
    page = client.get(address).content.decode()
    assert f'action="{address}urge/"' in page and f'action="{address}withdraw/"' in page
    assert client.post(f"{address}urge/", {"text": "快点"}).status_code == 302
    again = client.post(f"{address}urge/", {"text": "再快点"})
    assert (
        again.status_code == 422 and "再快点" in again.content.decode() and "已经替您催过了" in again.content.decode()
    )
    assert client.post(f"{address}withdraw/", {"text": ""}).status_code == 302
    assert "您撤回了这件事" in client.get(address).content.decode()
    closed, other = make.case_in(town, "closed")
    address = f"/p/{other.tracking_code}/"
    assert f'action="{address}reopen/"' in client.get(address).content.decode()
    assert client.post(f"{address}reopen/", {"text": "又不亮了"}).status_code == 302
    assert make.case(other).status == "received"


def test_the_list_shows_whatever_has_ended_and_what_is_pressed(town):
    make.case_in(town, "rejected")
    make.case_in(town, "withdrawn")
    make.case_in(town, "closed")
    pressed, _ = make.case_in(town, "in_progress")
    actions.supervise_case(actor=town.actor("leader"), number=pressed.number, text="三天内办好。")
    desk = town.client("dispatcher")
    page = desk.get("/cases/?tab=closed").content.decode()
    assert all(label in page for label in ("不予受理", "已撤回", "已结案"))
    assert desk.get("/cases/?tab=rejected").content.decode().count('aria-current="page"') >= 1
    found = desk.get("/cases/?tab=all&only=supervised").content.decode()
    assert pressed.number in found and found.count('class="title"') == 1
    with clock.later(timedelta(days=30)):
        tell_due_todos(actor=system("tests"))
    assert pressed.number in town.client("leader").get("/cases/?tab=all&only=red").content.decode()
    assert pressed.number not in desk.get("/cases/?tab=all&only=yellow").content.decode()
