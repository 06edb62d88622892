"""What a board reads of the cases: one statement for all that is open, one for its rows, and the deeds behind each day count."""

import random
from datetime import timedelta

import pytest

from yijiaan.areas.tests.make import SECOND
from yijiaan.cases import actions
from yijiaan.cases.models import COUNTED, Case
from yijiaan.cases.queries import (
    TABS,
    board,
    count_by_day,
    count_kept,
    count_live,
    get_undo,
    list_cases,
    list_counted,
    list_emergencies,
    list_work,
    list_work_numbers,
    suggest_dispatch,
)
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, FIRST, PHONE, TOWN
from yijiaan.cases.tests.test_rollups import DEEDS
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, Refusal
from yijiaan.core.testing import assert_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def wander(town, seed, cases=8, hours=30):
    """Reports in several grids, each led some way by deeds that may be refused."""
    draw = random.Random(seed)  # noqa: S311 - a course to follow again, no secret
    late = timedelta()
    for number in range(cases):
        late += timedelta(hours=draw.randrange(0, hours))
        with clock.later(late):
            lon, lat = make.land.middle(draw.randrange(4))
            where = {"lon": lon, "lat": lat}
            if draw.random() < 0.3:  # somewhere in the town, or in a village
                where = {"lon": None, "lat": None} | draw.choice([{}, {"area_code": FIRST}])
            kind = "tip" if draw.random() < 0.1 else "help"
            receipt = make.report(kind=kind, reporter_phone=f"1541000000{number % 3}", **where)
            for _ in range(draw.randrange(6)):
                name = draw.choice(sorted(DEEDS))
                with clock.later(timedelta(minutes=draw.randrange(200))):
                    try:
                        DEEDS[name](town, make.case(receipt).number, receipt)
                    except Refusal:
                        continue
    return late


def test_the_live_counts_are_one_statement_and_equal_the_lists(town):
    for seed in range(4):
        late = wander(town, seed)
        for viewer in ("dispatcher", "leader", "county", "tips", "head", "stranger"):
            actor = town.actor(viewer)
            with clock.later(late + timedelta(hours=seed * 20)):
                now = clock.now()
            # around a moment at which something is due
            due = list_cases(actor).open().order_by("next_due_at").values_list("next_due_at", flat=True)
            moments = [now, *(moment + timedelta(hours=by) for moment in due[:2] for by in (-24, -1, 0, 1))]
            with clock.at(moments[seed % len(moments)]):
                now = clock.now()
                count_live(actor, at=now)
                with assert_statements(1):
                    live = count_live(actor, at=now)
                cases = list(list_cases(actor).open())
                assert live.total.open == len(cases)
                assert live.total.late == sum(case.next_due_at < now for case in cases)
                assert live.total.soon == sum(now <= case.next_due_at < now + timedelta(hours=24) for case in cases)
                assert sum(live.ahead) == live.total.soon
                assert sum(live.overdue_by_day.values()) == live.total.late
                assert {code: tally.open for code, tally in live.by_place.items()} == {
                    code: sum(case.area_code == code for case in cases) for code in {case.area_code for case in cases}
                }
                for tab in TABS:
                    items = list_work(actor, tab=tab, at=now, limit=500)
                    assert len(items) == live.by_tab[tab]
                    assert [item.number for item in items] == list_work_numbers(actor, tab=tab, at=now, limit=500)
                assert (
                    sum(live.by_tab[tab] for tab in ("new", "returned", "sign", "verify", "callback"))
                    + (sum(case.status == "in_progress" for case in cases))
                    == live.total.open
                )
                inside = count_live(actor, at=now, area_code=FIRST)
                assert inside.total == live.inside(FIRST)


def test_what_is_known_of_an_earlier_moment_is_what_would_be_counted_anew(town):
    for seed in range(2):
        wander(town, seed)
    actor = town.actor("county")
    due = list_cases(actor).open().order_by("next_due_at").values_list("next_due_at", flat=True)
    assert len(due) > 3
    steps = [timedelta(hours=hours, seconds=seconds) for hours in range(-26, 4, 2) for seconds in (0, 1)]
    moments = sorted(moment + step for moment in due[:4] for step in steps)
    known = [count_live(actor, at=moment) for moment in moments]
    anew = []
    for moment in moments:
        board.forget_live()
        anew.append(count_live(actor, at=moment))
    assert known == anew


def test_a_case_taken_back_and_another_moved_are_seen_by_the_process_that_counted_before(town):
    actor = town.actor("dispatcher")
    case, _ = make.case_in(town, "received")
    other = SECOND
    with clock.later(timedelta()):
        before = count_live(actor, at=clock.now())
        actions.classify_case(actor=actor, number=case.number, area_code=other)
        after = count_live(actor, at=clock.now())
    assert before.total == after.total
    assert (case.area_code in before.by_place, case.area_code in after.by_place) == (True, False)
    assert after.by_place[other].open == 1


def test_the_digest_changes_with_every_deed_and_with_nothing_else(town):
    actor = town.actor("dispatcher")
    with clock.later(timedelta()):
        now = clock.now()
        receipt = make.report()
        first = count_live(actor, at=now).digest
        assert count_live(actor, at=now).digest == first
        number = make.case(receipt).number
        actions.dispatch_case(actor=actor, number=number, lead_id=town.units["power"].id)
        second = count_live(actor, at=now).digest
        actions.sign_case(actor=town.actor("power"), number=number)
        assert len({first, second, count_live(actor, at=now).digest}) == 3


