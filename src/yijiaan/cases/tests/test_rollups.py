"""Day counts equal what is counted again from the journal, after any deeds and deeds at the same moment."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.areas.tests import make as land
from yijiaan.cases import actions, rollups
from yijiaan.cases.intake_fast import submit_batch
from yijiaan.cases.models import COUNTED, CaseDayCount, CountCheck
from yijiaan.cases.queries import count_by_category, count_by_channel, count_by_day, count_by_village, last_count_check
from yijiaan.cases.tests import make
from yijiaan.cases.tests.race import at_once
from yijiaan.core import clock
from yijiaan.core.errors import Refusal
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements

pytestmark = pytest.mark.django_db
JOB = system("test", land.COUNTY)
RELAXED = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def town():
    return make.town()


def wrong(days=40):
    """How many rows differ from the journal, from long ago until the day after tomorrow."""
    today = clock.local_day()
    (check,) = actions.compare_day_counts(
        actor=JOB, first_day=today - timedelta(days=days), last_day=today + timedelta(days=days)
    )
    return check.wrong_count


def kept():
    """Every row with something in it: axis, key, day and the counts that are not nought."""
    return {
        (row.axis, row.key): {name: getattr(row, name) for name in COUNTED if getattr(row, name)}
        for row in CaseDayCount.objects.filter(county=land.COUNTY)
        if any(getattr(row, name) for name in COUNTED)
    }


def test_the_life_of_a_case_is_counted_in_its_village_category_and_channel(town):
    case, receipt = make.case_in(town, "closed", category="0401")
    village, town_code = case.area_code[:12], case.area_code[:9]
    found = {
        "received": 1,
        "finished": 1,
        "on_time": 1,
        "closed": 1,
        "solved_town": 1,
        "satisfied": 1,
        "said_solved": 1,
    }
    slot = int(village) % rollups.SLOTS
    assert kept() == {
        ("category", f"{town_code}.0401"): found,
        ("channel", f"{town_code}.snap_report.{slot}"): found,
        ("village", village): found,
    }
    assert wrong() == 0


def test_a_case_that_gets_its_category_or_another_village_takes_its_past_along(town):
    receipt = make.report()
    number = make.case(receipt).number
    assert ("village", land.FIRST) in kept()
    dispatcher = town.actor("dispatcher")
    actions.classify_case(actor=dispatcher, number=number, category="0401", area_code=town.grids[2].code)
    actions.classify_case(actor=dispatcher, number=number, category="0104")
    assert {key for key in kept() if key[0] != "channel"} == {
        ("category", f"{land.TOWN}.0104"),
        ("village", town.grids[2].code[:12]),
    }
    assert wrong() == 0


def test_a_late_finish_is_not_on_time_and_a_second_answer_counts_once(town):
    case, receipt = make.case_in(town, "in_progress")
    with clock.later(timedelta(days=60)):
        actions.finish_case(actor=town.actor("power"), number=case.number, result="才办完。")
        actions.rate_report(actor=make.reporter(receipt), result="dissatisfied", text="没修好")
        actions.finish_case(actor=town.actor("power"), number=case.number, result="又办了。")
        actions.verify_case(actor=town.actor("dispatcher"), number=case.number, is_passed=True)
        actions.rate_report(actor=make.reporter(receipt), result="dissatisfied", text="还是没修好")
        actions.record_callback(actor=town.actor("dispatcher"), number=case.number, result="understanding")
        day = clock.local_day()
        counts = count_by_day(town.actor("dispatcher"), first_day=day, last_day=day)[day]
        assert {name: number for name, number in counts.items() if number} == {
            "finished": 2, "on_time": 1, "closed": 1, "solved_town": 1, "dissatisfied": 1, "understanding": 1, "reopened": 1,
        }  # fmt: skip
        assert wrong(90) == 0


def test_a_finish_is_on_time_where_its_check_is_due_at_the_very_moment_the_work_was(town):
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=clock.SHANGHAI)
    with clock.at(monday):
        receipt = make.report()
        number = make.case(receipt).number
        dispatcher, power = town.actor("dispatcher"), town.actor("power")
        actions.dispatch_case(
            actor=dispatcher, number=number, lead_id=town.units["power"].id, category="0202", urgency="urgent"
        )
        due = actions.sign_case(actor=power, number=number).next_due_at
    with clock.at(monday + timedelta(days=1)):
        case = actions.finish_case(actor=power, number=number, result="换了进户线。")
        assert (case.status, case.next_due_at) == ("verifying", due)
        counts = count_by_day(dispatcher, first_day=clock.local_day(), last_day=clock.local_day())[clock.local_day()]
        assert {name: number for name, number in counts.items() if number} == {"finished": 1, "on_time": 1}
        assert wrong() == 0


def test_tips_are_counted_nowhere(town):
    make.report(kind="tip")
    assert kept() == {}
    assert wrong() == 0


DEEDS = {
    "dispatch": lambda town, number, receipt: actions.dispatch_case(
        actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id, category="0401"
    ),
    "dispatch elsewhere": lambda town, number, receipt: actions.dispatch_case(
        actor=town.actor("dispatcher"), number=number, lead_id=town.units["enforcement"].id, category="0104"
    ),
    "undo": lambda town, number, receipt: actions.undo_dispatch(actor=town.actor("dispatcher"), number=number),
    "return": lambda town, number, receipt: actions.return_case(
        actor=town.actor("power"), number=number, reason="not_my_duty", text="归村里"
    ),
    "sign": lambda town, number, receipt: actions.sign_case(actor=town.actor("power"), number=number),
    "take": lambda town, number, receipt: actions.take_case(actor=town.actor("head"), number=number),
    "solve": lambda town, number, receipt: actions.solve_case(actor=town.actor("worker"), number=number, result="好了"),
    "finish": lambda town, number, receipt: actions.finish_case(
        actor=town.actor("power"), number=number, result="好了"
    ),
    "content": lambda town, number, receipt: actions.rate_report(actor=make.reporter(receipt), result="satisfied"),
    "not content": lambda town, number, receipt: actions.rate_report(
        actor=make.reporter(receipt), result="dissatisfied", text="没好"
    ),
    "callback": lambda town, number, receipt: actions.record_callback(
        actor=town.actor("dispatcher"), number=number, result="basically"
    ),
    "move": lambda town, number, receipt: actions.classify_case(
        actor=town.actor("dispatcher"), number=number, area_code=town.grids[2].code
    ),
    "classify": lambda town, number, receipt: actions.classify_case(
        actor=town.actor("dispatcher"), number=number, category="0203"
    ),
}


def test_after_any_deeds_the_counts_are_those_of_the_journal(town):
    @RELAXED
    @given(st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 30)), min_size=1, max_size=10))
    def check(steps):
        receipt = make.report()
        number = make.case(receipt).number
        late = timedelta()
        for name, hours in steps:
            late += timedelta(hours=hours)
            with clock.later(late):
                try:
                    DEEDS[name](town, number, receipt)
                except Refusal:
                    continue
        assert wrong() == 0

    check()


def test_the_nightly_comparison_puts_right_what_differs_and_keeps_a_report(town):
    make.case_in(town, "closed")
    row = CaseDayCount.objects.filter(county=land.COUNTY, axis="village").get()
    before = kept()
    CaseDayCount.objects.filter(county=land.COUNTY, id=row.id).update(received=5, closed=0)
    CaseDayCount(county=land.COUNTY, axis="village", key=land.SECOND, day=row.day, closed=3).save()
    assert wrong() == 2
    assert kept() == before
    check = last_count_check(JOB)
    assert check.examples[0] == {
        "axis": "village", "key": row.key, "day": row.day.isoformat(), "missing": {"received": -4, "closed": 1},
    }  # fmt: skip
    assert wrong() == 0
    assert CountCheck.objects.filter(county=land.COUNTY).count() == 2


def test_each_sees_the_counts_of_his_places(town):
    make.report(category="0401")
    lon, lat = land.middle(2)
    make.report(lon=lon, lat=lat)
    day = {"first_day": clock.local_day(), "last_day": clock.local_day()}

    def received(counts):
        return {key: line["received"] for key, line in counts.items()}

    assert received(count_by_village(town.actor("dispatcher"), **day)) == {land.FIRST: 1, land.SECOND: 1}
    assert received(count_by_village(town.actor("county"), area_code=land.SECOND, **day)) == {land.SECOND: 1}
    assert received(count_by_village(town.actor("head"), **day)) == {land.FIRST: 1}
    assert received(count_by_category(town.actor("leader"), **day)) == {"0401": 1}
    assert received(count_by_channel(town.actor("dispatcher"), **day)) == {"snap_report": 2}
    for name in ("stranger", "power", "admin"):
        assert count_by_village(town.actor(name), **day) == {}, name
        assert count_by_channel(town.actor(name), **day) == {}, name


def test_a_deed_that_counts_nothing_costs_nothing(town):
    case, _ = make.case_in(town, "in_progress")
    with assert_statements(0):
        rollups.follow(town.actor("power"), case, "cases.signed", clock.now(), {}, {})


def test_deeds_at_the_same_moment_end_equal_to_a_recount(transactional_db, town):
    turns = [make.case_in(town, "in_progress") for _ in range(6)]
    dispatcher, power = town.actor("dispatcher"), town.actor("power")

    def finish(case):
        return lambda: actions.finish_case(actor=power, number=case.number, result="办好了")

    def batch(categories):
        many = [make.intake(category=code, lon=land.middle(n)[0], lat=land.middle(n)[1]) for n, code in categories]
        return lambda: submit_batch(actor=make.door(), intakes=many, door=land.TOWN, channel="snap_report")

    def move(case):
        return lambda: actions.classify_case(
            actor=dispatcher, number=case.number, category="0203", area_code=town.grids[2].code
        )

    connection.close()
    for turn in range(3):
        first, second = turns[2 * turn][0], turns[2 * turn + 1][0]
        done = at_once(
            finish(first),
            move(second),
            batch([(0, "0401"), (2, "0104"), (1, ""), (3, "0203")]),
            batch([(3, "0203"), (1, "0104"), (2, "0401"), (0, "")]),
            finish(second),
        )
        assert [one for one in done if isinstance(one, Exception) and not isinstance(one, Refusal)] == []
    assert wrong() == 0
    assert sum(line["received"] for line in count_by_day(
        dispatcher, first_day=clock.local_day(), last_day=clock.local_day()
    ).values()) == 6 + 3 * 8  # fmt: skip
