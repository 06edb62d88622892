import time
from collections.abc import Sequence
from threading import Lock

from yijiaan.core.scope import Actor
from yijiaan.engines.texts.models import Wording
from yijiaan.engines.texts.providers import sentence_of

_KEEP = 15.0  # seconds; a new wording is seen by every process within this time
_lock = Lock()
_kept: tuple[float, dict[str, str]] = (0.0, {})


def own_wordings(actor: Actor) -> dict[str, str]:
    """The sentences that this installation words its own way, by code, or by code@scope, as the process remembers them."""
    global _kept
    until, found = _kept
    if until < time.monotonic():
        rows = Wording.objects.order_by("code", "scope").values_list("code", "scope", "text")
        found = {_keyed(code, scope): text for code, scope, text in rows}
        with _lock:
            _kept = (time.monotonic() + _KEEP, found)
    return found


def forget_wordings() -> None:
    """Drop what this process remembers."""
    global _kept
    with _lock:
        _kept = (0.0, {})


def _keyed(code: str, scope: str) -> str:
    """A code, and behind an @ for what alone it is worded so."""
    return f"{code}@{scope}" if scope else code


def wording_of(actor: Actor, code: str, *, scopes: Sequence[str] = ()) -> str:
    """A sentence with its gaps open, as worded for the first of the scopes that has an own wording, else for all."""
    own = own_wordings(actor)
    for scope in (*scopes, ""):
        text = own.get(_keyed(code, scope))
        if text:
            return text
    return sentence_of(code).shipped


def say(actor: Actor, code: str, **gaps: str) -> str:
    """A sentence with its gaps filled."""
    text = wording_of(actor, code)
    return text.format(**gaps) if gaps else text
