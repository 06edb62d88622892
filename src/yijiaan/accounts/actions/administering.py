import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction

from yijiaan.accounts import permissions
from yijiaan.accounts.actions.organisation import SEATS_APART, not_oneself
from yijiaan.accounts.actions.sessions import end_sessions_of
from yijiaan.accounts.models import Role, User
from yijiaan.core import clock
from yijiaan.core.checks import normal_phone
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record


@transaction.atomic
def change_user(*, actor: Actor, user_id: UUID, name: str, phone: str) -> User:
    """Correct a person's name or phone; the journal holds old and new under that person's key.

    RuleError no_name, bad_phone, phone_taken.
    """
    actor.require(permissions.MANAGE)
    user = _locked(actor, user_id)
    name, number = name.strip(), normal_phone(phone, field="phone") if phone else ""
    if not name:
        raise RuleError("no_name", "请填姓名", "name")
    changes = {
        field: (old, new)
        for field, old, new in (("name", user.name, name), ("phone", user.phone_sealed, number))
        if old != new
    }
    if not changes:
        return user
    if "phone" in changes:
        search = search_hash("phone", number) if number else None
        if search is not None and User.objects.filter(phone_search=search).exclude(id=user.id).exists():
            raise RuleError("phone_taken", "这个手机号已登记给别的账号", "phone")
        user.phone_sealed, user.phone_search = number, search  # type: ignore[assignment]
    user.name = name
    user.save(update_fields=["name", "phone_sealed", "phone_search"])
    values = {
        f"{field}_{which}": value
        for field, pair in changes.items()
        for which, value in zip(("old", "new"), pair, strict=True)
    }
    _note(actor, "accounts.user_changed", user.id, data={"fields": sorted(changes)}, personal=values)
    return user


@transaction.atomic
def set_user_active(*, actor: Actor, user_id: UUID, is_active: bool) -> User:
    """Put an account out of use, which signs it out at once, or into use again. RuleError own_account."""
    actor.require(permissions.SECURE)
    user = _locked(actor, user_id)
    not_oneself(actor, user.id)
    if user.is_active is not is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        _note(actor, "accounts.user_enabled" if is_active else "accounts.user_disabled", user.id)
        if not is_active:
            end_sessions_of(actor, user_id=user.id)
    return user


@transaction.atomic
def reset_password(*, actor: Actor, user_id: UUID) -> str:
    """A password for one sign-in, to be told by word of mouth; signs the user out everywhere. RuleError own_account."""
    actor.require(permissions.SECURE)
    user = _locked(actor, user_id)
    not_oneself(actor, user.id)
    fresh = "-".join(secrets.token_hex(2) for _ in range(3)) + "-yj"
    user.set_password(fresh)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    end_sessions_of(actor, user_id=user.id)
    _note(actor, "accounts.password_reset", user.id)
    return fresh


@transaction.atomic
def end_sessions_for(*, actor: Actor, user_id: UUID) -> int:
    """Sign somebody out everywhere; returns how many sessions there were."""
    actor.require(permissions.SECURE)
    return end_sessions_of(actor, user_id=_locked(actor, user_id).id)


@transaction.atomic
def change_role(*, actor: Actor, code: str, permission_names: Sequence[str], needs_second_factor: bool) -> Role:
    """Set what a role may. What belongs to one of the three administrators cannot be given to another or to anybody else.

    RuleError seats_apart, unknown_permission. NotFound for an unknown role.
    """
    actor.require(permissions.APPOINT)
    role = Role.objects.select_for_update().filter(code=code).first()
    if role is None:
        raise NotFound
    wanted, held = set(permission_names), set(role.permissions)
    for name in sorted(wanted - held):
        if not permissions.fits(name, role.seat):
            raise RuleError(
                "seats_apart", f"这个权限不能给“{role.name}”：{SEATS_APART}，管理权限也不给办事的岗位", "permissions"
            )
    needs = needs_second_factor or bool(role.seat)
    if wanted == held and needs is role.needs_second_factor:
        return role
    role.permissions, role.needs_second_factor = sorted(wanted), needs
    role.save(update_fields=["permissions", "needs_second_factor"])
    data = {"role": code, "added": sorted(wanted - held), "removed": sorted(held - wanted), "second_factor": needs}
    _note(actor, "accounts.role_changed", uuid5(NAMESPACE_OID, f"yijiaan role {code}"), data=data, kind="accounts.role")
    return role


@transaction.atomic
def note_admin_session(*, actor: Actor, seat: str, until: datetime) -> None:
    """An administrator has proved the second factor and may act until a moment."""
    if actor.user_id is None:
        raise NotFound
    _note(actor, "accounts.admin_session_begun", actor.user_id, data={"seat": seat, "until": until.isoformat()})


def _locked(actor: Actor, user_id: UUID) -> User:
    user: User = User.objects.select_for_update(of=("self",)).get_visible(actor, id=user_id)
    return user


def _note(
    actor: Actor,
    verb: str,
    subject_id: UUID,
    *,
    data: dict[str, object] | None = None,
    personal: dict[str, str] | None = None,
    kind: str = "accounts.user",
) -> None:
    record(
        actor=actor,
        verb=verb,
        county=actor.county.ljust(6, "0"),
        subject_type=kind,
        subject_id=subject_id,
        area_code=actor.county,
        at=clock.now(),
        data=data,
        personal=personal,
        person=subject_id if personal else None,
    )
