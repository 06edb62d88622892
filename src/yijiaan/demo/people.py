"""Units, people and posts of the demo county. Every name is invented and stands once."""

import random
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from yijiaan.accounts import actions
from yijiaan.accounts.models import Role, Unit
from yijiaan.accounts.queries import staff_actor
from yijiaan.areas.models import Area
from yijiaan.core.scope import Actor

TOWN = "370812102"
COUNTY = "370812"
SURNAMES = "王李张刘孔颜孟曹邵徐赵陈杨周马高郭韩秦宋田朱胡林冯董"
GIVEN = (
    "建国 桂兰 志强 秀英 广福 晓燕 传春 庆芳 宪军 玉梅 德海 爱华 长河 兴旺 凤芹 守成 丽娟 福来 春生 海燕 "
    "金柱 秀云 永胜 红梅 保田 淑珍 传喜 翠玲 东升 素芹 兆祥 玉芝 洪涛 桂荣 継明 小丽 树林 艳霞 克勤 春花"
).replace("継", "继").split()  # fmt: skip

# kind, name, phone ending, handler's name
STATIONS = (
    ("police", "新驿派出所", "2110", "孔志强"),
    ("traffic_police", "新驿交警中队", "2122", "韩春生"),
    ("justice", "新驿司法所", "2148", "颜秀英"),
    ("enforcement", "综合执法中队", "2160", "邵长河"),
    ("market", "市场监管所", "2315", "高丽娟"),
    ("power", "新驿供电所", "2598", "马德海"),
    ("water", "新驿供水站", "2361", "周福来"),
    ("construction", "城建办", "2175", "郭守成"),
    ("agriculture", "农业办", "2180", "宋春生"),
    ("environment", "环保所", "2369", "徐海燕"),
    ("health", "新驿卫生院", "2120", "陈爱华"),
    ("civil_affairs", "民政办", "2190", "杨凤芹"),
    ("emergency", "应急办", "2119", "赵兴旺"),
    ("education", "新驿中心校", "2136", "孟庆芳"),
    ("petition", "信访办", "2145", "刘玉梅"),
)
# what the county has for the towns without a station of their own; 区级部门 proper is asked when a town cannot
BUREAUS = (
    ("traffic_police", "兖州交警大队", "0122"),
    ("market", "区市场监管局", "0315"),
    ("water", "区供水公司", "0361"),
    ("agriculture", "区农业农村局", "0180"),
    ("environment", "区生态环境分局", "0369"),
    ("health", "区卫生健康局", "0120"),
    ("emergency", "区应急管理局", "0119"),
    ("education", "区教育和体育局", "0136"),
    ("department", "区交通运输局", "0171"),
    ("department", "区住房和城乡建设局", "0175"),
)
# code, name, dispatcher, sign-in name, whether the demo shows the account; what each of these towns has besides its centre
TOWNS = (
    ("370812103", "颜店镇", "王传义", "zhiban-yandian", True),
    ("370812105", "新兖镇", "李兆民", "zhiban-xinyan", False),
    ("370812107", "漕河镇", "张守信", "zhiban-caohe", True),
    ("370812111", "小孟镇", "孟庆洲", "zhiban-xiaomeng", True),
    ("370812101", "大安镇", "高玉堂", "zhiban-daan", False),
    ("370812007", "兴隆庄街道", "徐茂林", "zhiban-xinglongzhuang", False),
    ("370812001", "鼓楼街道", "颜丽华", "zhiban-gulou", True),
    ("370812003", "龙桥街道", "陈瑞芳", "zhiban-longqiao", False),
    ("370812006", "酒仙桥街道", "杨立新", "zhiban-jiuxianqiao", False),
)
TOWN_STATIONS = (
    ("police", "{}派出所"),
    ("justice", "{}司法所"),
    ("enforcement", "{}综合执法中队"),
    ("power", "{}供电所"),
    ("construction", "{}城建办"),
    ("civil_affairs", "{}民政办"),
    ("market", "{}市场监管所"),
    ("agriculture", "{}农业办"),
    ("environment", "{}环保所"),
    ("water", "{}供水站"),
)
SHOWN_STATIONS = {
    "enforcement": "接单员（综合执法）",
    "power": "接单员（供电所）",
    "construction": "接单员（城建办）",
    "water": "接单员（供水站）",
}
# sign-in name, role, name, and the kind of unit: posts in the field beside the grid workers
FIELD_POSTS = (
    ("tangcuilan", "habitat_worker", "唐翠兰", "construction"),
    ("xuguanghui", "auxiliary_police", "许光辉", "police"),
    ("shenrunze", "environment_worker", "沈润泽", "environment"),
    ("jiashouyi", "mediator", "贾守义", "justice"),
)
FIELD_LABELS = {
    "habitat_worker": "人居环境公益岗", "auxiliary_police": "辅警", "environment_worker": "环保网格员", "mediator": "调解专员",
    "grid_prosecutor": "网格检察官",
}  # fmt: skip
LANDING = {
    **dict.fromkeys(FIELD_LABELS, "/field/"),
    "dispatcher": "/board/",
    "centre_head": "/board/",
    "town_leader": "/board/",
    "county_dispatcher": "/board/",
    "handler": "/orders/",
    "tip_officer": "/orders/",
    "grid_head": "/field/",
    "grid_worker": "/field/",
    "county_admin": "/people/",
    "security_admin": "/people/",
    "auditor": "/audit/",
}
OPENING = (
    1 + 11 + len(STATIONS) + len(BUREAUS) + len(FIELD_POSTS)
)  # people of the county and of the seat of 新驿镇, for the progress bar


