"""What is dangerous in 新驿镇, and who puts it right: hazards in every state, two inspections, walks of the last days, one sweep."""

import random
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

from yijiaan.cases.actions import dispatch_case, sign_case
from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.hours import FIELD, OFFICE, within
from yijiaan.demo.people import TOWN
from yijiaan.demo.phrases import DATA
from yijiaan.demo.world import World
from yijiaan.engines.checklists.actions import Given
from yijiaan.engines.checklists.models import Template
from yijiaan.engines.checklists.queries import list_items
from yijiaan.patrols import actions as patrols
from yijiaan.patrols.models import PatrolRun
from yijiaan.patrols.queries import list_checks
from yijiaan.safety import actions as safety
from yijiaan.safety.models import Hazard

Thread = Iterator[datetime]
WALKED_SINCE = 9  # days
NIGHT = (("村委大院门口", "门锁、灯"), ("卫生室门口", "门锁"), ("村东头变压器", "围栏、锁"), ("文化广场", "灯"), ("超市门口", "堆放、用火"),
         ("小学门口", "护栏、减速带"), ("村南水塘", "警示牌、救生杆"), ("后街柴草垛", "离房屋、电线远不远"), ("老供销社院", "围挡"),
         ("村北打麦场", "柴草、用火"), ("机井房", "井盖"), ("村西养鸡棚", "电线"))  # fmt: skip
MARKET = (
    ("大集东口", "三轮车堵不堵路"),
    ("熟食摊", "煤气罐、软管"),
    ("鞭炮摊", "有没有证"),
    ("布料摊后面", "通道"),
    ("停车场", "进出口"),
)
SWEPT = (("逐户看煤炉", "烟囱、通风"), ("逐户看电线", "老化、乱拉"), ("独居老人家", "阀门、报警器"))


def safety_threads(world: World) -> list[tuple[datetime, Thread]]:
    """Everything of the last weeks, each with the moment at which it begins."""
    chance = random.Random(20261201)  # noqa: S311 - a fixed story
    told = tomllib.loads((DATA / "hazards.toml").read_text("utf-8"))["hazard"]
    villages = sorted(code for code in world.land.by_village if code.startswith(TOWN))
    grids = [grid for village in villages for grid in world.land.by_village[village] if grid in world.cast.workers]
    threads: list[tuple[datetime, Thread]] = []
    for number, line in enumerate(told):
        at = within(world.now - timedelta(days=line["days"]), FIELD, chance)
        threads.append(
            (min(at, world.now - timedelta(minutes=20)), _hazard(world, line, grids[number * 7 % len(grids)], number))
        )
    threads.append((world.now - timedelta(days=16), _shop(world, villages[0])))
    threads.append((world.now - timedelta(days=3), _gas(world, villages[0])))
    threads.append((world.now - timedelta(days=WALKED_SINCE), _walks(world, villages[0])))
    threads.append((world.now - timedelta(days=WALKED_SINCE), _grading(world)))
    threads.append((world.now - timedelta(days=2), _sweep(world, villages[1])))
    return threads


def _soon(world: World, chance: random.Random, hours: float) -> datetime:
    return within(clock.now() + timedelta(hours=hours), OFFICE, chance, world.calendar)


