"""The table of contents of all settings: pages of ours, and those that other apps keep themselves."""

from dataclasses import dataclass

from django.urls import reverse

from yijiaan.areas.models import Area
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.worktime.queries import list_missing_years
from yijiaan.portal.settings.categories import Categories
from yijiaan.portal.settings.channels import Channels
from yijiaan.portal.settings.duties import Duties
from yijiaan.portal.settings.exclusions import Exclusions
from yijiaan.portal.settings.limits import Limits
from yijiaan.portal.settings.pages import SettingPage
from yijiaan.portal.settings.questions import Questions
from yijiaan.portal.settings.routing import Routing
from yijiaan.portal.settings.texts import Texts
from yijiaan.portal.settings.units import Units

PAGES: dict[str, SettingPage] = {
    page.slug: page
    for page in (Units(), Duties(), Categories(), Questions(), Limits(), Routing(), Exclusions(), Channels(), Texts())
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the contents."""

    label: str
    icon: str
    url: str
    intro: str
    state: str = ""
    lacks: str = ""


def contents_for(actor: Actor) -> list[tuple[str, list[Item]]]:
    """What this actor may set, in groups, each line with how it stands; empty for who may set nothing."""
    groups = [
        ("地方和人", [*_areas(actor), *_own(actor, "units"), *_own(actor, "duties"), *_people(actor)]),
        (
            "怎么办事",
            [
                item
                for slug in ("categories", "questions", "routing", "limits", "exclusions")
                for item in _own(actor, slug)
            ]
            + _calendar(actor),
        ),
        ("门和话", [*_own(actor, "channels"), *_plates(actor), *_own(actor, "texts")]),
        ("运行", _running(actor)),
    ]
    return [(label, items) for label, items in groups if items]


def _own(actor: Actor, slug: str) -> list[Item]:
    page = PAGES[slug]
    if not actor.may(page.permission):
        return []
    url = reverse("portal:settings", args=[slug])
    return [Item(page.label, page.icon, url, page.intro, page.state(actor), page.lacks(actor))]


def _areas(actor: Actor) -> list[Item]:
    if not actor.may("accounts.manage"):
        return []
    grids = Area.objects.visible_to(actor).filter(level="grid", valid_to__isnull=True).count()
    lacks = "" if grids else "还没有网格：./yijiaan import_grids 文件，见部署说明"
    return [Item("区划和网格", "map", "", "网格边界由文件导入，诉求按落点找到网格。", f"{grids:,} 个网格", lacks)]


def _people(actor: Actor) -> list[Item]:
    if not (actor.may("accounts.manage") or actor.may("accounts.appoint")):
        return []
    people = Item("人员和岗位", "users", reverse("accounts:people"), "谁在哪个单位、任什么岗位、管哪些地方。")
    roles = Item("角色权限", "shield-check", reverse("accounts:roles"), "每种岗位能做什么。")
    return [people, roles] if actor.may("accounts.appoint") else [people]


def _calendar(actor: Actor) -> list[Item]:
    if not actor.may("worktime.manage"):
        return []
    missing = list_missing_years(actor, now=clock.now())
    lacks = f"缺 {'、'.join(str(year) for year in missing)} 年的节假日表" if missing else ""
    url = reverse("portal:calendar")
    return [Item("节假日和时限方案", "calendar-days", url, "休息日、调休上班日，按哪一套时限方案。", "", lacks)]


def _plates(actor: Actor) -> list[Item]:
    if not actor.may("registry.make_plates"):
        return []
    return [Item("门牌", "qr-code", reverse("registry:plates"), "给地点做二维码门牌，成页打印。")]


def _running(actor: Actor) -> list[Item]:
    if not actor.may("operations.view"):
        return []
    state = Item("运行情况", "activity", reverse("operations:state"), "积压、失败的任务、磁盘、最近一次备份。")
    return [state, Item("资料保存多久", "archive", reverse("operations:retention"), "各种资料留多少天，删过什么。")]