@dataclass
class Cast:
    """Who lives in the story: units by key, posts, and the actors that they are."""

    units: dict[str, Unit] = field(default_factory=dict)  # key -> unit
    actors: dict[str, Actor] = field(default_factory=dict)  # sign-in name -> whoever acts in that post
    names: dict[UUID | None, str] = field(default_factory=dict)  # user -> name
    handlers: dict[UUID, Actor] = field(default_factory=dict)  # unit -> who signs for it
    workers: dict[str, Actor] = field(default_factory=dict)  # grid -> grid worker
    dispatchers: dict[str, list[Actor]] = field(default_factory=dict)  # town -> those of its centre
    accounts: list[dict[str, str]] = field(default_factory=list)
    secret: str = ""  # of the authenticators of all accounts that the demo shows

    def actor(self, username: str) -> Actor:
        """The actor of a post."""
        return self.actors[username]

    @cached_property
    def by_unit(self) -> dict[UUID, Unit]:
        """Units by id."""
        return {unit.id: unit for unit in self.units.values()}


def new_password() -> str:
    """A password for the demo accounts of this installation: easy to type on a phone, different everywhere."""
    return f"yjia-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}"


def _names(taken: set[str]) -> list[str]:
    names = [surname + given for surname in SURNAMES for given in GIVEN]
    random.Random(20261123).shuffle(names)  # noqa: S311 - a fixed cast, no secret
    return [name for name in names if name not in taken]


