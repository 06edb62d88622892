import time
from datetime import date, timedelta
from functools import cache
from threading import Lock
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.contrib.sessions.models import Session
from django.db.models import Prefetch, Q, QuerySet

from yijiaan.accounts import totp
from yijiaan.accounts.models import (
    DutyDay,
    PartnerToken,
    Post,
    PostArea,
    RecoveryCode,
    Role,
    SecondFactor,
    SignedIn,
    Unit,
    User,
)
from yijiaan.core import clock
from yijiaan.core.checks import is_mobile, plain_digits
from yijiaan.core.compiled import CompiledModels
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor, ActorKind

_KEEP = 15.0  # seconds; a unit that changes is seen by every process within this time
_lock = Lock()
_units: tuple[float, dict[UUID, Unit]] = (0.0, {})
CENTRES = {"town_centre", "county_centre"}
_centres: tuple[dict[UUID, Unit], dict[str, Unit]] = ({}, {})  # the units they were picked from, centres by area

PUBLIC = Actor(kind=ActorKind.PUBLIC, identity="web", name="群众")


def all_units(actor: Actor) -> dict[UUID, Unit]:
    """Every unit in use by id, remembered by the process for some seconds: names on lists and routing read it at every request."""
    global _units
    kept_until, units = _units
    if kept_until < time.monotonic():
        units = {unit.id: unit for unit in Unit.objects.filter(is_active=True).order_by("area_id", "name")}
        with _lock:
            _units = (time.monotonic() + _KEEP, units)
    return units


def forget_units() -> None:
    """Drop what this process remembers of units."""
    global _units
    with _lock:
        _units = (0.0, {})
        _on_duty.clear()
        _duty_days.clear()


def unit_name(actor: Actor, *, unit_id: UUID | None) -> str:
    """The name of a unit; empty when there is none."""
    unit = all_units(actor).get(unit_id) if unit_id else None
    return unit.name if unit else ""


def get_centre(actor: Actor, *, area_code: str) -> Unit:
    """The centre that receives what happens in a place: the town's, else the county's. NotFound when nobody is in service there."""
    global _centres
    units = all_units(actor)
    if _centres[0] is not units:
        _centres = (units, {unit.area_id: unit for unit in units.values() if unit.kind in CENTRES})
    centres = _centres[1]
    for length in (9, 6):
        if len(area_code) >= length and area_code[:length] in centres:
            return centres[area_code[:length]]
    raise NotFound


def list_units_for(actor: Actor, *, area_code: str) -> list[Unit]:
    """Units that can act in a place: the village's own, the town's, the county's; nearest first, then by name."""
    chosen = [unit for unit in all_units(actor).values() if area_code.startswith(unit.area_id)]
    return sorted(chosen, key=lambda unit: (-len(unit.area_id), unit.kind, unit.name))


def list_posts_of(actor: Actor, *, user: User) -> QuerySet[Post]:
    """The posts a user may act in today."""
    return (
        Post.objects.on(clock.local_day())
        .filter(user=user)
        .select_related("unit__area", "role", "user")
        .prefetch_related(Prefetch("areas", PostArea.objects.select_related("area").order_by("area_id")))
        .order_by("starts_on", "id")
    )


def get_post_of(actor: Actor, *, user_id: str, post_id: str) -> Post | None:
    """A post that a user may act in today, with unit, role, user and areas; None when it is not his or not in force."""
    try:
        key = UUID(post_id)
        found = _post_query().rows(user=UUID(user_id), post=key, today=clock.local_day())
    except ValueError:
        return None
    if not found:
        return None
    post: Post = found[0]
    areas: Any = post.areas.all()
    areas._result_cache, areas._prefetch_done = _post_areas_query().rows(post=key), True  # as prefetching leaves it
    post._prefetched_objects_cache = {"areas": areas}  # type: ignore[attr-defined]
    return post


SOME_USER, SOME_POST, SOME_DAY = uuid5(NAMESPACE_OID, "user"), uuid5(NAMESPACE_OID, "post"), date(2001, 1, 1)


@cache
def _post_query() -> CompiledModels:
    posts = Post.objects.on(SOME_DAY).filter(user_id=SOME_USER, id=SOME_POST)
    return CompiledModels(
        posts.select_related("unit__area", "role", "user"), user=SOME_USER, post=SOME_POST, today=SOME_DAY
    )


