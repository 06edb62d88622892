"""Deadlines of cases over holidays, cards that climb, and what a stopped worker, a wrong clock or a corrected table leave behind."""

from datetime import UTC, datetime, timedelta

import pytest

from yijiaan.cases import actions
from yijiaan.cases.models import Case, GivenCard
from yijiaan.cases.tests import make
from yijiaan.cases.tests.race import at_once
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import close_todos, follow_calendar, tell_due_todos
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.worktime.actions import choose_preset, import_holidays, set_limit
from yijiaan.ui.words import left_words

WHO = system("tests")
FRIDAY_BEFORE_MAY = datetime(
    2026, 4, 30, 2, 0, tzinfo=UTC
)  # Thursday 30 April, 10:00; 1 to 5 May are days off, 9 May is worked


def sweep(at):
    """The cards given at a moment."""
    with clock.at(at):
        return tell_due_todos(actor=WHO)


def cards(case):
    rows = GivenCard.objects.filter(case=case).order_by("given_at", "climbs", "duty")
    return [(row.duty, row.card, row.climbs) for row in rows]


def dispatched(town, at=make.NOON, **more):
    """A case that power has to sign, dispatched at a moment, its reporter spoken to."""
    with clock.at(at):
        case, receipt = make.case_in(town, "received")
        actions.record_contact(actor=town.actor("dispatcher"), number=case.number, text="问清楚了。")
        actions.dispatch_case(
            actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, **more
        )
    return make.case(receipt), receipt


def signed(town, at=make.NOON):
    """The same, signed at once."""
    case, receipt = dispatched(town, at)
    with clock.at(at):
        actions.sign_case(actor=town.actor("power"), number=case.number)
    return make.case(receipt), receipt


def test_a_case_before_the_may_holiday_is_due_on_the_fifth_working_day(town):
    case, _ = dispatched(town, FRIDAY_BEFORE_MAY)
    todos = make.open_todos(case)
    # worked days after 30 April: 6, 7, 8, 9 (Saturday, made up) and 11 May
    assert todos["handle"].due_at == datetime(2026, 5, 11, 9, 30, tzinfo=UTC)
    assert todos["handle"].tell_at == datetime(2026, 5, 9, 0, 30, tzinfo=UTC)
    assert todos["handle"].alert_at == datetime(2026, 5, 12, 0, 30, tzinfo=UTC)
    assert todos["sign"].due_at == FRIDAY_BEFORE_MAY + timedelta(hours=2)
    assert left_words(todos["handle"].due_at, FRIDAY_BEFORE_MAY, "办结") == "办结剩 5 个工作日"
    assert left_words(todos["handle"].due_at, todos["handle"].due_at - timedelta(hours=3), "办结") == "办结剩 3 时"


def test_a_yellow_card_comes_before_the_limit_and_a_red_one_on_the_first_working_day_after(town):
    case, receipt = signed(town)
    friday, monday, tuesday = (datetime(2026, 11, day, 0, 30, tzinfo=UTC) for day in (27, 30, 30))
    assert case.next_due_at == make.HANDLED_BY
    assert sweep(friday - timedelta(seconds=1)) == 0
    assert sweep(friday) == 1
    assert make.case(receipt).card == "yellow"
    assert sweep(friday + timedelta(hours=5)) == 0
    assert sweep(make.HANDLED_BY + timedelta(hours=1)) == 0  # the day itself is not late
    red = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    assert sweep(red) == 1
    assert cards(case) == [("handle", "yellow", 0), ("handle", "red", 1)]
    after = make.case(receipt)
    assert (after.card, after.owner_id, after.status, after.version) == (
        "red", town.units["power"].id, "in_progress", case.version,
    )  # fmt: skip
    told = list(Notice.objects.order_by("created_at").values_list("unit_id", "title"))
    assert (town.units["power"].id, f"黄牌：办结快到期，{case.title}") in told
    assert (town.units["power"].id, f"红牌：办结超期，{case.title}") in told
    assert (town.units["centre"].id, f"红牌：办结超期，{town.units['power'].name} {case.title}") in told
    assert not Notice.objects.filter(unit=town.units["county"]).exists()
    # two working days later the county hears of it, and then nobody else
    assert sweep(datetime(2026, 12, 3, 0, 30, tzinfo=UTC)) == 1
    assert Notice.objects.filter(unit=town.units["county"]).count() == 1
    assert sweep(datetime(2026, 12, 30, 0, 30, tzinfo=UTC)) == 0
    assert cards(case)[-1] == ("handle", "red", 2)
    with clock.at(datetime(2026, 12, 30, 1, 0, tzinfo=UTC)):
        done = actions.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
    assert done.card == ""


