"""What a column of a form can be filled from: facts of the base, figures made of who lives in a household, counts over a grid or a
village, what is the same for a whole place, or an answer. Codes are kept in the columns; labels and aliases are what forms write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from yijiaan.oneform.models import ASKED, AskedKind, UnitKind
from yijiaan.registry.models import CareKind, Membership
from yijiaan.registry.providers import HOUSEHOLD, ORGANISATION, PERSON, ROOM, Field, FieldType, Kind

BLANK = "blank"
EVERY = tuple(UnitKind)
HOME, PLACES = (UnitKind.HOUSEHOLD,), (UnitKind.GRID, UnitKind.VILLAGE)
LEFT_OUT = (FieldType.AREA, FieldType.DEGREE, FieldType.DOOR_PLATE)

# what forms write beside the aliases that ledgers use
ALSO = {
    "household.address": ("家庭住址", "家庭地址", "现住址", "家庭详细地址", "家庭详细住址"),
    "household.household_no": ("户编号", "户籍户号"),
    "head.name": ("户主", "户主名字"),
    "head.phone": ("户主电话号码", "电话号码", "联系方式"),
}


@dataclass(frozen=True, slots=True)
class Living:
    """Who lives in a household, as the figures need it. care: the kinds of care that each is listed for."""

    members: Sequence[Membership]
    care: dict[object, set[str]]
    today: date

    def aged(self, least: int, most: int = 200) -> list[Membership]:
        """Those whose age in years lies between two, both counted in."""
        return [
            row for row in self.members if row.person.birth_on and least <= age(row.person.birth_on, self.today) <= most
        ]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that a column can be filled from. asked_kind: how it is asked where the base does not know it; needs: the facts of a
    member without which he cannot be counted; make: the figure of a household; is_personal: masked unless somebody gave a purpose."""

    code: str
    label: str
    group: str
    per: tuple[UnitKind, ...]
    aliases: tuple[str, ...] = ()
    fact: Field | None = None
    asked_kind: AskedKind = AskedKind.NUMBER
    make: Callable[[Living], str] | None = field(default=None, compare=False)
    needs: str = ""
    needs_care: bool = False
    is_personal: bool = False

    @property
    def family(self) -> str:
        """household, head, room, home, count, constant, blank or asked."""
        return self.code.split(".")[0]

    @property
    def key(self) -> str:
        """What follows the family."""
        return self.code.partition(".")[2]


