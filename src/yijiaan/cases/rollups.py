"""Counts by day, written with each deed and read by boards. They count what the journal says happened, under what the case is
now: its village, its category, its channel. So they can be counted again from the journal at any time (`actions/counting.py`).

Confidential cases are counted nowhere. Rows are always written in the order of (axis, key, day), so deeds at the same moment
never wait for each other in a ring. A key begins with the area's code: who sees an area reads its counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from yijiaan.cases.counted import VERBS, counts_of, day_of
from yijiaan.cases.models import COUNTED, Case, CountAxis
from yijiaan.cases.queries.categories import category_table
from yijiaan.core import clock
from yijiaan.core.identifiers import uuid7
from yijiaan.core.postgresql.raw import execute_raw
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry

KEYS = ("county", "id", "axis", "key", "day")
SLOTS = 8  # a town's channel is counted in so many rows, or the reports of a busy hour would all wait for one
Place = tuple[str, str]  # axis, key
Line = tuple[str, str, date]
Counts = Mapping[str, int]


def places_of(*, area_code: str, category: str, channel: str) -> list[Place]:
    """Where a case is counted, in the order of writing. A case without a category stands in no row of that axis."""
    village, town = area_code[:12], area_code[:9]
    found = [(CountAxis.CHANNEL.value, f"{town}.{channel}.{int(village) % SLOTS}"), (CountAxis.VILLAGE.value, village)]
    return [(CountAxis.CATEGORY.value, f"{town}.{category}"), *found] if category else found


def follow(
    actor: Actor, case: Case, verb: str, at: datetime, data: Mapping[str, Any], changed: Mapping[str, Sequence[Any]]
) -> None:
    """Count a deed before its entry is written. One that gives the case another place or category takes its past along."""
    if case.is_confidential:
        return
    here = _places(actor, case, case.area_code, case.category_id)
    deltas: dict[Line, Counter[str]] = {}
    if "area_code" in changed or "category_id" in changed:
        before = _places(
            actor, case, *(changed.get(name, [getattr(case, name)])[0] for name in ("area_code", "category_id"))
        )
        _move(case, set(before) - set(here), set(here) - set(before), deltas)
    counts = counts_of(verb, at, data)
    _put(deltas, here, day_of(verb, at, data) if counts else clock.local_day(at), counts, 1)
    add(case.county, deltas)


def _places(actor: Actor, case: Case, area_code: str, category_id: Any) -> list[Place]:
    by_id = {str(key): row.code for key, row in category_table(actor).by_id.items()} if category_id else {}
    return places_of(area_code=area_code, category=by_id.get(str(category_id), ""), channel=case.channel)


def _move(case: Case, old: Iterable[Place], new: Iterable[Place], deltas: dict[Line, Counter[str]]) -> None:
    past = Entry.objects.filter(county=case.county, subject_id=case.id, verb__in=VERBS)
    for verb, at, data in past.values_list("verb", "happened_at", "data"):
        for places, sign in ((old, -1), (new, 1)):
            _put(deltas, places, day_of(verb, at, data), counts_of(verb, at, data), sign)


def _put(deltas: dict[Line, Counter[str]], places: Iterable[Place], day: date, counts: Counts, sign: int) -> None:
    for axis, key in places:
        line = deltas.setdefault((axis, key, day), Counter())
        for name, number in counts.items():
            line[name] += sign * number


def add(county: str, deltas: Mapping[Line, Counts]) -> None:
    """Add to the rows of one county, in sorted order; one statement, none when there is nothing to add."""
    lines = sorted((line, counts) for line, counts in deltas.items() if any(counts.values()))
    if lines:
        values = [
            value
            for line, counts in lines
            for value in (county, uuid7(), *line, *(counts.get(name, 0) for name in COUNTED))
        ]
        execute_raw(_upsert(len(lines)), values)


ON_CONFLICT = "ON CONFLICT (county, axis, key, day) DO UPDATE SET " + ", ".join(
    f"{name} = case_day_count.{name} + EXCLUDED.{name}" for name in COUNTED
)


@cache
def _upsert(count: int) -> str:
    width = len(KEYS) + len(COUNTED)
    kinds = ("varchar", "uuid", "varchar", "varchar", "date", *("integer" for _ in COUNTED))
    rows = ", ".join(
        "(" + ", ".join(f"${row * width + place}::{kind}" for place, kind in enumerate(kinds, 1)) + ")"
        for row in range(count)
    )
    return f"INSERT INTO case_day_count ({', '.join((*KEYS, *COUNTED))}) VALUES {rows} {ON_CONFLICT}"  # noqa: S608 - names stand in this file
