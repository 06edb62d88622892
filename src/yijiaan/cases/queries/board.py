"""What a board reads of the cases that are open now: how many stand where, in one statement, and the rows of its worklist in another.

Every figure counts what `listed_to` shows the viewer, so it equals the list of 事件中心 that it opens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Value, When
from django.db.models import Case as Choice

from yijiaan.accounts.queries import all_units, list_units_for, unit_name
from yijiaan.cases import limits
from yijiaan.cases.flows import DUTY_LABEL, DUTY_OF, FLOW
from yijiaan.cases.models import Case, Reporter, Return, ReturnReason, Supervision, Urgency
from yijiaan.cases.queries.categories import category_table
from yijiaan.cases.queries.channels import channel_names
from yijiaan.cases.queries.lists import can_undo, get_case, keep_tally, list_leads_of
from yijiaan.cases.queries.suggest import Suggestion, open_load, suggest_dispatch, words_of
from yijiaan.core.checks import mask_phone
from yijiaan.core.compiled import Compiled, compiled, union_of
from yijiaan.core.postgresql.raw import ask_anew
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Card

SOON = timedelta(hours=24)
STEP_HOURS = 3  # the coming day is told in steps of three hours
LEAST_SAME = 3  # so many open cases of one kind in one village are told together

# what a worklist can be of, and the condition on an open case; the first group is the dispatcher's own, the second he watches
TABS = {
    "new": ("待派单", "status = 'received' AND NOT was_returned"),
    "returned": ("退回待重派", "status = 'received' AND was_returned"),
    "callback": ("待回访", "status = 'callback'"),
    "rule": ("待裁定", "status = 'arbitration'"),
    "sign": ("待签收", "status = 'dispatched'"),
    "asked": ("延期待批", "has_request"),
    "soon": ("将到期", "next_due_at >= moment.at AND next_due_at < moment.at + interval '24 hours'"),
    "late": ("已超时", "next_due_at < moment.at"),
    "verify": ("待核查", "status = 'verifying'"),
}
TO_DO = ("new", "returned", "callback", "rule")
_TAB_OF_STATE = {
    ("received", False): "new",
    ("received", True): "returned",
    ("dispatched", False): "sign",
    ("arbitration", False): "rule",
    ("verifying", False): "verify",
    ("callback", False): "callback",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Open cases of one place: all, those late, those due within a day, those not yet dispatched."""

    open: int = 0
    late: int = 0
    soon: int = 0
    fresh: int = 0

    def plus(self, other: "Standing") -> "Standing":
        """Both together."""
        return Standing(
            self.open + other.open, self.late + other.late, self.soon + other.soon, self.fresh + other.fresh
        )


@dataclass(frozen=True, slots=True)
class Live:
    """How the open cases stand at one moment."""

    at: datetime
    total: Standing
    by_place: Mapping[str, Standing]  # by the code a case carries: a grid, or a village or town where no grid is known
    by_tab: Mapping[str, int]
    ahead: tuple[int, ...]  # due in the coming day, in steps of STEP_HOURS
    overdue_by_day: Mapping[date, int]  # late ones by the day on which they were due
    same: tuple[tuple[str, UUID, int], ...]  # village, category, how many: at least LEAST_SAME
    redone: Mapping[str, int]  # by village: those begun anew because the reporter was not content
    emergencies: int
    digest: str = field(repr=False, default="")  # changes when any of the cases does

    def inside(self, code: str) -> Standing:
        """All that stands in an area."""
        found = Standing()
        for place, tally in self.by_place.items():
            if place.startswith(code):
                found = found.plus(tally)
        return found


_COLUMNS = (
    "id", "number", "title", "status", "area_code", "is_place_unknown", "channel", "category_id", "urgency", "place",
    "next_due_at", "received_at", "owner_id", "version", "card", "supervision", "reopened_count", "is_confidential",
    "has_request", "has_parties", "was_returned",
)  # fmt: skip


@lru_cache(maxsize=1024)
def _open_query(actor: Actor, area_code: str, *, in_parts: bool = False) -> Compiled:
    """The open cases that the actor's lists show, in an area where one is named. in_parts: for counting all of them; whole: for
    walking along them by due time."""
    returns = Return.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"))
    # asked for those alone that may have been sent back: PostgreSQL would ask for all, whichever way an AND is written
    was_returned = Choice(
        When(status="received", then=Exists(returns)), default=Value(False), output_field=BooleanField()
    )
    parts = []
    for part in Case.objects.listed_parts(actor) if in_parts else [Case.objects.listed_to(actor)]:
        cases = part.open()
        if area_code:
            cases = cases.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
        parts.append(compiled(cases.annotate(was_returned=was_returned).order_by().values_list(*_COLUMNS)))
    return union_of(parts)


