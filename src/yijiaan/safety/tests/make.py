"""Hazards and inspections in any state, made by the deeds that lead there; the town is the one of the cases' tests."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from yijiaan.accounts.tests import make as people
from yijiaan.cases.tests.make import COUNTY, FIRST, TOWN, Town
from yijiaan.cases.tests.make import town as town_of_cases
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Answer, Run, Template
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.todos.models import Todo
from yijiaan.safety import actions
from yijiaan.safety.actions import HazardFacts, InspectionFacts
from yijiaan.safety.models import CarryOver, Hazard, HazardStep, Inspection, Inspector, LedgerYear

__all__ = ["COUNTY", "FIRST", "TOWN", "Town"]
ROWS = (
    Hazard, HazardStep, LedgerYear, CarryOver, Inspection, Inspector, Run, Answer, Todo, Entry, Delivery, StoredFile,
)  # fmt: skip
COURSE = ("found", "graded", "notified", "rectifying", "submitted", "verified", "written_off")
STATES = (*COURSE, "protected", "in_case")


def town() -> Town:
    """The town of the cases, with a second person at its centre."""
    made = town_of_cases()
    made.posts["second"] = people.post(made.units["centre"], "dispatcher", TOWN)
    made.posts["county_leader"] = people.post(made.units["office"], "town_leader", TOWN)
    return made


def facts(**changes: Any) -> HazardFacts:
    """A shop's back door that does not open."""
    values: dict[str, Any] = {
        "text": "超市后门堵着货，打不开。",
        "kind": "fire",
        "place": "鑫旺超市",
        "area_code": FIRST,
    }
    return HazardFacts(**(values | changes))


def register(actor: Actor, **changes: Any) -> Hazard:
    """One just found."""
    return actions.register_hazard(actor=actor, facts=facts(**changes), client_key=uuid4())


def day(days: int) -> Any:
    """So many days from today."""
    return clock.local_day() + timedelta(days=days)


def hazard_in(town: Town, status: str, *, grade: str = "general", unit: str = "power", **changes: Any) -> Hazard:
    """A hazard brought to a state by the deeds that lead there."""
    here = {"hazard_id": register(town.actor("worker"), **changes).id}
    dispatcher, holder = town.actor("dispatcher"), town.actor(unit)
    steps = {
        "graded": lambda: actions.grade_hazard(actor=dispatcher, grade=grade, **here),
        "notified": lambda: actions.notify_hazard(
            actor=dispatcher, unit_id=town.units[unit].id, due_on=day(10), measure="清开通道", **here
        ),
        "rectifying": lambda: actions.begin_rectifying(actor=holder, **here),
        "submitted": lambda: actions.submit_rectified(actor=holder, text="货搬走了，门能开。", **here),
        "verified": lambda: _verify(town, grade, here),
        "written_off": lambda: actions.write_off_hazard(actor=town.actor("centre_head"), **here),
    }  # fmt: skip
    if status in ("protected", "in_case"):
        for name in COURSE[1 : 3 if status == "protected" else 2]:
            steps[name]()
        if status == "protected":
            actions.protect_hazard(actor=holder, text="拉了警戒线", review_on=day(5), **here)
        else:
            actions.hand_to_case(actor=dispatcher, **here)
    else:
        for name in COURSE[1 : COURSE.index(status) + 1]:
            steps[name]()
    return fresh(here["hazard_id"])


def _verify(town: Town, grade: str, here: dict[str, Any]) -> None:
    actions.verify_hazard(actor=town.actor("dispatcher"), passed=True, **here)
    if grade == "major":
        actions.verify_hazard(actor=town.actor("second"), passed=True, **here)


def fresh(hazard_id: Any) -> Hazard:
    """As it stands in the database."""
    return Hazard.objects.select_related("unit").get(county=COUNTY, id=hazard_id)


def inspection(actor: Actor, code: str = "small_shop_fire", **changes: Any) -> Inspection:
    """One planned for today."""
    values: dict[str, Any] = {
        "target": "鑫旺超市", "template_id": Template.objects.get(county="", code=code).id, "area_code": FIRST,
        "planned_on": clock.local_day(), "place": "大街 3 号",
    }  # fmt: skip
    return actions.plan_inspection(actor=actor, facts=InspectionFacts(**(values | changes)), client_key=uuid4())


def open_todos(hazard: Hazard) -> dict[str, Todo]:
    """What is owed on a hazard, by kind."""
    rows = Todo.objects.filter(county=COUNTY, subject_id=hazard.id, done_at=None)
    return {todo.kind: todo for todo in rows}


def verbs(subject_id: Any) -> list[str]:
    """The deeds done, oldest first, without the app's name."""
    rows = Entry.objects.filter(county=COUNTY, subject_id=subject_id).order_by("id")
    return [verb.partition(".")[2] for verb in rows.values_list("verb", flat=True)]
