import secrets
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from yijiaan.accounts import permissions
from yijiaan.accounts.actions.sessions import end_sessions_of
from yijiaan.accounts.models import PartnerToken, Post, PostArea, Role, Unit, User
from yijiaan.areas.models import Area
from yijiaan.core import clock
from yijiaan.core.checks import normal_phone
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.permissions import defaults_of
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record


@transaction.atomic
def load_default_roles(*, actor: Actor) -> int:
    """Make the shipped roles that are missing, and give the known ones the permissions that an update has brought; returns how
    many roles were made or got more. What was taken from a role since is not given back: a permission is offered once."""
    actor.require(permissions.MANAGE)
    known = {role.code: role for role in Role.objects.select_for_update().order_by("code")}
    changed = 0
    for code, name, landing, sees_area, needs_second_factor in permissions.ROLES:
        wanted = defaults_of(code)
        role = known.get(code)
        if role is None:
            Role.objects.create(
                code=code,
                name=name,
                landing=landing,
                sees_area=sees_area,
                needs_second_factor=needs_second_factor,
                permissions=wanted,
                offered=wanted,
                seat=permissions.SEATS.get(code, ""),
            )
            changed += 1
        elif new := set(wanted) - set(role.offered):
            role.permissions = sorted({*role.permissions, *new})
            role.offered = sorted({*role.offered, *new})
            role.save(update_fields=["permissions", "offered"])
            changed += 1
    return changed


SEATS_APART = "系统、安全、审计三个管理员要由三个人担任"


def not_oneself(actor: Actor, user_id: UUID) -> None:
    """Rights over one's own account are somebody else's to give. RuleError own_account."""
    if actor.user_id == user_id:
        raise RuleError("own_account", "自己的岗位和账号要请另一位安全管理员办")


def get_area_for(actor: Actor, code: str, field: str) -> Area:
    area = Area.objects.filter(code=code).first()
    if area is None or not actor.covers(code):
        raise RuleError("unknown_area", "没有这个区划，或不在您的辖区内", field)
    return area


@transaction.atomic
def create_user(
    *, actor: Actor, username: str, name: str, password: str = "", phone: str = "", must_change_password: bool = True
) -> User:
    """Make an account; without a password nobody can sign in to it until one is set.

    RuleError username_taken, weak_password, bad_phone, phone_taken at their fields.
    """
    actor.require(permissions.MANAGE)
    username = username.strip().lower()
    user = User(username=username, name=name.strip(), must_change_password=must_change_password)
    if User.objects.filter(username=username).exists():
        raise RuleError("username_taken", "这个登录名已有人用", "username")
    if phone:
        number = normal_phone(phone, field="phone")
        user.phone_sealed, user.phone_search = number, search_hash("phone", number)
        if User.objects.filter(phone_search=user.phone_search).exists():
            raise RuleError("phone_taken", "这个手机号已登记给别的账号", "phone")
    if password:
        _check_password_rules(password, user)
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save(force_insert=True)
    record(
        actor=actor,
        verb="accounts.user_created",
        county=actor.county.ljust(6, "0"),
        subject_type="accounts.user",
        subject_id=user.id,
        area_code=actor.county,
        at=clock.now(),
    )
    return user


def _check_password_rules(password: str, user: User, field: str = "password") -> None:
    """At least ten characters, not common, not all digits, not the name. RuleError weak_password."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleError("weak_password", "；".join(error.messages), field) from error


@transaction.atomic
def set_password(*, actor: Actor, old: str, new: str, session_key: str = "") -> User:
    """Change one's own password and end all sessions but this one. RuleError wrong_password, weak_password."""
    user = User.objects.select_for_update().filter(id=actor.user_id, is_active=True).first()
    if user is None:
        raise NotFound
    if not user.check_password(old):
        raise RuleError("wrong_password", "原密码不对", "old")
    _check_password_rules(new, user, "new")
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    end_sessions_of(actor, user_id=user.id, but=session_key)
    record(
        actor=actor,
        verb="accounts.password_set",
        county=actor.county,
        subject_type="accounts.user",
        subject_id=user.id,
        area_code=actor.county,
        at=clock.now(),
    )
    return user