@cache
def _post_areas_query() -> CompiledModels:
    areas = PostArea.objects.filter(post_id=SOME_POST).select_related("area").order_by("area_id")
    return CompiledModels(areas, post=SOME_POST)


def list_sessions_of(actor: Actor) -> list[SignedIn]:
    """The actor's own sessions that are alive, last used first."""
    rows = list(
        SignedIn.objects.visible_to(actor)
        .filter(ended_at__isnull=True)
        .select_related("post__unit", "post__role")
        .order_by("-seen_at", "-id")
    )
    keys = [row.session_sealed for row in rows]
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now()).values_list("session_key", flat=True)
    )
    return [row for row, key in zip(rows, keys, strict=True) if key in alive]


def list_people_of(actor: Actor, *, area_code: str, roles: tuple[str, ...]) -> QuerySet[Post]:
    """Who holds one of the roles over a place today: grid worker and grid head of a grid, for instance."""
    prefixes = [area_code[:length] for length in (16, 12, 9) if len(area_code) >= length]
    return (
        Post.objects.on(clock.local_day())
        .filter(role_id__in=roles, areas__area_id__in=prefixes)
        .select_related("user", "role", "unit")
        .order_by("role_id", "starts_on", "id")
    )


def has_post_with(actor: Actor, *, unit_id: UUID, permission: str) -> bool:
    """Whether somebody holds a permission in a unit today."""
    holding = Post.objects.on(clock.local_day()).filter(unit_id=unit_id, role__permissions__contains=[permission])
    return bool(holding.exists())


_ON_DUTY_KEEP = 60.0  # seconds; posts change a few times a week
_on_duty: dict[tuple[UUID, str], tuple[float, list[tuple[str, str]]]] = {}


def list_holders(actor: Actor, *, unit_id: UUID, permission: str) -> list[tuple[str, str]]:
    """Who holds a permission in a unit today: title and name, remembered by the process for a minute."""
    key = (unit_id, permission)
    until, holders = _on_duty.get(key, (0.0, []))
    if until < time.monotonic():
        holding = Post.objects.on(clock.local_day()).filter(unit_id=unit_id, role__permissions__contains=[permission])
        posts = holding.select_related("user", "role").order_by("starts_on", "id")
        holders = [(post.title or post.role.name, post.user.name) for post in posts]
        with _lock:
            _on_duty[key] = (time.monotonic() + _ON_DUTY_KEEP, holders)
    return holders


DUTY_CHANGES_AT = 8  # o'clock: until then the one of the evening before answers
_duty_days: dict[tuple[UUID, date], tuple[float, DutyDay | None]] = {}


def get_duty(actor: Actor, *, unit_id: UUID) -> DutyDay | None:
    """Who answers for a unit now, remembered by the process for a minute; None when nobody is put down."""
    now = clock.local()
    day = now.date() - timedelta(days=now.hour < DUTY_CHANGES_AT)
    until, duty = _duty_days.get((unit_id, day), (0.0, None))
    if until < time.monotonic():
        duty = DutyDay.objects.filter(unit_id=unit_id, on=day).first()
        with _lock:
            _duty_days[unit_id, day] = (time.monotonic() + _ON_DUTY_KEEP, duty)
    return duty


def list_duties(actor: Actor, *, unit_id: UUID | None, since: date) -> QuerySet[DutyDay]:
    """The roster of a unit that the actor sees, by day."""
    return DutyDay.objects.visible_to(actor).filter(unit_id=unit_id, on__gte=since).order_by("on")


def list_users(actor: Actor, *, words: str = "") -> QuerySet[User]:
    """Accounts that an administrator sees, by name; words: part of a name or sign-in name, or a whole phone number."""
    users = User.objects.visible_to(actor)
    digits = plain_digits(words)
    if words and is_mobile(digits):
        users = users.filter(phone_search=search_hash("phone", digits))
    elif words:
        users = users.filter(Q(name__contains=words.strip()) | Q(username__startswith=words.strip().lower()))
    posts = Post.objects.select_related("unit", "role").order_by("-starts_on", "id")
    return users.prefetch_related(Prefetch("posts", posts))


