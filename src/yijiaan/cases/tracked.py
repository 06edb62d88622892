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
class Stage:
    """A time that a case spent in one state."""

    status: str
    begun_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.ended_at - self.begun_at).total_seconds()


def stages_of(
    received_at: datetime, entries: Iterable[tuple[datetime, Mapping[str, Any]]], until: datetime
) -> list[Stage]:
    """The states a case went through, from the times and data of its entries, oldest first; together they are its life.

    An ended state lasts no time of the life: until is now for an open case, and the moment it ended for another.
    """
    stages: list[Stage] = []
    status, since = START["status"], received_at
    for at, data in entries:
        change = data.get("changed", {}).get("status")
        if change is not None:
            stages.append(Stage(status, since, at))
            status, since = change[1], at
    if FLOW.is_open(status):
        stages.append(Stage(status, since, until))
    return [stage for stage in stages if FLOW.is_open(stage.status)]
