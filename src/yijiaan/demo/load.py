"""Load the demo once: an installation that has grids is left alone."""

import json
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from shapely.geometry import shape

from yijiaan.accounts.actions import issue_token, load_default_roles, set_duty
from yijiaan.accounts.queries import partner_actor
from yijiaan.areas.actions import import_grids
from yijiaan.areas.models import Area
from yijiaan.cases.actions import load_default_categories
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.beside import ask, list_sources, write_guides
from yijiaan.demo.homes import settle_homes
from yijiaan.demo.land import SEATED, draw_county, staffed_villages
from yijiaan.demo.life import deliver_all, live, together
from yijiaan.demo.people import COUNTY, TOWN, Cast, new_password, settle
from yijiaan.demo.plans import DAYS, Country, Planner, country_of
from yijiaan.demo.world import World
from yijiaan.engines.worktime.actions import load_default_calendar
from yijiaan.engines.worktime.queries import get_calendar
from yijiaan.registry.actions import make_plate, make_plates

PLATES = ("村委大院门口", "卫生室门口", "村东头变压器", "文化广场", "超市门口")
STREET_PLATES = ("居委会门口", "小区东门", "3 号楼前")
ROSTER_DAYS = 15
LISTED = 90  # days ago the villages of 新驿镇 asked people to tell what they see
PEOPLE = 300  # about, for the progress bar
SETTLED = 0.06  # of the whole time


def accounts_file() -> Path:
    """Where the accounts of this installation's demo stand, readable by its owner only."""
    return Path(settings.VAR) / "demo.json"


def is_loaded() -> bool:
    """Whether there are grids already."""
    return Area.objects.filter(level="grid").exists()


def load_demo(told: Callable[[float], None] = lambda share: None, *, scale: float = 1.0, days: int = DAYS) -> int:
    """Land, people, fourteen months of life; returns the number of cases. told hears which share is done.

    scale: how many of the usual number of cases, days: of how long a time; land and people are always whole.
    """
    now = clock.now()
    actor = system("demo", COUNTY)
    done = 0

    def tick(steps: int) -> None:
        nonlocal done
        done += steps
        told(min(SETTLED, SETTLED * done / PEOPLE))

    with connections["numbers"].cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    with together():
        call_command("load_divisions", verbosity=0)
        load_default_roles(actor=actor)
        load_default_categories(actor=actor)
        load_default_calendar(actor=actor)
        with clock.at(now - timedelta(days=days + 5)):
            land = draw_land(actor)
            cast = settle(actor, new_password(), clock.local_day(), land.by_village, tick)
            _, token = issue_token(actor=actor, name="随手拍（演示）", area_code=TOWN, channel="third_party_app")
            plates = hang_plates(land, cast)
            ask(actor)
        with clock.at(now - timedelta(days=min(days, LISTED))):
            sources = list_sources(cast, list(land.by_village))
            write_guides(cast)
        settle_homes(cast, land, now, days)
    _keep([*cast.accounts, {"name": "随手拍（演示）", "token": token}])
    world = World(land, cast, get_calendar(actor), now, plates, partner_actor(token), sources)
    plans = Planner(land, world.calendar, now, scale, days).draw()
    with clock.at(now):
        cases = live(cast, world, plans, lambda share: told(SETTLED + (1 - SETTLED) * share))
        keep_rosters(actor, world)
        deliver_all()
    with connections["numbers"].cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    return cases


def keep_rosters(actor: Actor, world: World) -> None:
    """Who is on duty at each centre today and in the coming two weeks."""
    today = clock.local_day()
    for town in world.cast.dispatchers:
        centre = world.cast.units[town]
        for ahead in range(ROSTER_DAYS):
            day = today + timedelta(days=ahead)
            name = world.cast.names[world.dispatcher(town, day).user_id]
            set_duty(actor=actor, unit_id=centre.id, on=day, name=name, phone=centre.phone)


def draw_land(actor: Actor) -> Country:
    """The grids of every town; what is told happens where people are."""
    villages = {
        town: list(Area.objects.filter(parent_id=town).order_by("code").values_list("code", "name")) for town in SEATED
    }
    staffed = {
        code
        for town, those in villages.items()
        for code in staffed_villages(town, Area.objects.get(code=town).name, those)
    }
    shapes = {}
    for drawn in draw_county(villages).values():
        made = import_grids(actor=actor, collection=drawn, valid_from=clock.local_day(), source="演示，虚构")
        for area, feature in zip(made, drawn["features"], strict=True):
            if area.code[:12] in staffed:
                shapes[area.code] = shape(feature["geometry"])
    return country_of(shapes)


def hang_plates(land: Country, cast: Cast) -> dict[str, list[tuple[str, str]]]:
    """Door plates at the public places of 新驿镇, each in its grid; a few in the other towns."""
    chance = random.Random(20261123)  # noqa: S311 - a fixed drawing
    plates: dict[str, list[tuple[str, str]]] = {}
    for village, grids in land.by_village.items():
        actor = cast.dispatchers[village[:9]][0]
        places: tuple[str, ...] = STREET_PLATES if village in land.streets else PLATES
        if village.startswith(TOWN):
            if len(grids) == 3:
                places = (*PLATES, "小学门口")
            for place in places:
                grid = chance.choice(grids)
                lon, lat = land.point(grid, chance)
                made = make_plate(actor=actor, area_code=village, place=place, lon=lon, lat=lat)
                plates.setdefault(village, []).append((made.area_code, place))
        else:
            make_plates(actor=actor, area_code=grids[0], places=places[:3])
            plates[village] = [(grids[0], place) for place in places[:3]]
    return plates


def _keep(accounts: list[dict[str, Any]]) -> None:
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)


def demo_accounts() -> list[dict[str, Any]]:
    """The accounts that the demo made; empty when there is no demo."""
    path = accounts_file()
    accounts: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return accounts
