"""What is told is tactful and could have happened: words, hours, names, seasons, and figures that agree."""

import csv
import random
import re
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db.models import Count, Q, Sum

import yijiaan.cases
from yijiaan.cases.models import Case, CaseDayCount, GivenCard, Proposal, Rating, Report, ReportUp, Return
from yijiaan.cases.queries import TABS, count_live
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.demo.land import SEATED
from yijiaan.demo.people import COUNTY, TOWN
from yijiaan.demo.phrases import chosen, fitted, recents, troubles, words
from yijiaan.demo.plans import DAYS
from yijiaan.demo.seasons import is_market_day, is_rain_day, is_school_day, lunar_day
from yijiaan.demo.tests.conftest import NOW, TACTLESS, UNFINISHED
from yijiaan.engines.worktime.queries import get_calendar
from yijiaan.safety.models import Hazard


def sentences() -> set[str]:
    """Whatever can be said: every sentence of the data with some of its choices made."""
    chance, said = random.Random(1), words()
    rows = [*troubles(), *said.appeals]
    raw = [line for row in rows for line in (*row.places, *row.tried)]
    raw += [line for row in rows for told in row.told for line in (told.text, *told.results, *told.spot)]
    raw += [line for row in (*said.rejects, *said.tips) for line in (row["says"], row.get("text") or row["result"])]
    raw += [line for story in recents() for line in (story.text, story.place, story.result)]
    for lines in said.lists.values():
        raw += [line for each in lines for line in (each if isinstance(each, list) else [each])]
    return {
        fitted(chosen(line.replace("{own}", "城建办"), chance), is_street)
        for line in raw for is_street in (False, True) for _ in range(12)
    }  # fmt: skip


def test_no_sentence_is_tactless_or_unfinished():
    every = sentences()
    assert [line for line in every for word in TACTLESS if word in line] == []
    assert [line for line in every if UNFINISHED.search(line)] == []
    assert [line for line in every if line != line.strip()] == []


def test_there_is_enough_to_say():
    chance = random.Random(1)
    told = {chosen(each.text, chance) for row in troubles() for each in row.told for _ in range(20)}
    assert len(told) > 600
    answers = {chosen(line, chance) for row in troubles() for each in row.told for line in (*each.results, *each.spot)}
    assert len(answers) > 300
    for row in troubles():
        assert len(row.months) == 12
        assert [month for month in range(1, 13) if row.months[month - 1] and not row.told_in(month)] == []
        for each in row.told:
            assert each.results
            assert len(re.split("[。！？]", chosen(each.text, chance))[0]) <= 40


def test_what_is_solved_on_the_spot_may_be_solved_there():
    file = Path(yijiaan.cases.__file__).parent / "data" / "categories.csv"
    lowest = {row["code"]: row["lowest_level"] for row in csv.DictReader(file.open(encoding="utf-8"))}
    assert {lowest[row.category] for row in troubles() for told in row.told if told.spot} <= {"grid", "village"}
    assert {row.category for row in troubles()} <= set(lowest)


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        ((2025, 1, 29), 1),  # Spring Festival
        ((2026, 2, 17), 1),
        ((2027, 2, 6), 1),
        ((2025, 5, 31), 5),  # Dragon Boat Festival
        ((2026, 6, 19), 5),
        ((2025, 10, 6), 15),  # Mid-Autumn
        ((2026, 9, 25), 15),
        ((2030, 2, 2), 30),  # the last day of a lunar year
    ],
)
def test_the_moon_keeps_the_feasts(day, lunar):
    assert lunar_day(date(*day)) == lunar


def test_markets_schools_and_rains_have_their_days(db):
    calendar = get_calendar(system("test"))
    year = [date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(365)]
    markets = [day for day in year if is_market_day(TOWN, day)]
    assert {lunar_day(day) % 10 for day in markets} == {3, 8}
    assert 72 <= len(markets) <= 76
    assert not any(is_market_day("370812001", day) for day in year)
    school = [day for day in year if is_school_day(day, calendar)]
    assert {day.weekday() for day in school} == {0, 1, 2, 3, 4}
    assert not any(day.month in (8,) or (day.month, day.day) in ((5, 1), (10, 1)) for day in school)
    assert 180 <= len(school) <= 215
    assert {day.month for day in year if is_rain_day(day)} == {7, 8}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.crosses_counties("the demo looks at its own whole installation")
