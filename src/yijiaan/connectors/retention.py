from datetime import datetime

from yijiaan.connectors.models import InboundMessage, InboundState, OutboundMessage, OutboundState, WebhookCall
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention


def purge_sent(before: datetime, most: int) -> int:
    """Delete messages that arrived before a moment; what is stuck or waits stays."""
    return _purge(
        OutboundMessage.objects.filter(state=OutboundState.SENT, sent_at__lt=before).order_by("sent_at"), most
    )


def purge_calls(before: datetime, most: int) -> int:
    """Delete webhook calls of what happened before a moment, but for those that wait."""
    old = (
        WebhookCall.objects.exclude(state=OutboundState.WAITING).filter(happened_at__lt=before).order_by("happened_at")
    )
    return _purge(old, most)


def purge_refused(before: datetime, most: int) -> int:
    """Delete what was refused before a moment, with its body. Orders taken stay: by them a repeat is known."""
    old = InboundMessage.objects.filter(state=InboundState.REFUSED, received_at__lt=before).order_by("received_at")
    return _purge(old, most)


def _purge(rows: object, most: int) -> int:
    gone = 0
    for row in rows[:most]:  # type: ignore[index]
        row.delete()
        gone += 1
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("connectors.sent", "推给对接系统的消息", 366, 30, purge_sent, "从推到算起；没推到的不删"),
        KindOfRecord("connectors.calls", "消息推送的记录", 92, 7, purge_calls, "从事情发生算起；等着推的不删"),
        KindOfRecord("connectors.refused", "对接系统发来没有收的消息", 184, 30, purge_refused, "从收到算起"),
    )
