"""How long messages are kept."""

from datetime import datetime

from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.engines.notices.models import WAITING, Message, MessageState, Notice


def purge_notices(before: datetime, most: int) -> int:
    """Delete messages sent before a moment, read or not; county by county."""
    gone = 0
    for county in (
        Notice.objects.filter(created_at__lt=before).order_by("county").values_list("county", flat=True).distinct()
    ):
        old = (
            Notice.objects.filter(county=county, created_at__lt=before)
            .order_by("created_at")
            .values_list("id", flat=True)
        )
        gone += Notice.objects.filter(county=county, id__in=list(old[: most - gone])).delete()[0]
        if gone >= most:
            break
    return gone


def purge_messages(before: datetime, most: int) -> int:
    """Delete messages made before a moment; what still waits or is being sent stays. County by county."""
    gone = 0
    old = Message.objects.filter(created_at__lt=before).exclude(state__in=(*WAITING, MessageState.SENDING))
    for county in old.order_by("county").values_list("county", flat=True).distinct():
        ids = list(old.filter(county=county).order_by("created_at").values_list("id", flat=True)[: most - gone])
        gone += Message.objects.filter(county=county, id__in=ids).delete()[0]
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(KindOfRecord("notices.message", "短信", 184, 30, purge_messages, "从建立算起，还等着发的不删"))
    register_retention(KindOfRecord("notices.notice", "通知", 365, 30, purge_notices, "从发出算起，已读未读都算"))
