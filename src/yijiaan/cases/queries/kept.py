"""The day counts as a board needs them, in one statement; and the deeds behind each of those counts, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from yijiaan.cases.counted import OF_EXCLUSION, VERBS, counts_of, day_of
from yijiaan.cases.models import COUNTED, Case, CaseDayCount, CountAxis
from yijiaan.cases.queries.categories import category_table
from yijiaan.core import clock
from yijiaan.core.compiled import Compiled, compiled
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.models import Entry

KEPT_DAYS = 60  # a board compares the last thirty days with the thirty before
PERIOD_DAYS = 30
WEEKS = 5  # the last seven days and the four weeks before


@dataclass(frozen=True, slots=True)
class Kept:
    """What happened lately. days: every one of KEPT_DAYS, oldest first; channels: received in PERIOD_DAYS; categories: received
    in each of WEEKS, the last seven days first, by code."""

    days: dict[date, dict[str, int]]
    channels: dict[str, int]
    categories: dict[str, tuple[int, ...]]

    def total(self, name: str, *, first_day: date, last_day: date) -> int:
        """The sum of one count over some days, both included."""
        return sum(counts[name] for day, counts in self.days.items() if first_day <= day <= last_day)


_EXCLUDED = "SELECT 'excluded', count(*) FILTER (WHERE is_in_force) || ' ' || count(revoked_at), 0, 0"


@lru_cache(maxsize=256)
def _query(actor: Actor, area_code: str, today: date, *, is_past: bool) -> Compiled:
    """The counts of today, or those of the days before it."""

    def rows(axis: str, days: int, *names: str) -> Compiled:
        seen = CaseDayCount.objects.visible_to(actor).filter(axis=axis)
        if is_past:
            seen = seen.filter(day__gt=today - timedelta(days=days), day__lt=today)
        else:
            seen = seen.filter(day=today)
        if area_code:
            seen = seen.filter(key__gte=area_code, key__lt=area_code + "~")
        return compiled(seen.order_by().values_list(*names))

    by_day = rows(CountAxis.VILLAGE, KEPT_DAYS, "day", *COUNTED)
    by_channel = rows(CountAxis.CHANNEL, PERIOD_DAYS, "key", "received")
    by_category = rows(CountAxis.CATEGORY, 7 * WEEKS, "key", "day", "received")
    if not by_day.sql:
        return by_day
    sums = ", ".join(f"sum({name})::bigint" for name in COUNTED)
    none = ", ".join("0" for _ in COUNTED[1:])
    sql = (
        f"SELECT 'day', day::text, 0, {sums} FROM ({by_day.sql}) d GROUP BY day "  # noqa: S608 - names stand in the model
        f"UNION ALL SELECT 'channel', split_part(key, '.', 2), 0, sum(received)::bigint, {none} FROM ({by_channel.sql}) h GROUP BY 2 "
        f"UNION ALL SELECT 'category', split_part(key, '.', 2), (%s::date - day) / 7, sum(received)::bigint, {none} "
        f"FROM ({by_category.sql}) k GROUP BY 2, 3"
    )
    values = (*by_day.parameters, *by_channel.parameters, today, *by_category.parameters)
    if is_past:
        return Compiled(sql, values)
    # an answer taken out of the rates, or put back, changes the day on which it was given
    sql += f" UNION ALL {_EXCLUDED}, {none} FROM case_exclusion WHERE county = %s"
    return Compiled(sql, (*values, actor.county))


def count_kept(actor: Actor, *, today: date, area_code: str = "") -> Kept:
    """What the day counts say of the actor's areas until today, or of one area in them.

    A deed is counted on its own day: what the days before today say is read again when an exclusion was made or taken back, and
    after REMEMBERED, for the nightly comparison may have put it right.
    """
    assert COUNTED[0] == "received"
    days = {today - timedelta(days=back): dict.fromkeys(COUNTED, 0) for back in range(KEPT_DAYS - 1, -1, -1)}
    channels: dict[str, int] = {}
    weeks: dict[str, list[int]] = {}
    fresh = _query(actor, area_code, today, is_past=False).rows()
    excluded = next((row[1] for row in fresh if row[0] == "excluded"), "")
    rows = [*_past(actor, area_code, today, excluded), *(row for row in fresh if row[0] != "excluded")]
    for part, key, week, *counts in rows:
        if part == "day":
            days[date.fromisoformat(key)] = dict(zip(COUNTED, map(int, counts), strict=True))
        elif part == "channel":
            channels[key] = channels.get(key, 0) + int(counts[0])
        else:
            weeks.setdefault(key, [0] * WEEKS)[week] += int(counts[0])
    return Kept(days, channels, {code: tuple(numbers) for code, numbers in weeks.items()})


REMEMBERED = timedelta(minutes=5)
MOST_REMEMBERED = 256
_known: dict[Compiled, tuple[datetime, str, list[tuple[Any, ...]]]] = {}


def _past(actor: Actor, area_code: str, today: date, excluded: str) -> list[tuple[Any, ...]]:
    query, now = _query(actor, area_code, today, is_past=True), clock.now()
    read_at, known, rows = _known.get(query, (None, "", []))
    if read_at is None or known != excluded or not read_at <= now < read_at + REMEMBERED:
        rows = query.rows()
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        _known[query] = now, excluded, rows
    return rows


def forget_kept() -> None:
    """Read the days before today again at the next asking."""
    _known.clear()


@dataclass(frozen=True, slots=True)
class CountedDeed:
    """One deed that a figure counts, and the case as it is now. sign: 1; -1 where a later answer takes an earlier one back."""

    entry_id: UUID
    at: datetime
    verb: str
    case: Case
    sign: int


def list_counted(
    actor: Actor,
    *,
    columns: tuple[str, ...],
    first_day: date,
    last_day: date,
    area_code: str = "",
    channel: str = "",
    category: str = "",
    before: UUID | None = None,
) -> Iterator[CountedDeed]:
    """The deeds behind the sum of some counts (a minus before a name takes it away) over some days, newest first; `sign` adds
    up to the figure. before: only those older than a deed. Read in portions: who takes few pays for few."""
    if not actor.may("cases.view"):
        return
    begin = datetime.combine(first_day, time.min, clock.SHANGHAI)
    end = datetime.combine(last_day + timedelta(days=1), time.min, clock.SHANGHAI)
    entries = Entry.objects.filter(
        county=actor.county,
        subject_type="cases.case",
        verb__in=[verb for verb in VERBS if _may_count(verb, columns)],
        # identifiers rise with time: those of a day more on both sides hold the days, and are read in their order
        id__gte=_id_at(begin - timedelta(days=1)),
    )
    if not any(
        name.lstrip("-").startswith("excluded_") for name in columns
    ):  # those are told later than the day they count on
        entries = entries.filter(id__lt=_id_at(end + timedelta(days=1)))
    wanted = _cases(actor, area_code, channel, category)
    portion = FIRST_PORTION
    while True:
        older = entries.filter(id__lt=before) if before else entries
        batch = list(older.order_by("-id").values_list("id", "happened_at", "verb", "data", "subject_id")[:portion])
        signs = {
            row[0]: _sign(row, columns) if first_day <= day_of(row[2], row[1], row[3]) <= last_day else 0
            for row in batch
        }
        # the cases are looked up afterwards: joined, PostgreSQL would go through every case of a town
        ids = {row[4] for row in batch if signs[row[0]]}
        found = {case.id: case for case in wanted.filter(id__in=ids)} if ids else {}
        for entry_id, at, verb, _, case_id in batch:
            if signs[entry_id] and case_id in found:
                yield CountedDeed(entry_id, at, verb, found[case_id], signs[entry_id])
        if len(batch) < portion:
            return
        before = batch[-1][0]
        portion = min(2 * portion, MOST_PORTION)


def _id_at(moment: datetime) -> UUID:
    return UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


def _sign(row: tuple[Any, ...], columns: tuple[str, ...]) -> int:
    _, at, verb, data, _ = row
    counts = counts_of(verb, at, data)
    return sum(-counts.get(name[1:], 0) if name.startswith("-") else counts.get(name, 0) for name in columns)


FIRST_PORTION, MOST_PORTION = 250, 2000
_SAID = {"satisfied", "basically", "understanding", "dissatisfied", "said_solved"}
_VERB_OF = {
    "received": "cases.received", "finished": "cases.finished", "on_time": "cases.finished", "closed": "cases.closed",
    "returned": "cases.returned", "reopened": "cases.reopened", "restarted": "cases.restarted",
}  # fmt: skip


def _may_count(verb: str, columns: tuple[str, ...]) -> bool:
    names = {name.lstrip("-") for name in columns}
    if verb == "cases.rated":
        return bool(names & _SAID)
    if verb in OF_EXCLUSION:
        return any(name.startswith("excluded_") for name in names)
    if verb in ("cases.rejected", "cases.withdrawn"):
        return "refused" in names
    return any(_VERB_OF.get(name) == verb or (verb == "cases.closed" and name.startswith("solved_")) for name in names)


def _cases(actor: Actor, area_code: str, channel: str, category: str) -> Any:
    """The cases whose deeds are counted for this actor: those of his areas, confidential ones nowhere."""
    cases = Case.objects.visible_to(system("count", actor.county)).filter(actor.area_filter(), is_confidential=False)
    if area_code:
        cases = cases.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    if channel:
        cases = cases.filter(channel=channel)
    if category:
        versions = [row.id for row in category_table(actor).by_id.values() if row.code == category]
        cases = cases.filter(category_id__in=versions)
    return cases.order_by()
