import time
from threading import Lock

from yijiaan.cases.models import Channel, ChannelSetting
from yijiaan.core.scope import Actor

_KEEP = 15.0  # seconds; a setting is seen by every process within this time
_lock = Lock()
_kept: tuple[float, dict[str, ChannelSetting]] = (0.0, {})
CLOSABLE = (Channel.SNAP, Channel.PLATE, Channel.APP, Channel.TRUSTED)  # doors that people outside come in by


def channel_settings(actor: Actor) -> dict[str, ChannelSetting]:
    """What was set, by channel, as the process remembers it."""
    global _kept
    until, found = _kept
    if until < time.monotonic():
        found = {row.code: row for row in ChannelSetting.objects.order_by("code")}
        with _lock:
            _kept = (time.monotonic() + _KEEP, found)
    return found


def forget_channels() -> None:
    """Drop what this process remembers."""
    global _kept
    with _lock:
        _kept = (0.0, {})


def channel_names(actor: Actor) -> dict[str, str]:
    """How each channel is called here."""
    names = dict(Channel.choices)
    return names | {code: row.name for code, row in channel_settings(actor).items() if row.name and code in names}


def is_channel_open(actor: Actor, *, channel: str) -> bool:
    """Whether a channel takes reports now."""
    row = channel_settings(actor).get(channel)
    return row is None or row.is_open
