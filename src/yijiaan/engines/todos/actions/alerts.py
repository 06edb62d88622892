from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.postgresql.raw import array_literal, execute_raw
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Card, Todo
from yijiaan.engines.todos.providers import Alert, Keeper, Owed, Shift, keeper_of
from yijiaan.engines.todos.queries.deadlines import has_calendar, recount
from yijiaan.engines.worktime import Calendar, next_working_day_start
from yijiaan.engines.worktime.queries import get_calendar, get_calendar_version

BATCH = 2000
READ = tuple(field.name for field in fields(Owed))
CLIMB_DAYS = 2  # working days after which a red card is told one level higher again


def tell_due_todos(*, actor: Actor) -> int:
    """Give the cards whose stored time has come; returns how many. A job: after a stop it catches up, and nothing is told twice.

    A duty whose warning was missed gets its red card alone. What somebody works on at this moment waits for the next call.
    """
    now = clock.now()
    calendar = get_calendar(actor)
    waiting = Todo.objects.filter(done_at__isnull=True, tell_at__lte=now)
    kinds = list(waiting.order_by("county", "subject_type").values_list("county", "subject_type").distinct())
    return sum(_tell(actor, county, kind, calendar, now) for county, kind in kinds)


def _tell(actor: Actor, county: str, subject_type: str, calendar: Calendar, now: datetime) -> int:
    keeper = keeper_of(subject_type)
    if keeper is None:
        return 0
    told = 0
    waiting = Todo.objects.filter(
        county=county, subject_type=subject_type, done_at__isnull=True, tell_at__lte=now
    ).order_by("tell_at", "id")
    for subjects in _batches(waiting.values_list("subject_id", flat=True)):
        with transaction.atomic():
            locked = keeper.lock(county, subjects)
            rows = (
                Todo.objects.select_for_update(no_key=True)
                .filter(
                    county=county,
                    subject_id__in=locked,
                    subject_type=subject_type,
                    done_at__isnull=True,
                    tell_at__lte=now,
                )
                .order_by("id")
                .values_list(*READ)
            )
            todos = [Owed(*row) for row in rows]
            alerts = [_next_alert(keeper, todo, calendar, now) for todo in todos]
            if alerts:
                _save(county, todos)
                keeper.tell(actor, county, alerts, now)
            told += len(alerts)
    return told


def _batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """The subjects as they wait now, in parts: what comes meanwhile waits for the next sweep, so that this one ends."""
    every = list(dict.fromkeys(ids))
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]


def _next_alert(keeper: Keeper, todo: Owed, calendar: Calendar, now: datetime) -> Alert:
    if now < todo.alert_at:
        todo.card, todo.tell_at = Card.YELLOW, todo.alert_at
        return Alert(todo, todo.card, 0)
    todo.card = Card.RED
    todo.climbs += 1
    todo.tell_at = _climbs_at(keeper, todo, calendar, now)
    return Alert(todo, todo.card, todo.climbs)


def _climbs_at(keeper: Keeper, todo: Any, calendar: Calendar, now: datetime) -> datetime | None:
    if not keeper.may_climb(todo, todo.climbs + 1):
        return None
    after = now
    for _ in range(CLIMB_DAYS):
        after = next_working_day_start(after, calendar)
    return after


def next_climb(actor: Actor, todo: Todo, at: datetime) -> datetime | None:
    """When a duty that has its red card is told one level higher, counted from a moment; None where nobody stands above."""
    keeper = keeper_of(todo.subject_type)
    return _climbs_at(keeper, todo, get_calendar(actor), at) if keeper is not None else None


def _save(county: str, todos: Sequence[Owed]) -> None:
    execute_raw(
        "UPDATE todo SET card = v.card, climbs = v.climbs, tell_at = v.tell_at "
        "FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::timestamptz[]) AS v (id, card, climbs, tell_at) "
        "WHERE todo.county = $1 AND todo.id = v.id",
        [
            county,
            array_literal("uuid", [todo.id for todo in todos]),
            array_literal("text", [todo.card for todo in todos]),
            array_literal("smallint", [todo.climbs for todo in todos]),
            array_literal("timestamp with time zone", [todo.tell_at for todo in todos]),
        ],
    )


def follow_calendar(*, actor: Actor) -> int:
    """Count the open deadlines again whose clock knows holidays and whose tables have been corrected since; returns how many moved.

    Limits do not count again: a promise stays as it was given. A job; harmless when run twice.
    """
    version = get_calendar_version(actor)
    old = Todo.objects.filter(done_at__isnull=True, calendar_version__lt=version)
    kinds = list(old.order_by("county", "subject_type").values_list("county", "subject_type").distinct())
    return sum(_follow(actor, county, kind, get_calendar(actor), version) for county, kind in kinds)


def _follow(actor: Actor, county: str, subject_type: str, calendar: Calendar, version: int) -> int:
    keeper = keeper_of(subject_type)
    if keeper is None:
        return 0
    now = clock.now()
    moved = 0
    waiting = Todo.objects.filter(
        county=county, subject_type=subject_type, done_at__isnull=True, calendar_version__lt=version
    ).order_by("id")
    for subjects in _batches(waiting.values_list("subject_id", flat=True)):
        with transaction.atomic():
            locked = keeper.lock(county, subjects)
            todos = list(
                Todo.objects.select_for_update(no_key=True)
                .filter(
                    county=county,
                    subject_id__in=locked,
                    subject_type=subject_type,
                    done_at__isnull=True,
                    calendar_version__lt=version,
                )
                .order_by("id")
            )
            shifts = []
            for todo in todos:
                if has_calendar(todo.terms) and (shift := _shift(todo, calendar, version)):
                    shifts.append(shift)
            by_version = [todo.id for todo in todos]
            Todo.objects.filter(county=county, id__in=by_version).update(calendar_version=version)
            if shifts:
                keeper.shift(actor, county, shifts, now)
            moved += len(shifts)
    return moved


def _shift(todo: Todo, calendar: Calendar, version: int) -> Shift | None:
    fresh = recount(todo.terms, todo.opened_at, calendar, version)
    if (fresh.due_at, fresh.alert_at) == (todo.due_at, todo.alert_at):
        return None
    shift = Shift(todo, todo.due_at)
    todo.due_at, todo.alert_at = fresh.due_at, fresh.alert_at
    # a card that was given stays given; what is still to be told follows the new times
    if todo.paused_at is not None:
        todo.tell_at = None
    elif todo.card == Card.NONE:
        todo.tell_at = fresh.tell_at
    elif todo.card == Card.YELLOW:
        todo.tell_at = fresh.alert_at
    todo.save(update_fields=["due_at", "alert_at", "tell_at"])
    return shift