LATE_STEP = -1  # stands for the step of those that are late; none: due after the coming day
# the ways in which the open cases are counted, by the columns that a way groups by: bits of GROUPING, from right to left
_WAYS = ("due_day", "redone", "village", "status", "area_code")
_ALL = (1 << len(_WAYS)) - 1
_WAY = {_ALL ^ 1 << place: name for place, name in enumerate(_WAYS)}
_OPEN = f"""
WITH moment AS (SELECT %s::timestamptz AS at),
open_case({", ".join(_COLUMNS)}) AS ({{open}}),
o AS (
    SELECT id, version, area_code, status, was_returned, has_request, category_id, urgency, next_due_at,
        left(area_code, 12) AS village, owner_id IS NOT DISTINCT FROM %s::uuid AS is_mine,
        CASE WHEN reopened_count > 0 THEN left(area_code, 12) END AS redone,
        next_due_at < at AS is_late, next_due_at >= at AND next_due_at < at + interval '24 hours' AS is_soon,
        CASE WHEN next_due_at < at THEN (next_due_at AT TIME ZONE 'Asia/Shanghai')::date END AS due_day,
        CASE WHEN next_due_at < at THEN {LATE_STEP} WHEN next_due_at < at + interval '24 hours'
            THEN floor(date_part('epoch', next_due_at - at) / {STEP_HOURS * 3600})::int END AS step
    FROM open_case CROSS JOIN moment
)"""  # noqa: S608 - names stand in this file
_PULSE_COLUMNS = """status, was_returned, is_mine, step, count(*), count(*) FILTER (WHERE urgency = 'emergency'),
    count(*) FILTER (WHERE has_request), min(next_due_at), bit_xor(uuid_hash_extended(id, version))"""
_PULSE = f"{_OPEN} SELECT {_PULSE_COLUMNS} FROM o GROUP BY status, was_returned, is_mine, step"  # noqa: S608 - names stand in this file
_LIVE = f"""{_OPEN}
SELECT {_PULSE_COLUMNS}, grouping({", ".join(reversed(_WAYS))}), area_code, village, category_id, redone, due_day,
    count(*) FILTER (WHERE is_late), count(*) FILTER (WHERE is_soon), count(*) FILTER (WHERE status = 'received')
FROM o
GROUP BY GROUPING SETS ((status, was_returned, is_mine, step), (area_code), (village, category_id), (redone), (due_day))
HAVING grouping(village) = 1 OR count(*) >= {LEAST_SAME} AND category_id IS NOT NULL AND length(village) = 12
"""  # noqa: S608 - names stand in this file