def _hazard(world: World, line: dict[str, Any], grid: str, serial: int) -> Thread:
    """One hazard on its way, as far as it has come."""
    chance = random.Random(serial)  # noqa: S311 - a fixed story
    cast, end = world.cast, line["end"]
    head, leader = cast.actor("mengxianjun"), cast.actor("konglingjun")
    centre, second = cast.actor("caoshijie"), cast.actor("linguixiang")
    lon, lat = world.land.point(grid, chance)
    facts = safety.HazardFacts(
        text=line["text"], kind=line["kind"], place=line["place"], area_code=grid, lon=lon, lat=lat,
        proposed_grade=line["grade"],
    )  # fmt: skip
    key = UUID(int=chance.getrandbits(128), version=4)
    here: dict[str, Any] = {
        "hazard_id": safety.register_hazard(actor=cast.workers[grid], facts=facts, client_key=key).id
    }
    if end == "found":
        return
    yield _soon(world, chance, 5)
    if end == "dismissed":
        safety.dismiss_hazard(actor=second, text=line["done"], **here)
        return
    safety.grade_hazard(actor=centre, grade=line["grade"], **here)
    if end == "graded":
        return
    yield _soon(world, chance, 0.6)
    if end == "in_case":
        handed = safety.hand_to_case(actor=centre, **here)
        yield _soon(world, chance, 0.4)
        unit = cast.units[f"{TOWN}:{line['unit']}"]
        case: Case = Case.objects.get_visible(centre, id=handed.case_id)
        number = case.number
        dispatch_case(actor=centre, number=number, lead_id=unit.id)
        yield _soon(world, chance, 2)
        sign_case(actor=cast.handlers[unit.id], number=number)
        return
    unit = cast.units[grid[:12]] if line["unit"] == "village" else cast.units[f"{TOWN}:{line['unit']}"]
    holder = cast.handlers[unit.id]
    days = 30 if line["grade"] == "major" else 14
    due_on = clock.local_day() + timedelta(days=days)
    safety.notify_hazard(actor=centre, unit_id=unit.id, due_on=due_on, measure="", **here)
    if end == "listed":
        yield _soon(world, chance, 3)
        safety.supervise_hazard(actor=leader, text="十五日内隔开，隔开以前停止销售，每周一报进展。", **here)
    if end == "notified":
        return
    yield _soon(world, chance, 26)
    safety.begin_rectifying(actor=holder, **here)
    if end in ("rectifying", "late", "listed"):
        return
    if end == "protected":
        yield _soon(world, chance, 20)
        review_on = clock.local_day(world.now) + timedelta(days=20)
        safety.protect_hazard(actor=holder, text=line["done"], review_on=review_on, **here)
        return
    yield _soon(world, chance, chance.uniform(40, 90))
    safety.submit_rectified(actor=holder, text=line["done"], **here)
    if end == "submitted":
        return
    yield _soon(world, chance, 24)
    if end == "rejected":
        safety.verify_hazard(actor=second, passed=False, text="三楼又拉下来一根线。", **here)
        return
    safety.verify_hazard(actor=centre, passed=True, text="看过了，改好了。", **here)
    if line["grade"] == "major":
        yield _soon(world, chance, 4)
        safety.verify_hazard(actor=second, passed=True, text="再看一遍，没有问题。", **here)
    if end == "verified":
        return
    yield _soon(world, chance, 20)
    safety.write_off_hazard(actor=head, **here)


def _settle(world: World, hazard_id: UUID, station: str, done: str, chance: random.Random) -> Thread:
    """What an inspection or a walk found: graded and given to a station, and put right where it is said how."""
    cast, centre = world.cast, world.cast.actor("caoshijie")
    hazard = Hazard.objects.get(county=centre.county, id=hazard_id)
    unit = cast.units[f"{TOWN}:{station}"]
    yield _soon(world, chance, 1)
    safety.grade_hazard(actor=centre, hazard_id=hazard_id, grade=hazard.proposed_grade or "general")
    due_on = clock.local_day() + timedelta(days=20)
    safety.notify_hazard(actor=centre, hazard_id=hazard_id, unit_id=unit.id, due_on=due_on)
    yield _soon(world, chance, 5)
    safety.begin_rectifying(actor=cast.handlers[unit.id], hazard_id=hazard_id)
    if not done:
        return
    yield _soon(world, chance, 50)
    safety.submit_rectified(actor=cast.handlers[unit.id], hazard_id=hazard_id, text=done)
    yield _soon(world, chance, 20)
    safety.verify_hazard(actor=cast.actor("linguixiang"), hazard_id=hazard_id, passed=True)
    yield _soon(world, chance, 10)
    safety.write_off_hazard(actor=cast.actor("mengxianjun"), hazard_id=hazard_id)


