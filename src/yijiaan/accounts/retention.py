"""How long traces of signing in are kept: the law wants network logs for six months, nobody wants them for good."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Q

from yijiaan.accounts.models import DoorUse, DutyDay, SignedIn, SignIn
from yijiaan.core import clock
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention

SIX_MONTHS = 184


def purge_sessions(before: datetime, most: int) -> int:
    """Delete sessions that expired before a moment."""
    old = Session.objects.filter(expire_date__lt=before).order_by("expire_date").values_list("session_key", flat=True)
    return Session.objects.filter(session_key__in=list(old[:most])).delete()[0]


def purge_signed_in(before: datetime, most: int) -> int:
    """Delete what the list of sign-ins keeps of devices that were signed out, or not seen any more, before a moment."""
    over = Q(ended_at__lt=before) | Q(ended_at__isnull=True, seen_at__lt=before)
    old = SignedIn.objects.filter(over).order_by("id").values_list("id", flat=True)
    return SignedIn.objects.filter(id__in=list(old[:most])).delete()[0]


def purge_sign_ins(before: datetime, most: int) -> int:
    """Delete tries to sign in made before a moment."""
    old = SignIn.objects.filter(tried_at__lt=before).order_by("id").values_list("id", flat=True)
    return SignIn.objects.filter(id__in=list(old[:most])).delete()[0]


def purge_door_uses(before: datetime, most: int) -> int:
    """Delete the counters of addresses and devices that were last at a public door before a moment."""
    old = DoorUse.objects.filter(spoken_until__lt=before).order_by("spoken_until").values_list("key_hash", flat=True)
    return DoorUse.objects.filter(key_hash__in=list(old[:most])).delete()[0]


def purge_duties(before: datetime, most: int) -> int:
    """Delete who was on duty on days before a moment."""
    old = DutyDay.objects.filter(on__lt=clock.local_day(before)).order_by("on", "id").values_list("id", flat=True)
    return DutyDay.objects.filter(id__in=list(old[:most])).delete()[0]


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("accounts.session", "过期的会话", 7, 0, purge_sessions, "从过期算起"),
        KindOfRecord(
            "accounts.signed_in",
            "登录过的设备",
            SIX_MONTHS,
            SIX_MONTHS,
            purge_signed_in,
            "从退出或最近使用算起；法律要求留满六个月",
        ),
        KindOfRecord(
            "accounts.sign_in", "登录记录", SIX_MONTHS, SIX_MONTHS, purge_sign_ins, "从登录算起；法律要求留满六个月"
        ),
        KindOfRecord("accounts.duty_day", "值班表", 366, 30, purge_duties, "从值班那天算起"),
        KindOfRecord("accounts.door_use", "公开入口的计数", 1, 1, purge_door_uses, "从最后一次提交算起"),
    )
