"""Cards on cases: the alert climbs a level, the case stays with whoever holds it (DOMAIN 7)."""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import all_units, get_centre
from yijiaan.cases.actions.steps import SUBJECT, lock_case_of, moment_for, note_deed, save_case
from yijiaan.cases.flows import DUTY_LABEL, DUTY_OF, OPEN
from yijiaan.cases.models import Case, GivenCard
from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import uuid7
from yijiaan.core.postgresql.raw import insert_many
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.actions import record_many
from yijiaan.engines.notices.actions import Message, notify, notify_all
from yijiaan.engines.todos.models import Card, Todo
from yijiaan.engines.todos.providers import Alert, Owed, Shift
from yijiaan.ui.words import deadline_words

log = logging.getLogger(__name__)
LEVELS_ABOVE = 2  # from a village to its town, from there to the county
WORDS = {Card.YELLOW: "快到期", Card.RED: "超期"}


@dataclass(slots=True)
class _Owing:
    """What a sweep needs of a case."""

    id: UUID
    number: str
    title: str
    status: str
    card: str
    area_code: str
    is_confidential: bool


class CaseKeeper:
    """Looks after the duties on cases. Who stands above whom is asked anew for each batch, which begins with `lock`."""

    def __init__(self) -> None:
        self._above = _Above("")

    def lock(self, county: str, subject_ids: Collection[UUID]) -> set[UUID]:
        """The cases that no deed holds at this moment, locked in key order."""
        self._above = _Above(county)
        free = (
            Case.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(county=county, id__in=list(subject_ids))
            .order_by("id")
        )
        return set(free.values_list("id", flat=True))

    def may_climb(self, todo: Owed, climbs: int) -> bool:
        """Whether there is a unit so many levels above the one that owes."""
        return self._above.of(todo, climbs) is not None

    def tell(self, actor: Actor, county: str, alerts: Sequence[Alert], now: datetime) -> None:
        """Keep the cards, mark the cases, write the journal, and send each unit one message about all of them."""
        ids = {alert.todo.subject_id for alert in alerts}
        rows = Case.objects.filter(county=county, id__in=ids).values_list(*(column.name for column in fields(_Owing)))
        cases = {case.id: case for case in (_Owing(*row) for row in rows)}
        above = self._above
        told = [(alert, cases[alert.todo.subject_id]) for alert in alerts if _matters(alert)]
        changed = self._mark(county, told)
        insert_many(
            GivenCard,
            ("id", "county", "case_id", "todo_id", "duty", "unit_id", "card", "climbs", "told_id", "due_at", "given_at"),
            [
                (
                    uuid7(), county, case.id, alert.todo.id, alert.todo.kind, alert.todo.unit_id, alert.card, alert.climbs,
                    above.of(alert.todo, alert.climbs), alert.todo.due_at, now,
                )
                for alert, case in told
            ],
        )  # fmt: skip
        record_many(
            actor=system(actor.identity, county),
            verb="cases.carded",
            county=county,
            subject_type=SUBJECT,
            subjects=[
                (case.id, case.area_code, {"duty": alert.todo.kind, "card": alert.card, "climbs": alert.climbs} | more)
                for (alert, case), more in zip(told, changed, strict=True)
            ],
            at=now,
        )
        _send(county, told, above)

    def _mark(self, county: str, told: Sequence[tuple[Alert, _Owing]]) -> list[dict[str, Any]]:
        """A case shows the card of the duty that its state owes; returns what each alert changed, for the journal."""
        by_card: dict[str, list[UUID]] = defaultdict(list)
        changed: list[dict[str, Any]] = []
        for alert, case in told:
            if alert.todo.kind == DUTY_OF.get(case.status) and case.card != alert.card:
                by_card[alert.card].append(case.id)
                changed.append({"changed": {"card": [case.card, alert.card]}})
                case.card = alert.card
            else:
                changed.append({})
        for card, ids in by_card.items():
            Case.objects.filter(county=county, id__in=sorted(ids)).update(card=card)
        return changed

    def shift(self, actor: Actor, county: str, shifts: Sequence[Shift], now: datetime) -> None:
        """A corrected table of holidays moved deadlines: the copies follow, and each holder is told old and new."""
        for shift in shifts:
            todo = shift.todo
            case = lock_case_of(county, todo.subject_id)
            if todo.kind == DUTY_OF.get(case.status):
                case.next_due_at = todo.due_at
                save_case(case, "next_due_at")
            note_deed(
                system(actor.identity, county),
                case,
                "cases.deadline_moved",
                moment_for(case),
                {"duty": todo.kind, "due": [shift.old_due_at.isoformat(), todo.due_at.isoformat()]},
            )
            what = DUTY_LABEL.get(todo.kind, "")
            notify(
                actor=actor,
                county=county,
                unit_id=todo.unit_id,
                title=f"节假日表有更正，{what}改到 {deadline_words(todo.due_at)}：{_title(case)}",
                link=f"/cases/{case.number}/",
                dedup_key=f"moved:{todo.id}:{todo.calendar_version}:{todo.due_at.timestamp():.0f}",
            )


def _matters(alert: Alert) -> bool:
    """Whether a card is due to somebody: when a reporter does not answer, nobody is late; the system closes the case."""
    return not (alert.todo.kind == "callback" and alert.card == Card.RED)