def _plan(actor: Actor, world: World, code: str, target: str, place: str, area: str) -> UUID:
    facts = safety.InspectionFacts(
        target=target, place=place, area_code=area, template_id=Template.objects.get(county="", code=code).id,
        planned_on=clock.local_day(), way="random", team=tuple(filter(None, [world.cast.actor("linguixiang").post_id])),
    )  # fmt: skip
    return safety.plan_inspection(actor=actor, facts=facts, client_key=uuid4()).id


def _shop(world: World, village: str) -> Thread:
    """A shop inspected two weeks ago, three things not right, the owner would not sign."""
    chance = random.Random(1)  # noqa: S311 - a fixed story
    centre = world.cast.actor("caoshijie")
    yield _soon(world, chance, 1)
    here: dict[str, Any] = {
        "inspection_id": _plan(centre, world, "small_shop_fire", "鑫旺超市", "新驿大街 12 号", village)
    }
    run = safety.start_inspection(actor=centre, **here)
    items = list_items(centre, version_id=run.version_id)
    given = {item.id: Given("yes" if item.kind != "value" else "2") for item in items}
    given |= {
        items[0].id: Given("no", "后门堵着饮料箱"),
        items[3].id: Given("1"),
        items[7].id: Given("no", "门口两辆在充电"),
    }
    yield _soon(world, chance, 0.7)
    hazards = safety.submit_inspection(actor=centre, given=given, remark="店主在场。", **here)
    safety.refuse_signature(actor=centre, text="说等他回来再签", witness="村委值班的刘某", **here)
    for number, hazard in enumerate(hazards):
        yield from _settle(world, hazard.id, "market", "改好了，现场看过。" if number else "", chance)


def _gas(world: World, village: str) -> Thread:
    """A household inspected three days ago, all in order but one; and one that is planned."""
    chance = random.Random(2)  # noqa: S311 - a fixed story
    centre = world.cast.actor("caoshijie")
    yield _soon(world, chance, 1)
    here: dict[str, Any] = {
        "inspection_id": _plan(centre, world, "household_gas", "新驿一村用气户 7 号", "前街", village)
    }
    run = safety.start_inspection(actor=centre, **here)
    items = list_items(centre, version_id=run.version_id)
    given = {item.id: Given("yes" if item.kind != "value" else "1.6") for item in items}
    given[items[5].id] = Given("no", "没有装报警器")
    yield _soon(world, chance, 0.5)
    hazards = safety.submit_inspection(actor=centre, given=given, **here)
    safety.sign_inspection(actor=centre, name="户主孔某", **here)
    for hazard in hazards:
        yield from _settle(world, hazard.id, "construction", "", chance)
    yield _soon(world, chance, 6)
    _plan(centre, world, "small_shop_fire", "好再来饭馆", "新驿大街 30 号", village)


def _walks(world: World, village: str) -> Thread:
    """The night walk of a village every day and the walk of the market on its days, by those who live there."""
    chance = random.Random(3)  # noqa: S311 - a fixed story
    centre, unit = world.cast.actor("caoshijie"), world.cast.units[village]
    walker = world.cast.actor("shaoxiuying")
    yield _soon(world, chance, 0.2)
    grids = [grid for grid in world.land.by_village[village] if grid in world.cast.workers]
    for name, kind, points, rule, days in (
        ("新驿一村安全巡查", "fire", NIGHT, "daily", ()),
        ("大集巡查", "market_day", MARKET, "market", (3, 8)),
    ):
        way = patrols.write_patrol_template(
            actor=centre, name=name, kind=kind, area_code=village, client_key=uuid4(),
            points=_marked(world, grids, points, chance),
        )  # fmt: skip
        plan = patrols.PlanFacts(unit.id, rule, days=days, post_id=walker.post_id)
        patrols.plan_patrol(actor=centre, template_id=way.id, facts=plan, client_key=uuid4())
    while True:
        for run in PatrolRun.objects.filter(county=walker.county, post=walker.post_id, status="planned").order_by("id"):
            is_today = clock.local_day() == clock.local_day(world.now)
            if run.on == clock.local_day():
                _walk(walker, run, chance, most=5 if is_today else 99)
        day = clock.day_start(clock.local_day() + timedelta(days=1))
        yield day + timedelta(minutes=5)
        patrols.make_runs_of_today(actor=system("make_patrols_of_the_day"))
        yield day + timedelta(hours=chance.uniform(7.2, 8.2))


