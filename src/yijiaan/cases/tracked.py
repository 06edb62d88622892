"""The columns of a case whose every change stands in the journal, so that a case can be rebuilt from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from yijiaan.cases.flows import FLOW
from yijiaan.cases.models import Case

COLUMNS = (
    "status", "owner_id", "level", "category_id", "urgency", "area_code", "next_due_at", "handled_at", "closed_at",
    "close_reason", "solved_at_level", "reopened_count", "rework_count", "hop_count", "card", "supervision",
)  # fmt: skip
START: dict[str, Any] = {"status": "received", "reopened_count": 0, "rework_count": 0, "hop_count": 0}


def written(value: Any) -> Any:
    """A value as the journal keeps it: moments in UTC, empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def snapshot(case: Case) -> dict[str, Any]:
    """The tracked columns as they stand."""
    return {name: getattr(case, name) for name in COLUMNS}


def changes(case: Case) -> dict[str, list[Any]]:
    """What changed since the last entry: column → old and new; afterwards nothing has. A new case has its first values told."""
    if case.noted is None:
        case.noted = snapshot(case)
        return {}
    found = {
        name: [written(old), written(new)] for name, old in case.noted.items() if (new := getattr(case, name)) != old
    }
    case.noted = snapshot(case)
    return found


def rebuild(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The tracked columns of a case as its journal tells them, written as `written` writes; entries are data, oldest first."""
    values: dict[str, Any] = dict.fromkeys(COLUMNS, "") | START
    for data in entries:
        values |= data.get("first", {})
        values |= {name: new for name, (_, new) in data.get("changed", {}).items()}
    return values


@dataclass(frozen=True, slots=True)
class Span:
    """A time for which one column of a case held one value."""

    value: str
    begun_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.ended_at - self.begun_at).total_seconds()


Deeds = Iterable[tuple[datetime, Mapping[str, Any]]]  # times and data of a case's entries, oldest first


def spans_of(column: str, first: str, since: datetime, deeds: Deeds, until: datetime) -> list[Span]:
    """What a column held, one after the other, from a first value on and until a moment."""
    spans: list[Span] = []
    value = first
    for at, data in deeds:
        change = data.get("changed", {}).get(column)
        if change is not None:
            spans.append(Span(value, since, at))
            value, since = change[1], at
    return [*spans, Span(value, since, until)]


def stages_of(received_at: datetime, deeds: Deeds, until: datetime) -> list[Span]:
    """The states a case went through; together they are its life.

    An ended state lasts no time of the life: until is now for an open case, and the moment it ended for another.
    """
    return [span for span in spans_of("status", START["status"], received_at, deeds, until) if FLOW.is_open(span.value)]


def hands_of(case: Case, deeds: Deeds, until: datetime) -> list[Span]:
    """The units (ids as text) that held a case, in order, with the time that each held it."""
    told = list(deeds)
    first = next((data["first"]["owner_id"] for _, data in told if "owner_id" in data.get("first", {})), None)
    if first is None:
        first = next(
            (data["changed"]["owner_id"][0] for _, data in told if "owner_id" in data.get("changed", {})), case.owner_id
        )
    return spans_of("owner_id", str(first), case.received_at, told, until)
