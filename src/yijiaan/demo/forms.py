"""一表通 in the demo: one form about households that is half told, one about grids that has just come. Both are invented."""

import io
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import xlsxwriter

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.demo.hours import FIELD, OFFICE, within
from yijiaan.demo.world import World
from yijiaan.oneform import actions as oneform
from yijiaan.oneform.actions import FormFacts, Meaning, Told
from yijiaan.oneform.models import FormColumn, OneForm
from yijiaan.oneform.queries import list_columns, list_home_units
from yijiaan.registry.models import Household

Thread = Iterator[datetime]
SINCE = 6  # days
DAYS = 4  # on which somebody goes round
A_DAY = 9  # households
WINTER = (
    "序号", "村", "网格", "户号", "户主姓名", "户主联系电话", "家庭人口数", "60岁以上老人数", "未成年人数", "是否低保户", "是否有独居老人", "家庭住址",
    "取暖方式", "是否装了一氧化碳报警器", "烟筒上次清理日期",
)  # fmt: skip
HEATING = ("煤炉", "空调", "天然气壁挂炉", "不取暖")
GRIDS = (
    "序号",
    "村",
    "网格名称",
    "网格员",
    "户数",
    "实有人口",
    "60岁以上老人数",
    "低保对象人数",
    "本年受理",
    "灭火器几个",
    "是否有微型消防站",
)


def form_threads(world: World) -> list[tuple[datetime, Thread]]:
    """What happens with the two forms, with the moment at which it begins."""
    return [(world.now - timedelta(days=SINCE), _winter(world)), (world.now - timedelta(days=1), _grids(world))]


def _sheet(title: str, labels: Sequence[str]) -> bytes:
    """An empty table as an office sends it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 11, 1)})  # noqa: DTZ001 - the same file in every load
    page = book.add_worksheet("填报表")
    page.merge_range(0, 0, 0, len(labels) - 1, title)
    page.write_row(1, 0, labels)
    book.close()
    return out.getvalue()


def _publish(
    actor: Actor, facts: FormFacts, labels: Sequence[str], key: UUID, meanings: dict[str, Meaning]
) -> tuple[OneForm, dict[str, FormColumn]]:
    form = oneform.register_form(
        actor=actor, facts=facts, raw=_sheet(facts.name, labels), file_name="空表.xlsx", client_key=key
    )
    places = {column.label: column.place for column in list_columns(actor, form=form)}
    oneform.map_columns(
        actor=actor, form_id=form.id, meanings={places[label]: meaning for label, meaning in meanings.items()}
    )
    oneform.publish_form(actor=actor, form_id=form.id)
    return form, {column.label: column for column in list_columns(actor, form=form)}


def _winter(world: World) -> Thread:
    """The form about heating: registered by the town, told on some days by those who go round."""
    chance = random.Random(20261205)  # noqa: S311 - a fixed story
    centre = world.cast.actor("caoshijie")
    homes = list(Household.objects.visible_to(centre).order_by("area_code", "household_no"))
    if not homes:
        return
    facts = FormFacts(
        name="农村冬季取暖安全摸底表", issuer="兖州区应急管理局", basis="兖应急〔2026〕31 号第二条", per="household", minutes=20,
        ends_on=clock.local_day() + timedelta(days=24), areas=tuple(sorted({home.area_code[:12] for home in homes})),
    )  # fmt: skip
    key = UUID(int=chance.getrandbits(128), version=4)
    form, columns = _publish(centre, facts, WINTER, key, {"取暖方式": Meaning("asked", "choice", HEATING)})
    heating, alarm, cleaned = (columns[label].place for label in WINTER[-3:])
    for _ in range(DAYS):
        day = clock.day_start(clock.local_day() + timedelta(days=1))
        yield min(within(day, FIELD, chance), world.now - timedelta(minutes=20))
        waiting = list_home_units(centre, form=form, columns=list(columns.values()))
        ready = [home for home in waiting.order_by("area_code", "household_no") if home.area_code in world.cast.workers]
        for home in ready[:: max(1, len(ready) // A_DAY)][:A_DAY]:
            way = chance.choice(HEATING[:3])
            told = {heating: Told(way), alarm: Told(chance.choice(("是", "否")))}
            if way == "煤炉":
                ago = timedelta(days=chance.randrange(5, 60))
                told[cleaned] = Told((clock.local_day() - ago).isoformat())
            else:
                told[cleaned] = Told(is_none=True)
            oneform.answer_unit(
                actor=world.cast.workers[home.area_code], form_id=form.id, subject=str(home.id), told=told,
                client_key=UUID(int=chance.getrandbits(128), version=4),
            )  # fmt: skip


def _grids(world: World) -> Thread:
    """The form about the grids of the town: it asks two things, nobody has told them yet."""
    chance = random.Random(20261206)  # noqa: S311 - a fixed story
    yield min(within(clock.day_start(clock.local_day()), OFFICE, chance), world.now - timedelta(minutes=30))
    centre = world.cast.actor("caoshijie")
    facts = FormFacts(
        name="网格消防力量统计表", issuer="兖州区消防救援大队", basis="鲁消防〔2026〕9 号附件 3", per="grid", minutes=15,
        ends_on=clock.local_day() + timedelta(days=12), areas=centre.areas[:1],
    )  # fmt: skip
    _publish(centre, facts, GRIDS, UUID(int=chance.getrandbits(128), version=4), {})
