"""走访 in the demo: the care lists of two grids are visited, some households are due, one is in hospital, a sample was drawn."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.hours import FIELD, within
from yijiaan.demo.world import World
from yijiaan.patrols import actions as patrols
from yijiaan.patrols.models import Arrangement
from yijiaan.patrols.queries import list_due_visits, list_visits

Thread = Iterator[datetime]
SINCE, LATELY = 58, 12  # days: since when they are visited, and since when what was heard is told
MOST_A_DAY = 2  # that one worker visits
# needs, what was done, who moved; none is raised: what was heard at talks and visits is counted in the plan of cases
HEARD = (
    ("炉子的烟筒接口松了，怕煤气中毒", "先帮着用铁丝扎紧了", ""),
    ("", "帮着把院里的雪扫了", "儿子打工回来了，住到年后"),
    ("想换个助听器，不知道找谁", "记下了，去残联问", ""),
    ("降压药快吃完了", "替他去卫生室拿了一个月的", ""),
    ("", "", ""),
    ("门口的路灯不亮，晚上不敢出门", "给供电所打了电话，说这两天来换", ""),
    ("高龄津贴上个月没有到账", "打电话问了民政，这个月补", ""),
    ("", "陪着说了会儿话", "闺女怀孕了，明年春天生"),
    ("水管冻了，接不出水", "拿热毛巾敷开了", ""),
    ("想去市里看眼睛，没人陪", "约好周四一起坐车去", ""),
)


# what is done at most visits: nothing that anybody would write home about
PLAIN = (
    ("", "陪着说了会儿话"), ("", ""), ("", "看了看炉子和电线，没有事"), ("policy", "念了念防诈骗的单子"), ("", ""), ("", "帮着把水缸挑满了"),
    ("", ""), ("party", "送去这个月的学习材料"), ("", ""),
)  # fmt: skip


def visit_threads(world: World) -> list[tuple[datetime, Thread]]:
    """The visits of two months, each with the moment at which it begins."""
    return [(world.now - timedelta(days=SINCE), _visits(world))]


def _visits(world: World) -> Thread:
    """Those who wait the longest are visited first, each by the worker of his grid; some of the last days are still due today."""
    chance = random.Random(20261128)  # noqa: S311 - a fixed story
    centre = world.cast.actor("caoshijie")
    plain, heard = cycle(PLAIN), iter(HEARD)
    for ago in range(SINCE, 0, -1):
        at = within(clock.day_start(clock.local_day(world.now) - timedelta(days=ago)), FIELD, chance, at_leisure=True)
        yield max(at, clock.now())
        patrols.keep_arrangements_of_today(actor=system("keep_visits_of_the_day"))
        for one in _of_today(world, centre):
            assert one.household_id is not None
            told = next(heard, None) if ago <= LATELY and chance.random() < 0.6 else None
            kind, done = ("", "") if told else next(plain)
            needs, helped, moves = told or ("", done, "")
            facts = patrols.VisitFacts(
                way="phone" if chance.random() < 0.1 else "home", kind=kind, needs=needs, helped=helped, moves=moves
            )
            key = UUID(int=chance.getrandbits(128), version=4)  # the same in every load
            patrols.record_visit(
                actor=world.cast.workers[one.area_code], household_id=one.household_id, facts=facts, client_key=key
            )
    yield max(world.now - timedelta(minutes=10), clock.now())
    patrols.keep_arrangements_of_today(actor=system("keep_visits_of_the_day"))
    away = _in_order(centre)[-1:]
    if away:
        patrols.pause_arrangement(
            actor=centre, arrangement_id=away[0].id, reason="hospital", until=clock.local_day() + timedelta(days=10)
        )
    if not list_visits(centre).exists():  # a load too short for anybody to be due
        return
    drawn = patrols.draw_visit_sample(actor=centre, percent=5)
    patrols.check_visit_sample(actor=centre, sample_id=drawn[0].id, result="agrees")


def _of_today(world: World, centre: Actor) -> list[Arrangement]:
    """Whom the workers visit today: MOST_A_DAY households each, one that waits for two things once."""
    chosen: list[Arrangement] = []
    for one in _in_order(centre):
        of_worker = [row for row in chosen if row.area_code == one.area_code]
        known = {row.household_id for row in of_worker}
        if one.status in ("due", "overdue") and one.area_code in world.cast.workers and one.household_id not in known:
            chosen += [one] if len(of_worker) < MOST_A_DAY else []
    return chosen


def _in_order(centre: Actor) -> list[Arrangement]:
    """Who is due, in an order that is the same in every load."""
    rows = [(row.household.household_no, row) for row in list_due_visits(centre) if row.household is not None]
    rows.sort(key=lambda pair: (pair[1].next_on, pair[1].area_code, pair[0], pair[1].kind))
    return [row for _, row in rows]