def test_a_row_says_what_a_dispatcher_decides_by_in_two_statements(town):
    make.report(text="前天也报过")
    receipt = make.report(text="路灯不亮，娃娃害怕", external_number="12345-77")
    case = make.case(receipt)
    actor, now = town.actor("dispatcher"), clock.now()
    list_work(actor, tab="new", at=now)
    with assert_statements(2):
        rows = {row.number: row for row in list_work(actor, tab="new", at=now)}
    row = rows[case.number]
    assert (row.times_told, row.external_number, row.phone) == (2, "12345-77", "154****2217")
    assert row.suggestion == suggest_dispatch(actor, case=case, text=f"{case.title} 路灯不亮，娃娃害怕")
    assert PHONE not in repr(row)


def test_a_tip_from_the_same_phone_is_no_earlier_report(town):
    make.report(kind="tip")
    case = make.case(make.report())
    (row,) = list_work(town.actor("dispatcher"), tab="new", at=clock.now())
    assert (row.number, row.times_told) == (case.number, 1)


def test_what_was_sent_back_waits_apart_with_its_reason_and_the_unit_proposed(town):
    case, _ = make.case_in(town, "dispatched")
    actions.return_case(
        actor=town.actor("power"), number=case.number, reason="not_my_duty",
        proposed_id=town.units["enforcement"].id, text="归执法",
    )  # fmt: skip
    live = count_live(town.actor("dispatcher"), at=clock.now())
    assert (live.by_tab["new"], live.by_tab["returned"]) == (0, 1)
    (row,) = list_work(town.actor("dispatcher"), tab="returned", at=clock.now())
    assert row.sent_back == f"{town.units['power'].name}退回：非本职责"
    assert row.suggestion.lead.unit.id == town.units["enforcement"].id


def test_an_emergency_is_told_apart(town):
    case, _ = make.case_in(town, "received")
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, urgency="emergency"
    )
    make.report()
    now = clock.now()
    assert count_live(town.actor("leader"), at=now).emergencies == 1
    assert [row.number for row in list_emergencies(town.actor("leader"), at=now)] == [case.number]
    assert list_emergencies(town.actor("stranger"), at=now) == []


def test_only_its_sender_may_take_a_dispatch_back_and_only_for_half_a_minute(town):
    case, _ = make.case_in(town, "dispatched")
    with clock.later(timedelta(minutes=10, seconds=20)):
        undo = get_undo(town.actor("dispatcher"), number=case.number, at=clock.now())
        assert undo is not None
        assert 8 <= undo.seconds <= 10
        assert undo.unit == town.units["power"].name
        assert get_undo(town.actor("centre_head"), number=case.number, at=clock.now()) is None
        with pytest.raises(NotFound):
            get_undo(town.actor("stranger"), number=case.number, at=clock.now())
    with clock.later(timedelta(minutes=11)):
        assert get_undo(town.actor("dispatcher"), number=case.number, at=clock.now()) is None


def test_the_deeds_behind_a_count_add_up_to_it_whatever_was_done(town):
    for seed in range(10, 14):
        late = wander(town, seed)
        with clock.later(late + timedelta(days=1)):
            today = clock.local_day()
            first = today - timedelta(days=59)
            for viewer in ("dispatcher", "county", "stranger"):
                actor = town.actor(viewer)
                by_day = count_by_day(actor, first_day=first, last_day=today)
                kept = count_kept(actor, today=today)
                for name in COUNTED:
                    whole = sum(counts[name] for counts in by_day.values())
                    assert kept.total(name, first_day=first, last_day=today) == whole
                    deeds = list(list_counted(actor, columns=(name,), first_day=first, last_day=today))
                    assert sum(deed.sign for deed in deeds) == whole
                    assert not any(deed.case.is_confidential for deed in deeds)
                received = list_counted(actor, columns=("received",), first_day=first, last_day=today, area_code=FIRST)
                assert len(list(received)) == sum(
                    counts["received"]
                    for counts in count_by_day(actor, first_day=first, last_day=today, area_code=FIRST).values()
                )


def test_deeds_are_read_on_from_where_a_page_ended(town):
    for _ in range(5):
        make.report()
    actor, today = town.actor("dispatcher"), clock.local_day()
    every = list(list_counted(actor, columns=("received",), first_day=today, last_day=today))
    rest = list(list_counted(actor, columns=("received",), first_day=today, last_day=today, before=every[1].entry_id))
    assert [deed.entry_id for deed in rest] == [deed.entry_id for deed in every[2:]]
    assert every == sorted(every, key=lambda deed: str(deed.entry_id), reverse=True)


def test_who_may_not_see_cases_reads_nothing(town):
    make.report()
    nobody = town.actor("admin")
    assert count_live(nobody, at=clock.now()).total.open == 0
    assert list_work(nobody, tab="new", at=clock.now()) == []
    today = clock.local_day()
    assert list(list_counted(nobody, columns=("received",), first_day=today, last_day=today)) == []
    assert sum(counts["received"] for counts in count_kept(nobody, today=today).days.values()) == 0


def test_the_counts_name_a_town_and_its_villages(town):
    make.report(lon=None, lat=None)
    live = count_live(town.actor("dispatcher"), at=clock.now())
    assert live.by_place.keys() == {TOWN}
    assert Case.objects.filter(county=COUNTY).count() == live.inside(TOWN).open == 1
