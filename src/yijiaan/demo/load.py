"""Load the demo once: an installation that has grids is left alone."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from yijiaan.accounts.actions import issue_token, load_default_roles
from yijiaan.areas.actions import import_grids
from yijiaan.areas.models import Area
from yijiaan.cases.actions import load_default_categories
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.demo.land import draw_grids
from yijiaan.demo.people import TOWN, new_password, settle
from yijiaan.demo.stories import STORIES, live
from yijiaan.engines.worktime.actions import load_default_calendar
from yijiaan.registry.actions import make_plates

PLATES = ("村委大院门口", "小学门口", "卫生室门口", "村东头变压器", "文化广场")

STEPS = 10 + 38 + 73 + 23 + len(STORIES)  # for the progress bar


def accounts_file() -> Path:
    """Where the accounts of this installation's demo stand, readable by its owner only."""
    return Path(settings.VAR) / "demo.json"


def is_loaded() -> bool:
    """Whether there are grids already."""
    return Area.objects.filter(level="grid").exists()


def load_demo(tick: Callable[[int], None] = lambda steps: None) -> int:
    """Land, people, stories; returns the number of cases. tick is told of steps done, STEPS in all."""
    actor = system("demo")
    call_command("load_divisions", verbosity=0)
    load_default_roles(actor=actor)
    load_default_categories(actor=actor)
    load_default_calendar(actor=actor)
    began = clock.now() - timedelta(days=430)
    with clock.at(began):
        villages = list(Area.objects.filter(parent_id=TOWN).order_by("code").values_list("code", "name"))
        import_grids(
            actor=actor, collection=draw_grids(villages), valid_from=clock.local_day(began), source="演示，虚构"
        )
        tick(10)
    password = new_password()
    town = settle(actor, password, tick)
    for village, _ in villages[:2]:
        make_plates(actor=system("demo", TOWN[:6]), area_code=village, places=PLATES)
    _, token = issue_token(actor=actor, name="随手拍（演示）", area_code=TOWN, channel="third_party_app")
    accounts: list[dict[str, Any]] = [*town.accounts, {"name": "随手拍（演示）", "token": token}]
    _keep(accounts)
    return live(town, tick)


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
