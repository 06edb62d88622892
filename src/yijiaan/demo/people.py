"""Units, people and posts of the demo town. Every name is invented and stands once."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from yijiaan.accounts import actions
from yijiaan.accounts.models import Post, Role, Unit
from yijiaan.areas.models import Area
from yijiaan.core import clock
from yijiaan.core.scope import Actor

TOWN = "370812102"
COUNTY = "370812"
SURNAMES = "王李张刘孔颜孟曹邵徐赵陈杨周马高郭韩秦宋"
GIVEN = [
    "建国",
    "桂兰",
    "志强",
    "秀英",
    "广福",
    "晓燕",
    "传春",
    "庆芳",
    "宪军",
    "玉梅",
    "德海",
    "爱华",
    "长河",
    "兴旺",
    "凤芹",
    "守成",
    "丽娟",
    "福来",
    "春生",
    "海燕",
]

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


@dataclass
class Town:
    """What the stories need of the people."""

    units: dict[str, Unit] = field(default_factory=dict)  # kind or village code -> unit
    posts: dict[str, Post] = field(default_factory=dict)  # handle -> post
    workers: dict[str, Post] = field(default_factory=dict)  # grid code -> grid worker
    heads: dict[str, Post] = field(default_factory=dict)  # village code -> grid head
    accounts: list[dict[str, str]] = field(default_factory=list)
    secret: str = ""  # of the authenticators of all accounts that the demo shows


def new_password() -> str:
    """A password for the demo accounts of this installation: easy to type on a phone, different everywhere."""
    return f"yjia-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}"


def settle(actor: Actor, password: str, tick: Callable[[int], None]) -> Town:
    """Make units, users and posts; the accounts that the demo shows get the password, and where their role needs a second
    factor one secret for all of them; the others none yet."""
    town = Town()
    since = clock.local_day() - timedelta(days=400)
    chance = random.Random(20261123)  # noqa: S311 - a fixed cast, no secret
    names = [surname + given for surname in SURNAMES for given in GIVEN]
    taken = {station[3] for station in STATIONS} | {
        "曹士杰",
        "孟宪军",
        "邵秀英",
        "刘广福",
        "孔令军",
        "张明远",
        "秦玉田",
        "徐安平",
    }
    chance.shuffle(names)
    names = [name for name in names if name not in taken]
    serial = iter(range(1, 10_000))

    def person(
        name: str, username: str, unit: Unit, role: str, areas: list[str], title: str = "", shown: str = ""
    ) -> Post:
        user = actions.create_user(
            actor=actor,
            username=username,
            name=name,
            password=password if shown else "",
            phone=f"1540000{next(serial):04d}",
            must_change_password=False,
        )
        post = actions.appoint(
            actor=actor, user=user, unit=unit, role=role, area_codes=areas, starts_on=since, title=title
        )
        if shown:
            town.accounts.append(
                {
                    "name": name,
                    "role": shown,
                    "username": username,
                    "password": password,
                    "area": "、".join(Area.objects.filter(code__in=areas).values_list("name", flat=True)) or unit.name,
                    "landing": LANDING[role],
                }
            )
            if Role.objects.get(code=role).needs_second_factor:
                town.secret = actions.set_second_factor(actor=actor, user=user, secret=town.secret).secret_sealed
                town.accounts[-1]["totp_secret"] = town.secret
            town.posts[username] = post
        tick(1)
        return post

    def unit(key: str, name: str, kind: str, area: str, phone: str) -> Unit:
        town.units[key] = actions.create_unit(actor=actor, name=name, kind=kind, area_code=area, phone=phone)
        return town.units[key]

    county = unit("county_centre", "兖州区综治中心", "county_centre", COUNTY, "0537-0002000")
    centre = unit("town_centre", "新驿镇网格化服务中心", "town_centre", TOWN, "0537-0002100")
    person("曹士杰", "caoshijie", centre, "dispatcher", [TOWN], "值班员", "值班员")
    person("孟宪军", "mengxianjun", centre, "centre_head", [TOWN], "中心主任", "中心主任")
    office = unit("town_office", "新驿镇党政办", "town_office", TOWN, "0537-0002101")
    person("孔令军", "konglingjun", office, "town_leader", [TOWN], "政法委员", "镇领导")
    discipline = unit("discipline", "新驿镇纪委", "discipline", TOWN, "0537-0002388")
    person("秦玉田", "qinyutian", discipline, "tip_officer", [TOWN], "举报专办员", "举报专办员")
    person("徐安平", "xuanping", county, "county_dispatcher", [COUNTY], "值班员", "区级值班员")
    person("张明远", "zhangmingyuan", county, "county_admin", [COUNTY], "系统管理员", "系统管理员")
    person("周明哲", "zhoumingzhe", county, "security_admin", [COUNTY], "安全管理员", "安全管理员")
    person("高敬之", "gaojingzhi", county, "auditor", [COUNTY], "审计管理员", "审计管理员")
    for kind, name, ending, handler in STATIONS:
        station = unit(kind, name, kind, TOWN, f"0537-000{ending}")
        shown = {
            "enforcement": "接单员（综合执法）",
            "power": "接单员（供电所）",
            "construction": "接单员（城建办）",
        }.get(kind, "")
        person(handler, f"jiedan-{kind.replace('_', '-')}", station, "handler", [], "接单员", shown)
    villages = list(Area.objects.filter(parent_id=TOWN).order_by("code"))
    for village in villages:
        committee = unit(village.code, village.name, "village", village.code, f"0537-000{3000 + int(village.code[9:])}")
        is_shown = village.name == "新驿一村"
        head = "刘广福" if is_shown else names.pop()
        username = "liuguangfu" if is_shown else f"wgz-{village.code[6:]}"
        town.heads[village.code] = person(
            head, username, committee, "grid_head", [village.code], "村支书", "网格长（村支书）" if is_shown else ""
        )
        for grid in Area.objects.filter(parent=village).order_by("code"):
            mine = grid.name == "新驿一村第2网格"
            town.workers[grid.code] = person(
                "邵秀英" if mine else names.pop(),
                "shaoxiuying" if mine else f"wgy-{grid.code[6:12]}-{grid.code[14:]}",
                committee,
                "grid_worker",
                [grid.code],
                "网格员",
                "网格员" if mine else "",
            )
    return town


LANDING = {
    "dispatcher": "/cases/",
    "centre_head": "/cases/",
    "town_leader": "/cases/",
    "county_dispatcher": "/cases/",
    "handler": "/orders/",
    "tip_officer": "/orders/",
    "grid_head": "/field/",
    "grid_worker": "/field/",
    "county_admin": "/people/",
    "security_admin": "/people/",
    "auditor": "/audit/",
}
