"""What each deed adds to the day counts. The writing of the counts and the list of the deeds behind them read the same function."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from yijiaan.cases.models import COUNTED
from yijiaan.core import clock

VERBS = (
    "cases.received", "cases.finished", "cases.closed", "cases.rated", "cases.returned", "cases.reopened",
    "cases.rejected", "cases.withdrawn", "cases.restarted", "cases.excluded", "cases.exclusion_revoked",
)  # fmt: skip


OF_EXCLUSION = ("cases.excluded", "cases.exclusion_revoked")
CONTENT = ("satisfied", "basically")


def day_of(verb: str, at: datetime, data: Mapping[str, Any]) -> date:
    """The day that a deed is counted on: its own; of an exclusion that of the answer which it takes out of the rate."""
    return date.fromisoformat(data["on"]) if verb in OF_EXCLUSION else clock.local_day(at)


def _is_solved(data: Mapping[str, Any]) -> bool:
    """Whether an answer says that it was solved; older ones were asked only how content somebody is."""
    return bool(data.get("solved", data.get("result") in CONTENT))


def counts_of(verb: str, at: datetime, data: Mapping[str, Any]) -> dict[str, int]:
    """What a deed adds; nothing for most. data as the journal keeps it, with what changed."""
    match verb:
        case "cases.received":
            return {"received": 1}
        case "cases.finished":
            # a due time that did not change is that of the next step too, and lies ahead
            due, *_ = data.get("changed", {}).get("next_due_at", [""])
            return {"finished": 1, "on_time": int(not due or at <= datetime.fromisoformat(due))}
        case "cases.closed":
            level = f"solved_{data.get('level', '')}"
            return {"closed": 1} | ({level: 1} if level in COUNTED else {})
        case "cases.rated":
            # who is asked again after a "not" counts once, as he said last
            found = Counter({data.get("result", ""): 1})
            found["said_solved"] += _is_solved(data)
            if "instead_of" in data:
                found[data["instead_of"]] -= 1
                found["said_solved"] -= data.get("instead_of_solved", data["instead_of"] in CONTENT)
            return {name: number for name, number in found.items() if name in COUNTED and number}
        case "cases.excluded" | "cases.exclusion_revoked":
            sign = 1 if verb == "cases.excluded" else -1
            return {f"excluded_{data['result']}": sign} | ({"excluded_solved": sign} if data["solved"] else {})
        case "cases.returned":
            return {"returned": 1}
        case "cases.reopened":
            return {"reopened": 1}
        case "cases.rejected" | "cases.withdrawn":
            return {"refused": 1}
        case "cases.restarted":
            return {"restarted": 1}
    return {}
