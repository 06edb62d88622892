from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Value, When

from yijiaan.core.scope import Actor
from yijiaan.engines.todos.actions.alerts import next_climb
from yijiaan.engines.todos.models import Card, Todo
from yijiaan.engines.todos.queries import Deadline
from yijiaan.engines.todos.queries.deadlines import lengthened, stood_still


def open_todo(
    *,
    actor: Actor,
    county: str,
    subject_type: str,
    subject_id: UUID,
    kind: str,
    unit_id: UUID,
    area_code: str,
    at: datetime,
    deadline: Deadline,
    post_id: UUID | None = None,
) -> Todo:
    """Open one duty, its deadline counted by `get_deadline`. An empty area_code keeps it from those who only see the area. A second open duty of the same kind on the same subject is refused by the database."""
    todo = Todo(
        county=county,
        subject_type=subject_type,
        subject_id=subject_id,
        kind=kind,
        unit_id=unit_id,
        post_id=post_id,
        area_code=area_code,
        opened_at=at,
        due_at=deadline.due_at,
        alert_at=deadline.alert_at,
        tell_at=deadline.tell_at,
        terms=deadline.terms,
        calendar_version=deadline.calendar_version,
    )
    todo.save(force_insert=True)
    return todo


def pause_todo(*, actor: Actor, county: str, subject_id: UUID, kind: str, at: datetime) -> bool:
    """Let the clock of an open duty stand still: it keeps its time, and nothing is told of it; False when there is none."""
    open_ones = Todo.objects.filter(
        county=county, subject_id=subject_id, kind=kind, done_at__isnull=True, paused_at__isnull=True
    )
    return bool(open_ones.update(paused_at=at, tell_at=None))


def resume_todo(*, actor: Actor, county: str, subject_id: UUID, kind: str, at: datetime) -> Todo | None:
    """Let the clock of a duty go on: due as much later as its own clock ran meanwhile. None when none stood still."""
    todo = (
        Todo.objects.select_for_update(no_key=True)
        .filter(county=county, subject_id=subject_id, kind=kind, done_at__isnull=True, paused_at__isnull=False)
        .first()
    )
    if todo is None or todo.paused_at is None:
        return None
    by = stood_still(actor, terms=todo.terms, since=todo.paused_at, until=at)
    todo.paused_at = None
    _lengthen(actor, todo, by, at, stood_still=True)
    return todo


def lengthen_todo(*, actor: Actor, county: str, subject_id: UUID, kind: str, by: int, at: datetime) -> Todo | None:
    """Give an open duty so much more time: working days for a clock of working days, else minutes. A card is given anew when
    the new time comes. None when there is no such duty."""
    todo = (
        Todo.objects.select_for_update(no_key=True)
        .filter(county=county, subject_id=subject_id, kind=kind, done_at__isnull=True)
        .first()
    )
    if todo is None:
        return None
    _lengthen(actor, todo, by, at)
    return todo


def _lengthen(actor: Actor, todo: Todo, by: int, at: datetime, *, stood_still: bool = False) -> None:
    fresh = lengthened(actor, terms=todo.terms, start=todo.opened_at, by=by)
    # what is late stays late, and was told; what is not begins anew, unless it is due as before
    is_anew = fresh.due_at != todo.due_at and at < fresh.alert_at
    todo.due_at, todo.alert_at, todo.terms = fresh.due_at, fresh.alert_at, fresh.terms
    todo.calendar_version = fresh.calendar_version
    if is_anew:
        todo.card, todo.climbs = Card.NONE, 0
    if is_anew or stood_still:
        todo.tell_at = None if todo.paused_at else _told_next(actor, todo, fresh, at)
    todo.save(
        update_fields=["due_at", "alert_at", "tell_at", "terms", "calendar_version", "card", "climbs", "paused_at"]
    )


def _told_next(actor: Actor, todo: Todo, deadline: Deadline, at: datetime) -> datetime | None:
    """When the next card of a duty is given that lost its time while it stood still: what was told is not told again."""
    if todo.card == Card.NONE:
        return deadline.tell_at
    if todo.card == Card.YELLOW:
        return deadline.alert_at
    return next_climb(actor, todo, at)


def move_todos(*, actor: Actor, county: str, subject_id: UUID, area_code: str, unit_id: UUID | None = None) -> int:
    """Let the open duties of a subject follow it to another area, and to another unit where one is named; returns how many."""
    values: dict[str, object] = {"area_code": area_code} | ({"unit_id": unit_id} if unit_id else {})
    return Todo.objects.filter(county=county, subject_id=subject_id, done_at__isnull=True).update(**values)


def close_all_todos(
    *, actor: Actor, county: str, subject_ids: Sequence[UUID], at: datetime, fulfilled: bool = True
) -> int:
    """Close every open duty of some subjects at once; returns how many there were."""
    waiting = Todo.objects.filter(county=county, subject_id__in=list(subject_ids), done_at__isnull=True)
    return waiting.update(done_at=at, done_by_id=actor.post_id, is_fulfilled=fulfilled)


def close_todos(
    *,
    actor: Actor,
    county: str,
    subject_id: UUID,
    kinds: tuple[str, ...] = (),
    at: datetime,
    fulfilled: bool = True,
    except_for: str = "",
) -> int:
    """Close the open duties of a subject (all, or those of the kinds named); returns how many there were.

    except_for: the one kind of which the contrary of `fulfilled` is true.
    """
    waiting = Todo.objects.filter(county=county, subject_id=subject_id, done_at__isnull=True)
    if kinds:
        waiting = waiting.filter(kind__in=kinds)
    is_fulfilled: Any = fulfilled
    if except_for:
        is_fulfilled = Case(When(kind=except_for, then=Value(not fulfilled)), default=Value(fulfilled))
    return waiting.update(done_at=at, done_by_id=actor.post_id, is_fulfilled=is_fulfilled)
