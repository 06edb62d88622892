"""The fast door of public intake: the rows of `actions.intake.submit_report`, in one statement for one report and in one
statement a table for many. The one measured exception to "actions write": a test proves the rows equal to the full path's.

Rows are built as unsaved model instances and turned into parameters by the fields themselves, so a new column cannot be forgotten.
"""

# ruff: noqa: S608 - tables and columns come from the models, values travel as parameters
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from psycopg.types.json import Jsonb

from yijiaan.cases.actions.intake import received_data, repeat_answer
from yijiaan.cases.actions.steps import SUBJECT
from yijiaan.cases.intake import Intake, Prepared, Receipt, prepare, receipt_of
from yijiaan.cases.models import Case, Report, Reporter
from yijiaan.core.errors import Refusal
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import new_entry
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.todos.models import Todo

MOST_ITEMS = 500


def submit_fast(*, actor: Actor, intake: Intake, door: str, channel: str) -> Receipt:
    """`submit_report` in one statement. Same receipts, same errors."""
    prepared = prepare(actor, intake, door=door, channel=channel)
    rows = rows_of(actor, prepared)
    sql = _statement(tuple((model, len(group)) for model, group in rows))
    parameters = [value for model, group in rows for row in group for value in values_of(model, row)]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        made = cursor.fetchone() is not None
    return receipt_of(prepared) if made else _first(actor, intake)


def submit_batch(
    *, actor: Actor, intakes: Sequence[Intake | Refusal], door: str, channel: str
) -> list[Receipt | Refusal]:
    """Many reports at once; the answers stand in the order of the questions and a refused one harms no other.

    Items may already be refusals (wrong shape): they are passed through.
    """
    answers: list[Receipt | Refusal | None] = [None] * len(intakes)
    plans: list[tuple[int, Intake, Prepared]] = []
    for number, intake in enumerate(intakes):
        if isinstance(intake, Refusal):
            answers[number] = intake
            continue
        try:
            plans.append((number, intake, prepare(actor, intake, door=door, channel=channel)))
        except Refusal as refused:
            answers[number] = refused
    try:
        made = _insert_many(actor, [prepared for _, _, prepared in plans]) if plans else set()
    except IntegrityError:
        # one bad row must fail alone: the batch is told again row by row
        for number, intake, _ in plans:
            answers[number] = _alone(actor, intake, door, channel)
        return [answer for answer in answers if answer is not None]
    for number, intake, prepared in plans:
        if prepared.report.id in made:
            answers[number] = receipt_of(prepared)
        else:
            try:
                answers[number] = _first(actor, intake)
            except Refusal as refused:
                answers[number] = refused
    return [answer for answer in answers if answer is not None]


def _alone(actor: Actor, intake: Intake, door: str, channel: str) -> Receipt | Refusal:
    try:
        return submit_fast(actor=actor, intake=intake, door=door, channel=channel)
    except Refusal as refused:
        return refused


def _first(actor: Actor, intake: Intake) -> Receipt:
    return repeat_answer(actor, intake, Report.objects.get(county=actor.county, client_key=intake.client_key))


def rows_of(actor: Actor, prepared: Prepared) -> list[tuple[type[models.Model], list[models.Model]]]:
    """All rows of one report by table; the report first, for the others follow it."""
    case, report = prepared.case, prepared.report
    entry, deliveries = new_entry(
        actor=actor,
        verb="cases.received",
        county=case.county,
        subject_type=SUBJECT,
        subject_id=case.id,
        area_code=case.area_code,
        at=case.received_at,
        data=received_data(prepared),
    )
    todos = [
        Todo(
            county=case.county,
            subject_type=SUBJECT,
            subject_id=case.id,
            kind=kind,
            unit_id=case.owner_id,
            area_code=case.area_code,
            opened_at=case.received_at,
            due_at=due_at,
        )
        for kind, due_at in (("dispatch", prepared.dispatch_due_at), ("first_contact", report.promised_at))
    ]
    rows: list[tuple[type[models.Model], list[models.Model]]] = [
        (Report, [report]),
        (Case, [case]),
        (Entry, [entry]),
        (Todo, list(todos)),
    ]
    if prepared.reporter is not None:
        rows.append((Reporter, [prepared.reporter]))
    if deliveries:
        rows.append((Delivery, list(deliveries)))
    return rows