def unit_above(todo: Owed, climbs: int) -> Unit | None:
    """The unit so many levels above the one that owes a duty: the centre of its town, then that of the county.

    A duty that lies nowhere (of a confidential case) is told to nobody else.
    """
    if climbs > LEVELS_ABOVE or not todo.area_code:
        return None
    units = all_units(system("alerts", todo.county))
    holder = units.get(todo.unit_id)
    above: list[Unit] = []
    for length in (9, 6):
        try:
            centre = get_centre(system("alerts", todo.county), area_code=todo.area_code[:length])
        except NotFound:
            continue
        is_higher = holder is None or len(centre.area_id) <= len(holder.area_id)
        if is_higher and centre.id != todo.unit_id and centre not in above:
            above.append(centre)
    return above[climbs - 1] if 0 < climbs <= len(above) else None


class _Above:
    """Who stands above whom, asked once for all duties of a unit in a town."""

    def __init__(self, county: str) -> None:
        self.county = county
        self._known: dict[tuple[UUID, str, int], UUID | None] = {}

    def of(self, todo: Owed, climbs: int) -> UUID | None:
        """The unit so many levels above the holder; None for 0."""
        key = (todo.unit_id, todo.area_code[:9], climbs)
        if key not in self._known:
            unit = unit_above(todo, climbs) if climbs else None
            self._known[key] = unit.id if unit else None
        return self._known[key]


def _title(case: Case | _Owing) -> str:
    return "一件保密事件" if case.is_confidential else case.title


def _send(county: str, told: Sequence[tuple[Alert, _Owing]], above: _Above) -> None:
    """One message a unit, duty and card, however many cases; about a single one it names it."""
    groups: dict[tuple[UUID, str, str, bool], list[tuple[Alert, _Owing]]] = defaultdict(list)
    for alert, case in told:
        todo = alert.todo
        receivers = [(todo.unit_id, False)] if alert.climbs <= 1 else []
        if upper := above.of(todo, alert.climbs):
            receivers.append((upper, True))
        if todo.kind == "callback" and (centre := above.of(todo, 1)):
            receivers = [(centre, False)]  # the centre calls, whoever handled it
        for unit_id, is_above in receivers:
            groups[unit_id, todo.kind, alert.card, is_above].append((alert, case))
    names = all_units(system("alerts", county))
    messages = [
        _message(unit_id, duty, card, is_above, group, names)
        for (unit_id, duty, card, is_above), group in groups.items()
    ]
    notify_all(actor=system("alerts", county), county=county, messages=messages)


def _message(
    unit_id: UUID, duty: str, card: str, is_above: bool, group: list[tuple[Alert, _Owing]], names: Mapping[UUID, Unit]
) -> Message:
    alert, case = group[0]
    mark = f"{Card(card).label}：{DUTY_LABEL.get(duty, '')}{WORDS[Card(card)]}"
    holder = names.get(alert.todo.unit_id)
    if len(group) == 1:
        who = f"{holder.name} " if is_above and holder is not None else ""
        title, link = f"{mark}，{who}{_title(case)}", f"/cases/{case.number}/"
    else:
        title, link = f"{mark} {len(group)} 件{'，请督促' if is_above else ''}", f"/cases/?tab=all&only={card}"
        link = "/orders/" if not is_above and duty in ("sign", "handle") else link
    key = f"card:{alert.todo.id}:{alert.climbs}:{card}:{'up' if is_above else 'own'}"
    return Message(unit_id, title, link, key)


COMPARE = """
SELECT c.id, t.due_at FROM cases_case c
LEFT JOIN todo t ON t.county = c.county AND t.subject_id = c.id AND t.done_at IS NULL
    AND t.kind = (%(duty_of)s::jsonb ->> c.status)
WHERE c.county = %(county)s AND c.status = ANY(%(open)s) AND t.due_at IS DISTINCT FROM c.next_due_at
ORDER BY c.id
"""


def compare_due_times(*, actor: Actor) -> dict[str, int]:
    """Compare the due time that each open case carries with its duty, which is the truth, and mend those that differ.

    A nightly job. Returns how many were mended by county; each mending is a journal row. A case without the duty of its
    state is a fault that no deed leaves behind; it is told in the log and left to people.
    """
    mended: dict[str, int] = {}
    for county in Case.objects.order_by("county").values_list("county", flat=True).distinct():
        with connection.cursor() as cursor:
            cursor.execute(COMPARE, {"duty_of": json.dumps(DUTY_OF), "county": county, "open": list(OPEN)})
            wrong = [case_id for case_id, _ in cursor.fetchall()]
        for case_id in wrong:
            mended[county] = mended.get(county, 0) + _mend(system(actor.identity, county), county, case_id)
    return mended


@transaction.atomic
def _mend(actor: Actor, county: str, case_id: UUID) -> int:
    case = lock_case_of(county, case_id)
    due_at = (
        Todo.objects.filter(county=county, subject_id=case.id, done_at__isnull=True, kind=DUTY_OF.get(case.status, ""))
        .values_list("due_at", flat=True)
        .first()
    )
    if case.is_open and due_at is None:
        log.error("open case %s owes no duty of its state", case.number)
    if not case.is_open or due_at is None or due_at == case.next_due_at:
        return 0
    case.next_due_at = due_at
    save_case(case, "next_due_at")
    note_deed(actor, case, "cases.due_time_mended", moment_for(case))
    return 1
