from datetime import UTC, date, datetime, timedelta

import pytest

from yijiaan.ui import words

NOW = datetime(2026, 11, 23, 1, 42, tzinfo=UTC)  # 09:42 in Shanghai, a Monday


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "1 分"),
        (timedelta(seconds=-5), "1 分"),
        (timedelta(minutes=38, seconds=59), "38 分"),
        (timedelta(hours=1), "1 时"),
        (timedelta(hours=1, minutes=10), "1 时 10 分"),
        (timedelta(hours=7, minutes=10), "7 时"),
        (timedelta(hours=23, minutes=59), "23 时"),
        (timedelta(days=3, hours=20), "3 天"),
    ],
)
def test_short_spans_are_exact_and_long_ones_whole(span: timedelta, said: str) -> None:
    assert words.span_words(span) == said


@pytest.mark.parametrize(
    ("hours", "what", "said", "kind"),
    [
        (0.5, "派单", "派单剩 30 分", "soon"),
        (2, "派单", "派单剩 2 时", ""),
        (20, "办结", "办结剩 20 时", "soon"),
        (48, "办结", "办结剩 2 天", ""),
        (-2, "签收", "签收超时 2 时", "late"),
        (0, "", "剩 1 分", "soon"),
    ],
)
def test_time_left_says_of_what_and_how_urgent(hours: float, what: str, said: str, kind: str) -> None:
    due = NOW + timedelta(hours=hours)
    assert words.left_words(due, NOW, what) == said
    assert words.left_kind(due, NOW, what) == kind


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 23, 1, 42, tzinfo=UTC), "今天 09:42"),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "今天 00:00"),  # midnight in Shanghai is another day in UTC
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "明天 08:00"),
        (datetime(2026, 11, 19, 0, 5, tzinfo=UTC), "11月19日 08:05"),
        (datetime(2025, 12, 31, 0, 5, tzinfo=UTC), "2025年12月31日 08:05"),
    ],
)
def test_moments_are_told_by_the_day_of_shanghai(moment: datetime, said: str) -> None:
    assert words.when_words(moment, NOW) == said


def test_a_promise_names_the_day_itself() -> None:
    assert words.deadline_words(datetime(2026, 11, 24, 13, 50, tzinfo=UTC)) == "11月24日 21:50 前"


def test_today_and_greeting() -> None:
    assert words.today_words(NOW) == "11月23日 星期一 09:42"
    assert words.weekday_words(date(2026, 11, 29)) == "周日"
    said = {
        hour: words.greeting(datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour - 8)) for hour in range(8, 30)
    }
    assert [said[8], said[11], said[13], said[18], said[24 + 3]] == ["上午好", "中午好", "下午好", "晚上好", "夜里好"]