@cache
def _fields(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(model._meta.concrete_fields)


def values_of(model: type[models.Model], row: models.Model) -> list[Any]:
    """The parameters of one row, in the order of the columns, as the model's own save would send them."""
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _fields(model)]


def _columns(model: type[models.Model]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in _fields(model))


def _casts(model: type[models.Model]) -> list[str]:
    return [f"%s::{_type(field)}" for field in _fields(model)]


def _type(field: Any) -> str:
    return str(field.db_type(connection)).split(" COLLATE")[0]


@cache
def _statement(shape: tuple[tuple[type[models.Model], int], ...]) -> str:
    """One statement for the rows of one report: nothing is written when its client_key is known."""
    parts = []
    for number, (model, count) in enumerate(shape):
        table = connection.ops.quote_name(model._meta.db_table)
        line = f"({', '.join(_casts(model))})"
        rows = ", ".join([line] * count)
        if number == 0:
            parts.append(
                f"new AS (INSERT INTO {table} ({_columns(model)}) VALUES {rows} "
                "ON CONFLICT (county, client_key) DO NOTHING RETURNING id)"
            )
        else:
            parts.append(
                f"t{number} AS (INSERT INTO {table} ({_columns(model)}) SELECT v.* FROM (VALUES {rows}) AS v, new)"
            )
    return f"WITH {', '.join(parts)} SELECT id FROM new"


@cache
def _bulk_statement(model: type[models.Model], suffix: str) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    arrays, picked = [], []
    for number, field in enumerate(_fields(model)):
        kind = _type(field)
        arrays.append(f"%s::{'text' if kind == 'jsonb' else kind}[]")
        picked.append(f"c{number}::jsonb" if kind == "jsonb" else f"c{number}")
    names = ", ".join(f"c{number}" for number in range(len(arrays)))
    return (
        f"INSERT INTO {table} ({_columns(model)}) SELECT {', '.join(picked)} "
        f"FROM unnest({', '.join(arrays)}) AS v({names}){suffix}"
    )


def _insert_many(actor: Actor, plans: list[Prepared]) -> set[Any]:
    """Insert many reports in one transaction, one statement a table; returns the ids of the reports that are new."""
    known = " ON CONFLICT (county, client_key) DO NOTHING RETURNING id"
    with transaction.atomic(), connection.cursor() as cursor:
        # cases go first: a report points at its case
        reports = [prepared.report for prepared in plans]
        repeated = _known_keys(actor, reports)
        fresh = [prepared for prepared in plans if prepared.report.client_key not in repeated]
        fresh = list({prepared.report.client_key: prepared for prepared in reversed(fresh)}.values())[::-1]
        if not fresh:
            return set()
        groups: dict[type[models.Model], list[models.Model]] = {
            Case: [],
            Report: [],
            Reporter: [],
            Entry: [],
            Todo: [],
            Delivery: [],
        }
        for prepared in fresh:
            for model, rows in rows_of(actor, prepared):
                groups[model].extend(rows)
        made: set[Any] = set()
        for model, rows in groups.items():
            if not rows:
                continue
            columns = [_plain(column) for column in zip(*(values_of(model, row) for row in rows), strict=True)]
            cursor.execute(_bulk_statement(model, known if model is Report else ""), columns)
            if model is Report:
                made = {key for (key,) in cursor.fetchall()}
                if len(made) != len(rows):
                    # another request took one of the keys this very moment: tell them row by row instead
                    raise IntegrityError("a client_key was taken meanwhile")
        return made


def _known_keys(actor: Actor, reports: list[Report]) -> set[Any]:
    keys = [report.client_key for report in reports]
    return set(Report.objects.filter(county=actor.county, client_key__in=keys).values_list("client_key", flat=True))


def _plain(column: tuple[Any, ...]) -> list[Any]:
    return [value.dumps(value.obj) if isinstance(value, Jsonb) else value for value in column]
