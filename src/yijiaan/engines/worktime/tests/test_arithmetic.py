import timeit
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yijiaan.core import clock
from yijiaan.engines import worktime
from yijiaan.engines.worktime.tests.make import at, calendar, is_open, shown, slow_add, special_days, works

CALENDAR = calendar()
DAYS, MINUTES = "working_days", "working_minutes"


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        # an ordinary week: before, inside and after the office hours, at noon, on the minute they close
        ("2026-11-23 07:00", 1, "2026-11-24 17:30"),
        ("2026-11-23 10:00", 1, "2026-11-24 17:30"),
        ("2026-11-23 12:30", 1, "2026-11-24 17:30"),
        ("2026-11-23 17:30", 1, "2026-11-24 17:30"),
        ("2026-11-23 23:59", 1, "2026-11-24 17:30"),
        ("2026-11-23 10:00", 5, "2026-11-30 17:30"),
        # a weekend: all of it begins to count on Monday
        ("2026-11-20 18:00", 1, "2026-11-23 17:30"),
        ("2026-11-21 10:00", 1, "2026-11-23 17:30"),
        ("2026-11-22 23:59", 1, "2026-11-23 17:30"),
        # 1 May 2026: five days off, Saturday 9 May is worked
        ("2026-04-30 10:00", 1, "2026-05-06 17:30"),
        ("2026-04-30 10:00", 4, "2026-05-09 17:30"),
        ("2026-04-30 10:00", 5, "2026-05-11 17:30"),
        ("2026-04-24 16:00", 5, "2026-05-06 17:30"),
        ("2026-05-03 10:00", 1, "2026-05-06 17:30"),
        ("2026-05-09 10:00", 1, "2026-05-11 17:30"),
        # National Day 2026: Sunday 20 September and Saturday 10 October are worked, 25 September is Mid-autumn
        ("2026-09-18 10:00", 1, "2026-09-20 17:30"),
        ("2026-09-24 10:00", 1, "2026-09-28 17:30"),
        ("2026-09-30 10:00", 1, "2026-10-08 17:30"),
        ("2026-09-30 10:00", 3, "2026-10-10 17:30"),
        ("2026-09-30 10:00", 4, "2026-10-12 17:30"),
        # Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 February worked
        ("2026-02-13 10:00", 1, "2026-02-14 17:30"),
        ("2026-02-14 10:00", 1, "2026-02-24 17:30"),
        ("2026-02-14 10:00", 5, "2026-02-28 17:30"),
        ("2026-02-14 10:00", 15, "2026-03-13 17:30"),
        # across New Year: 1 to 3 January off, Sunday 4 January 2026 worked; 2024 into 2025
        ("2025-12-31 10:00", 1, "2026-01-04 17:30"),
        ("2025-12-30 10:00", 5, "2026-01-07 17:30"),
        ("2024-12-31 16:00", 1, "2025-01-02 17:30"),
        # National Day 2025 with Mid-autumn: eight days
        ("2025-09-30 10:00", 1, "2025-10-09 17:30"),
        ("2025-09-26 10:00", 1, "2025-09-28 17:30"),
    ],
)
def test_working_days_end_with_the_office_hours_of_the_right_day(start, amount, due):
    assert shown(worktime.add(at(start), amount, DAYS, CALENDAR)) == due


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-11-23 07:00", 60, "2026-11-23 09:30"),
        ("2026-11-23 08:30", 210, "2026-11-23 12:00"),
        ("2026-11-23 08:30", 211, "2026-11-23 14:01"),
        ("2026-11-23 13:00", 120, "2026-11-23 16:00"),
        ("2026-11-23 16:30", 120, "2026-11-24 09:30"),
        ("2026-11-23 17:30", 1, "2026-11-24 08:31"),
        ("2026-11-23 20:00", 420, "2026-11-24 17:30"),
        ("2026-11-20 17:00", 60, "2026-11-23 09:00"),
        ("2026-11-21 10:00", 30, "2026-11-23 09:00"),
        ("2026-04-30 17:00", 60, "2026-05-06 09:00"),
        ("2026-05-08 17:00", 60, "2026-05-09 09:00"),
        ("2026-05-09 17:00", 60, "2026-05-11 09:00"),
        ("2026-09-20 08:00", 30, "2026-09-20 09:00"),
        ("2025-12-31 17:29", 2, "2026-01-04 08:31"),
    ],
)
def test_working_minutes_run_in_office_hours_only(start, amount, due):
    assert shown(worktime.add(at(start), amount, MINUTES, CALENDAR)) == due


