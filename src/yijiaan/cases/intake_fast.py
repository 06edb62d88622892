"""The fast door of public intake: the rows of `actions.intake.submit_report` for one report or many, in one statement. The one measured exception to "actions write": it builds tuples where the full path builds models,
and a test proves the rows of both equal, so that a new column cannot be forgotten here.
"""

# ruff: noqa: S608 - tables and columns stand in this file, values travel as parameters
import itertools
import json
import logging
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db import DatabaseError, DataError, IntegrityError, connection, models, transaction

from yijiaan.areas.queries import find_grids
from yijiaan.cases import rollups, search
from yijiaan.cases.actions.intake import repeat_answer
from yijiaan.cases.actions.steps import SUBJECT
from yijiaan.cases.intake import Facts, Intake, Receipt, check_intake, give_numbers, point_of, receipt_of, received_data
from yijiaan.cases.models import Case, CaseDayCount, CaseWords, Report, ReportAnswer, Reporter
from yijiaan.core import clock
from yijiaan.core.crypto import seal, search_hash
from yijiaan.core.errors import Refusal, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.postgresql.raw import array_literal, execute_raw
from yijiaan.core.scope import Actor
from yijiaan.core.web import request_id
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.journal.subscribers import names_for
from yijiaan.engines.todos.models import Todo

log = logging.getLogger(__name__)
MOST_ITEMS = 500
VERB = "cases.received"
Row = tuple[Any, ...]
Statement = tuple[str, list[Any]]
# One batch of a process is prepared at a time: threads that share the interpreter lock slow each other down more than they
# gain, while the database takes the batch before.
_desk = threading.Lock()


