"""Units, people and posts for tests, by the actions."""

from datetime import date
from itertools import count
from typing import Any

from django.test import Client

from yijiaan.accounts import actions
from yijiaan.accounts.models import Post, Unit
from yijiaan.accounts.queries import list_posts_of, staff_actor
from yijiaan.accounts.signin import POST_KEY
from yijiaan.core.scope import Actor, system

BOSS = system("tests", "370812")
SINCE = date(2026, 1, 1)
PASSWORD = "clear-water-77"
_serial = count(1)


def unit(kind: str, area: str, name: str = "") -> Unit:
    """A unit in service."""
    return actions.create_unit(actor=BOSS, name=name or f"{kind} {area}", kind=kind, area_code=area)


def post(unit: Unit, role: str, *areas: str, name: str = "", **more: Any) -> Post:
    """A new person in a new post."""
    number = next(_serial)
    values = {"starts_on": SINCE} | more
    user = actions.create_user(
        actor=BOSS,
        username=f"user{number}",
        name=name or f"测试员{number}",
        password=PASSWORD,
        phone=f"154{number:08d}",
        must_change_password=False,
    )
    return actions.appoint(actor=BOSS, user=user, unit=unit, role=role, area_codes=areas, **values)


def actor(post: Post) -> Actor:
    """Who acts in a post today; it must be in force."""
    kept = list_posts_of(BOSS, user=post.user).get(id=post.id)
    return staff_actor(kept.user, kept)


def client(post: Post, **more: Any) -> Client:
    """A browser signed in to a post."""
    browser = Client(**more)
    browser.force_login(post.user)
    session = browser.session
    session[POST_KEY] = str(post.id)
    session.save()
    return browser
