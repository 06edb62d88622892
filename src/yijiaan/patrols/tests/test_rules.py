"""Days by rule, and the lunar calendar by days that everybody knows."""

from datetime import date, timedelta
from typing import Any

import pytest

from yijiaan.patrols.lunar import YEARS, is_market_day, lunar_day
from yijiaan.patrols.models import PatrolPlan
from yijiaan.patrols.rules import falls_on, rule_words


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        (date(2024, 2, 10), (1, 1)), (date(2025, 1, 29), (1, 1)), (date(2026, 2, 17), (1, 1)), (date(2027, 2, 6), (1, 1)),
        (date(2026, 6, 19), (5, 5)), (date(2026, 9, 25), (8, 15)), (date(2025, 10, 6), (8, 15)), (date(2026, 2, 16), (12, 29)),
        (date(2025, 7, 25), (6, 1)), (date(2025, 6, 25), (6, 1)), (date(2023, 3, 22), (2, 1)), (date(2033, 12, 22), (11, 1)),
        (date(2034, 2, 19), (1, 1)), (date(2051, 2, 10), (12, 29)),
    ],
)  # fmt: skip
def test_days_that_everybody_knows(day: date, lunar: tuple[int, int]) -> None:
    assert lunar_day(day) == lunar


def test_the_table_runs_without_a_gap() -> None:
    day, before = date(2020, 1, 25), (0, 0)
    for _ in range(31 * 365):
        month, number = lunar_day(day) or (0, 0)
        assert number == before[1] + 1 or (number == 1 and before[1] in (0, 29, 30)), day
        assert 1 <= month <= 12
        day, before = day + timedelta(days=1), (month, number)
    assert all(len(lengths) == (13 if leap else 12) for _, _, leap, lengths in YEARS)


def test_outside_the_table_nothing_is_claimed() -> None:
    assert lunar_day(date(2020, 1, 24)) is None
    assert lunar_day(date(2051, 2, 11)) is None
    assert not is_market_day(date(2060, 1, 1), list(range(10)))


def plan(rule: str, **values: Any) -> PatrolPlan:
    return PatrolPlan(rule=rule, starts_on=date(2026, 1, 1), **values)


def days_of(made: PatrolPlan, month: int = 11) -> list[int]:
    return [day for day in range(1, 31) if falls_on(made, date(2026, month, day))]


def test_each_rule_falls_on_its_days() -> None:
    assert days_of(plan("weekly", days=[1, 4])) == [2, 5, 9, 12, 16, 19, 23, 26, 30]
    assert days_of(plan("monthly", days=[1, 15, 31])) == [1, 15]
    assert days_of(plan("dates", dates=[date(2026, 11, 7), date(2026, 12, 1)])) == [7]
    assert len(days_of(plan("daily"))) == 30
    market = plan("market", days=[3, 8])  # 2026-11-09 is the first of the tenth month
    assert days_of(market) == [1, 6, 11, 16, 21, 26]
    assert all((lunar_day(date(2026, 11, day)) or (0, 0))[1] % 5 == 3 for day in days_of(market))
    assert days_of(plan("daily", ends_on=date(2026, 11, 3))) == [1, 2, 3]
    assert days_of(plan("daily", is_active=False)) == []
    assert not falls_on(plan("daily"), date(2025, 12, 31))


def test_rules_are_said_as_people_say_them() -> None:
    assert rule_words(plan("daily")) == "每天"
    assert rule_words(plan("weekly", days=[1, 7])) == "每周一、周日"
    assert rule_words(plan("monthly", days=[1, 15])) == "每月 1号、15号"
    assert rule_words(plan("market", days=[0, 3])) == "农历逢十、逢三"
    assert rule_words(plan("dates", dates=[date(2026, 12, 1)])) == "12月1日"