@dataclass(frozen=True, eq=False)  # known by identity: it is a key of many small dicts
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

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The type of each column, for casts."""
        kinds = {
            field.column: str(field.db_type(connection)).split(" COLLATE")[0]
            for field in self.model._meta.concrete_fields
        }
        return tuple(kinds[column] for column in self.columns)


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
    " place lon lat owner_id level next_due_at outside_due_at received_at handled_at closed_at close_reason solved_at_level reopened_count"
    " rework_count hop_count card supervision report_count version",
)
WORDS = _table(CaseWords, "id county case_id words marks is_open")
REPORTER = _table(Reporter, "id county report_id name_sealed phone_sealed phone_search")
ANSWER = _table(ReportAnswer, "id county report_id question_id code wording kind rank value")
COUNT = _table(CaseDayCount, "county id axis key day received")
ADD = "ON CONFLICT (county, axis, key, day) DO UPDATE SET received = case_day_count.received + EXCLUDED.received"
ENTRY = _table(
    Entry,
    "id county actor_kind actor_id post_id verb subject_type subject_id area_code data happened_at request_id",
)
DELIVERY = _table(Delivery, "id county entry_id subscriber attempts next_at last_error")
TODO = _table(
    Todo,
    "id county subject_type subject_id kind unit_id post_id area_code opened_at due_at alert_at tell_at card climbs terms"
    " calendar_version done_at done_by_id is_fulfilled",
)


Rows = dict[Table, list[Row]]


def _received_json(facts: Facts) -> str:
    """`received_data` as JSON, whose values are keys, codes and times that need no escaping."""
    data = received_data(facts)
    first = ", ".join([f'"{name}": "{value}"' for name, value in data.pop("first").items()])
    return "{" + ", ".join([f'"{name}": "{value}"' for name, value in data.items()]) + f', "first": {{{first}}}}}'


def rows_of(actor: Actor, facts: Facts) -> Rows:
    """All rows of one report by table; the report first, for the others follow it."""
    county, at, area = actor.county, facts.received_at, facts.area_code
    entry_id = uuid7()
    words = search.words_of(title=facts.title, place=facts.place, texts=(facts.text,))
    marks = search.marks_of(words=words, area_code=area, is_confidential=facts.is_tip, case_id=facts.case_id)
    rows: Rows = {
        REPORT: [
            (
                facts.report_id, county, facts.case_id, facts.report_number, search_hash("tracking", facts.tracking_code),
                seal(facts.tracking_code, "report.tracking_sealed"), seal(facts.query_code, "report.query_code_sealed"), 0,
                facts.channel, facts.external_number, facts.kind, facts.text, facts.wish, facts.place, facts.lon, facts.lat, area,
                facts.happened_at, at, facts.first_contact.due_at, facts.is_tip, actor.post_id, facts.client_key, facts.body_hash,
            )
        ],
        CASE: [
            (
                facts.case_id, county, facts.case_number, facts.title, "received", facts.kind, facts.channel,
                facts.category.id if facts.category else None, facts.is_tip, facts.urgency, area, area, facts.is_place_unknown,
                facts.place, facts.lon, facts.lat, facts.owner_id, facts.level, facts.dispatch.due_at, facts.outside_due_at, at, None, None, "", "", 0,
                0, 0, "", "", 1, 1,
            )
        ],
        WORDS: [(facts.case_id, county, facts.case_id, words, array_literal("integer", marks), True)],
        ENTRY: [
            (
                entry_id, county, actor.kind.value, actor.identity, actor.post_id, VERB, SUBJECT, facts.case_id, area,
                _received_json(facts), at, request_id(),
            )
        ],
        TODO: [
            (
                uuid7(), county, SUBJECT, facts.case_id, kind, facts.owner_id, None, "" if facts.is_tip else area, at,
                deadline.due_at, deadline.alert_at, deadline.tell_at, "", 0, deadline.terms, deadline.calendar_version,
                None, None, False,
            )
            for kind, deadline in (("dispatch", facts.dispatch), ("first_contact", facts.first_contact))
        ],
    }  # fmt: skip
    if facts.has_reporter:
        name = seal(facts.name, "reporter.name_sealed") if facts.name else b""
        phone = seal(facts.phone, "reporter.phone_sealed") if facts.phone else b""
        hashed = search_hash("phone", facts.phone) if facts.phone else None
        rows[REPORTER] = [(uuid7(), county, facts.report_id, name, phone, hashed)]
    if facts.answers:
        rows[ANSWER] = [
            (
                uuid7(), county, facts.report_id, answer.question.id, answer.question.code, answer.question.wording,
                answer.question.kind, answer.question.rank, json.dumps(answer.value, ensure_ascii=False),
            )
            for answer in facts.answers
        ]  # fmt: skip
    if not facts.is_tip:
        code = facts.category.code if facts.category else ""
        day = clock.local_day(at)
        places = rollups.places_of(area_code=area, category=code, channel=facts.channel)
        rows[COUNT] = [(county, uuid7(), axis, key, day, 1) for axis, key in places]
    names = names_for(VERB)
    if names:
        rows[DELIVERY] = [(uuid7(), county, entry_id, name, 0, at, "") for name in names]
    return rows


def submit_fast(*, actor: Actor, intake: Intake, door: str, channel: str) -> Receipt:
    """`submit_report` in one statement, shared with whoever reports at the same moment. Same receipts, same errors."""
    facts = check_intake(actor, intake, door=door, channel=channel, now=clock.now())
    give_numbers(actor, [facts], now=facts.received_at)
    if connection.in_atomic_block:
        is_new = bool(insert([rows_of(actor, facts)]))
    else:
        is_new = _ferry.carry(facts.report_id, rows_of(actor, facts))
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
    with _desk:
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
        many = list(plans.values())
        give_numbers(actor, many, now=now)
        statement = _statement_for([rows_of(actor, facts) for facts in many]) if many else None
    try:
        new = _write(statement) if statement else set()
    except DatabaseError:
        # one bad row must fail alone: the batch is told again row by row
        new = set()
        for place, facts in plans.items():
            try:
                new |= _insert_alone(rows_of(actor, facts))
            except (IntegrityError, DataError):
                log.exception("a report of a batch was not stored")
                answers[place] = RuleError("not_stored", "这一件没有存上，请稍后重发")
    repeated = [facts.client_key for facts in many if facts.report_id not in new]
    known = Report.objects.filter(county=actor.county, client_key__in=repeated).select_related("case")
    first = {report.client_key: report for report in (known if repeated else ())}
    for place, facts in plans.items():
        intake = intakes[place]
        if answers[place] is not None or isinstance(intake, Refusal):
            continue
        try:
            if facts.report_id in new:
                answers[place] = receipt_of(actor, facts)
            else:
                answers[place] = repeat_answer(actor, intake, first[facts.client_key])
        except Refusal as refused:
            answers[place] = refused
    return [answer for answer in answers if answer is not None]


def _insert_alone(rows: Rows) -> set[UUID]:
    with transaction.atomic():
        return insert([rows])


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
    known = Report.objects.select_related("case").get(county=actor.county, client_key=intake.client_key)
    return repeat_answer(actor, intake, known)


class _Passenger:
    """One request's report on its way over."""

    __slots__ = ("error", "is_new", "report_id", "rows", "rows_next", "wakes")

    def __init__(self, report_id: UUID, rows: Rows) -> None:
        self.report_id = report_id
        self.rows = rows
        self.wakes = threading.Event()
        self.rows_next = False  # woken to row the next crossing, not because it has arrived
        self.is_new = False
        self.error: BaseException | None = None


