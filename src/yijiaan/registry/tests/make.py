"""Households and people for tests, made by the actions."""

from typing import Any
from uuid import uuid4

from yijiaan.core.checks import credit_check, identity_check
from yijiaan.core.testing import _rows
from yijiaan.engines.journal.models import Entry
from yijiaan.registry import actions
from yijiaan.registry.models import CareEntry, Change, Household, Membership, Person, PersonMerge
from yijiaan.registry.tests.town import Town

NAME, PHONE = "王小明", "15400013344"
TABLES = (Household, Person, Membership, Change, CareEntry, PersonMerge, Entry)


def identity(born: str = "19570309", serial: int = 11) -> str:
    """A valid identity number of 兖州."""
    first = f"370812{born}{serial:03d}"
    return first + identity_check(first)


def credit_code(serial: int = 1) -> str:
    """A valid credit code."""
    first = f"91370882MA3{serial:06d}"
    return first + credit_check(first)


def household(town: Town, who: str = "head", grid: int = 0, **values: Any) -> Household:
    """A household in a grid, by the village's head where nobody else is named."""
    facts = {"address": "村东头 3 号", "household_no": str(uuid4().int)[:12]} | values
    made: Household = actions.add_record(
        actor=town.actor(who), kind="household", area_code=town.grids[grid].code, values=facts, source="visit",
        client_key=uuid4(),
    )  # fmt: skip
    return made


def person(town: Town, home: Household, who: str = "head", relation: str = "head", **values: Any) -> Person:
    """Somebody in a household."""
    facts = {"name": NAME, "sex": "male", "birth_on": "1957-03-09", "phone": PHONE} | values
    return actions.add_person(
        actor=town.actor(who), household_id=home.id, relation=relation, values=facts, source="visit", client_key=uuid4()
    )


def family(town: Town, who: str = "head", grid: int = 0) -> tuple[Household, list[Person]]:
    """A couple and their child."""
    home = household(town, who, grid)
    return home, [
        person(town, home, who),
        person(town, home, who, "spouse", name="李桂兰", sex="female", birth_on="1959-05-01", phone=""),
        person(town, home, who, "child", name="王海燕", sex="female", birth_on="1985-08-08", phone=""),
    ]


def care(town: Town, one: Person, kind: str = "elder_alone", who: str = "head", **more: Any) -> CareEntry:
    """An entry of the care list."""
    facts = actions.CareFacts(care_kind=kind, basis="statute", source="高龄津贴办法", **more)
    return actions.add_care(actor=town.actor(who), person_id=one.id, facts=facts, client_key=uuid4())


def snapshot() -> dict[str, Any]:
    """All rows of people as stored, but what a merge itself writes."""
    return {model.__name__: _rows(model) for model in (Household, Person, Membership, Change, CareEntry)}
