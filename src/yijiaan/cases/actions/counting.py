"""The day counts, counted again: in SQL over the journal, apart from the way they were written."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from yijiaan.accounts.queries import all_units
from yijiaan.cases.counted import OF_EXCLUSION
from yijiaan.cases.models import COUNTED, CountCheck
from yijiaan.cases.rollups import SLOTS, VERBS, add
from yijiaan.core import clock
from yijiaan.core.scope import Actor

NIGHTLY_DAYS = 62
MOST_EXAMPLES = 20

_SUMS = {
    "received": "count(*) FILTER (WHERE verb = 'cases.received')",
    "finished": "count(*) FILTER (WHERE verb = 'cases.finished')",
    # a due time that did not change is that of the next step too, and lies ahead
    "on_time": "count(*) FILTER (WHERE verb = 'cases.finished' AND happened_at <= "
    "coalesce(nullif(data #>> '{changed,next_due_at,0}', '')::timestamptz, happened_at))",
    "closed": "count(*) FILTER (WHERE verb = 'cases.closed')",
    "returned": "count(*) FILTER (WHERE verb = 'cases.returned')",
    "reopened": "count(*) FILTER (WHERE verb = 'cases.reopened')",
    "refused": "count(*) FILTER (WHERE verb IN ('cases.rejected', 'cases.withdrawn'))",
    "restarted": "count(*) FILTER (WHERE verb = 'cases.restarted')",
    "said_solved": "count(*) FILTER (WHERE verb = 'cases.rated' AND coalesce((data ->> 'solved')::boolean, "
    "data ->> 'result' IN ('satisfied', 'basically'))) - count(*) FILTER (WHERE verb = 'cases.rated' "
    "AND data ? 'instead_of' AND coalesce((data ->> 'instead_of_solved')::boolean, "
    "data ->> 'instead_of' IN ('satisfied', 'basically')))",
}


def _sum_of(column: str) -> str:
    if column.startswith("solved_"):
        return (
            f"count(*) FILTER (WHERE verb = 'cases.closed' AND data ->> 'level' = '{column.removeprefix('solved_')}')"
        )
    if column.startswith("excluded_"):
        said = column.removeprefix("excluded_")
        what = "(data ->> 'solved')::boolean" if said == "solved" else f"data ->> 'result' = '{said}'"
        out = "count(*) FILTER (WHERE verb = 'cases.{}' AND " + what + ")"
        return _SUMS.get(column) or f"{out.format('excluded')} - {out.format('exclusion_revoked')}"
    said = "count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> '{}' = '{}')"
    return _SUMS.get(column) or f"{said.format('result', column)} - {said.format('instead_of', column)}"


# the first day bounds the id too: identifiers rise with time, and the journal has no other index by time
_AGAIN = f"""
WITH deed AS (
    SELECT e.verb, e.data, e.happened_at,
           CASE WHEN e.verb = ANY(%(moved)s) THEN (e.data ->> 'on')::date
                ELSE (e.happened_at AT TIME ZONE 'Asia/Shanghai')::date END AS day,
           left(c.area_code, 12) AS village, left(c.area_code, 9) AS town, c.channel, k.code AS category
    FROM journal_entry e JOIN cases_case c ON c.county = e.county AND c.id = e.subject_id
    LEFT JOIN category k ON k.id = c.category_id
    WHERE e.county = %(county)s AND c.county = %(county)s AND e.id >= %(floor)s AND e.subject_type = 'cases.case'
      AND e.verb = ANY(%(verbs)s) AND e.happened_at >= %(begin)s
      AND (e.happened_at < %(end)s OR e.verb = ANY(%(moved)s)) AND NOT c.is_confidential
), again AS (
    SELECT p.axis, p.key, day, {", ".join(f"{_sum_of(column)} AS {column}" for column in COUNTED)}
    FROM deed CROSS JOIN LATERAL (VALUES
        ('village', village), ('category', town || '.' || category),
        ('channel', town || '.' || channel || '.' || mod(village::bigint, {SLOTS}))
    ) AS p(axis, key) WHERE p.key IS NOT NULL AND day >= %(first)s AND day <= %(last)s GROUP BY 1, 2, 3
), kept AS (
    SELECT axis, key, day, {", ".join(COUNTED)} FROM case_day_count
    WHERE county = %(county)s AND day >= %(first)s AND day <= %(last)s
)
SELECT axis, key, day, {", ".join(f"coalesce(again.{c}, 0) - coalesce(kept.{c}, 0) AS {c}" for c in COUNTED)},
       count(*) OVER () AS lines
FROM again FULL JOIN kept USING (axis, key, day)
"""  # noqa: S608 - columns stand in the model
_ANY_WRONG = f"SELECT * FROM ({_AGAIN}) AS line WHERE {' OR '.join(f'{c} <> 0' for c in COUNTED)}"  # noqa: S608


def compare_day_counts(
    *, actor: Actor, first_day: date | None = None, last_day: date | None = None
) -> list[CountCheck]:
    """Count the days again from the journal, put right what differs, and keep a report of it for each county. Default: the
    last two months until yesterday.

    One statement sees both sides at one moment, and what is wrong is added as a difference: deeds that count meanwhile are
    neither disturbed nor lost.
    """
    last = last_day or clock.local_day() - timedelta(days=1)
    first = first_day or last - timedelta(days=NIGHTLY_DAYS - 1)
    counties = [actor.county] if actor.county else sorted({unit.area_id[:6] for unit in all_units(actor).values()})
    return [_compare(county, first, last) for county in counties]


def _compare(county: str, first: date, last: date) -> CountCheck:
    begin = datetime.combine(first, time.min, clock.SHANGHAI)
    asked: dict[str, Any] = {
        "county": county, "verbs": list(VERBS), "moved": list(OF_EXCLUSION), "first": first, "last": last, "begin": begin,
        "end": datetime.combine(last + timedelta(days=1), time.min, clock.SHANGHAI),
        "floor": UUID(int=max(int((begin.timestamp() - 86_400) * 1000), 0) << 80),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ANY_WRONG, asked)
        wrong = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FROM case_day_count WHERE county = %s AND day >= %s AND day <= %s", [county, first, last]
        )
        lines = cursor.fetchone()[0]
    deltas = {(axis, key, day): dict(zip(COUNTED, values, strict=False)) for axis, key, day, *values in wrong}
    examples = [
        {"axis": axis, "key": key, "day": day.isoformat(), "missing": {name: n for name, n in counts.items() if n}}
        for (axis, key, day), counts in sorted(deltas.items())[:MOST_EXAMPLES]
    ]
    with transaction.atomic():
        for start in range(0, len(deltas), 1000):
            add(county, dict(sorted(deltas.items())[start : start + 1000]))
        check = CountCheck(
            county=county, checked_at=clock.now(), first_day=first, last_day=last, row_count=lines,
            wrong_count=len(deltas), examples=examples,
        )  # fmt: skip
        check.save(force_insert=True)
    return check
