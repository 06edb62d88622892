"""Households to be visited and visits, made by the deeds that lead there."""

from typing import Any
from uuid import uuid4

from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests.make import COUNTY, Town
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.patrols import actions
from yijiaan.patrols.actions import VisitFacts
from yijiaan.patrols.models import Arrangement, Visit, VisitCycle, VisitSample
from yijiaan.registry.models import CareEntry, Change, Household, Person
from yijiaan.registry.tests import make as base

ROWS = (Arrangement, Visit, VisitCycle, VisitSample, Household, Person, Change, CareEntry, Report, Case, Entry, Notice)


def elder(town: Town, kind: str = "elder_alone") -> tuple[Household, list[Person], Arrangement]:
    """A family in the first grid whose head stands on a care list since today, and the arrangement that follows from it."""
    home, people = base.family(town)  # type: ignore[arg-type]
    base.care(town, people[0], kind)  # type: ignore[arg-type]
    actions.follow_care(actor=system("tests", COUNTY))
    return home, people, Arrangement.objects.get(county=COUNTY, household=home)


def visit(town: Town, home: Household, who: str = "worker", **values: Any) -> Visit:
    """What somebody writes down after a visit."""
    more = {name: values.pop(name) for name in ("client_key", "seen_at") if name in values}
    return actions.record_visit(
        actor=town.actor(who), household_id=home.id, facts=VisitFacts(**values), **({"client_key": uuid4()} | more)
    )


def deliver_all() -> None:
    """Let the subscribers hear."""
    while deliver(actor=system("tests")):
        pass


def fresh(one: Any) -> Any:
    """As it stands in the database."""
    return type(one).objects.get(county=COUNTY, id=one.id)