@pytest.mark.parametrize("kind", ["calendar_minutes", "always"])
def test_other_minutes_run_day_and_night(kind):
    start = at("2026-04-30 23:50")
    assert shown(worktime.add(start, 30, kind, CALENDAR)) == "2026-05-01 00:20"
    assert worktime.elapsed(start, at("2026-05-01 00:20"), kind, CALENDAR) == 30
    assert worktime.remaining(at("2026-05-01 01:20"), at("2026-05-01 00:20"), kind, CALENDAR) == -60


def test_seconds_and_less_are_kept():
    start = datetime(2026, 11, 23, 8, 29, 30, 250_001, tzinfo=UTC)  # 16:29:30 in Shandong
    assert worktime.add(start, 120, MINUTES, CALENDAR) == datetime(2026, 11, 24, 1, 29, 30, 250_001, tzinfo=UTC)


def test_a_start_may_come_from_any_zone_and_must_have_one():
    here = clock.local(at("2026-11-23 16:30"))
    assert shown(worktime.add(here, 120, MINUTES, CALENDAR)) == "2026-11-24 09:30"
    assert worktime.add(here, 0, DAYS, CALENDAR).tzinfo is UTC
    with pytest.raises(TypeError):
        worktime.add(datetime(2026, 11, 23), 1, DAYS, CALENDAR)


def test_what_is_left_is_said_in_working_days():
    due = at("2026-05-11 17:30")
    left = [
        worktime.remaining(at(f"2026-{now}"), due, DAYS, CALENDAR)
        for now in (
            "04-30 10:00",
            "05-04 10:00",
            "05-09 18:00",
            "05-10 09:00",
            "05-11 17:00",
            "05-11 18:00",
            "05-13 09:00",
        )
    ]
    assert left == [5, 5, 1, 1, 0, 0, -2]


def test_what_is_left_is_said_in_minutes_and_overdue_below_zero():
    due = at("2026-11-24 09:30")
    assert worktime.remaining(at("2026-11-23 17:00"), due, MINUTES, CALENDAR) == 90
    assert worktime.remaining(due, due, MINUTES, CALENDAR) == 0
    assert worktime.remaining(at("2026-11-24 14:30"), due, MINUTES, CALENDAR) == -180


@pytest.mark.parametrize(
    ("due", "yellow", "red"),
    [
        ("2026-11-27 17:30", "2026-11-26 08:30", "2026-11-30 08:30"),
        ("2026-05-06 17:30", "2026-04-30 08:30", "2026-05-07 08:30"),
        ("2026-04-30 17:30", "2026-04-29 08:30", "2026-05-06 08:30"),
        ("2026-05-08 17:30", "2026-05-07 08:30", "2026-05-09 08:30"),
        ("2026-05-03 10:00", "2026-04-30 08:30", "2026-05-06 08:30"),
        ("2026-01-04 17:30", "2025-12-31 08:30", "2026-01-05 08:30"),
    ],
)
def test_cards_come_when_the_office_opens(due, yellow, red):
    assert shown(worktime.previous_working_day(at(due), CALENDAR)) == yellow
    assert shown(worktime.next_working_day_start(at(due), CALENDAR)) == red


def test_working_days_between_count_the_last_day_and_not_the_first():
    between = worktime.working_days_between
    assert between(at("2026-04-30 10:00"), at("2026-05-11 09:00"), CALENDAR) == 5
    assert between(at("2026-05-11 09:00"), at("2026-04-30 10:00"), CALENDAR) == -5
    assert between(at("2026-05-01 10:00"), at("2026-05-05 09:00"), CALENDAR) == 0
    assert between(at("2026-05-06 00:00"), at("2026-05-06 23:59"), CALENDAR) == 0


def test_days_begin_at_midnight_in_shandong():
    assert worktime.is_working_day(datetime(2026, 5, 5, 15, 59, tzinfo=UTC), CALENDAR) is False
    assert worktime.is_working_day(datetime(2026, 5, 5, 16, 0, tzinfo=UTC), CALENDAR) is True


def test_office_time():
    hours = ["08:29", "08:30", "11:59", "12:00", "14:00", "17:29", "17:30"]
    assert [worktime.is_office_time(at(f"2026-11-23 {hour}"), CALENDAR) for hour in hours] == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip
    assert not worktime.is_office_time(at("2026-11-22 10:00"), CALENDAR)
    assert worktime.is_office_time(at("2026-09-20 10:00"), CALENDAR)


