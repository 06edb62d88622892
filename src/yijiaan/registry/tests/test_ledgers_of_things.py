"""Ledgers of organisations, houses, places and facilities; and the headings that towns use."""

import csv
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from yijiaan.areas.queries import area_names
from yijiaan.areas.tests.make import FIRST, SECOND
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular.headings import plain_head
from yijiaan.engines.tabular.matching import suggest
from yijiaan.engines.tabular.providers import target_of
from yijiaan.registry.models import Change, Facility, Household, Membership, Organisation, Person, Place, Room
from yijiaan.registry.tests import make
from yijiaan.registry.tests.ledger import PEOPLE, brought, counts, invented, received, remarks, undone
from yijiaan.registry.tests.test_ledgers_of_people import _plain
from yijiaan.registry.tests.town import Town

LEDGERS = Path(__file__).resolve().parents[5] / "shared/data/ledgers/grid_ledger_columns.csv"


@pytest.fixture(autouse=True)
def exports(settings: Any, tmp_path: Path) -> None:
    settings.EXPORTS = tmp_path / "exports"


@pytest.fixture
def actor(town: Town) -> Actor:
    return town.actor("dispatcher")


@pytest.fixture
def village(actor: Actor) -> str:
    return area_names(actor, codes=[FIRST])[FIRST]


def test_organisations_are_known_by_their_code_and_then_by_name(actor: Actor, village: str) -> None:
    heads = (
        "单位名称",
        "统一社会信用代码",
        "单位地址",
        "法人代表",
        "负责人手机号码",
        "从业人数",
        "单位类别",
        "所属网格",
    )
    code = make.credit_code()
    rows = [
        heads,
        ("驿东粮油店", code, "东街 1 号", "郎大", "15471110001", 3, "商户", village),
        ("驿东超市", "", "东街 2 号", "郎二", "15471110002", "4人", "超市", village),
        ("坏号店", code[:-1] + ("0" if code[-1] != "0" else "1"), "", "", "", "", "", village),
        ("别处店", "", "", "", "", "", "", "没有的村"),
    ]
    first = brought(actor, "registry.organisations", rows)
    assert counts(first) == (2, 0, 0, 0, 2)
    assert remarks(first)[4][1].startswith("统一社会信用代码的校验位不对")
    assert remarks(first)[5][1] == "辖区里没有“没有的村”这个村，请写村的全名"
    held = {one.name: (one.kind, one.staff_count, one.legal_person_sealed) for one in Organisation.objects.all()}
    assert held == {"驿东粮油店": ("shop", 3, "郎大"), "驿东超市": ("shop", 4, "郎二")}
    before = _plain(Organisation, ("version",))
    rows[1] = ("驿东粮油店", code, "西街 8 号", "郎大", "15471110001", 5, "商户", village)
    rows[2] = ("驿东超市", make.credit_code(2), "东街 2 号", "郎二", "15471110002", 4, "超市", village)
    second = brought(actor, "registry.organisations", rows[:3])
    assert counts(second) == (0, 2, 0, 0, 0)
    assert set(Change.objects.values_list("field", flat=True)) == {"address", "staff_count", "credit_code"}
    assert Entry.objects.filter(verb="registry.facts_changed").count() == 2
    undone(actor, second)
    assert _plain(Organisation, ("version",)) == before
    assert undone(actor, first).kept_count == 0
    assert not Organisation.objects.exists() and not Change.objects.exists()


def test_a_code_of_another_village_is_for_somebody_to_look_at(town: Town, actor: Actor, village: str) -> None:
    other = area_names(actor, codes=[SECOND])[SECOND]
    heads = ("单位名称", "统一社会信用代码", "村")
    brought(actor, "registry.organisations", [heads, ("驿东粮油店", make.credit_code(), village)])
    checked = received(actor, "registry.organisations", [heads, ("驿东粮油店", make.credit_code(), other)])
    assert remarks(checked) == {2: ("conflict", "这个统一社会信用代码登记在别的村，请核对是不是搬了地方")}


def test_houses_and_rented_houses(actor: Actor, village: str) -> None:
    heads = ("所属网格", "房屋准确地址", "房屋编号", "本户建筑面积", "产权人姓名", "是否为出租房")
    rows = [heads, (village, "东街 1 号", "101", 88.5, "郎大", "否"), (village, "东街 1 号", "102", 60, "郎二", "")]
    assert counts(brought(actor, "registry.rooms", rows)) == (2, 0, 0, 0, 0)
    told = {room.door_no: (room.floor_area, room.is_rented, room.owner_sealed) for room in Room.objects.all()}
    assert told == {"101": (89, "no", "郎大"), "102": (60, "", "郎二")}
    rented = [("所属网格", "房屋准确地址", "房屋编号"), (village, "东街 1 号", "102"), (village, "东街 9 号", "1")]
    done = brought(actor, "registry.rented_rooms", rented)
    assert counts(done) == (1, 1, 0, 0, 0)
    assert dict(Room.objects.values_list("door_no", "is_rented")) == {"101": "no", "102": "yes", "1": "yes"}
    undone(actor, done)
    assert dict(Room.objects.values_list("door_no", "is_rented")) == {"101": "no", "102": ""}