def test_who_signs_late_finds_the_card_that_handling_has_got(town):
    case, receipt = dispatched(town)
    assert sweep(make.HANDLED_BY + timedelta(days=2)) == 2  # both duties are overdue
    assert make.case(receipt).card == "red"
    with clock.at(make.HANDLED_BY + timedelta(days=2, minutes=1)):
        done = actions.sign_case(actor=town.actor("power"), number=case.number)
    assert (done.card, done.next_due_at) == ("red", make.HANDLED_BY)


def test_a_worker_that_stood_still_catches_up_and_tells_nothing_twice(town):
    case, receipt = signed(town)
    late = make.HANDLED_BY + timedelta(days=10)
    assert sweep(late) == 1
    assert cards(case) == [("handle", "red", 1)]  # the missed warning is not told after the fact
    before = Notice.objects.count()
    assert sweep(late) == sweep(late + timedelta(minutes=1)) == 0
    assert Notice.objects.count() == before
    assert make.case(receipt).card == "red"


def test_a_clock_set_back_repeats_nothing_and_breaks_nothing(town):
    case, receipt = signed(town)
    red = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    sweep(red)
    given = cards(case)
    assert sweep(red - timedelta(hours=1)) == 0
    assert cards(case) == given
    with clock.at(make.NOON - timedelta(hours=1)):
        done = actions.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
        assert done.status == "callback" and done.next_due_at > clock.now()
        again = actions.rate_report(actor=make.reporter(receipt), result="satisfied")
    assert again.status == "closed"


def test_the_life_of_a_case_runs_forward_though_the_clock_was_set_back(town):
    case, receipt = signed(town)
    with clock.at(make.NOON - timedelta(hours=1)):
        actions.add_note(actor=town.actor("power"), number=case.number, text="到现场了。")
        done = actions.finish_case(actor=town.actor("power"), number=case.number, result="换了灯泡。")
    entries = list(Entry.objects.filter(county=case.county, subject_id=case.id).order_by("id"))
    assert [entry.verb for entry in entries][-3:] == ["cases.signed", "cases.noted", "cases.finished"]
    noon = make.NOON
    assert [entry.happened_at for entry in entries][-3:] == [
        noon, noon + timedelta(seconds=1), noon + timedelta(seconds=2),
    ]  # fmt: skip
    assert done.handled_at == noon + timedelta(seconds=2)
    assert make.case(receipt).status == "callback"


def test_one_message_tells_of_many_cases(town):
    for _ in range(3):
        signed(town)
    assert sweep(datetime(2026, 11, 27, 0, 30, tzinfo=UTC)) == 3
    assert list(Notice.objects.values_list("unit_id", "title")) == [(town.units["power"].id, "黄牌：办结快到期 3 件")]


def test_nobody_is_late_when_a_reporter_does_not_answer(town):
    case, receipt = make.case_in(town, "callback")
    sweep(case.next_due_at + timedelta(minutes=5))
    assert cards(case) == [] and make.case(receipt).card == ""
    warned, _ = make.case_in(town, "callback")
    sweep(warned.next_due_at - timedelta(hours=23))
    assert Notice.objects.get(title__contains="回访快到期").unit_id == town.units["centre"].id


def test_a_tip_is_told_to_its_unit_alone(town):
    with clock.at(make.NOON):
        receipt = make.report(kind="tip")
    sweep(make.NOON + timedelta(days=3))
    units = set(Notice.objects.values_list("unit_id", flat=True))
    assert units == {town.units["discipline"].id}
    assert all("路灯" not in title for title in Notice.objects.values_list("title", flat=True))
    assert make.case(receipt).card == "red"