def test_summer_and_winter_have_their_own_hours():
    summer = worktime.Shift(((time(8, 30), time(12)), (time(14, 30), time(18))), season_from="06-01")
    winter = worktime.Shift(((time(8, 30), time(12)), (time(13, 30), time(17, 30))), season_from="10-01")
    seasons = calendar(summer, winter)
    due = [
        shown(worktime.add(at(start), 1, DAYS, seasons))
        for start in (
            "2026-05-28 10:00",
            "2026-05-29 10:00",
            "2026-09-29 10:00",
            "2026-09-30 10:00",
            "2026-01-12 10:00",
        )
    ]
    assert due == [
        "2026-05-29 17:30", "2026-06-01 18:00", "2026-09-30 18:00", "2026-10-08 17:30", "2026-01-13 17:30",
    ]  # fmt: skip
    assert shown(worktime.add(at("2026-05-29 17:00"), 60, MINUTES, seasons)) == "2026-06-01 09:00"


def test_new_hours_leave_earlier_days_alone():
    old = worktime.Shift(((time(9), time(12)), (time(13), time(17))))
    new = worktime.Shift(((time(8), time(12)), (time(14), time(18))), valid_from=date(2026, 3, 2))
    both = calendar(new, old)
    assert shown(worktime.add(at("2026-02-25 10:00"), 1, DAYS, both)) == "2026-02-26 17:00"
    assert shown(worktime.add(at("2026-02-28 10:00"), 1, DAYS, both)) == "2026-03-02 18:00"


@pytest.mark.parametrize("windows", [(), ((time(9), time(9)),), ((time(9), time(12)), (time(11), time(17)))])
def test_impossible_hours_are_refused(windows):
    with pytest.raises(ValueError, match="office hours"):
        calendar(worktime.Shift(windows))


def test_an_unknown_year_has_weekends_only_and_says_so():
    start = at("2026-12-29 10:00")
    assert shown(worktime.add(start, 3, DAYS, CALENDAR)) == "2027-01-01 17:30"
    provisional = worktime.is_provisional
    assert provisional(start, at("2027-01-01 17:30"), DAYS, CALENDAR)
    assert provisional(start, at("2027-01-01 17:30"), MINUTES, CALENDAR)
    assert not provisional(start, at("2027-01-01 17:30"), "always", CALENDAR)
    assert not provisional(start, at("2026-12-31 17:30"), DAYS, CALENDAR)
    assert provisional(at("2023-12-29 10:00"), start, DAYS, CALENDAR)


def test_the_missing_year_is_told_from_november_on():
    missing = worktime.missing_years
    assert CALENDAR.years == {2024, 2025, 2026}
    assert missing(at("2026-10-31 23:59"), CALENDAR) == ()
    assert missing(at("2026-11-01 00:00"), CALENDAR) == (2027,)
    assert missing(at("2025-12-01 00:00"), CALENDAR) == ()
    assert missing(at("2027-03-01 00:00"), CALENDAR) == (2027,)
    assert missing(at("2027-12-01 00:00"), CALENDAR) == (2027, 2028)


def test_the_end_of_one_year_in_the_next_years_notice_makes_no_year_known():
    days = special_days() | {date(2026, 12, 31): False, date(2027, 1, 1): False}
    assert calendar(days=days).years == {2024, 2025, 2026}


def test_moments_outside_the_calendar_are_refused():
    for start, amount in (("1999-12-31 10:00", 1), ("2100-01-01 00:00", 1), ("2099-12-31 10:00", 1)):
        for kind in (DAYS, MINUTES):
            with pytest.raises(ValueError, match="outside the calendar"):
                worktime.add(at(start), amount if kind == DAYS else 600, kind, CALENDAR)
    with pytest.raises(ValueError, match="outside the calendar"):
        worktime.add(at("2099-12-31 23:59"), 1, "always", CALENDAR)
    with pytest.raises(ValueError, match="outside the calendar"):
        worktime.next_working_day_start(at("2099-12-31 10:00"), CALENDAR)
    with pytest.raises(ValueError, match="outside the calendar"):
        worktime.previous_working_day(at("2000-01-01 10:00"), CALENDAR)


def test_unknown_clocks_and_negative_amounts_are_refused():
    now = at("2026-11-23 10:00")
    with pytest.raises(ValueError, match="no clock"):
        worktime.add(now, 1, "sundial", CALENDAR)
    with pytest.raises(ValueError, match="no clock"):
        worktime.elapsed(now, now + timedelta(days=1), "sundial", CALENDAR)
    with pytest.raises(ValueError, match="negative"):
        worktime.add(now, -1, DAYS, CALENDAR)


