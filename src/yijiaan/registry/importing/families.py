"""What each line of a ledger of people would do: to which household it belongs, who that is, and what is otherwise with us."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from yijiaan.core.bigrams import normal
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.providers import Judgement, Row, Verdict
from yijiaan.registry.fields import HOUSEHOLD, PERSON
from yijiaan.registry.importing.columns import read_day, read_fact
from yijiaan.registry.importing.places import Places, places_of
from yijiaan.registry.importing.records import VILLAGE, changes_said, differing, outdated
from yijiaan.registry.models import Household, Membership, Person, Relation, Status
from yijiaan.registry.queries import (
    list_homes_of,
    list_households_at,
    list_members,
    list_numbered_households,
    list_numbered_people,
)
from yijiaan.registry.values import check_facts

HOME = "home_"  # before the keys of a household's facts
_PERSON_KEYS = tuple(key for key in PERSON.keys if key != "id_no")
_HOME_KEYS = tuple(key for key in HOUSEHOLD.keys if key not in ("area_code", "plate_code", "note"))
# what tells households of a file apart
TELLING = frozenset(
    ("home_household_no", "home_address", "registered_at", "head_name", "name", "relation", "town", "village")
)
HouseholdKey = tuple[str, ...]


@dataclass(slots=True)
class PersonPlan:
    """What a line would do. household, person: those there are; changed, home_changed: facts that are otherwise there."""

    row: Row
    judgement: Judgement
    home: HouseholdKey = ()
    area: str = ""
    day: date = date.min
    relation: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    home_facts: dict[str, Any] = field(default_factory=dict)
    household: Any = None
    person: Any = None
    changed: dict[str, Any] = field(default_factory=dict)
    home_changed: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Known:
    """What there is for a portion of lines."""

    numbered: dict[str, Household]
    at: dict[tuple[str, str], list[Household]]
    members: dict[UUID, list[Membership]]
    people: dict[str, Person]
    homes: dict[UUID, Membership]


@dataclass(slots=True)
class Families:
    """The households of one file: who heads each, and on which line."""

    places: Places
    heads: dict[HouseholdKey, tuple[int, str]] = field(default_factory=dict)
    at: dict[HouseholdKey, list[str]] = field(default_factory=dict)  # heads without 户号, by address
    plans: dict[int, PersonPlan] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Actor, rows: Iterator[Row]) -> "Families":
        """Look through a file."""
        made = cls(places_of(actor))
        for row in rows:
            if row.values.get("relation") == Relation.HEAD:
                home = made.home_of(row.values)
                if home not in made.heads:
                    made.heads[home] = (row.line, row.values.get("name", ""))
                    made.at.setdefault(home[:-1], []).append(home[-1])
        return made

    def home_of(self, values: Mapping[str, str]) -> HouseholdKey:
        """What tells the households of a file apart: 户号, or address and head. RuleError several_homes where a line says neither and
        several heads live at its address."""
        if number := values.get("home_household_no"):
            return ("no", number)
        where = ("at", values.get("town", ""), values.get("village", ""), normal(_address_of(values)))
        if head := values.get("head_name"):
            return (*where, head)
        if values.get("relation") == Relation.HEAD:
            return (*where, values.get("name", ""))
        heads = self.at.get(where, [])
        if len(heads) > 1:
            raise RuleError("several_homes", "这个住址在表里有几户，请写户号或户主姓名", HOME + "household_no")
        return (*where, heads[0] if heads else "")

    def plans_of(self, actor: Actor, rows: Sequence[Row]) -> list[PersonPlan]:
        """Plans as they were judged just now."""
        if any(row.line not in self.plans for row in rows):
            self.judge(actor, rows)
        return [self.plans[row.line] for row in rows]

    def judge(self, actor: Actor, rows: Sequence[Row]) -> list[PersonPlan]:
        """A plan for each line."""
        plans = [self._read(row) for row in rows]
        asked = [plan for plan in plans if plan.area]
        known = self._look_up(actor, asked)
        for plan in asked:
            try:
                plan.judgement = self._judged(actor, plan, known)
            except _Not as no:
                plan.judgement = Judgement(*no.args)
        self.plans = {plan.row.line: plan for plan in plans}
        return plans

    def _read(self, row: Row) -> PersonPlan:
        values = row.values
        try:
            area = self.places.place(values.get("village", ""), values.get("grid", ""), values.get("town", ""))
            day = read_day(values.get("told_on", ""))
            facts = {key: read_fact(PERSON.field(key), values[key]) for key in _PERSON_KEYS if key in values}
            if number := values.get("id_no"):
                facts["id_no"] = number
            elif other := values.get("other_no"):
                facts["id_no"] = read_fact(PERSON.field("id_no"), other, "other_no")
                if facts.get("id_kind", "identity_card") == "identity_card":
                    facts["id_kind"] = "other"
            home = {key: read_fact(HOUSEHOLD.field(key), values[HOME + key], HOME + key) for key in _HOME_KEYS if HOME + key in values}  # fmt: skip
            if not facts.get("name"):
                raise RuleError("empty_name", "没有写姓名", "name")
            if "relation" not in values:
                raise RuleError("no_relation", "没有写与户主的关系", "relation")
            address = _address_of(values)
            if not address and not home.get("household_no"):
                raise RuleError("no_household", "没有写户号，也没有写住址，不知道是哪一户", "home_household_no")
            check_facts(PERSON, facts)
            where = self.home_of(values)
        except RuleError as error:
            return PersonPlan(row, Judgement(Verdict.REFUSED, error.message, error.field or ""))
        plan = PersonPlan(row, Judgement(Verdict.NEW), where, area, day, values["relation"], facts, home)
        first = self.heads.get(plan.home)
        if plan.relation == Relation.HEAD and first is not None and first[0] != row.line:
            plan.area = ""
            plan.judgement = Judgement(
                Verdict.REFUSED,
                f"这一户第 {first[0]} 行已经写了户主，请核对是不是两户",
                "relation",
            )
        return plan

    def _look_up(self, actor: Actor, plans: Sequence[PersonPlan]) -> _Known:
        numbers = {plan.home_facts["household_no"] for plan in plans if plan.home[0] == "no"}
        numbered = list_numbered_households(actor, numbers=numbers) if numbers else {}
        elsewhere = [plan for plan in plans if plan.home[0] == "at"]
        at: dict[tuple[str, str], list[Household]] = {}
        if elsewhere:
            for household in list_households_at(
                actor, addresses={_address_of(plan.row.values) for plan in elsewhere},
                villages={plan.area[:VILLAGE] for plan in elsewhere},
            ):  # fmt: skip
                at.setdefault((household.area_code[:VILLAGE], household.address), []).append(household)
        candidates = [each for each in numbered.values() if actor.covers(each.area_code)]
        candidates += [each for several in at.values() for each in several]
        members = list_members(actor, households={each.id for each in candidates}) if candidates else {}
        ids = {plan.facts["id_no"] for plan in plans if plan.facts.get("id_no")}
        people = list_numbered_people(actor, numbers=ids) if ids else {}
        homes = list_homes_of(actor, people={each.id for each in people.values()}) if people else {}
        return _Known(numbered, at, members, people, homes)

    def _judged(self, actor: Actor, plan: PersonPlan, known: _Known) -> Judgement:
        plan.household = self._household(actor, plan, known)
        members = known.members.get(plan.household.id, []) if plan.household is not None else []
        person = self._person(actor, plan, known, members)
        here = next((each for each in members if each.relation == Relation.HEAD), None)
        if plan.household is None and plan.home not in self.heads:
            raise _Not(Verdict.REFUSED, "这一户在表里没有户主，请补上户主那一行", "relation")
        if plan.relation == Relation.HEAD and here is not None and (person is None or here.person_id != person.id):
            raise _Not(Verdict.CONFLICT, "这一户登记的户主是另一个人，换了户主请在那一户里办", "relation")
        if plan.household is None and "address" not in plan.home_facts:
            address = plan.facts.get("registered_at") or _address_of(plan.row.values)
            if not address:
                raise _Not(Verdict.REFUSED, "没有写住址，也没有写户籍地址，请补上", HOME + "address")
            plan.home_facts["address"] = address
        if plan.household is not None and plan.relation == Relation.HEAD:
            plan.home_changed = differing(HOUSEHOLD, plan.household, plan.home_facts, plan.area)
            late = outdated(HOUSEHOLD, plan.household, plan.home_changed, plan.day)
            if late is not None:
                raise _Not(late.verdict, late.remark, HOME + late.field)
        plan.person = person
        if person is None:
            return Judgement(Verdict.NEW)
        relation = next(each.relation for each in members if each.person_id == person.id)
        if relation != plan.relation:
            label = Relation(relation).label
            raise _Not(Verdict.CONFLICT, f"登记的与户主关系是“{label}”，和表里不一样，请核对", "relation")
        plan.changed = {
            key: value for key, value in differing(PERSON, person, plan.facts, plan.area).items() if key != "area_code"
        }
        check_changed(person, plan.changed)
        late = outdated(PERSON, person, plan.changed, plan.day)
        if late is not None:
            raise _Not(late.verdict, late.remark, late.field)
        if not plan.changed and not plan.home_changed:
            return Judgement(Verdict.SAME)
        said = [
            changes_said(kind, facts)
            for kind, facts in ((PERSON, plan.changed), (HOUSEHOLD, plan.home_changed))
            if facts
        ]
        return Judgement(Verdict.CHANGED, "；".join(said), next(iter(plan.changed), ""))

    def _household(self, actor: Actor, plan: PersonPlan, known: _Known) -> Household | None:
        if plan.home[0] == "no":
            household = known.numbered.get(plan.home_facts["household_no"])
            if household is not None and household.area_code[:VILLAGE] != plan.area[:VILLAGE]:
                raise _Not(Verdict.CONFLICT, "这个户号登记在别的村，请核对户号", HOME + "household_no")
            return household
        alike = known.at.get((plan.area[:VILLAGE], _address_of(plan.row.values)), [])
        head = plan.home[-1]
        found = [each for each in alike if _head_of(known.members.get(each.id, [])) in (head, "") or not head]
        if len(found) > 1:
            raise _Not(Verdict.CONFLICT, "这个住址登记了几户，请写户号", HOME + "address")
        return found[0] if found else None

    def _person(self, actor: Actor, plan: PersonPlan, known: _Known, members: Sequence[Membership]) -> Person | None:
        number, name = plan.facts.get("id_no"), plan.facts["name"]
        person = known.people.get(number) if number else None
        if person is None:
            alike = [each.person for each in members if each.person.name_sealed == name]
            alike = [each for each in alike if not _is_another(each, plan.facts)]
            if len(alike) > 1:
                raise _Not(Verdict.CONFLICT, "这一户有几个同名的人，请写身份证号", "name")
            if alike and number and alike[0].id_no_sealed:
                raise _Not(Verdict.CONFLICT, "这一户已经有同名的人，证件号码不一样，请核对是不是同一个人", "id_no")
            return alike[0] if alike else None
        if not actor.covers(person.area_code):
            raise _Not(Verdict.CONFLICT, "这个证件号码在县里别处登记过，搬来的请联系那边办迁出", "id_no")
        if person.status != Status.ACTIVE:
            raise _Not(Verdict.CONFLICT, f"登记里这个人{Status(person.status).label}，请核对", "id_no")
        if person.name_sealed != name:
            raise _Not(Verdict.CONFLICT, "这个证件号码登记的是另一个姓名，请核对", "name")
        home = known.homes.get(person.id)
        if home is None or plan.household is None or home.household_id != plan.household.id:
            raise _Not(Verdict.CONFLICT, "这个人现在登记在另一户，搬了家的请办迁入", HOME + "household_no")
        return person


class _Not(Exception):
    """Why a line is not written; its arguments are those of a judgement."""


def check_changed(person: Person, changed: Mapping[str, Any]) -> None:
    """What the changed facts say beside those that stay."""
    try:
        check_facts(PERSON, changed, person)
    except RuleError as error:
        raise _Not(Verdict.CONFLICT, error.message, error.field or "") from error


def _is_another(person: Person, facts: Mapping[str, Any]) -> bool:
    """Of one name but born on another day."""
    born = facts.get("birth_on")
    return born is not None and person.birth_on is not None and person.birth_on != born


def _head_of(members: Sequence[Membership]) -> str:
    return next((each.person.name_sealed for each in members if each.relation == Relation.HEAD), "")


def _address_of(values: Mapping[str, str]) -> str:
    return values.get("home_address") or values.get("registered_at", "")