class Ferry:
    """Carries the reports of concurrent requests over in one transaction: whoever finds the boat free rows, the others wait.

    Who has rowed once hands the oars to the first of those waiting, so that nobody rows for ever. Each request is answered only
    after its commit. A crossing that fails is repeated one by one, so that one bad row fails alone.
    """

    MOST = 64

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Passenger] = []
        self._is_out = False

    def carry(self, report_id: UUID, rows: Rows) -> bool:
        """Insert the rows of one report; False when its client_key is known."""
        mine = _Passenger(report_id, rows)
        with self._lock:
            self._waiting.append(mine)
            mine.rows_next = not self._is_out
            self._is_out = True
        if not mine.rows_next:
            mine.wakes.wait()
        if mine.rows_next:
            self._row()
        if mine.error is not None:
            raise mine.error
        return mine.is_new

    def _row(self) -> None:
        with self._lock:
            crossing, self._waiting = self._waiting[: self.MOST], self._waiting[self.MOST :]
        try:
            self._cross(crossing)
        finally:
            with self._lock:
                self._is_out = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].rows_next = True
                    self._waiting[0].wakes.set()

    def _cross(self, crossing: list[_Passenger]) -> None:
        try:
            new = insert([passenger.rows for passenger in crossing])
        except BaseException as error:
            if len(crossing) > 1:
                for passenger in crossing:
                    self._cross([passenger])
                return
            crossing[0].error = error
            crossing[0].wakes.set()
            return
        for passenger in crossing:
            passenger.is_new = passenger.report_id in new
            passenger.wakes.set()


_ferry = Ferry()


def insert(many: Sequence[Rows]) -> set[UUID]:
    """Write the rows of some reports in one statement; returns the ids of those reports that are new.

    A report whose client_key is known (or stands earlier in the same call) writes nothing in any table.
    """
    return _write(_statement_for(many)) if many else set()


def _write(statement: Statement) -> set[UUID]:
    return {key for (key,) in execute_raw(*statement)}


