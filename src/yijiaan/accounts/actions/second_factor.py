import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijiaan.accounts import permissions, totp
from yijiaan.accounts.actions.organisation import not_oneself
from yijiaan.accounts.actions.sessions import end_sessions_of
from yijiaan.accounts.models import RecoveryCode, SecondFactor, User
from yijiaan.core import clock
from yijiaan.core.checks import plain_digits
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

RECOVERY_CODES = 10
RECOVERY_DIGITS = 12


@transaction.atomic
def begin_second_factor(*, actor: Actor) -> SecondFactor:
    """The secret to put into one's authenticator; the same one until a code of it is confirmed. RuleError already_on."""
    user = _me(actor)
    factor, _ = SecondFactor.objects.get_or_create(user=user, defaults={"secret_sealed": totp.new_secret()})
    if factor.confirmed_at is not None:
        raise RuleError("already_on", "手机验证码已经开着。换手机请找管理员重置", "code")
    return factor


@transaction.atomic
def confirm_second_factor(*, actor: Actor, code: str) -> list[str]:
    """Switch it on with a code that the authenticator shows; returns the recovery codes, this once. RuleError wrong_code."""
    factor = _locked(actor)
    if factor.confirmed_at is not None:
        raise RuleError("already_on", "手机验证码已经开着。换手机请找管理员重置", "code")
    now = clock.now()
    _take_code(factor, code, now)
    factor.confirmed_at = now
    factor.save(update_fields=["confirmed_at"])
    _note(actor, factor.user_id, "accounts.second_factor_set", now)
    return _new_recovery_codes(factor)


@transaction.atomic
def use_second_factor(*, actor: Actor, code: str) -> bool:
    """Take a code of the authenticator, or a recovery code; each passes once. True when it was a recovery code.

    RuleError wrong_code, code_used.
    """
    factor = _locked(actor)
    if factor.confirmed_at is None:
        raise NotFound
    now = clock.now()
    digits = plain_digits(code)
    if len(digits) != RECOVERY_DIGITS:
        _take_code(factor, digits, now)
        return False
    row = (
        RecoveryCode.objects.select_for_update()
        .filter(user_id=factor.user_id, code_hash=_recovery_hash(factor.user_id, digits))
        .first()
    )
    if row is None:
        raise RuleError("wrong_code", "这个恢复码不对，请再看一遍", "code")
    if row.used_at is not None:
        raise RuleError("code_used", "这个恢复码用过了，请用下一个", "code")
    row.used_at = now
    row.save(update_fields=["used_at"])
    _note(actor, factor.user_id, "accounts.recovery_code_used", now)
    return True


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, code: str) -> list[str]:
    """Ten new ones; the old ones pass no more. Asks for a code of the authenticator. RuleError wrong_code, code_used."""
    factor = _locked(actor)
    if factor.confirmed_at is None:
        raise NotFound
    now = clock.now()
    _take_code(factor, code, now)
    _note(actor, factor.user_id, "accounts.recovery_codes_renewed", now)
    return _new_recovery_codes(factor)


@transaction.atomic
def set_second_factor(*, actor: Actor, user: User, secret: str = "") -> SecondFactor:
    """Give an account a secret (a fresh one, or one that is known), for an installation that shows how to sign in."""
    actor.require(permissions.SECOND_FACTORS)
    now = clock.now()
    factor, _ = SecondFactor.objects.update_or_create(
        user=user, defaults={"secret_sealed": secret or totp.new_secret(), "last_step": 0, "confirmed_at": now}
    )
    _note(actor, user.id, "accounts.second_factor_set", now)
    return factor


@transaction.atomic
def reset_second_factor(*, actor: Actor, user_id: UUID) -> bool:
    """For somebody who lost the phone and the recovery codes: takes both away and ends the sessions; the next sign-in sets
    up anew. NotFound for users of other areas; RuleError own_account; False when there was none."""
    actor.require(permissions.SECOND_FACTORS)
    user: User = User.objects.get_visible(actor, id=user_id)
    not_oneself(actor, user.id)
    deleted, _ = SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    end_sessions_of(actor, user_id=user.id)
    if deleted:
        _note(actor, user.id, "accounts.second_factor_reset", clock.now())
    return bool(deleted)


def _me(actor: Actor) -> User:
    user = User.objects.filter(id=actor.user_id, is_active=True).first()
    if user is None:
        raise NotFound
    return user


def _locked(actor: Actor) -> SecondFactor:
    if actor.user_id is None:
        raise NotFound
    factor = SecondFactor.objects.select_for_update().filter(user_id=actor.user_id, user__is_active=True).first()
    if factor is None:
        raise NotFound
    return factor


def _take_code(factor: SecondFactor, code: str, now: datetime) -> None:
    digits = plain_digits(code)
    step = totp.matching_step(factor.secret_sealed, digits, now, after=factor.last_step)
    if step is None:
        if totp.matching_step(factor.secret_sealed, digits, now) is not None:
            raise RuleError("code_used", "这个验证码用过了，请等手机上换出下一个（最多 30 秒）", "code")
        raise RuleError("wrong_code", "验证码不对。请看手机上最新的 6 位数字，手机时间要准", "code")
    factor.last_step = step
    factor.save(update_fields=["last_step"])


def _new_recovery_codes(factor: SecondFactor) -> list[str]:
    codes = [f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}d}" for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user_id=factor.user_id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=factor.user_id, code_hash=_recovery_hash(factor.user_id, code)) for code in codes
    )
    return codes


def _recovery_hash(user_id: UUID, digits: str) -> bytes:
    return search_hash("recovery_code", f"{user_id} {digits}")


def _note(actor: Actor, user_id: UUID, verb: str, at: datetime) -> None:
    record(
        actor=actor,
        verb=verb,
        county=actor.county.ljust(6, "0"),
        subject_type="accounts.user",
        subject_id=user_id,
        area_code=actor.county,
        at=at,
    )