def get_user(actor: Actor, *, user_id: UUID) -> User:
    """One account that the actor sees; NotFound otherwise."""
    user: User = User.objects.get_visible(actor, id=user_id)
    return user


def deeds_by(actor: Actor, *, who: str) -> Q:
    """What narrows the journal to the deeds of people with this name or sign-in name, in whatever post."""
    users = list(User.objects.filter(Q(name=who) | Q(username=who.lower())).values_list("id", flat=True))
    posts = list(Post.objects.filter(user_id__in=users).values_list("id", flat=True))
    return Q(post_id__in=posts) | Q(actor_id__in=[str(user) for user in users])


def list_units(actor: Actor) -> list[Unit]:
    """Units in use inside the actor's areas, by area and name."""
    return list(
        Unit.objects.visible_to(actor).filter(is_active=True).select_related("area").order_by("area_id", "name")
    )


def list_roles(actor: Actor) -> list[Role]:
    """Every role: the administrators first, then by name."""
    return sorted(Role.objects.all(), key=lambda role: (not role.seat, role.name))


def count_open_sessions(actor: Actor, *, user_id: UUID) -> int:
    """Where a user is signed in."""
    return SignedIn.objects.filter(user_id=user_id, ended_at__isnull=True).count()


def staff_actor(user: User, post: Post) -> Actor:
    """The actor that a user is in one of his posts. Areas must be prefetched or cost one query."""
    areas = tuple(sorted(row.area_id for row in post.areas.all())) if post.role.sees_area else ()
    return Actor(
        kind=ActorKind.STAFF,
        identity=str(user.id),
        county=(areas[0] if areas else post.unit.area_id)[:6],
        areas=areas,
        user_id=user.id,
        post_id=post.id,
        unit_id=post.unit_id,
        permissions=frozenset(post.role.permissions),
        name=f"{post.title or post.role.name} {user.name}",
    )


def actor_of_post(*, post_id: UUID) -> Actor | None:
    """Who acts in a post that is in force today, for jobs that go on with what somebody asked for; None when it has ended."""
    found = (
        Post.objects.on(clock.local_day())
        .filter(id=post_id, user__is_active=True)
        .select_related("unit__area", "role", "user")
        .prefetch_related("areas")
        .first()
    )
    return staff_actor(found.user, found) if found else None


def user_actor(user: User) -> Actor:
    """A user before he acts in a post: he may do what concerns his own account, and nothing else."""
    post = Post.objects.filter(user=user).select_related("unit").order_by("starts_on", "id").first()
    return Actor(
        kind=ActorKind.STAFF,
        identity=str(user.id),
        county=post.unit.area_id[:6] if post else "",
        user_id=user.id,
        name=user.name,
    )


def authenticator_code(actor: Actor, *, secret: str) -> str:
    """What an authenticator with this secret shows now."""
    return totp.code_at(secret, clock.now())


def has_second_factor(actor: Actor) -> bool:
    """Whether the actor's authenticator is set up."""
    if actor.user_id is None:
        return False
    return SecondFactor.objects.filter(user_id=actor.user_id, confirmed_at__isnull=False).exists()


def count_recovery_codes(actor: Actor) -> int:
    """How many recovery codes the actor has left."""
    if actor.user_id is None:
        return 0
    return RecoveryCode.objects.filter(user_id=actor.user_id, used_at__isnull=True).count()


def public_actor(area_code: str, channel: str) -> Actor:
    """Anybody at a public door of an area."""
    return Actor(
        kind=ActorKind.PUBLIC,
        identity=area_code,
        county=area_code[:6],
        areas=(area_code,),
        channel=channel,
        name="群众",
    )


def partner_actor(token: str) -> Actor:
    """The outside system that holds a token; NotFound for an unknown or revoked one."""
    row = PartnerToken.objects.filter(token_hash=search_hash("partner_token", token), revoked_at__isnull=True).first()
    if row is None:
        raise NotFound
    return Actor(
        kind=ActorKind.PARTNER,
        identity=str(row.id),
        county=row.area_id[:6],
        areas=(row.area_id,),
        channel=row.channel,
        name=row.name,
    )
