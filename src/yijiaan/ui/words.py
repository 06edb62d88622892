"""Times, durations and places as people say them. Pure functions of what they are given."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from yijiaan.core import clock

WEEKDAYS = "一二三四五六日"
MINUTE = 60
HOUR = 3600
DAY = 86400
VILLAGE = 12  # digits of a code


def weekday_words(day: date) -> str:
    """周一."""
    return "周" + WEEKDAYS[day.weekday()]


def day_words(day: date, today: date) -> str:
    """今天, 昨天, 明天, 11月23日, or with the year when it is another one."""
    near = {0: "今天", -1: "昨天", 1: "明天"}.get((day - today).days)
    if near:
        return near
    if day.year == today.year:
        return f"{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def when_words(moment: datetime, now: datetime) -> str:
    """今天 09:42, 昨天 17:20, 11月19日 08:05."""
    local = clock.local(moment)
    return f"{day_words(local.date(), clock.local(now).date())} {local:%H:%M}"


def deadline_words(moment: datetime) -> str:
    """11月24日 21:50 前: a promise names the day itself, it is read again tomorrow."""
    local = clock.local(moment)
    return f"{local.month}月{local.day}日 {local:%H:%M} 前"


def today_words(now: datetime) -> str:
    """11月23日 星期一 09:42."""
    local = clock.local(now)
    return f"{local.month}月{local.day}日 星期{WEEKDAYS[local.weekday()]} {local:%H:%M}"


def greeting(now: datetime) -> str:
    """早上好, 上午好, 中午好, 下午好, 晚上好."""
    hour = clock.local(now).hour
    for until, words in ((5, "夜里好"), (8, "早上好"), (11, "上午好"), (13, "中午好"), (18, "下午好")):
        if hour < until:
            return words
    return "晚上好"


def duty_words(now: datetime) -> str:
    """今日值班 by day, 今夜值班 from five in the afternoon to eight in the morning."""
    return "今日值班" if 8 <= clock.local(now).hour < 17 else "今夜值班"


def span_words(span: timedelta) -> str:
    """38 分, 1 时 10 分, 7 时, 3 天. Short spans are exact, long ones whole."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < HOUR:
        return f"{max(seconds // MINUTE, 1)} 分"
    if seconds < DAY:
        hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
        return f"{hours} 时 {minutes} 分" if hours < 5 and minutes else f"{hours} 时"
    return f"{seconds // DAY} 天"


def clock_words(seconds: int) -> str:
    """0:09, 1:20: the length of a recording; empty when it is not known."""
    return f"{seconds // MINUTE}:{seconds % MINUTE:02d}" if seconds else ""


# limits that are counted in working days are told in them; who knows the holidays registers how to count
WORKING_LIMITS = {"办结", "核查", "裁定"}
CountDays = Callable[[datetime, datetime], int]
_count_days: CountDays | None = None


def count_days_by(count: CountDays) -> None:
    """Have working days between two moments counted by a calendar: called once when the apps are ready."""
    global _count_days
    _count_days = count


def left_words(due: datetime, now: datetime, what: str = "") -> str:
    """派单剩 38 分, 办结剩 3 个工作日, 办结超时 2 时. `what` says which limit it is."""
    days = abs(_count_days(now, due)) if _count_days is not None and what in WORKING_LIMITS else 0
    span = f"{days} 个工作日" if days else span_words(abs(due - now))
    return f"{what}{'剩' if due >= now else '超时'} {span}"


# limits that are counted in minutes become urgent late, those counted in days early
SHORT_LIMITS = {
    "派单": timedelta(hours=1, minutes=30),
    "重派": timedelta(hours=2),
    "签收": timedelta(hours=1, minutes=30),
}
LONG_LIMIT = timedelta(hours=24)


def left_kind(due: datetime, now: datetime, what: str = "") -> str:
    """late, soon, or nothing: the colour that goes with `left_words`."""
    if due < now:
        return "late"
    return "soon" if due - now <= SHORT_LIMITS.get(what, LONG_LIMIT) else ""


def place_title(code: str, names: Mapping[str, str]) -> str:
    """A grid with its village, unless its name says it; any other place by its name. names: of both, by code (GB/T 2260: a village's
    has twelve digits)."""
    name, village = names.get(code, code), names.get(code[:VILLAGE], "")
    return name if name.startswith(village) else f"{village} {name}"