def count_live(actor: Actor, *, at: datetime, area_code: str = "") -> Live:
    """Everything a board says of the open cases at a moment, in one statement. area_code: of one area alone.

    Where this process has counted the same before, it asks first for the pulse alone, the digest of all the cases and of how they
    stand to the moment: while that is the same, so is the rest, and a county's twenty thousand are not grouped again.
    """
    query = _open_query(actor, area_code, in_parts=True) if actor.may("cases.view") else Compiled("", ())
    if not query.sql:
        return Live(at, Standing(), {}, dict.fromkeys(TABS, 0), (0,) * (24 // STEP_HOURS), {}, (), {}, 0)
    key, values = (query, actor.unit_id), (at, *query.parameters, actor.unit_id)
    known = _known.get(key)
    if known is not None:
        pulse = ask_anew(_PULSE.format(open=query.sql), values)
        if _digest(pulse) == known.digest:
            _keep_tally(actor, area_code, pulse)
            return replace(known, at=at)
    rows = ask_anew(_LIVE.format(open=query.sql), values)
    pulse = [row[:_PULSE_WIDTH] for row in rows if _WAY[row[_PULSE_WIDTH]] == "status"]
    _keep_tally(actor, area_code, pulse)
    live = _live_of(at, pulse, rows)
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[key] = live
    return live


_PULSE_WIDTH = 9
MOST_KNOWN = 256
_known: dict[Any, Live] = {}


def forget_live() -> None:
    """Count everything again at the next asking."""
    _known.clear()


def _digest(pulse: list[Any]) -> str:
    """Changes when any of the cases does, or when one passes its due time or a step towards it."""
    return blake2b("".join(sorted(map(repr, pulse))).encode(), digest_size=12).hexdigest()


def _keep_tally(actor: Actor, area_code: str, pulse: list[Any]) -> None:
    """The menu counts the same cases by state: it need not ask again."""
    if not area_code:
        keep_tally(actor, [(row[0], row[2], row[3] == LATE_STEP, row[4], row[7]) for row in pulse])


def _live_of(at: datetime, pulse: list[Any], rows: list[Any]) -> Live:
    open_count = late_count = soon_count = fresh_count = emergencies = asked_count = 0
    by_tab = dict.fromkeys(TABS, 0)
    ahead = [0] * (24 // STEP_HOURS)
    for status, returned, _, step, number, urgent, asked, *_ in pulse:
        open_count += number
        emergencies += urgent
        asked_count += asked
        fresh_count += number if status == "received" else 0
        if step == LATE_STEP:
            late_count += number
        elif step is not None:
            soon_count += number
            ahead[min(step, len(ahead) - 1)] += number
        if tab := _TAB_OF_STATE.get((status, returned)):
            by_tab[tab] += number
    by_tab |= {"soon": soon_count, "late": late_count, "asked": asked_count}
    by_place: dict[str, Standing] = {}
    overdue: dict[date, int] = {}
    redone: dict[str, int] = {}
    same: list[tuple[str, UUID, int]] = []
    for row in rows:
        number = row[4]
        way, place, village, category, again, day, late, soon, fresh = row[_PULSE_WIDTH:]
        match _WAY[way]:
            case "area_code":
                by_place[place] = Standing(number, late, soon, fresh)
            case "due_day" if day is not None:
                overdue[day] = number
            case "village":
                same.append((village, category, number))
            case "redone" if again is not None:
                redone[again] = number
    same.sort(key=lambda line: (-line[2], line[0], str(line[1])))
    total = Standing(open_count, late_count, soon_count, fresh_count)
    return Live(at, total, by_place, by_tab, tuple(ahead), overdue, tuple(same), redone, emergencies, _digest(pulse))


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One row of a worklist, with all that a dispatcher decides by."""

    number: str
    title: str
    status: str
    status_label: str
    due_at: datetime
    due_label: str
    version: int
    channel: str
    external_number: str
    area_code: str
    is_place_unknown: bool
    phone: str  # masked; empty when none was left
    times_told: int  # the how-manieth report from the same phone this is; 0 without a phone
    owner: str
    marks: tuple[str, ...]
    sent_back: str  # who refused it and why
    suggestion: Suggestion | None
    proposed: str  # the department that the level below proposes


_ROWS = f"""
WITH moment AS (SELECT %s::timestamptz AS at),
open_case({", ".join(_COLUMNS)}) AS ({{open}}),
chosen AS (
    SELECT open_case.* FROM open_case CROSS JOIN moment WHERE {{wanted}} ORDER BY next_due_at, id LIMIT {{limit}}
)
SELECT {", ".join(f"chosen.{name}" for name in _COLUMNS)}, said.external_number, said.text, person.phone_sealed,
    CASE WHEN person.phone_search IS NULL THEN 0 ELSE (
        SELECT count(*) FROM reporter other JOIN report told ON told.county = other.county AND told.id = other.report_id
        WHERE other.county = %s AND other.phone_search = person.phone_search
          AND told.id <= said.id AND NOT told.is_confidential
    ) END, back.unit_id, back.proposed_id, back.reason, raised.proposed_id
FROM chosen
LEFT JOIN LATERAL (
    SELECT r.id, r.county, r.external_number, r.text FROM report r
    WHERE r.county = %s AND r.case_id = chosen.id ORDER BY r.id LIMIT 1
) said ON true
LEFT JOIN reporter person ON person.county = %s AND person.report_id = said.id
LEFT JOIN LATERAL (
    SELECT b.unit_id, b.proposed_id, b.reason FROM case_return b
    WHERE b.county = %s AND b.case_id = chosen.id ORDER BY b.returned_at DESC LIMIT 1
) back ON chosen.was_returned
LEFT JOIN LATERAL (
    SELECT u.proposed_id FROM case_report_up u
    WHERE u.county = %s AND u.case_id = chosen.id ORDER BY u.reported_at DESC LIMIT 1
) raised ON chosen.status = 'received'
ORDER BY chosen.next_due_at, chosen.id
"""  # noqa: S608 - names stand in this file


def list_work(actor: Actor, *, tab: str, at: datetime, area_code: str = "", limit: int = 20) -> list[WorkItem]:
    """The rows of a tab by time left, in one statement; what waits to be dispatched comes with a suggestion, for one more."""
    return _items(actor, TABS[tab][1], at=at, area_code=area_code, limit=limit, suggests=tab in ("new", "returned"))


def list_work_numbers(actor: Actor, *, tab: str, at: datetime, area_code: str = "", limit: int = 20) -> list[str]:
    """Only the numbers of those rows, to see whether a page still shows them."""
    query = _open_query(actor, area_code) if actor.may("cases.view") else Compiled("", ())
    if not query.sql:
        return []
    sql = f"""
        WITH moment AS (SELECT %s::timestamptz AS at), open_case({", ".join(_COLUMNS)}) AS ({query.sql})
        SELECT number FROM open_case CROSS JOIN moment WHERE {TABS[tab][1]} ORDER BY next_due_at, id LIMIT {int(limit)}
    """  # noqa: S608 - names stand in this file
    return [number for (number,) in ask_anew(sql, (at, *query.parameters))]


def list_emergencies(actor: Actor, *, at: datetime, area_code: str = "", limit: int = 3) -> list[WorkItem]:
    """Open cases that somebody called an emergency, those due first at the head."""
    return _items(actor, "urgency = 'emergency'", at=at, area_code=area_code, limit=limit, suggests=False)


def _items(actor: Actor, wanted: str, *, at: datetime, area_code: str, limit: int, suggests: bool) -> list[WorkItem]:
    query = _open_query(actor, area_code) if actor.may("cases.view") else Compiled("", ())
    if not query.sql:
        return []
    # the number of rows stands in the statement: for one that may be any, PostgreSQL would sort all open cases
    sql = _ROWS.format(open=query.sql, wanted=wanted, limit=int(limit))
    rows = ask_anew(sql, (at, *query.parameters, *[actor.county] * 5))
    load: dict[UUID, int] = {}
    if suggests and rows:
        places = {row[4] for row in rows}
        units = {unit.id for place in places for unit in list_units_for(actor, area_code=place)}
        load = open_load(actor, county=actor.county, unit_ids=units)
    return [_item(actor, row, load if suggests else None) for row in rows]


_PHONE: Any = Reporter._meta.get_field("phone_sealed")


def _item(actor: Actor, row: tuple[Any, ...], load: Mapping[UUID, int] | None) -> WorkItem:
    values = dict(zip(_COLUMNS, row, strict=False))
    external, text, phone, times, back_unit, back_proposed, back_reason, raised = row[len(_COLUMNS) :]
    returned = values.pop("was_returned")
    case = Case(county=actor.county, **values)
    suggestion, proposed, sent_back = None, "", ""
    if returned:
        sent_back = f"{unit_name(actor, unit_id=back_unit)}退回：{ReturnReason(back_reason).label}"
    if load is not None:
        returns = [Return(unit_id=back_unit, proposed_id=back_proposed)] if returned else []
        told = words_of(actor, case, text or "")
        suggestion = suggest_dispatch(actor, case=case, text=told, returns=returns, load=load)
        proposed = unit_name(actor, unit_id=raised)
    sealed = _PHONE.from_db_value(phone, None, connection)
    owner = all_units(actor).get(case.owner_id)
    return WorkItem(
        number=case.number,
        title=case.title,
        status=case.status,
        status_label=FLOW.state(case.status).label,
        due_at=values["next_due_at"],
        due_label=DUTY_LABEL.get(DUTY_OF.get(case.status, ""), ""),
        version=case.version,
        channel=channel_names(actor).get(case.channel, ""),
        external_number=external or "",
        area_code=case.area_code,
        is_place_unknown=case.is_place_unknown,
        phone=mask_phone(sealed.open()) if sealed else "",
        times_told=times,
        owner=owner.name if owner else "",
        marks=_marks(actor, case),
        sent_back=sent_back,
        suggestion=suggestion,
        proposed=proposed,
    )


def _marks(actor: Actor, case: Case) -> tuple[str, ...]:
    known = category_table(actor).by_id.get(case.category_id) if case.category_id else None
    found = (
        Urgency(case.urgency).label if case.urgency != Urgency.NORMAL else "",
        Card(case.card).label if case.card else "",
        Supervision(case.supervision).label if case.supervision else "",
        "重办" if case.reopened_count else "",
        known.name if known else "",
    )
    return tuple(mark for mark in found if mark)


@dataclass(frozen=True, slots=True)
class Undo:
    """A dispatch that its sender may still take back."""

    number: str
    title: str
    unit: str
    version: int
    seconds: int  # how long he still may


def get_undo(actor: Actor, *, number: str, at: datetime) -> Undo | None:
    """The dispatch of a case while the actor may take it back, else None; NotFound for a case that is not his to see."""
    case = get_case(actor, number=number)
    parts = list_leads_of(actor, cases=[case]).get(case.id, []) if case.status == "dispatched" else []
    if not can_undo(actor, case=case, parts=parts, now=at):
        return None
    lead = next(part for part in parts if part.is_lead)
    until = lead.dispatched_at + timedelta(seconds=limits.UNDO_SECONDS)
    return Undo(number, case.title, lead.unit.name, case.version, int((until - at).total_seconds()))