class Office:
    """Makes units and people; the accounts that the demo shows get the password, and where their role needs a second factor
    one secret for all of them; the others none yet."""

    def __init__(self, actor: Actor, password: str, since: date, tick: Callable[[int], None]) -> None:
        self.actor, self.password, self.since, self.tick = actor, password, since, tick
        self.cast = Cast()
        self.serial = self.villages = 0
        self.needing = set(Role.objects.filter(needs_second_factor=True).values_list("code", flat=True))
        self.names = _names({name for *_, name in STATIONS} | {name for _, _, name, _, _ in TOWNS} | FIXED)

    def unit(self, key: str, name: str, kind: str, area: str, phone: str) -> Unit:
        """A unit under a key of its own."""
        made = actions.create_unit(actor=self.actor, name=name, kind=kind, area_code=area, phone=f"0537-000{phone}")
        self.cast.units[key] = made
        return made

    def person(
        self,
        username: str,
        unit: Unit,
        role: str,
        areas: Iterable[str],
        *,
        name: str = "",
        title: str = "",
        shown: str = "",
    ) -> Actor:
        """Somebody in a post. shown: what the list of accounts calls him."""
        cast, areas = self.cast, list(areas)
        self.serial += 1
        user = actions.create_user(
            actor=self.actor,
            username=username,
            name=name or self.names.pop(),
            password=self.password if shown else "",
            phone=f"1540000{self.serial:04d}",
            must_change_password=False,
        )
        post = actions.appoint(
            actor=self.actor, user=user, unit=unit, role=role, area_codes=areas, starts_on=self.since, title=title
        )
        acting = cast.actors[username] = staff_actor(user, post)
        cast.names[user.id] = user.name
        if shown:
            names = Area.objects.filter(code__in=areas).order_by("code").values_list("name", flat=True)
            account = {
                "name": user.name,
                "role": shown,
                "username": username,
                "password": self.password,
                "area": "、".join(names) or unit.name,
                "landing": LANDING[role],
            }
            if role in self.needing:
                cast.secret = actions.set_second_factor(actor=self.actor, user=user, secret=cast.secret).secret_sealed
                account["totp_secret"] = cast.secret
            cast.accounts.append(account)
        if role in ("handler", "grid_head", "tip_officer"):
            cast.handlers[unit.id] = acting
        self.tick(1)
        return acting

    def village(self, village: Area, grids: list[Area]) -> None:
        """A committee with its secretary and a worker for each grid."""
        is_shown = village.name == "新驿一村"
        is_street = "社区" in village.name
        self.villages += 1
        committee = self.unit(village.code, village.name, "village", village.code, str(3000 + self.villages))
        self.person(
            "liuguangfu" if is_shown else f"wgz-{village.code[6:]}",
            committee,
            "grid_head",
            [village.code],
            name="刘广福" if is_shown else "",
            title="社区书记" if is_street else "村支书",
            shown="网格长（村支书）" if is_shown else "",
        )
        for grid in grids:
            mine = grid.name == "新驿一村第2网格"
            self.cast.workers[grid.code] = self.person(
                "shaoxiuying" if mine else f"wgy-{grid.code[6:12]}-{grid.code[14:]}",
                committee,
                "grid_worker",
                [grid.code],
                name="邵秀英" if mine else "",
                title="网格员",
                shown="网格员" if mine else "",
            )


FIXED = {
    "曹士杰", "孟宪军", "邵秀英", "刘广福", "孔令军", "张明远", "秦玉田", "徐安平", "周明哲", "高敬之", "宋维民", "董克俭", "林桂香",
    "唐翠兰", "许光辉", "沈润泽", "贾守义", "谢清源",
}  # fmt: skip


def settle(
    actor: Actor, password: str, since: date, staffed: Mapping[str, list[str]], tick: Callable[[int], None]
) -> Cast:
    """Make the units and people of the county. staffed: the villages that have people, with the codes of their grids."""
    office = Office(actor, password, since, tick)
    _county(office)
    _seat(office)
    for number, (town, name, dispatcher, username, is_shown) in enumerate(TOWNS, 1):
        _town(office, number, town, name, dispatcher, username, is_shown)
    areas = Area.objects.in_bulk([*staffed, *(grid for grids in staffed.values() for grid in grids)])
    for village, grids in sorted(staffed.items()):
        office.village(areas[village], [areas[grid] for grid in grids])
    return office.cast