def test_the_whole_county_lives(load, settings, capsys):
    settings.VERIFY_SAMPLE_PERCENT = 10
    began = time.monotonic()
    load(1.0, days=DAYS)
    taken = time.monotonic() - began
    with capsys.disabled():
        print(f"\nthe whole demo county took {taken:.0f} s; under 180 on a quiet machine", file=sys.stderr)
    here = Case.objects.filter(area_code__startswith=TOWN)
    told_twice = here.filter(status__in=("merged", "archived"), close_reason="merged").count()
    handed = Hazard.objects.filter(area_code__startswith=TOWN, case_id__isnull=False).count()
    assert handed == 1
    assert here.count() == 3000 + told_twice + handed
    assert 5 <= told_twice <= 40
    elsewhere = Counter(
        code[:9] for code in Case.objects.exclude(area_code__startswith=TOWN).values_list("area_code", flat=True)
    )
    assert set(elsewhere) == set(SEATED) - {TOWN}
    assert 300 <= elsewhere.total() <= 360
    _the_figures_of_the_page_come_true(here)
    _the_rates_are_believable(here)
    _every_tab_of_the_board_has_something()


def _the_figures_of_the_page_come_true(here):
    this_year = here.filter(received_at__gte=clock.day_start(date(NOW.year, 1, 1)))
    disputes = this_year.filter(category__code__startswith="01")
    assert disputes.count() == 236
    assert disputes.exclude(closed_at=None).filter(solved_at_level__in=("grid", "village")).count() == 215
    heard = this_year.filter(channel__in=("stool_talk", "home_visit"))
    assert heard.count() == 53
    assert heard.filter(close_reason="solved").count() == 41


def _the_rates_are_believable(here):
    counted = CaseDayCount.objects.filter(axis="village", key__startswith=TOWN)
    counts = counted.aggregate(finished=Sum("finished"), on_time=Sum("on_time"))
    assert 0.90 <= counts["on_time"] / counts["finished"] <= 0.97
    said = Rating.objects.filter(case__area_code__startswith=TOWN).aggregate(
        content=Count("id", filter=Q(result__in=("satisfied", "basically"))), every=Count("id")
    )
    assert 0.88 <= said["content"] / said["every"] <= 0.95
    by_weekday = Counter(clock.local_day(at).weekday() for at in here.values_list("received_at", flat=True))
    assert by_weekday[0] == max(by_weekday.values())
    assert by_weekday[6] == min(by_weekday.values())
    months = Counter(
        clock.local_day(at).month for at in here.filter(category__code="0206").values_list("received_at", flat=True)
    )
    assert months[6] > 2 * max(months[month] for month in (1, 2, 3, 4, 7, 8))
    assert set(here.filter(category__code="0203").values_list("received_at__month", flat=True)) <= {10, 11, 12, 1, 2, 3}
    assert 60 <= Return.objects.count() <= 220
    assert 10 <= here.filter(close_reason="withdrawn").count() <= 60
    assert Proposal.objects.filter(kind="reject", is_agreed=True).count() == 35
    assert ReportUp.objects.filter(level="county").count() >= 3
    assert Case.objects.filter(is_confidential=True).count() == 18
    assert {"yellow", "red"} == set(GivenCard.objects.values_list("card", flat=True))
    again = Report.objects.exclude(reporters__phone_search=None).values("reporters__phone_search")
    assert again.annotate(n=Count("id")).filter(n__gte=5).count() >= 20


def _every_tab_of_the_board_has_something():
    live = count_live(system("test", COUNTY), at=NOW, area_code=TOWN)
    assert set(TABS) == {name for name, number in live.by_tab.items() if number}, live.by_tab
    assert 18 <= live.by_tab["new"] <= 26
    assert 5 <= live.total.late <= 25
    assert 60 <= live.total.open <= 220