def age(born: date, today: date) -> int:
    """Years that somebody has lived."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _facts(family: str, kind: Kind, before: str, group: str) -> list[Source]:
    found = []
    for fact in kind.fields:
        if fact.type in LEFT_OUT or fact.key == "note":
            continue
        label = fact.label if fact.label.startswith(before) else f"{before}{fact.label}"
        aliases = tuple(dict.fromkeys(f"{before}{name}" for name in (fact.label, *fact.aliases)))
        code = f"{family}.{fact.key}"
        bare = (fact.label, *fact.aliases)  # a form per household means its head
        found.append(
            Source(code, label, group, HOME, (*aliases, *bare, *ALSO.get(code, ())), fact, is_personal=fact.is_sealed)
        )
    return found


def _number(key: str, label: str, make: Callable[[Living], int], *aliases: str, needs: str = "") -> Source:
    return Source(
        f"home.{key}", label, "家里人", HOME, aliases, make=lambda living: str(make(living)), needs=needs
    )  # fmt: skip


def _aged(key: str, label: str, least: int, most: int, *aliases: str) -> Source:
    return _number(key, label, lambda living: len(living.aged(least, most)), *aliases, needs="birth_on")


def _having(key: str, label: str, fact: str, values: tuple[str, ...], *aliases: str) -> Source:
    def make(living: Living) -> int:
        return sum(getattr(row.person, fact) in values for row in living.members)

    return _number(key, label, make, *aliases, needs=fact)


def _home() -> list[Source]:
    """Figures of who lives in a household."""
    found = [
        _number("members", "家里几口人", lambda living: len(living.members), "家庭人口", "家庭人口数", "人口数", "家庭成员数", "总人数", "人数", "家庭人数", "家庭总人口"),
        Source("home.names", "家里人的姓名", "家里人", HOME, ("家庭成员", "家庭成员姓名", "成员姓名"), asked_kind=AskedKind.TEXT, make=lambda living: "、".join(row.person.name_sealed for row in living.members), is_personal=True),
        Source("home.head_age", "户主年龄", "户主", HOME, ("年龄", "户主周岁"), make=lambda living: _head_age(living)),
        _having("male", "男几人", "sex", ("male",), "男", "男性人数", "男性", "其中男"),
        _having("female", "女几人", "sex", ("female",), "女", "女性人数", "女性", "其中女"),
        _aged("aged_0_6", "0 到 6 岁几人", 0, 6, "0-6 岁人数", "0-6 岁儿童数", "学龄前儿童数", "0-6 岁"),
        _aged("aged_0_2", "3 岁以下几人", 0, 2, "3 岁以下人数", "婴幼儿数", "0-3 岁人数", "3 岁以下婴幼儿数"),
        _aged("aged_0_17", "未成年人几人", 0, 17, "未成年人数", "儿童人数", "儿童数", "18 岁以下人数", "未成年人"),
        _aged("aged_6_15", "6 到 15 岁几人", 6, 15, "义务教育阶段人数", "6-15 岁人数", "学龄儿童数"),
        _aged("aged_16_59", "16 到 59 岁几人", 16, 59, "16-59 岁人数", "劳动年龄人数"),
        _aged("aged_60", "60 岁以上几人", 60, 200, "60 岁以上人数", "60 岁以上老人数", "60 周岁以上人数", "60 岁及以上人数", "老人数", "老年人数", "老年人口"),
        _aged("aged_65", "65 岁以上几人", 65, 200, "65 岁以上人数", "65 岁以上老人数", "65 周岁以上人数", "65 岁及以上人数"),
        _aged("aged_80", "80 岁以上几人", 80, 200, "80 岁以上人数", "80 岁以上老人数", "80 周岁以上人数", "高龄老人数", "80 岁及以上人数"),
        _having("party", "党员几人", "political", ("party", "candidate"), "党员人数", "党员数"),
        _having("registered", "户籍人口几人", "kind", ("registered",), "户籍人口数", "户籍人口", "户籍人数"),
        _having("floating", "流动人口几人", "kind", ("floating",), "流动人口数", "流动人口", "流动人数"),
        _having("away", "在外几人", "residence", ("away",), "外出人数", "外出务工人数", "在外人数", "户在人不在人数"),
        _having("college", "大专以上几人", "education", ("college", "bachelor", "master"), "大专以上人数", "大专及以上人数"),
    ]  # fmt: skip
    for kind, label in CareKind.choices:
        plain = label.removesuffix("对象").removesuffix("人员").removesuffix("老人")
        found += [
            Source(
                f"home.care_{kind}", f"{label}几人", "家里人", HOME,
                (f"{label}数", f"{label}人数", f"{plain}人数", f"{label}", f"{plain}人口数"),
                make=_cared(kind, str),
                needs_care=True, is_personal=True,
            ),
            Source(
                f"home.has_{kind}", f"有没有{label}", "家里人", HOME,
                (f"是否{label}", f"是否{plain}", f"是否{plain}户", f"有无{label}", f"是否有{label}", f"{plain}户"),
                asked_kind=AskedKind.YES_NO,
                make=_cared(kind, _yes),
                needs_care=True, is_personal=True,
            ),
        ]  # fmt: skip
    return found


def _head_age(living: Living) -> str:
    born = next((row.person.birth_on for row in living.members if row.relation == "head"), None)
    return str(age(born, living.today)) if born else ""


def _cared(kind: str, write: Callable[[int], str]) -> Callable[[Living], str]:
    def make(living: Living) -> str:
        return write(sum(kind in living.care.get(row.person_id, ()) for row in living.members))

    return make


def _yes(count: int) -> str:
    return "是" if count else "否"


def _count(key: str, label: str, *aliases: str, needs_care: bool = False) -> Source:
    return Source(f"count.{key}", label, "数一数", PLACES, aliases, needs_care=needs_care)


def _counts() -> list[Source]:
    """Counts over a grid or a village; `counting.py` makes them."""
    found = [
        _count("households", "户数", "总户数", "住户数", "家庭户数", "常住户数"),
        _count("families", "家庭户数", "家庭户"), _count("tenants", "租住户数", "租住户", "出租户数"),
        _count("collectives", "集体户数", "集体户"),
        _count("people", "人口数", "总人口", "总人数", "实有人口", "实有人口数", "人数", "常住人口", "常住人口数"),
        _count("male", "男几人", "男", "男性", "男性人数"), _count("female", "女几人", "女", "女性", "女性人数"),
        _count("registered", "户籍人口", "户籍人口数", "户籍人数"), _count("floating", "流动人口", "流动人口数", "流动人数"),
        _count("overseas", "境外人员", "境外人员数"), _count("away", "在外几人", "外出人数", "户在人不在人数", "外出务工人数"),
        _count("party", "党员几人", "党员人数", "党员数"),
        _count("aged_0_6", "0 到 6 岁几人", "0-6 岁人数", "学龄前儿童数"),
        _count("aged_0_17", "未成年人几人", "未成年人数", "未成年人", "18 岁以下人数"),
        _count("aged_16_59", "16 到 59 岁几人", "16-59 岁人数", "劳动年龄人数"),
        _count("aged_60", "60 岁以上几人", "60 岁以上人数", "60 岁以上老人数", "60 岁及以上人数", "老年人口", "老年人数", "60 周岁以上人数"),
        _count("aged_65", "65 岁以上几人", "65 岁以上人数", "65 岁以上老人数", "65 岁及以上人数", "65 周岁以上人数"),
        _count("aged_80", "80 岁以上几人", "80 岁以上人数", "80 岁以上老人数", "80 岁及以上人数", "高龄老人数"),
        _count("organisations", "单位数", "单位总数", "企业单位数"), _count("places", "场所数", "公共场所数"),
        _count("rooms", "房屋数", "房屋间数"), _count("rented", "出租房数", "出租房", "出租房屋数"),
        _count("buildings", "楼栋数", "楼栋"), _count("facilities", "部件数", "设施数"), _count("vehicles", "车辆数"),
        _count("cases_open", "没办结的事件", "未办结事件数", "在办事件数", "未办结"),
        _count("cases_month", "本月受理事件", "本月受理", "本月受理数", "本月事件数"),
        _count("cases_year", "本年受理事件", "本年受理", "本年受理数", "今年受理数", "本年事件数"),
        _count("closed_month", "本月办结事件", "本月办结", "本月办结数"),
        _count("closed_year", "本年办结事件", "本年办结", "本年办结数", "今年办结数"),
    ]  # fmt: skip
    for kind, label in CareKind.choices:
        plain = label.removesuffix("对象").removesuffix("人员").removesuffix("老人")
        found.append(
            _count(f"care_{kind}", f"{label}几人", f"{label}数", f"{label}人数", f"{plain}人数", label, needs_care=True)
        )
    for kind, label in ORGANISATION.field("kind").choices:
        found.append(_count(f"organisation_{kind}", f"{label}几家", f"{label}数", f"{label}户数", label))
    return found


def _constant(key: str, label: str, per: tuple[UnitKind, ...], *aliases: str) -> Source:
    return Source(f"constant.{key}", label, "地点和日期", per, aliases)


CONSTANTS = (
    _constant("number", "序号", EVERY, "编号", "行号", "no", "no."),
    _constant("today", "导出那天的日期", EVERY, "填表日期", "填报日期", "统计日期", "上报日期", "填表时间", "填报时间", "日期"),
    _constant("county", "区县", EVERY, "县区", "县（市、区）", "区（县）", "县市区"),
    _constant("town", "镇街", EVERY, "乡镇", "镇", "街道", "所在镇", "镇（街道）", "乡镇（街道）", "乡镇/街道", "所属乡镇"),
    _constant("village", "村社", EVERY, "村", "村居", "社区", "行政村", "村名", "所在村", "村（居）", "村（社区）", "村/社区", "所属村"),
    _constant("grid", "网格", (UnitKind.HOUSEHOLD, UnitKind.GRID), "网格名称", "所属网格", "所在网格"),
    _constant("grid_code", "网格代码", (UnitKind.HOUSEHOLD, UnitKind.GRID), "网格编码", "网格编号"),
    _constant("village_code", "村代码", EVERY, "村编码", "行政村代码", "区划代码"),
    _constant("worker", "网格员", (UnitKind.HOUSEHOLD, UnitKind.GRID), "网格员姓名", "专职网格员", "包保网格员"),
    _constant("grid_head", "网格长", EVERY, "网格长姓名", "村支书", "村党支部书记"),
)  # fmt: skip
CHECKED = Source(
    "home.checked_on",
    "最近核对日期",
    "住户",
    HOME,
    ("更新日期", "采集日期", "核对日期", "核实日期"),
    asked_kind=AskedKind.DAY,
)
LEFT_BLANK = Source(BLANK, "留空", "别的", EVERY, ("备注", "签字", "签名", "户主签字", "盖章", "说明"))
ASKED_SOURCE = Source(ASKED, "基础数据里没有，要问", "别的", EVERY)


@cache
def sources() -> dict[str, Source]:
    """Everything that a column can be, by code, in the order in which people look for it."""
    found = [
        ASKED_SOURCE, LEFT_BLANK, *CONSTANTS, *_facts("household", HOUSEHOLD, "", "住户"), CHECKED,
        *_facts("head", PERSON, "户主", "户主"), *_facts("room", ROOM, "住房", "房屋"), *_home(), *_counts(),
    ]  # fmt: skip
    return {source.code: source for source in found}


@cache
def sources_for(per: str) -> tuple[Source, ...]:
    """What a column can be where a row stands for a household, a grid or a village."""
    return tuple(source for source in sources().values() if per in source.per)