@transaction.atomic
def appoint(
    *,
    actor: Actor,
    user: User,
    unit: Unit,
    role: str,
    area_codes: Sequence[str],
    starts_on: date,
    ends_on: date | None = None,
    title: str = "",
    substitute_for: Post | None = None,
) -> Post:
    """Give a user a post. NotFound for a unit outside the actor's areas.

    RuleError unknown_role, unknown_area, bad_period, own_account, seats_apart (he is another of the three administrators then).
    """
    actor.require(permissions.APPOINT)
    held = Role.objects.filter(code=role).first()
    if held is None:
        raise RuleError("unknown_role", "没有这个角色", "role")
    if not actor.covers(unit.area_id):
        raise NotFound
    not_oneself(actor, user.id)
    if ends_on and ends_on < starts_on:
        raise RuleError("bad_period", "结束日不能早于开始日", "ends_on")
    for code in area_codes:
        get_area_for(actor, code, "areas")
    post = Post(
        user=user,
        unit=unit,
        role=held,
        seat=held.seat,
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        substitute_for=substitute_for,
    )
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError as error:
        raise RuleError("seats_apart", f"{user.name}这段时间已是三员之一：{SEATS_APART}", "role") from error
    PostArea.objects.bulk_create(PostArea(post=post, area_id=code) for code in sorted(set(area_codes)))
    record(
        actor=actor,
        verb="accounts.appointed",
        county=unit.area_id[:6].ljust(6, "0"),
        subject_type="accounts.post",
        subject_id=post.id,
        area_code=unit.area_id,
        at=clock.now(),
        data={"role": role, "areas": sorted(set(area_codes))},
    )
    return post


@transaction.atomic
def end_post(*, actor: Actor, post_id: UUID, on: date) -> Post:
    """Let a post end with a day (which it still covers). RuleError bad_period, own_account, has_ended."""
    actor.require(permissions.APPOINT)
    post: Post = Post.objects.select_for_update().get_visible(actor, id=post_id)
    not_oneself(actor, post.user_id)
    if post.ends_on is not None and post.ends_on < clock.local_day():
        raise RuleError("has_ended", "这个岗位已经结束，要再用请另定一个", "ends_on")
    if on < post.starts_on:
        raise RuleError("bad_period", "结束日不能早于开始日", "ends_on")
    post.ends_on = on
    post.save(update_fields=["ends_on"])
    record(
        actor=actor,
        verb="accounts.post_ended",
        county=actor.county,
        subject_type="accounts.post",
        subject_id=post.id,
        area_code=actor.county,
        at=clock.now(),
        data={"on": on.isoformat()},
    )
    return post


@transaction.atomic
def issue_token(*, actor: Actor, name: str, area_code: str, channel: str, token: str = "") -> tuple[PartnerToken, str]:
    """Make a token for an outside system; its text is returned once and never stored."""
    actor.require(permissions.TOKENS)
    area = get_area_for(actor, area_code, "area")
    token = token or secrets.token_urlsafe(32)
    row = PartnerToken(
        name=name,
        token_hash=search_hash("partner_token", token),
        area=area,
        channel=channel,
        created_at=clock.now(),
    )
    row.save(force_insert=True)
    record(
        actor=actor,
        verb="accounts.token_issued",
        county=area_code[:6],
        subject_type="accounts.partnertoken",
        subject_id=row.id,
        area_code=area_code,
        at=clock.now(),
        data={"channel": channel},
    )
    return row, token


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: UUID) -> PartnerToken:
    """Shut a token for good."""
    actor.require(permissions.TOKENS)
    row = PartnerToken.objects.select_for_update().filter(id=token_id).first()
    if row is None or not actor.covers(row.area_id):
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        record(
            actor=actor,
            verb="accounts.token_revoked",
            county=row.area_id[:6],
            subject_type="accounts.partnertoken",
            subject_id=row.id,
            area_code=row.area_id,
            at=row.revoked_at,
        )
    return row