def _statement_for(many: Sequence[Rows]) -> Statement:
    """The statement that writes these rows, and its parameters."""
    if len(many) == 1:
        sql = one_statement(tuple((table, len(group)) for table, group in many[0].items()))
        return sql, [value for group in many[0].values() for row in group for value in row]
    groups: dict[Table, list[Row]] = {}
    for rows in many:
        owner = rows[REPORT][0][0]
        for table, group in rows.items():
            groups.setdefault(table, []).extend((owner, *row) for row in group)
    shape, parameters = [], []
    for table, lines in groups.items():
        columns = list(zip(*lines, strict=True))
        # the owner and the ids always vary; a column that holds one value in all rows travels once
        is_constant = tuple(
            place > 1 and column.count(column[0]) == len(column) for place, column in enumerate(columns)
        )
        shape.append((table, is_constant))
        parameters += [column[0] for column, constant in zip(columns, is_constant, strict=True) if constant]
        kinds = ("uuid", *table.types)
        parameters += [
            array_literal(kind, column)
            for kind, column, constant in zip(kinds, columns, is_constant, strict=True)
            if not constant
        ]
    return many_statement(tuple(shape)), parameters


@cache
def one_statement(shape: tuple[tuple[Table, int], ...]) -> str:
    """One statement for the rows of one report: nothing is written when its client_key is known."""
    parts = []
    place = itertools.count(1)
    for number, (table, count) in enumerate(shape):
        lines = ", ".join(f"({', '.join(f'${next(place)}::{kind}' for kind in table.types)})" for _ in range(count))
        head = f"INSERT INTO {table.name} ({table.column_list})"
        if number == 0:
            parts.append(f"new AS ({head} VALUES {lines} ON CONFLICT (county, client_key) DO NOTHING RETURNING id)")
        else:
            tail = f" ORDER BY 3, 4 {ADD}" if table is COUNT else ""
            parts.append(f"t{number} AS ({head} SELECT v.* FROM (VALUES {lines}) AS v, new{tail})")
    return f"WITH {', '.join(parts)} SELECT id FROM new"


@lru_cache(maxsize=256)
def many_statement(shape: tuple[tuple[Table, tuple[bool, ...]], ...]) -> str:
    """The same for many reports: arrays by unnest, each row beside the id of the report it belongs to."""
    parts = []
    place = itertools.count(1)
    for number, (table, is_constant) in enumerate(shape):
        kinds = ["uuid", *table.types]
        picked = {at: f"${next(place)}::{kinds[at]}" for at, constant in enumerate(is_constant) if constant}
        arrays, names = [], []
        for at, constant in enumerate(is_constant):
            if not constant:
                # jsonb would have to be written element by element, and unnest takes arrays of arrays apart: text is cast instead
                as_text = kinds[at] == "jsonb" or kinds[at].endswith("[]")
                arrays.append(f"${next(place)}::{'text' if as_text else kinds[at]}[]")
                names.append(f"c{at}")
                picked[at] = f"v.c{at}::{kinds[at]}" if as_text else f"v.c{at}"
        chosen = ", ".join(picked[at] for at in range(1, len(kinds)))
        if table is COUNT:  # many reports add to one row, and rows are locked in their order
            lines = (
                f"SELECT {chosen} FROM unnest({', '.join(arrays)}) AS v({', '.join(names)}) JOIN new ON new.id = v.c0"
            )
            parts.append(
                f"t{number} AS (INSERT INTO {table.name} ({table.column_list}) "
                f"SELECT county, (array_agg(id))[1], axis, key, day, sum(received)::integer "
                f"FROM ({lines}) AS s({', '.join(table.columns)}) GROUP BY county, axis, key, day ORDER BY axis, key {ADD})"
            )
            continue
        body = f"INSERT INTO {table.name} ({table.column_list}) SELECT {chosen} FROM unnest({', '.join(arrays)}) AS v({', '.join(names)})"
        if number == 0:
            parts.append(f"new AS ({body} ON CONFLICT (county, client_key) DO NOTHING RETURNING id)")
        else:
            parts.append(f"t{number} AS ({body} JOIN new ON new.id = v.c0)")
    return f"WITH {', '.join(parts)} SELECT id FROM new"


def tables() -> Iterable[Table]:
    """Every table the fast door writes."""
    return (REPORT, CASE, WORDS, REPORTER, ANSWER, COUNT, ENTRY, DELIVERY, TODO)