def _county(office: Office) -> None:
    centre = office.unit("county_centre", "兖州区综治中心", "county_centre", COUNTY, "2000")
    office.person("xuanping", centre, "county_dispatcher", [COUNTY], name="徐安平", title="值班员", shown="区级值班员")
    for username, name, role, title in (
        ("zhangmingyuan", "张明远", "county_admin", "系统管理员"),
        ("zhoumingzhe", "周明哲", "security_admin", "安全管理员"),
        ("gaojingzhi", "高敬之", "auditor", "审计管理员"),
    ):
        office.person(username, centre, role, [COUNTY], name=name, title=title, shown=title)
    committee = office.unit("county_leaders", "兖州区委政法委", "department", COUNTY, "2001")
    office.person("songweimin", committee, "town_leader", [COUNTY], name="宋维民", title="政法委副书记", shown="区领导")
    for number, (kind, name, ending) in enumerate(BUREAUS):
        bureau = office.unit(f"bureau:{name}", name, kind, COUNTY, ending)
        office.person(f"jiedan-qu{number:02d}", bureau, "handler", [], title="接单员")
    procuratorate = office.unit("procuratorate", "兖州区人民检察院", "procuratorate", COUNTY, "2309")
    office.person(
        "xieqingyuan", procuratorate, "grid_prosecutor", [TOWN], name="谢清源", title="网格检察官", shown="网格检察官"
    )


def _seat(office: Office) -> None:
    """The centre, the leaders and the stations of 新驿镇."""
    cast = office.cast
    centre = office.unit(TOWN, "新驿镇网格化服务中心", "town_centre", TOWN, "2100")
    cast.dispatchers[TOWN] = [
        office.person("caoshijie", centre, "dispatcher", [TOWN], name="曹士杰", title="值班员", shown="值班员"),
        office.person("dongkejian", centre, "dispatcher", [TOWN], name="董克俭", title="值班员"),
        office.person("linguixiang", centre, "dispatcher", [TOWN], name="林桂香", title="值班员"),
    ]
    office.person("mengxianjun", centre, "centre_head", [TOWN], name="孟宪军", title="中心主任", shown="中心主任")
    leaders = office.unit("town_office", "新驿镇党政办", "town_office", TOWN, "2101")
    office.person("konglingjun", leaders, "town_leader", [TOWN], name="孔令军", title="政法委员", shown="镇领导")
    discipline = office.unit("discipline", "新驿镇纪委", "discipline", TOWN, "2388")
    office.person("qinyutian", discipline, "tip_officer", [TOWN], name="秦玉田", title="举报专办员", shown="举报专办员")
    for kind, name, ending, handler in STATIONS:
        station = office.unit(f"{TOWN}:{kind}", name, kind, TOWN, ending)
        username = f"jiedan-{kind.replace('_', '-')}"
        office.person(
            username, station, "handler", [], name=handler, title="接单员", shown=SHOWN_STATIONS.get(kind, "")
        )
    for username, role, name, kind in FIELD_POSTS:
        label = FIELD_LABELS[role]
        office.person(username, cast.units[f"{TOWN}:{kind}"], role, [TOWN], name=name, title=label, shown=label)


def _town(office: Office, number: int, town: str, name: str, dispatcher: str, username: str, is_shown: bool) -> None:
    stem = name.removesuffix("街道").removesuffix("镇")
    centre = office.unit(town, f"{name}网格化服务中心", "town_centre", town, f"4{number}00")
    office.cast.dispatchers[town] = [
        office.person(
            username, centre, "dispatcher", [town], name=dispatcher, title="值班员",
            shown=f"值班员（{name}）" if is_shown else "",
        )
    ]  # fmt: skip
    for serial, (kind, called) in enumerate(TOWN_STATIONS, 1):
        station = office.unit(f"{town}:{kind}", called.format(stem), kind, town, f"4{number}{serial:02d}")
        office.person(f"jiedan-{town[6:]}-{kind.replace('_', '-')}", station, "handler", [], title="接单员")
