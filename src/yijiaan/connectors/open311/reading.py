"""What a client asked, as plain values. Pure; `Wrong` says in one sentence what cannot be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

SPAN = timedelta(days=90)
LONGEST_LOOK = timedelta(days=366)
PAGE_SIZE, MOST_PAGE_SIZE = 100, 500
MOST_IDS = 200
MOST_PAGE = 10_000


class Wrong(Exception):
    """The request cannot be read or answered: status and a sentence; wait: seconds after which to try again."""

    def __init__(self, description: str, status: int = 400, wait: int = 0) -> None:
        super().__init__(description)
        self.description, self.status, self.wait = description, status, wait


@dataclass(frozen=True, slots=True)
class Search:
    """Which requests are asked for. ids win over everything else."""

    ids: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    page: int = 1
    page_size: int = PAGE_SIZE
    with_events: bool = False


def moment_of(name: str, text: str) -> datetime | None:
    """A time with its zone: 2026-11-23T01:42:00Z or +00:00; a plus that arrived as a space is a plus. None when empty."""
    text = text.strip()
    if not text:
        return None
    text = re.sub(r" (\d\d:?\d\d)$", r"+\1", text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Wrong(f"{name} must be a W3C date and time with a zone, such as 2026-11-23T01:42:00Z")
    return found


def list_of(text: str) -> tuple[str, ...]:
    """Values joined by commas."""
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def number_of(name: str, text: str, *, preset: int, most: int) -> int:
    """A whole number from 1; more than the most is the most."""
    if not text.strip():
        return preset
    if not re.fullmatch(r"\d{1,9}", text.strip()) or int(text) < 1:
        raise Wrong(f"{name} must be a whole number from 1")
    return min(int(text), most)


def search_of(asked: Mapping[str, str], now: datetime) -> Search:
    """The search in a query. Without dates the last 90 days; between two dates no more than 90."""
    ids = list_of(asked.get("service_request_id", ""))
    if len(ids) > MOST_IDS:
        raise Wrong(f"at most {MOST_IDS} service_request_id at once")
    statuses = list_of(asked.get("status", ""))
    if set(statuses) - {"open", "closed"}:
        raise Wrong("status must be open or closed")
    start, end = (moment_of(name, asked.get(name, "")) for name in ("start_date", "end_date"))
    after, before = (moment_of(name, asked.get(name, "")) for name in ("updated_after", "updated_before"))
    if start is not None and end is not None and end < start:
        raise Wrong("end_date lies before start_date")
    if end is not None and (start is None or end - start > SPAN):
        start = end - SPAN
    elif start is not None and end is None:
        end = start + SPAN
    elif start is None and (after is not None or before is not None):
        start = (after or before or now) - LONGEST_LOOK
    elif start is None:
        start = now - SPAN
    return Search(
        ids=ids,
        services=list_of(asked.get("service_code", "")),
        statuses=statuses,
        start=start,
        end=end,
        updated_after=after,
        updated_before=before,
        page=number_of("page", asked.get("page", ""), preset=1, most=MOST_PAGE),
        page_size=number_of("page_size", asked.get("page_size", ""), preset=PAGE_SIZE, most=MOST_PAGE_SIZE),
        with_events=asked.get("extensions", "") in ("true", "1") or asked.get("x_events", "") in ("true", "1"),
    )


def attributes_of(sent: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """attribute[CODE] and attribute[CODE][], all values of each."""
    found: dict[str, list[str]] = {}
    for name, values in sent.items():
        match = re.fullmatch(r"attribute\[([^\[\]]{1,60})\](\[\])?", name)
        if match:
            found.setdefault(match[1], []).extend(value for value in values if value.strip())
    return found
