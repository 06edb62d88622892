"""走访 in the demo: the care lists of two grids are visited, some households are due, one is in hospital, a sample was drawn."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.hours import FIELD, within
from yijiaan.demo.world import World
from yijiaan.patrols import actions as patrols
from yijiaan.patrols.models import Arrangement
from yijiaan.patrols.queries import list_due_visits, list_visits

Thread = Iterator[datetime]
SINCE = 12  # days
# needs, whether raised, what was done, who moved; none is raised: what was heard at talks and visits is counted in the plan of cases
HEARD = (
    ("炉子的烟筒接口松了，怕煤气中毒", False, "先帮着用铁丝扎紧了", ""),
    ("", False, "帮着把院里的雪扫了", "儿子打工回来了，住到年后"),
    ("想换个助听器，不知道找谁", False, "记下了，去残联问", ""),
    ("降压药快吃完了", False, "替他去卫生室拿了一个月的", ""),
    ("", False, "", ""),
    ("门口的路灯不亮，晚上不敢出门", False, "给供电所打了电话，说这两天来换", ""),
    ("高龄津贴上个月没有到账", False, "打电话问了民政，这个月补", ""),
    ("", False, "陪着说了会儿话", "闺女怀孕了，明年春天生"),
    ("水管冻了，接不出水", False, "拿热毛巾敷开了", ""),
    ("想去市里看眼睛，没人陪", False, "约好周四一起坐车去", ""),
)


def visit_threads(world: World) -> list[tuple[datetime, Thread]]:
    """Ten visits of the last days, each with the moment at which it begins."""
    return [(world.now - timedelta(days=SINCE), _visits(world))]


def _visits(world: World) -> Thread:
    """Those who wait the longest are visited first; the last ones are still due today."""
    chance = random.Random(20261128)  # noqa: S311 - a fixed story
    centre = world.cast.actor("caoshijie")
    patrols.keep_arrangements_of_today(actor=system("keep_visits_of_the_day"))
    for number, (needs, is_raised, helped, moves) in enumerate(HEARD):
        day = clock.day_start(clock.local_day() + timedelta(days=1))
        yield min(within(day, FIELD, chance), world.now - timedelta(minutes=10 * (len(HEARD) - number)))
        patrols.keep_arrangements_of_today(actor=system("keep_visits_of_the_day"))
        one = next((row for row in _in_order(centre) if row.area_code in world.cast.workers), None)
        if one is None or one.household_id is None:
            continue
        facts = patrols.VisitFacts(
            way="phone" if number == 6 else "home", needs=needs, is_raised=is_raised, helped=helped, moves=moves
        )
        key = UUID(int=chance.getrandbits(128), version=4)  # the same in every load
        patrols.record_visit(
            actor=world.cast.workers[one.area_code], household_id=one.household_id, facts=facts, client_key=key
        )
    away = _in_order(centre)[-1:]
    if away:
        patrols.pause_arrangement(
            actor=centre, arrangement_id=away[0].id, reason="hospital", until=clock.local_day() + timedelta(days=10)
        )
    if not list_visits(centre).exists():  # a load too short for anybody to be due
        return
    drawn = patrols.draw_visit_sample(actor=centre, percent=100)  # all ten: chance would differ in each load
    patrols.check_visit_sample(actor=centre, sample_id=drawn[0].id, result="agrees")


def _in_order(centre: Actor) -> list[Arrangement]:
    """Who is due, in an order that is the same in every load."""
    rows = [(row.household.household_no, row) for row in list_due_visits(centre) if row.household is not None]
    rows.sort(key=lambda pair: (pair[1].next_on, pair[1].area_code, pair[0], pair[1].kind))
    return [row for _, row in rows]
