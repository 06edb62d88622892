"""The fast door of public intake: the rows of `actions.intake.submit_report`, in one statement for one report and in one
statement a table for many. The one measured exception to "actions write": it builds tuples where the full path builds models,
and a test proves the rows of both equal, so that a new column cannot be forgotten here.
"""

# ruff: noqa: S608 - tables and columns stand in this file, values travel as parameters
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from yijiaan.areas.queries import find_grids
from yijiaan.cases.actions.intake import repeat_answer
from yijiaan.cases.actions.steps import SUBJECT
from yijiaan.cases.intake import Facts, Intake, Receipt, check_intake, give_numbers, point_of, receipt_of, received_data
from yijiaan.cases.models import Case, Report, Reporter
from yijiaan.core import clock
from yijiaan.core.crypto import seal, search_hash
from yijiaan.core.errors import Refusal, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.core.web import request_id
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.journal.subscribers import names_for
from yijiaan.engines.todos.models import Todo

MOST_ITEMS = 500
VERB = "cases.received"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A table and its columns in the order of the tuples below."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """Quoted."""
        return connection.ops.quote_name(self.model._meta.db_table)

    @property
    def column_list(self) -> str:
        """Quoted and joined."""
        return ", ".join(connection.ops.quote_name(column) for column in self.columns)

    def types(self) -> list[str]:
        """The type of each column, for casts."""
        kinds = {
            field.column: str(field.db_type(connection)).split(" COLLATE")[0]
            for field in self.model._meta.concrete_fields
        }
        return [kinds[column] for column in self.columns]


def _table(model: type[models.Model], columns: str) -> Table:
    return Table(model, tuple(columns.split()))


REPORT = _table(
    Report,
    "id county case_id number tracking_search tracking_sealed query_code_sealed query_failures channel external_number kind text"
    " wish place lon lat area_code happened_at received_at promised_at is_confidential entered_by_id client_key body_hash",
)
CASE = _table(
    Case,
    "id county number title status kind channel category_id is_confidential urgency area_code occurred_area_code is_place_unknown"
    " place lon lat owner_id level next_due_at received_at handled_at closed_at close_reason solved_at_level reopened_count"
    " report_count version",
)
REPORTER = _table(Reporter, "id county report_id name_sealed phone_sealed phone_search")
ENTRY = _table(
    Entry,
    "id county actor_kind actor_id post_id verb subject_type subject_id area_code data happened_at request_id",
)
DELIVERY = _table(Delivery, "id county entry_id subscriber attempts next_at last_error")
TODO = _table(
    Todo,
    "id county subject_type subject_id kind unit_id post_id area_code opened_at due_at done_at done_by_id is_fulfilled",
)


def rows_of(actor: Actor, facts: Facts) -> dict[Table, list[Row]]:
    """All rows of one report by table; the report first, for the others follow it."""
    county, at, area = actor.county, facts.received_at, facts.area_code
    entry_id = uuid7()
    rows: dict[Table, list[Row]] = {
        REPORT: [
            (
                facts.report_id, county, facts.case_id, facts.report_number, search_hash("tracking", facts.tracking_code),
                seal(facts.tracking_code, "report.tracking_sealed"), seal(facts.query_code, "report.query_code_sealed"), 0,
                facts.channel, facts.external_number, facts.kind, facts.text, facts.wish, facts.place, facts.lon, facts.lat, area,
                facts.happened_at, at, facts.promised_at, facts.is_tip, actor.post_id, facts.client_key, facts.body_hash,
            )
        ],
        CASE: [
            (
                facts.case_id, county, facts.case_number, facts.title, "received", facts.kind, facts.channel,
                facts.category.id if facts.category else None, facts.is_tip, facts.urgency, area, area, facts.is_place_unknown,
                facts.place, facts.lon, facts.lat, facts.owner_id, facts.level, facts.dispatch_due_at, at, None, None, "", "", 0, 1, 1,
            )
        ],
        ENTRY: [
            (
                entry_id, county, actor.kind.value, actor.identity, actor.post_id, VERB, SUBJECT, facts.case_id, area,
                json.dumps(received_data(facts)), at, request_id(),
            )
        ],
        TODO: [
            (uuid7(), county, SUBJECT, facts.case_id, kind, facts.owner_id, None, "" if facts.is_tip else area, at, due_at, None, None, False)
            for kind, due_at in (("dispatch", facts.dispatch_due_at), ("first_contact", facts.promised_at))
        ],
    }  # fmt: skip
    if facts.has_reporter:
        name = seal(facts.name, "reporter.name_sealed") if facts.name else b""
        phone = seal(facts.phone, "reporter.phone_sealed") if facts.phone else b""
        search = search_hash("phone", facts.phone) if facts.phone else None
        rows[REPORTER] = [(uuid7(), county, facts.report_id, name, phone, search)]
    names = names_for(VERB)
    if names:
        rows[DELIVERY] = [(uuid7(), county, entry_id, name, 0, at, "") for name in names]
    return rows


def submit_fast(*, actor: Actor, intake: Intake, door: str, channel: str) -> Receipt:
    """`submit_report` in one statement. Same receipts, same errors."""
    facts = check_intake(actor, intake, door=door, channel=channel, now=clock.now())
    give_numbers(actor, [facts], now=facts.received_at)
    rows = rows_of(actor, facts)
    sql = one_statement(tuple((table, len(group)) for table, group in rows.items()))
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for group in rows.values() for row in group for value in row])
        is_new = cursor.fetchone() is not None
    return receipt_of(actor, facts) if is_new else _first(actor, intake)


def submit_batch(
    *, actor: Actor, intakes: Sequence[Intake | Refusal], door: str, channel: str
) -> list[Receipt | Refusal]:
    """Many reports at once; the answers stand in the order of the questions and a refused one harms no other.

    Items may already be refusals (wrong shape): they are passed through.
    """
    now = clock.now()
    answers: list[Receipt | Refusal | None] = [None] * len(intakes)
    plans: dict[int, Facts] = {}
    located = _locate(actor, intakes)
    for place, intake in enumerate(intakes):
        try:
            if isinstance(intake, Refusal):
                answers[place] = intake
            else:
                plans[place] = check_intake(
                    actor, intake, door=door, channel=channel, now=now, located=located.get(place)
                )
        except Refusal as refused:
            answers[place] = refused
    try:
        new = _insert_many(actor, list(plans.values())) if plans else set()
    except IntegrityError:
        # one bad row must fail alone: the batch is told again row by row
        new = None
    repeated = [facts.client_key for facts in plans.values() if new is not None and facts.report_id not in new]
    first = {
        report.client_key: report
        for report in (Report.objects.filter(county=actor.county, client_key__in=repeated) if repeated else ())
    }
    for place, facts in plans.items():
        intake = intakes[place]
        assert not isinstance(intake, Refusal)
        try:
            if new is None:
                answers[place] = submit_fast(actor=actor, intake=intake, door=door, channel=channel)
            else:
                answers[place] = (
                    receipt_of(actor, facts)
                    if facts.report_id in new
                    else repeat_answer(actor, intake, first[facts.client_key])
                )
        except Refusal as refused:
            answers[place] = refused
    return [answer for answer in answers if answer is not None]


def _locate(actor: Actor, intakes: Sequence[Intake | Refusal]) -> dict[int, str]:
    """The grids of all items with a good point, looked up in one go; the others are judged one by one."""
    points: dict[int, tuple[float, float]] = {}
    for place, intake in enumerate(intakes):
        if not isinstance(intake, Refusal):
            with suppress(RuleError):
                point = point_of(intake)
                if point is not None:
                    points[place] = point
    grids = find_grids(actor, county=actor.county, points=list(points.values()))
    return dict(zip(points, grids, strict=True))


def _first(actor: Actor, intake: Intake) -> Receipt:
    return repeat_answer(actor, intake, Report.objects.get(county=actor.county, client_key=intake.client_key))


@cache
def one_statement(shape: tuple[tuple[Table, int], ...]) -> str:
    """One statement for the rows of one report: nothing is written when its client_key is known."""
    parts = []
    for number, (table, count) in enumerate(shape):
        line = "(" + ", ".join(f"%s::{kind}" for kind in table.types()) + ")"
        lines = ", ".join([line] * count)
        head = f"INSERT INTO {table.name} ({table.column_list})"
        if number == 0:
            parts.append(f"new AS ({head} VALUES {lines} ON CONFLICT (county, client_key) DO NOTHING RETURNING id)")
        else:
            parts.append(f"t{number} AS ({head} SELECT v.* FROM (VALUES {lines}) AS v, new)")
    return f"WITH {', '.join(parts)} SELECT id FROM new"


@cache
def many_statement(table: Table, is_constant: tuple[bool, ...]) -> str:
    """Many rows by unnest; columns that hold one value in all rows travel once."""
    arrays, picked, names = [], [], []
    for number, (kind, constant) in enumerate(zip(table.types(), is_constant, strict=True)):
        if constant:
            picked.append(f"%s::{kind}")
        else:
            names.append(f"c{number}")
            arrays.append(f"%s::{'text' if kind == 'jsonb' else kind}[]")
            picked.append(f"c{number}::jsonb" if kind == "jsonb" else f"c{number}")
    return (
        f"INSERT INTO {table.name} ({table.column_list}) SELECT {', '.join(picked)} "
        f"FROM unnest({', '.join(arrays)}) AS v({', '.join(names)})"
    )


def many_parameters(rows: Sequence[Row]) -> tuple[tuple[bool, ...], list[Any]]:
    """Which columns are constant, and the parameters: the constants first, then the arrays. The ids always vary."""
    columns = list(zip(*rows, strict=True))
    is_constant = tuple(number > 0 and column.count(column[0]) == len(column) for number, column in enumerate(columns))
    constants = [column[0] for column, constant in zip(columns, is_constant, strict=True) if constant]
    return is_constant, constants + [
        list(column) for column, constant in zip(columns, is_constant, strict=True) if not constant
    ]


def _insert_many(actor: Actor, many: list[Facts]) -> set[Any]:
    """Insert many reports in one transaction, one statement a table; returns the ids of the reports that are new."""
    keys = [facts.client_key for facts in many]
    with transaction.atomic(), connection.cursor() as cursor:
        known = set(
            Report.objects.filter(county=actor.county, client_key__in=keys).values_list("client_key", flat=True)
        )
        fresh: dict[Any, Facts] = {}
        for facts in many:
            if facts.client_key not in known:
                fresh.setdefault(facts.client_key, facts)
        if not fresh:
            return set()
        give_numbers(actor, list(fresh.values()), now=many[0].received_at)
        groups: dict[Table, list[Row]] = {CASE: []}  # cases go first: a report points at its case
        for facts in fresh.values():
            for table, rows in rows_of(actor, facts).items():
                groups.setdefault(table, []).extend(rows)
        for table, rows in groups.items():
            is_constant, parameters = many_parameters(rows)
            cursor.execute(many_statement(table, is_constant), parameters)
        return {facts.report_id for facts in fresh.values()}


def tables() -> Iterable[Table]:
    """Every table the fast door writes."""
    return (REPORT, CASE, REPORTER, ENTRY, DELIVERY, TODO)
