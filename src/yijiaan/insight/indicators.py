"""The six numbers: what each counts and over which time, its course, one comparison, and the list that shows the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from yijiaan.cases.queries import PERIOD_DAYS, STEP_HOURS, Kept, Live
from yijiaan.core import clock
from yijiaan.ui.words import weekday_words

COURSE_DAYS = 14
# the parts of an answer to the question how content somebody is
CONTENT = ("satisfied", "basically")
EXCLUDED = ("excluded_satisfied", "excluded_basically", "excluded_understanding", "excluded_dissatisfied")
ANSWERED = ("satisfied", "basically", "understanding", "dissatisfied")


@dataclass(frozen=True, slots=True)
class Drill:
    """Which list shows what a number counts: open cases of 事件中心 (filters), or the deeds of some days (`get_records`)."""

    shows_deeds: bool
    query: Mapping[str, str]

    @property
    def encoded(self) -> str:
        """As the query of an address."""
        return urlencode(self.query)


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator as it stands. number: what is counted, None for a share without anything to divide by; values: its course."""

    code: str
    label: str
    number: float | None
    unit: str
    note: str
    formula: str
    course: str  # what the small line shows, in words
    values: Sequence[float]
    drill: Drill
    kind: str = ""
    parts: tuple[int, int] | None = field(default=None)  # counted and all, of a share

    @property
    def value(self) -> str:
        """The number as it is shown."""
        if self.number is None:
            return "—"
        return f"{self.number:.1f}" if self.unit == "%" else f"{int(self.number)}"


def open_cases(area_code: str, **filters: str) -> Drill:
    """The list of open cases, narrowed."""
    return Drill(False, {"tab": "all", **filters, **({"area": area_code} if area_code else {})})


def deeds(what: str, first_day: date, last_day: date, area_code: str, **filters: str) -> Drill:
    """The deeds that a count of some days is made of."""
    days = {"from": first_day.isoformat(), "until": last_day.isoformat()}
    return Drill(True, {"what": what, **days, **filters, **({"area": area_code} if area_code else {})})


def figures_of(live: Live, kept: Kept, *, area_code: str = "") -> list[Figure]:
    """The six numbers of a board. Both parts are of the same viewer, area and moment."""
    today = clock.local_day(live.at)
    return [
        _new(kept, today, area_code),
        _open(live, kept, today, area_code),
        _soon(live, area_code),
        _late(live, today, area_code),
        _on_time(kept, today, area_code),
        _content(kept, today, area_code),
    ]


def _new(kept: Kept, today: date, area_code: str) -> Figure:
    received = {day: counts["received"] for day, counts in kept.days.items()}
    week_ago = today - timedelta(days=7)
    return Figure(
        "new", "今日新增", received[today], "件", f"上{weekday_words(week_ago)}全天 {received[week_ago]} 件",
        "今天零点以来受理的事件，不含举报等保密件。",
        f"近 {COURSE_DAYS} 天每天新增",
        [received[today - timedelta(days=back)] for back in range(COURSE_DAYS - 1, -1, -1)],
        deeds("received", today, today, area_code),
    )  # fmt: skip


def open_by_day(live: Live, kept: Kept, today: date) -> list[int]:
    """How many were open at the end of each day, back from what is open now: a day's beginnings taken off, its ends put back."""
    standing = [live.total.open]
    for back in range(COURSE_DAYS - 1):
        counts = kept.days[today - timedelta(days=back)]
        begun, ended = counts["received"] + counts["restarted"], counts["closed"] + counts["refused"]
        standing.append(max(standing[-1] - begun + ended, 0))
    return standing[::-1]


def _open(live: Live, kept: Kept, today: date, area_code: str) -> Figure:
    course = open_by_day(live, kept, today)
    return Figure(
        "open", "未办结", live.total.open, "件", f"昨天结束时 {course[-2]} 件",
        "现在还没有结案、不予受理或撤回的事件：待派单、待签收、办理中、待核查、待回访。",
        f"近 {COURSE_DAYS} 天每天结束时未办结",
        course,
        open_cases(area_code),
    )  # fmt: skip