# facts read in the notices of the State Council, not in the file
OFF = [
    "2024-01-01", "2024-02-10", "2024-02-17", "2024-06-10", "2024-09-16", "2024-10-07", "2025-01-28", "2025-02-04",
    "2025-05-05", "2025-06-02", "2025-10-08", "2026-01-02", "2026-02-16", "2026-02-23", "2026-04-06", "2026-06-19",
    "2026-09-25", "2026-10-07", *(f"2026-05-0{day}" for day in range(1, 6)),
]  # fmt: skip
WORKED_SUNDAYS = [
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-09-29", "2025-01-26", "2025-04-27", "2025-09-28",
    "2026-01-04", "2026-09-20",
]  # fmt: skip
WORKED_SATURDAYS = [
    "2024-05-11", "2024-09-14", "2024-10-12", "2025-02-08", "2025-10-11", "2026-02-14", "2026-02-28", "2026-05-09",
    "2026-10-10",
]  # fmt: skip


def test_every_day_of_the_shipped_years():
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(366 + 365 + 365)]
    working = {day for day in days if worktime.is_working_day(at(f"{day} 12:00"), CALENDAR)}
    assert not working & set(map(date.fromisoformat, OFF))
    assert {day for day in working if day.isoweekday() == 7} == set(map(date.fromisoformat, WORKED_SUNDAYS))
    assert {day for day in working if day.isoweekday() == 6} == set(map(date.fromisoformat, WORKED_SATURDAYS))
    assert [sum(day.year == year for day in working) for year in (2024, 2025, 2026)] == [251, 248, 248]


patient = settings(deadline=None)  # the machine may be busy
moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
kinds = st.sampled_from(worktime.KINDS)
amounts = st.integers(0, 2000)


@patient
@given(moments, moments, amounts, amounts, kinds)
def test_later_starts_and_larger_amounts_end_later(one, other, amount, more, kind):
    earlier, later = sorted((one, other))
    due = worktime.add(earlier, amount, kind, CALENDAR)
    assert due <= worktime.add(later, amount, kind, CALENDAR)
    assert due <= worktime.add(earlier, amount + more, kind, CALENDAR)
    assert due >= earlier


@patient
@given(moments, amounts, kinds)
def test_what_was_added_has_elapsed(start, amount, kind):
    due = worktime.add(start, amount, kind, CALENDAR)
    assert worktime.elapsed(start, due, kind, CALENDAR) == amount
    if amount:
        assert worktime.elapsed(start, due - timedelta(microseconds=1), kind, CALENDAR) == amount - 1
    assert worktime.remaining(start, due, kind, CALENDAR) == amount


@patient
@given(moments, moments, kinds)
def test_elapsed_is_the_most_that_can_be_added(one, other, kind):
    start, end = sorted((one, other))
    amount = worktime.elapsed(start, end, kind, CALENDAR)
    assert worktime.add(start, amount, kind, CALENDAR) <= end < worktime.add(start, amount + 1, kind, CALENDAR)


@patient
@given(moments, moments, moments, kinds)
def test_what_is_left_only_shrinks(one, other, due, kind):
    earlier, later = sorted((one, other))
    left = worktime.remaining(earlier, due, kind, CALENDAR)
    assert left >= worktime.remaining(later, due, kind, CALENDAR)


@patient
@given(moments, st.integers(1, 30))
def test_added_working_days_end_on_a_working_day_between_its_cards(start, amount):
    due = worktime.add(start, amount, DAYS, CALENDAR)
    yellow, red = worktime.previous_working_day(due, CALENDAR), worktime.next_working_day_start(due, CALENDAR)
    assert yellow < due < red
    assert [works(clock.local_day(moment)) for moment in (yellow, due, red)] == [True, True, True]
    assert worktime.working_days_between(yellow, red, CALENDAR) == 2
    assert worktime.working_days_between(start, due, CALENDAR) == amount


@patient
@given(moments, st.integers(1, 1500), kinds)
def test_it_is_what_counting_each_minute_gives(start, amount, kind):
    start = start.replace(second=0, microsecond=0)
    amount = min(amount, 40) if kind == DAYS else amount
    assert worktime.add(start, amount, kind, CALENDAR) == slow_add(start, amount, kind)


@patient
@given(moments)
def test_office_time_is_what_the_clock_says(moment):
    assert worktime.is_office_time(moment, CALENDAR) is is_open(moment)


def test_a_deadline_costs_less_than_twenty_microseconds():
    start = at("2026-04-30 10:00")
    best = min(timeit.repeat(lambda: worktime.add(start, 15, DAYS, CALENDAR), number=1000, repeat=5)) / 1000
    assert best < 20e-6