def test_places_and_facilities(actor: Actor, village: str) -> None:
    places = [
        ("场所名字", "公共场所场所类别", "场所地址", "核定人数", "村"),
        ("东塘", "水塘", "村东", 0, village),
        ("", "", "村西", "", village),
    ]
    done = brought(actor, "registry.places", places)
    assert counts(done) == (1, 0, 0, 0, 1) and Place.objects.get().kind == "water"
    heads = ("部件名称", "部件编码", "权属单位", "位置", "状态", "所属村", "经度", "纬度")
    rows = [
        heads,
        ("路灯", "3708121020001", "供电所", "东街口", "正常", village, "", ""),
        ("井盖", "", "水务", "西街口", "破损", village, 116.6, ""),
    ]
    done = brought(actor, "registry.facilities", rows)
    assert remarks(done) == {3: ("refused", "经度和纬度要一起填")}
    assert Facility.objects.get().state == "fine"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_an_import_did_is_taken_back(actor: Actor, village: str, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test
    rows = [list(row) for row in invented(60, [village])]
    brought(actor, "registry.people", [PEOPLE, *rows], told_on="2026-01-01")
    before = [_plain(model, ("version",)) for model in (Household, Person, Membership)]
    for row in rows:
        if dice.random() < 0.4:
            row[6] = f"155{dice.randrange(10**8):08d}"
        if dice.random() < 0.3:
            row[10] = dice.choice(["大专", "本科", "高中"])
        if dice.random() < 0.2:
            row[7] = f"新街 {dice.randrange(99)} 号"
    kept = [row for row in rows if dice.random() < 0.8]
    more = [list(row) for row in invented(90, [village])][60:]
    dice.shuffle(more)
    done = brought(actor, "registry.people", [PEOPLE, *kept, *more], told_on="2026-05-01")
    assert done.new_count == 30 and done.changed_count > 0
    taken = undone(actor, done)
    assert (taken.undone_count, taken.kept_count) == (done.new_count + done.changed_count, 0)
    assert [_plain(model, ("version",)) for model in (Household, Person, Membership)] == before
    assert not Change.objects.exclude(state="undone").exists()


# the columns of the towns' ledgers for which we have a fact, by what the ledger becomes
HELD = {
    "registry.people": {
        "户籍人口信息登记表": (
            "姓名 所属网格 性别 出生日期 身份证号码 户号 与户主关系 民族 政治面貌 文化程度 婚姻状况 人户状态 户籍详址 临时居所 "
            "工作单位或就读学校 联系手机 职业 住宅电话 备注"
        ),
        "流动人口信息登记表": (
            "姓名 所属网格 性别 出生日期 身份证号码 民族 政治面貌 文化程度 婚姻状况 流入时间 暂住处所 户籍详细地址 "
            "工作单位或就读学校 联系手机 职业 备注"
        ),
        "未落户人口信息登记表": (
            "姓名 所属网格 性别 民族 政治面貌 文化程度 婚姻状况 出生日期 身份证号码 持证种类 持证编号 户籍详址 临时居所 "
            "工作单位或就读学校 联系手机 职业 备注"
        ),
    },
    "registry.rooms": {
        "房屋信息登记表": "所属网格 房屋准确地址 是否为出租房 房屋编号 房屋用途 本户建筑面积(㎡) 产权人姓名",
    },
    "registry.rented_rooms": {"出租房信息登记表": "所属网格 房屋准确地址 房屋编号 房屋用途 本户建筑面积 产权人姓名"},
    "registry.organisations": {
        "实有单位信息登记表": "单位名称 所属网格 单位地址 单位类别 法人代表 单位电话 从业人数",
        "社会组织信息登记表": "组织名称 组织类别 法定代表人 所属网格 住所 联系手机 成员数 党员人数",
        "非公有制经济组织信息登记表": "名称 营业执照号码 住所 所属网格 类别 负责人 联系手机 从业人数 党员人数",
    },
    "registry.places": {"公共场所信息登记表": "场所名字 场所地址 所属网格 负责人 公共场所场所类别 核定人数"},
}  # fmt: skip


@pytest.mark.skipif(not LEDGERS.exists(), reason="the columns of the towns' ledgers are not here")
def test_the_columns_of_the_towns_are_known() -> None:
    with LEDGERS.open(encoding="utf-8-sig") as lines:
        columns = defaultdict(list)
        for line in csv.DictReader(lines):
            columns[line["title"]].append(line["column"])
    missed, asked = [], 0
    for kind, ledgers in HELD.items():
        fields = target_of(kind).fields
        for title, words in ledgers.items():
            found = suggest(columns[title], fields, learned={})
            known = {plain_head(columns[title][column]) for column in found}
            for head in words.split():
                asked += 1
                if plain_head(head) not in known:
                    missed.append((title, head))
    assert asked == 95 and missed == []
