"""A town with people, made by actions. Area 370812102 (新驿镇) and its villages are in the test database."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from django.test import Client

from yijiaan.accounts import actions, totp
from yijiaan.accounts.actions import appoint, create_unit, create_user
from yijiaan.accounts.models import Post, SecondFactor, Unit, User
from yijiaan.accounts.queries import list_posts_of, staff_actor
from yijiaan.accounts.sessions import remember_seen
from yijiaan.accounts.signin import FACTOR_KEY, POST_KEY, PROVED_KEY, posts_of
from yijiaan.areas.actions import import_grids
from yijiaan.areas.models import Area
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system

TOWN = "370812102"
OTHER_TOWN = "370812101"
PASSWORD = "lu-deng-bu-liang-7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SINCE = date(2026, 1, 1)
MAKER = system("tests")
BOSS = system("tests", "370812")


@dataclass(frozen=True, slots=True)
class Person:
    """One user in one post."""

    user: User
    post: Post
    actor: Actor

    def client(self) -> Client:
        """A browser in which this person has signed in and chosen the post."""
        client = Client()
        answer = client.post("/signin/", {"login": self.user.username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        if answer["Location"].startswith("/second-factor/"):
            answer = client.post(answer["Location"], {"code": fresh_code(self.user)})
            assert answer.status_code == 302, answer.content.decode()
        return client


def make_unit(name: str, kind: str, area_code: str = TOWN, phone: str = "") -> Unit:
    """A unit."""
    return create_unit(actor=MAKER, name=name, kind=kind, area_code=area_code, phone=phone)


def make_person(username: str, role: str, unit: Unit, *areas: str, name: str = "孔令芳") -> Person:
    """A user with one post over the areas (default: the unit's)."""
    user = create_user(actor=MAKER, username=username, name=name, password=PASSWORD, must_change_password=False)
    codes = areas or (unit.area_id,)
    appoint(actor=MAKER, user=user, unit=unit, role=role, area_codes=codes, starts_on=SINCE)
    post = posts_of(user).get()
    if post.role.needs_second_factor:
        actions.set_second_factor(actor=MAKER, user=user, secret=SECRET)
    return Person(user, post, staff_actor(user, post))


def fresh_code(user: User) -> str:
    """What the authenticator shows now; a test need not wait for the next code when it has used this one."""
    SecondFactor.objects.filter(user=user).update(last_step=0)
    return totp.code_at(SECRET, clock.now())


def make_grids() -> list[Area]:
    """Two grids in the first village of the town, one in the second, side by side."""
    villages = list(Area.objects.filter(parent_id=TOWN, level="village").order_by("code")[:2])
    squares = [(villages[0], 116.60), (villages[0], 116.61), (villages[1], 116.62)]
    features = [
        {
            "type": "Feature",
            "properties": {"village": village.code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[w, 35.60], [w + 0.01, 35.60], [w + 0.01, 35.61], [w, 35.61], [w, 35.60]]],
            },
        }
        for village, w in squares
    ]
    return import_grids(actor=MAKER, collection={"type": "FeatureCollection", "features": features}, valid_from=SINCE)


_serial = count(1)


def unit(kind: str, area: str, name: str = "") -> Unit:
    """A unit in service."""
    return actions.create_unit(actor=BOSS, name=name or f"{kind} {area}", kind=kind, area_code=area)


def post(unit: Unit, role: str, *areas: str, name: str = "", user: User | None = None, **more: Any) -> Post:
    """A new person in a new post, or a further post of somebody."""
    number = next(_serial)
    values = {"starts_on": SINCE} | more
    user = user or actions.create_user(
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
    session[FACTOR_KEY] = session[PROVED_KEY] = clock.now().timestamp()
    session.save()
    remember_seen(session.session_key)
    return browser