def _soon(live: Live, area_code: str) -> Figure:
    near = 6
    return Figure(
        "soon", "24 小时内到期", live.total.soon, "件",
        f"其中 {sum(live.ahead[: near // STEP_HOURS])} 件 {near} 小时内到期",
        "未办结的事件里，眼下这一步（派单、签收、办结、核查、回访）的时限在 24 小时以内、还没有过的。",
        f"往后 24 小时，每 {STEP_HOURS} 小时到期几件",
        live.ahead,
        open_cases(area_code, only="soon"),
        "soon",
    )  # fmt: skip


def _late(live: Live, today: date, area_code: str) -> Figure:
    week = [today - timedelta(days=back) for back in range(6, -1, -1)]
    return Figure(
        "late", "已超时", live.total.late, "件", f"其中 {live.overdue_by_day.get(today, 0)} 件今天才超时",
        "未办结的事件里，眼下这一步的时限已经过了的。",
        "现在超时的，近 7 天每天到期几件",
        [live.overdue_by_day.get(day, 0) for day in week],
        open_cases(area_code, only="late"),
        "late",
    )  # fmt: skip


def _share(kept: Kept, counted: Sequence[str], all_of: Sequence[str], last_day: date) -> tuple[float | None, int, int]:
    first_day = last_day - timedelta(days=PERIOD_DAYS - 1)
    part = sum(kept.total(name, first_day=first_day, last_day=last_day) for name in counted)
    whole = sum(kept.total(name, first_day=first_day, last_day=last_day) for name in all_of)
    return (100 * part / whole if whole > 0 else None), part, whole


def _share_course(kept: Kept, counted: Sequence[str], all_of: Sequence[str], today: date) -> list[float]:
    shares = (_share(kept, counted, all_of, today - timedelta(days=back))[0] for back in range(COURSE_DAYS - 1, -1, -1))
    return [share for share in shares if share is not None]


def _before(share: float | None) -> str:
    return f" · 前 {PERIOD_DAYS} 天 {share:.1f}%" if share is not None else ""


def _on_time(kept: Kept, today: date, area_code: str) -> Figure:
    share, part, whole = _share(kept, ("on_time",), ("finished",), today)
    before = _share(kept, ("on_time",), ("finished",), today - timedelta(days=PERIOD_DAYS))[0]
    return Figure(
        "on_time", "按时办结率", share, "%", f"办结 {whole} 件次{_before(before)}",
        f"近 {PERIOD_DAYS} 天（含今天）办结的件次里，办结时没有过时限的占多少。重办的再算一次；还没有办结的不在里面，看“已超时”。",
        f"近 {COURSE_DAYS} 天每天往前 {PERIOD_DAYS} 天的按时办结率",
        _share_course(kept, ("on_time",), ("finished",), today),
        deeds("finished", today - timedelta(days=PERIOD_DAYS - 1), today, area_code),
        parts=(part, whole),
    )  # fmt: skip


def _content(kept: Kept, today: date, area_code: str) -> Figure:
    share, part, whole = _share(kept, CONTENT, ANSWERED, today)
    before = _share(kept, CONTENT, ANSWERED, today - timedelta(days=PERIOD_DAYS))[0]
    out_of_part, out = (_share(kept, names, names, today)[2] for names in (EXCLUDED[:2], EXCLUDED))
    left = f"，剔除 {out} 件后 {100 * (part - out_of_part) / (whole - out):.1f}%" if out and whole > out else ""
    return Figure(
        "content", "满意率", share, "%", f"评价 {whole} 件次{left}{_before(before)}",
        f"近 {PERIOD_DAYS} 天（含今天）群众的评价里，满意和基本满意占多少，按诉求算。联系不上的不算评价；同一次办结改了评价，按后一次算。"
        "两个人复核过剔除的也算在里面，剔除几件、剔除后是多少写在旁边。",
        f"近 {COURSE_DAYS} 天每天往前 {PERIOD_DAYS} 天的满意率",
        _share_course(kept, CONTENT, ANSWERED, today),
        deeds("answered", today - timedelta(days=PERIOD_DAYS - 1), today, area_code),
        parts=(part, whole),
    )  # fmt: skip
