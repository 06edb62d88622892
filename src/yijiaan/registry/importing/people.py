"""Ledgers of people: one line a person, put into households by 户号, or by address and head."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.providers import Done, Judgement, Kind, Origin, Row, Verdict, Written
from yijiaan.engines.tabular.providers import Field as Column
from yijiaan.registry.actions import Draft, Edit, Former, add_in_bulk, change_in_bulk, restore_in_bulk
from yijiaan.registry.fields import HOUSEHOLD, PERSON
from yijiaan.registry.importing.columns import TOLD_ON, WHERE, columns_of
from yijiaan.registry.importing.families import HOME, TELLING, Families, HouseholdKey, PersonPlan
from yijiaan.registry.importing.records import USED, hindered, retract_or_keep
from yijiaan.registry.importing.spellings import spelled
from yijiaan.registry.models import Household, Relation
from yijiaan.registry.permissions import CONFIRM
from yijiaan.registry.queries import list_built_on, list_made_households, list_members, list_records_by_id

FIELDS: tuple[Column, ...] = (
    *columns_of(PERSON, needed=("name",)),
    Column("other_no", "其他证件号码", Kind.CODE, ("持证编号", "护照号", "护照号码"), longest=30, is_personal=True),
    Column(
        "relation", "与户主关系", Kind.CHOICE, ("与户主的关系", "户主关系", "关系", "家庭关系"), is_needed=True,
        choices=spelled("person.relation", Relation.choices), may_be_fixed=True,
    ),
    Column("head_name", "户主姓名", Kind.NAME, ("户主",), longest=40),
    *WHERE,
    *columns_of(HOUSEHOLD, prefix=HOME, leave=("plate_code", "note")),
    TOLD_ON,
)  # fmt: skip


class PeopleTarget:
    """人口和住户 as what a ledger can be imported into."""

    kind = "registry.people"
    title = "人口和住户"
    permission = CONFIRM
    note = (
        "一行一个人，按户号归到一户；没有户号的按住址和户主归。身份证号已经登记过的，改不一样的项；"
        "换户主、搬到另一户、去世的不会自动办，会列出来请您看。"
    )
    fields = FIELDS
    looks_at = TELLING

    def __init__(self, families: Families | None = None) -> None:
        self._families = families

    def key_of(self, values: Mapping[str, str]) -> str:
        """The identity number, or the name in the household."""
        if number := values.get("id_no"):
            return f"id|{number}"
        where = values.get("home_household_no") or f"{values.get('village', '')}|{values.get('home_address', '')}"
        name = values.get("name", "")
        return f"{where}|{values.get('head_name', '')}|{name}" if name else ""

    def reading(self, *, actor: Actor, rows: Iterator[Row]) -> "PeopleTarget":
        """Looks through the file for who heads each household: his line may stand far from theirs."""
        return PeopleTarget(Families.of(actor, rows))

    def prepare(self, *, actor: Actor, rows: Sequence[Row]) -> list[Judgement]:
        """In seven statements at most, whatever the number of lines."""
        families = self._families or Families.of(actor, iter(rows))
        return [plan.judgement for plan in families.judge(actor, rows)]

    def apply(
        self, *, actor: Actor, rows: Sequence[Row], judgements: Sequence[Judgement], origin: Origin
    ) -> list[Written | Judgement]:
        """New households, then what is otherwise in known ones, then new people, then what is otherwise of known ones."""
        families = self._families or Families.of(actor, iter(rows))
        plans = families.plans_of(actor, rows)
        source = f"import:{origin.import_id}"
        made_by, made = self._make_homes(actor, plans, families, origin)
        formers = self._edit(actor, HOUSEHOLD, [plan for plan in plans if plan.home_changed], origin)
        moved = [plan for plan in plans if "area_code" in plan.home_changed]
        if moved:
            fresh = list_records_by_id(actor, HOUSEHOLD, ids={plan.household.id for plan in moved})
            for plan in plans:
                if plan.household is not None:
                    plan.household = fresh.get(plan.household.id, plan.household)
        new = [plan for plan in plans if plan.person is None]
        drafts = []
        for plan in new:
            home = plan.household or made[plan.home]
            drafts.append(Draft(home.area_code, plan.facts, plan.day, _key(origin, plan.row.line), home, plan.relation))
        people = add_in_bulk(actor=actor, kind=PERSON, drafts=drafts, source=source)
        formers |= self._edit(actor, PERSON, [plan for plan in plans if plan.changed], origin)
        ids = {plan.row.line: person.id for plan, person in zip(new, people, strict=True)}
        done: list[Written | Judgement] = []
        for plan in plans:
            line = plan.row.line
            former = {key: formers[key, line].as_json() for key in ("household", "person") if (key, line) in formers}
            if "household" in former:
                former["household_id"] = str(plan.household.id)
            if line in made_by:
                former["made"] = str(made_by[line])
            if "person" in former:
                former["record"] = former.pop("person")
            is_new = plan.person is None
            subject = ids[line] if is_new else plan.person.id
            done.append(Written(subject, Verdict.NEW if is_new else Verdict.CHANGED, former))
        return done

    def _make_homes(
        self, actor: Actor, plans: Sequence[PersonPlan], families: Families, origin: Origin
    ) -> tuple[dict[int, UUID], dict[HouseholdKey, Household]]:
        """Households that are not there yet; an earlier portion of the same file may have made one. Which line made which."""
        wanted: dict[HouseholdKey, list[PersonPlan]] = {}
        for plan in plans:
            if plan.person is None and plan.household is None:
                wanted.setdefault(plan.home, []).append(plan)
        keys = {home: uuid5(origin.import_id, f"household|{'|'.join(home)}") for home in wanted}
        there = list_made_households(actor, client_keys=list(keys.values()))
        made = {home: there[key] for home, key in keys.items() if key in there}
        fresh = [home for home in wanted if home not in made]
        drafts = []
        for home in fresh:
            members = sorted(wanted[home], key=lambda plan: (plan.relation != Relation.HEAD, plan.row.line))
            facts: dict[str, Any] = {}
            for plan in reversed(members):
                facts |= plan.home_facts
            drafts.append(Draft(members[0].area, facts, members[0].day, keys[home]))
        households = add_in_bulk(actor=actor, kind=HOUSEHOLD, drafts=drafts, source=f"import:{origin.import_id}")
        made_by = {}
        for home, household in zip(fresh, households, strict=True):
            made[home] = household
            made_by[min(plan.row.line for plan in wanted[home])] = household.id
        return made_by, made

    def _edit(
        self, actor: Actor, kind: Any, plans: Sequence[PersonPlan], origin: Origin
    ) -> dict[tuple[str, int], Former]:
        is_home = kind is HOUSEHOLD
        edits = []
        for plan in plans:
            record = plan.household if is_home else plan.person
            changed = plan.home_changed if is_home else plan.changed
            key = _key(origin, plan.row.line, kind.code)
            edits.append(Edit(record.id, record.version, changed, plan.day, key))
        formers = change_in_bulk(actor=actor, kind=kind, edits=edits, source=f"import:{origin.import_id}")
        return {(kind.code, plan.row.line): former for plan, former in zip(plans, formers, strict=True)}

    def hindrances(self, *, actor: Actor, rows: Sequence[Done]) -> list[str]:
        """Whoever was changed, moved, cared for or merged since stays, and the household that others came into."""
        remarks = hindered(actor, PERSON, [row for row in rows if _touches_person(row)])
        given = iter(remarks)
        found = [next(given) if _touches_person(row) else "" for row in rows]
        by_home = {
            UUID(row.written.former[key]): (row, key)
            for row in rows
            for key in ("made", "household_id")
            if key in row.written.former
        }
        if not by_home:
            return found
        homes = list_records_by_id(actor, HOUSEHOLD, ids=by_home)
        built_homes = list_built_on(actor, HOUSEHOLD, ids=set(by_home))
        members = list_members(actor, households=[home for home, (_, key) in by_home.items() if key == "made"])
        # those of other portions too, which have no line here
        living = {each.person_id for several in members.values() for each in several}
        staying = list_built_on(actor, PERSON, ids=living) | {
            row.written.subject_id for row, remark in zip(rows, found, strict=True) if remark
        }
        for number, row in enumerate(rows):
            former = row.written.former
            if "household_id" in former:
                home = homes.get(UUID(former["household_id"]))
                if home is None or home.version != Former.from_json(former["household"]).version:
                    found[number] = found[number] or USED
            if "made" in former and not found[number]:
                home = homes.get(UUID(former["made"]))
                here = members.get(UUID(former["made"]), [])
                own = next((each.source for each in here if each.person_id == row.written.subject_id), "")
                is_shared = any(each.source != own or each.person_id in staying for each in here)
                if home is None or not home.is_active or home.id in built_homes or is_shared:
                    found[number] = "这一户后来有人用过，或还有人留着，留着"
        return found

    def undo(self, *, actor: Actor, rows: Sequence[Done], origin: Origin) -> list[str]:
        """New people go, and the households that were made for them; whatever was changed becomes what it was."""
        remarks = self.hindrances(actor=actor, rows=rows)
        going = [row for row, remark in zip(rows, remarks, strict=True) if not remark]
        source = f"import:{origin.import_id}"
        new = [row.written.subject_id for row in going if row.written.verdict is Verdict.NEW]
        staying = retract_or_keep(actor, PERSON, new)
        for kind, held, owner in ((PERSON, "record", ""), (HOUSEHOLD, "household", "household_id")):
            edited = [row for row in going if held in row.written.former]
            formers = {
                UUID(row.written.former[owner]) if owner else row.written.subject_id: Former.from_json(
                    row.written.former[held]
                )
                for row in edited
            }
            keys = [_key(origin, row.line, kind.code) for row in edited]
            restore_in_bulk(actor=actor, kind=kind, formers=formers, client_keys=keys, source=source)
        made = [UUID(row.written.former["made"]) for row in going if "made" in row.written.former]
        retract_or_keep(actor, HOUSEHOLD, made)
        return [
            remark or (USED if row.written.subject_id in staying else "")
            for row, remark in zip(rows, remarks, strict=True)
        ]


def _touches_person(row: Done) -> bool:
    """Not where a known person stayed as he was and his household alone was changed."""
    return row.written.verdict is Verdict.NEW or "record" in row.written.former


def _key(origin: Origin, line: int, kind: str = "person") -> UUID:
    return uuid5(origin.import_id, str(line) if kind == "person" else f"{line}|{kind}")
