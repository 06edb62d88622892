"""What presses now, found by rule in rows and never typed. Each rule says what it compared, so that anybody can count it again."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from yijiaan.areas.queries import area_names
from yijiaan.cases.queries import LEAST_SAME, WEEKS, Kept, Live, category_by_code, list_leaf_categories
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.insight.indicators import Drill, deeds, open_cases

SHOWN = 3
LEAST_RISE = 5  # fewer than so many in a week are chance
RISE = 1.5
LEAST_LATE = 2  # one late case is in the list of late ones already
LEAST_DISCONTENT = 3
VILLAGE = 12  # digits of a village's code


@dataclass(frozen=True, slots=True)
class Worry:
    """What it is about, what was found, by which rule, and the list that shows it."""

    code: str
    title: str
    words: str
    formula: str
    drill: Drill


def worries_of(actor: Actor, live: Live, kept: Kept, *, area_code: str = "") -> list[Worry]:
    """The first three rules that find something, in the order in which they press; fewer when fewer do."""
    found: list[Worry] = []
    for rule in (_late_village, _rising_category, _same_trouble, _done_again, _discontent):
        found += list(rule(actor, live, kept, area_code))[: SHOWN - len(found)]
        if len(found) == SHOWN:
            break
    return found


def _name(actor: Actor, code: str) -> str:
    return area_names(actor, codes=[code]).get(code, "") or code


def _late_village(actor: Actor, live: Live, kept: Kept, area_code: str) -> Iterator[Worry]:
    late: Counter[str] = Counter()
    for place, tally in live.by_place.items():
        if tally.late and len(place) >= VILLAGE:
            late[place[:VILLAGE]] += tally.late
    if not late:
        return
    village, number = min(late.items(), key=lambda line: (-line[1], line[0]))
    if number < LEAST_LATE:
        if len(late) >= LEAST_SAME:
            yield Worry(
                "late_everywhere",
                "超时分散",
                f"{live.total.late} 件已超时，没有集中在一个村",
                f"已超时的不少于 {LEAST_SAME} 个村，每个村不到 {LEAST_LATE} 件。",
                open_cases(area_code, only="late"),
            )
        return
    share = round(100 * number / live.total.late)
    yield Worry(
        "late_village",
        _name(actor, village),
        f"{number} 件已超时" + (f"，占全部超时的 {share}%" if share else ""),
        f"现在已超时的事件按村加起来，最多的一个村，不少于 {LEAST_LATE} 件。",
        open_cases(village, only="late"),
    )


def _rising_category(actor: Actor, live: Live, kept: Kept, area_code: str) -> Iterator[Worry]:
    today = clock.local_day(live.at)
    oldest = today - timedelta(days=7 * WEEKS - 1)
    if not kept.total("received", first_day=oldest, last_day=oldest + timedelta(days=6)):
        return  # four weeks to compare with are not yet there
    rises = []
    for code, (last, *before) in kept.categories.items():
        usual = sum(before) / len(before)
        if last >= LEAST_RISE and last >= RISE * usual:
            rises.append((last - usual, code, last, usual))
    if not rises:
        return
    _, code, last, usual = max(rises, key=lambda line: (line[0], line[1]))
    category = category_by_code(actor, code=code)
    yield Worry(
        "rising_category",
        f"{category.name if category else code}增多",
        f"近 7 天 {last} 件，前四周平均每周 {usual:.1f} 件",
        f"近 7 天受理不少于 {LEAST_RISE} 件，且达到前四周每周平均的 {RISE} 倍；取多出最多的一类。",
        deeds("received", today - timedelta(days=6), today, area_code, category=code),
    )


def _same_trouble(actor: Actor, live: Live, kept: Kept, area_code: str) -> Iterator[Worry]:
    # a category of an older version, or a big one, has no list of its own
    current = {category.id: category for category in list_leaf_categories(actor)}
    for village, category_id, number in live.same:
        if category_id in current:
            category = current[category_id]
            yield Worry(
                "same_trouble",
                f"{_name(actor, village)}{category.name}",
                f"同一个村、同一类的有 {number} 件没办结",
                f"一个村同一类未办结的事件不少于 {LEAST_SAME} 件；取最多的。",
                open_cases(village, category=category.code),
            )
            return


def _done_again(actor: Actor, live: Live, kept: Kept, area_code: str) -> Iterator[Worry]:
    villages = {code: number for code, number in live.redone.items() if len(code) == VILLAGE}
    if not villages:
        return
    village, number = min(villages.items(), key=lambda line: (-line[1], line[0]))
    yield Worry(
        "done_again",
        _name(actor, village),
        f"{number} 件群众不满意，正在重办",
        "办结后因为不满意退回重办、还没有结案的，按村加起来，最多的一个村。",
        open_cases(village, only="redone"),
    )


def _discontent(actor: Actor, live: Live, kept: Kept, area_code: str) -> Iterator[Worry]:
    today = clock.local_day(live.at)
    week = today - timedelta(days=6)
    last = kept.total("dissatisfied", first_day=week, last_day=today)
    usual = kept.total("dissatisfied", first_day=week - timedelta(days=28), last_day=week - timedelta(days=1)) / 4
    if last >= LEAST_DISCONTENT and last >= RISE * usual:
        yield Worry(
            "discontent",
            "不满意增多",
            f"近 7 天 {last} 件，前四周平均每周 {usual:.1f} 件",
            f"近 7 天不满意不少于 {LEAST_DISCONTENT} 件，且达到前四周每周平均的 {RISE} 倍。",
            deeds("dissatisfied", week, today, area_code),
        )
