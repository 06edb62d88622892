"""What an address hears, and how it knows that it was us. Public facts only: numbers, states, codes, times."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.engines.journal.models import Entry

SIGNATURE, EVENT, DELIVERY = "X-Yijiaan-Signature", "X-Yijiaan-Event", "X-Yijiaan-Delivery"
EVENTS = {
    "received": ("收到", ("cases.received",)),
    "dispatched": ("派单", ("cases.dispatched", "cases.ruled")),
    "signed": ("接手", ("cases.signed", "cases.taken")),
    "extended": ("延期", ("cases.extended",)),
    "suspended": ("挂账", ("cases.suspended",)),
    "finished": ("办结", ("cases.finished",)),
    "reopened": ("重办", ("cases.reopened", "cases.restarted")),
    "rejected": ("不予受理", ("cases.rejected",)),
    "withdrawn": ("撤回", ("cases.withdrawn",)),
    "closed": ("结案", ("cases.closed",)),
}
EVENT_OF = {verb: event for event, (_, verbs) in EVENTS.items() for verb in verbs}
VILLAGE = 12  # no finer place is told


def body_of(entry: Entry, case: Case, number: str, category: str) -> dict[str, Any]:
    """What is told of one deed."""
    changed = entry.data.get("changed", {}).get("status", ["", ""])[1]
    status = "received" if entry.verb == "cases.received" else changed or case.status
    return {
        "id": str(entry.id),
        "event": EVENT_OF[entry.verb],
        "number": number,
        "state": status,
        "state_name": Case(status=status).status_label,
        "category": category,
        "area": case.area_code[:VILLAGE],
        "happened_at": _moment(entry.happened_at),
        "received_at": _moment(case.received_at),
    }


def _moment(moment: datetime) -> str:
    return clock.local(moment).isoformat(timespec="seconds")


def as_bytes(body: dict[str, Any]) -> bytes:
    """The body as it is sent and signed."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secrets: Iterable[str], *, at: int, body: bytes) -> str:
    """`t=…,v1=…`, one v1 for each secret in use: HMAC-SHA256 in hexadecimal over the seconds since 1970, a dot, and the body."""
    said = f"{at}.".encode() + body
    marks = [f"v1={hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={at}", *marks])
