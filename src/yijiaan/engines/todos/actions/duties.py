from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Value, When

from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.todos.queries import Deadline


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


def move_todos(*, actor: Actor, county: str, subject_id: UUID, area_code: str, unit_id: UUID | None = None) -> int:
    """Let the open duties of a subject follow it to another area, and to another unit where one is named; returns how many."""
    values: dict[str, object] = {"area_code": area_code} | ({"unit_id": unit_id} if unit_id else {})
    return Todo.objects.filter(county=county, subject_id=subject_id, done_at__isnull=True).update(**values)


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
