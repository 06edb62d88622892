"""What must hold at every moment, read in one snapshot: each statement gives the rows that break its rule."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from yijiaan.cases.flows import DUTY_OF, ENDED
from yijiaan.cases.tracked import COLUMNS, rebuild, written

# where the unit that a case was dispatched to may still hold it
LED = ["dispatched", "in_progress", "need_info", "coordinating", "suspended"]

RULES = {
    "an open case has its one duty, held by its owner": """
        SELECT c.number, c.status, count(t.id) FROM cases_case c
        JOIN unnest(%(open)s::text[], %(duties)s::text[]) AS d(state, kind) ON d.state = c.status
        LEFT JOIN todo t ON t.county = c.county AND t.subject_id = c.id AND t.kind = d.kind AND t.done_at IS NULL
          AND t.unit_id = c.owner_id
        GROUP BY c.number, c.status HAVING count(t.id) <> 1""",
    "an ended case owes nothing": """
        SELECT c.number, t.kind FROM cases_case c JOIN todo t ON t.county = c.county AND t.subject_id = c.id
        WHERE t.done_at IS NULL AND c.status = ANY(%(ended)s)""",
    "a dispatched case has one lead, one at work or paused has one or none, any other none": """
        SELECT c.number, c.status, count(a.id) FROM cases_case c
        LEFT JOIN assignment a ON a.county = c.county AND a.case_id = c.id AND a.is_lead AND a.ended_at IS NULL
        GROUP BY c.number, c.status
        HAVING count(a.id) > (c.status = ANY(%(led)s))::int OR (c.status = 'dispatched' AND count(a.id) = 0)""",
    "a merged case has left its reports where it went, any other has as many as it says": """
        SELECT c.number, c.status, c.report_count FROM cases_case c
        LEFT JOIN LATERAL (SELECT count(*) FROM report r WHERE r.county = c.county AND r.case_id = c.id) AS own(reports) ON true
        LEFT JOIN LATERAL (SELECT count(*) FROM case_merge m
          WHERE m.county = c.county AND m.part_id = c.id AND m.undone_at IS NULL) AS gone(merges) ON true
        WHERE own.reports <> c.report_count OR (own.reports = 0) <> (gone.merges = 1) OR gone.merges > 1
           OR (gone.merges = 1) <> (c.status = 'merged' OR c.status = 'archived' AND c.close_reason = 'merged')""",
    "every case has an entry of its coming, and an outcome once finished": """
        SELECT c.number, c.status FROM cases_case c
        WHERE (SELECT count(*) FROM journal_entry e WHERE e.county = c.county AND e.subject_id = c.id AND e.verb = 'cases.received') <> 1
           OR (c.status IN ('verifying', 'callback', 'closed') AND NOT EXISTS (
               SELECT FROM outcome o WHERE o.county = c.county AND o.case_id = c.id))""",
    "every report has its one entry, in the case that it first came to": """
        SELECT r.number, count(e.id) FROM report r LEFT JOIN journal_entry e
          ON e.county = r.county AND e.data ->> 'report' = r.id::text AND e.verb IN ('cases.received', 'cases.followed')
            AND NOT e.data ? 'split_from'
        GROUP BY r.number HAVING count(e.id) <> 1""",
    "a key is used once, a number too": """
        SELECT min(number), count(*)::text FROM report GROUP BY county, client_key HAVING count(*) > 1
        UNION ALL SELECT number, count(*)::text FROM report GROUP BY county, number HAVING count(*) > 1""",
    "an entry is told once to each unit": """
        SELECT dedup_key, count(*) FROM notice GROUP BY county, dedup_key HAVING count(*) > 1""",
    "an entry is told to its units and to nobody else": """
        SELECT e.id::text, count(n.id), 1 + jsonb_array_length(coalesce(e.data -> 'assistants', '[]')) FROM journal_entry e
        LEFT JOIN notice n ON n.county = e.county AND n.dedup_key LIKE e.id::text || ':%%'
        WHERE e.verb = 'cases.dispatched' AND NOT EXISTS (
            SELECT FROM journal_delivery d WHERE d.county = e.county AND d.entry_id = e.id AND d.subscriber = 'cases.tell_units')
        GROUP BY e.id, e.data HAVING count(n.id) <> 1 + jsonb_array_length(coalesce(e.data -> 'assistants', '[]'))""",
    "an entry is sealed once or waits for its seal": """
        SELECT e.id::text, e.verb FROM journal_entry e
        LEFT JOIN journal_seal s ON s.county = e.county AND s.entry_id = e.id
        LEFT JOIN journal_delivery d ON d.county = e.county AND d.entry_id = e.id AND d.subscriber = 'journal.seal'
        WHERE (s.id IS NULL) = (d.id IS NULL)""",
    "the chain has no gap": """
        SELECT county, count(*), max(number) FROM journal_seal GROUP BY county HAVING count(*) <> max(number) OR min(number) <> 1""",
}


def problems(connection: "psycopg.Connection[Any]") -> list[str]:
    """Every broken rule with its first rows; the connection reads one snapshot."""
    values = {"open": list(DUTY_OF), "duties": list(DUTY_OF.values()), "ended": list(ENDED), "led": LED}
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    found = _half_done(connection)
    for rule, sql in RULES.items():
        rows = connection.execute(f"{sql} LIMIT 5", values).fetchall()
        found += [f"not so: {rule}: {rows}"] if rows else []
    connection.rollback()
    return found


def _half_done(connection: "psycopg.Connection[Any]") -> list[str]:
    """Cases that are not what their journal says, column by column."""
    told: dict[Any, list[dict[str, Any]]] = {}
    for subject, data in connection.execute(
        "SELECT subject_id, data FROM journal_entry WHERE subject_type = 'cases.case' ORDER BY subject_id, id"
    ):
        told.setdefault(subject, []).append(data)
    found = []
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(f"SELECT id, number, {', '.join(COLUMNS)} FROM cases_case")
        for row in cursor:
            says = rebuild(told.get(row["id"], []))
            stands = {name: written(row[name]) for name in COLUMNS}
            if says != stands:
                differ = {name: (says[name], stands[name]) for name in COLUMNS if says[name] != stands[name]}
                found.append(f"not so: {row['number']} is what its journal says: {differ}")
    return found[:5]
