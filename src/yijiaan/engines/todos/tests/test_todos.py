"""One open row per duty."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.todos.actions import close_todos, move_todos, open_todo
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.todos.queries import Deadline, list_open_todos, list_todos_of

WHO = system("tests")
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
COUNTY, TOWN = "370812", "370812102"


@pytest.fixture
def units(db):
    model = apps.get_model("accounts", "Unit")
    return [model.objects.create(name=name, kind="power", area_id=TOWN) for name in ("甲", "乙")]


def until(due_at):
    return Deadline(due_at, due_at, due_at, "calendar_minutes 120 0", 1)


def owe(unit, kind="sign", subject=None, hours=2, **more):
    values = {"county": COUNTY, "area_code": TOWN, "subject_type": "tests.thing", "at": NOW} | more
    return open_todo(
        actor=WHO,
        kind=kind,
        unit_id=unit.id,
        subject_id=subject or uuid4(),
        deadline=until(NOW + timedelta(hours=hours)),
        **values,
    )


def staff(unit, *areas):
    return Actor(kind=ActorKind.STAFF, identity="1", county=COUNTY, areas=areas, unit_id=unit.id)


def test_a_second_open_duty_of_a_kind_is_refused(units):
    subject = uuid4()
    owe(units[0], subject=subject)
    with unchanged(Todo), pytest.raises(IntegrityError, match="todo_one_open"), transaction.atomic():
        owe(units[1], subject=subject)
    owe(units[0], "handle", subject=subject)
    assert close_todos(actor=WHO, county=COUNTY, subject_id=subject, kinds=("sign",), at=NOW) == 1
    owe(units[1], subject=subject)
    assert Todo.objects.filter(subject_id=subject).count() == 3


def test_nothing_is_due_before_it_begins(units):
    with pytest.raises(IntegrityError, match="todo_due_after_open"), transaction.atomic():
        owe(units[0], hours=-1)


def test_closing_touches_only_what_is_named(units):
    subject, other = uuid4(), uuid4()
    for kind in ("sign", "handle", "callback"):
        owe(units[0], kind, subject=subject)
    owe(units[0], subject=other)
    assert close_todos(actor=WHO, county="370811", subject_id=subject, at=NOW) == 0
    assert close_todos(actor=WHO, county=COUNTY, subject_id=subject, kinds=("handle",), at=NOW, fulfilled=False) == 1
    assert close_todos(actor=WHO, county=COUNTY, subject_id=subject, at=NOW) == 2
    with unchanged(Todo):
        assert close_todos(actor=WHO, county=COUNTY, subject_id=subject, at=NOW + timedelta(days=1)) == 0
    told = {
        todo.kind: (todo.done_at, todo.is_fulfilled) for todo in list_todos_of(WHO, county=COUNTY, subject_id=subject)
    }
    assert told == {"sign": (NOW, True), "handle": (NOW, False), "callback": (NOW, True)}
    assert list_open_todos(WHO).get().subject_id == other


def test_lists_show_what_my_unit_owes_and_what_is_owed_in_my_area(units):
    mine = owe(units[0], hours=5, area_code="370812105")
    near = owe(units[1], hours=1)
    hidden = owe(units[1], hours=3, area_code="")
    assert list(list_open_todos(staff(units[0], TOWN))) == [near, mine]
    assert list(list_open_todos(staff(units[1]))) == [near, hidden]
    assert list(list_open_todos(WHO, kinds=("sign",), subject_type="tests.thing")) == [near, hidden, mine]
    assert list(list_open_todos(WHO, kinds=("handle",))) == []


def test_duties_move_with_their_subject(units):
    subject = uuid4()
    done, waiting = owe(units[0], subject=subject), owe(units[0], "handle", subject=subject)
    close_todos(actor=WHO, county=COUNTY, subject_id=subject, kinds=("sign",), at=NOW)
    assert move_todos(actor=WHO, county=COUNTY, subject_id=subject, area_code="370812105", unit_id=units[1].id) == 1
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert (done.area_code, done.unit_id) == (TOWN, units[0].id)
    assert (waiting.area_code, waiting.unit_id) == ("370812105", units[1].id)