def test_a_corrected_holiday_table_moves_deadlines_and_says_so(town):
    case, receipt = signed(town)
    promised = make.open_todos(case)
    assert follow_calendar(actor=WHO) == 0
    import_holidays(actor=WHO, text="date,name,kind\n2026-11-25,临时放假,rest\n")
    with clock.at(make.NOON + timedelta(hours=1)):
        assert follow_calendar(actor=WHO) == 1
        assert follow_calendar(actor=WHO) == 0
    moved = make.case(receipt)
    todo = make.open_todos(moved)["handle"]
    assert moved.next_due_at == todo.due_at == datetime(2026, 12, 1, 9, 30, tzinfo=UTC) != promised["handle"].due_at
    assert todo.alert_at == datetime(2026, 12, 2, 0, 30, tzinfo=UTC)
    entry = Entry.objects.get(verb="cases.deadline_moved")
    assert entry.data["due"] == [promised["handle"].due_at.isoformat(), todo.due_at.isoformat()]
    notice = Notice.objects.get(title__startswith="节假日表有更正")
    assert notice.unit_id == town.units["power"].id and "12月1日 17:30 前" in notice.title
    page = town.client("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "时限随节假日表更正" in page and "办结由 11月30日 17:30 前改到 12月1日 17:30 前" in page


def test_the_hotline_says_by_when_it_wants_it_handled(town):
    wanted = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # Thursday 10:00; ours would be Monday 17:30
    with clock.at(make.NOON):
        receipt = make.report(outside_due_at=wanted, external_number="JN2026112300417")
        number = make.case(receipt).number
        actions.dispatch_case(
            actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id, category="0103"
        )
        case = actions.sign_case(actor=town.actor("power"), number=number)
    todo = make.open_todos(case)["handle"]
    assert (case.next_due_at, todo.due_at) == (wanted, wanted)
    assert todo.tell_at == datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert todo.alert_at == wanted  # an outside clock does not wait for our offices
    import_holidays(actor=WHO, text="date,name,kind\n2026-11-25,临时放假,rest\n")
    assert follow_calendar(actor=WHO) == 0  # the hotline's clock knows nothing of our table
    assert "来件要求" in town.client("power").get(f"/cases/{number}/").content.decode()


def petition(town, category):
    """What the petition office sent on."""
    return actions.submit_report(
        actor=town.actor("dispatcher"), intake=make.intake(category=category), door=make.TOWN, channel="letter_visit"
    )


def test_a_petition_has_its_own_clocks_and_never_the_five_days(town):
    with clock.at(make.NOON):
        receipt = petition(town, "0103")
        case = make.case(receipt)
        assert make.open_todos(case)["dispatch"].due_at == make.NOON + timedelta(days=15)
        actions.dispatch_case(
            actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, urgency="urgent"
        )
    case = make.case(receipt)
    todos = make.open_todos(case)
    assert todos["handle"].due_at == make.NOON + timedelta(days=60)
    assert todos["handle"].tell_at == make.NOON + timedelta(days=53)
    assert todos["sign"].due_at == make.NOON + timedelta(minutes=30)  # its unit knows of it as of any other
    with clock.at(make.NOON):
        other = petition(town, "0201")
        actions.dispatch_case(
            actor=town.actor("dispatcher"), number=make.case(other).number, lead_id=town.units["power"].id,
            urgency="emergency",
        )  # fmt: skip
    assert make.open_todos(make.case(other))["handle"].due_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_promises_stay_as_given_when_limits_change(town):
    case, receipt = signed(town)
    set_limit(actor=WHO, preset="shandong", duty="handle", clock_kind="working_days", amount=3)
    choose_preset(actor=WHO, code="shandong_province")
    assert follow_calendar(actor=WHO) == 0
    assert make.case(receipt).next_due_at == make.HANDLED_BY
    other, _ = signed(town)
    assert other.next_due_at == datetime(2026, 12, 14, 9, 30, tzinfo=UTC)  # fifteen working days from now on


def test_the_nightly_comparison_mends_a_due_time_that_differs(town):
    case, receipt = signed(town)
    assert actions.compare_due_times(actor=WHO) == {}
    Case.objects.filter(county=case.county, id=case.id).update(next_due_at=make.NOON)
    assert actions.compare_due_times(actor=WHO) == {make.COUNTY: 1}
    assert actions.compare_due_times(actor=WHO) == {}
    assert make.case(receipt).next_due_at == make.HANDLED_BY
    assert Entry.objects.filter(verb="cases.due_time_mended").count() == 1


def test_the_nightly_comparison_tells_of_a_case_that_owes_nothing(town, caplog):
    case, receipt = signed(town)
    close_todos(actor=WHO, county=case.county, subject_id=case.id, at=make.NOON)
    with unchanged(Case, Entry, Todo):
        assert actions.compare_due_times(actor=WHO) == {make.COUNTY: 0}
    assert "owes no duty of its state" in caplog.text


def test_what_somebody_works_on_is_told_at_the_next_sweep(transactional_db, town):
    case, receipt = signed(town)
    red = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    results = at_once(lambda: sweep(red), lambda: sweep(red))
    assert sorted(results) in ([0, 1], [1, 1], [0, 0]) and sum(results) <= 1
    sweep(red)
    assert cards(case) == [("handle", "red", 1)]
    assert make.case(receipt).card == "red"


@pytest.mark.parametrize("urgency, days", [("urgent", 3), ("emergency", 1)])
def test_what_is_urgent_has_less_time(town, urgency, days):
    case, _ = dispatched(town, urgency=urgency)
    until = make.open_todos(case)["handle"].due_at
    assert until == datetime(2026, 11, 23 + days, 9, 30, tzinfo=UTC)


def test_a_category_says_how_many_working_days_handling_takes(town):
    with clock.at(make.NOON):
        case, _ = make.case_in(town, "received")
        done = actions.dispatch_case(
            actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, category="0103"
        )
    assert make.open_todos(done)["handle"].due_at == datetime(2026, 12, 7, 9, 30, tzinfo=UTC)
    with pytest.raises(RuleError, match="现在是“待签收”"):
        actions.dispatch_case(actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id)