def _marked(
    world: World, grids: list[str], points: Iterable[tuple[str, str]], chance: random.Random
) -> list[patrols.PointFacts]:
    """Places in the grids of a village, from west to east as somebody would walk; the last is not marked on the map yet."""
    spots = sorted(world.land.point(grid, chance) for grid, _ in zip(cycle(grids), points, strict=False))
    facts = [
        patrols.PointFacts(place, hint, lon=lon, lat=lat)
        for (place, hint), (lon, lat) in zip(points, spots, strict=True)
    ]
    return [*facts[:-1], patrols.PointFacts(facts[-1].place, facts[-1].hint)]


def _grading(world: World) -> Thread:
    """Every working morning the centre grades what walks have found, and gives it to a station."""
    chance = random.Random(5)  # noqa: S311 - a fixed story
    centre, unit = world.cast.actor("caoshijie"), world.cast.units[f"{TOWN}:power"]
    while True:
        yield within(clock.day_start(clock.local_day() + timedelta(days=1)), OFFICE, chance, world.calendar)
        found = Hazard.objects.filter(county=centre.county, ledger_code=TOWN, status="found", source="patrol")
        for hazard in list(found.order_by("serial")):
            safety.grade_hazard(actor=centre, hazard_id=hazard.id, grade="general")
            due_on = clock.local_day() + timedelta(days=10)
            safety.notify_hazard(actor=centre, hazard_id=hazard.id, unit_id=unit.id, due_on=due_on)


def _walk(walker: Actor, run: PatrolRun, chance: random.Random, *, most: int) -> None:
    """A walk: nearly everything in order."""
    checks = list_checks(walker, run=run)
    for check in checks[:most]:
        found = patrols.Found("ok")
        if check.place == "后街柴草垛" and run.on.day % 5 == 0:
            found = patrols.Found("not_reachable", "路上晒着粮食，过不去")
        elif check.place == "村西养鸡棚" and run.on.day % 9 == 4:
            found = patrols.Found("hazard", "棚里的灯线又拖在地上", "general")
        patrols.check_point_of_run(
            actor=walker, run_id=run.id, place_number=check.place_number, found=found, client_key=uuid4()
        )
    if most >= len(checks):
        patrols.finish_run_of_patrol(actor=walker, run_id=run.id)


def _sweep(world: World, village: str) -> Thread:
    """A sweep of a village two days ago: all grids but one were walked."""
    chance = random.Random(4)  # noqa: S311 - a fixed story
    centre = world.cast.actor("caoshijie")
    yield _soon(world, chance, 0.3)
    way = patrols.write_patrol_template(
        actor=centre, name="冬季取暖拉网", kind="sweep", area_code=village, client_key=uuid4(),
        points=[patrols.PointFacts(place, hint) for place, hint in SWEPT],
    )  # fmt: skip
    sweep = patrols.start_sweep(
        actor=centre,
        name="冬季取暖安全拉网",
        template_id=way.id,
        area_code=village,
        on=clock.local_day(),
        client_key=uuid4(),
    )
    runs = list(PatrolRun.objects.filter(county=centre.county, sweep_id=sweep.id).order_by("area_code"))
    for run in runs[: max(1, len(runs) - 1)]:
        walker = world.cast.workers.get(run.area_code)
        if walker is None:
            continue
        yield within(clock.now() + timedelta(hours=chance.uniform(1, 3)), FIELD, chance)
        _walk(walker, run, chance, most=99)
