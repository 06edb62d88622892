"""Ledgers of things: one line a record. Each line says where it lies; what tells records of a kind apart stands in `KINDS_OF`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import ProtectedError

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import find_grid
from yijiaan.core.bigrams import normal
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.providers import Done, Judgement, Origin, Row, Verdict, Written
from yijiaan.engines.tabular.providers import Field as Column
from yijiaan.registry.actions import Draft, Edit, Former, add_in_bulk, change_in_bulk, restore_in_bulk, retract_in_bulk
from yijiaan.registry.fields import KINDS, Kind
from yijiaan.registry.importing.columns import TOLD_ON, WHERE, columns_of, read_day, read_fact
from yijiaan.registry.importing.places import Places, places_of
from yijiaan.registry.permissions import CONFIRM
from yijiaan.registry.queries import list_built_on, list_like, list_named_in, list_records_by_id
from yijiaan.registry.values import as_text, check_facts, value_of

VILLAGE = LENGTH_OF["village"]
USED = "后来有人用过或改过，留着"
NOT_FROM_LEDGERS = ("plate_code", "note")


@dataclass(slots=True)
class Plan:
    """What a line would do. record: what there is; changed: facts that are otherwise there."""

    row: Row
    judgement: Judgement
    area: str = ""
    day: date = date.min
    facts: dict[str, Any] = field(default_factory=dict)
    record: Any = None
    changed: dict[str, Any] = field(default_factory=dict)


def differing(kind: Kind, record: Any, facts: Mapping[str, Any], area: str) -> dict[str, Any]:
    """Facts that the record has otherwise; a village says nothing against one of its grids."""
    changed = {
        key: value
        for key, value in facts.items()
        if as_text(kind.field(key), value) != as_text(kind.field(key), value_of(record, kind.field(key)))
    }
    if "area_code" in kind.keys and not record.area_code.startswith(area):
        changed["area_code"] = area
    return changed


def outdated(kind: Kind, record: Any, changed: Mapping[str, Any], day: date) -> Judgement | None:
    """A conflict where a fact was confirmed after the day of the ledger."""
    for key in changed:
        origin = record.origins.get(key)
        if origin and origin[1] > day.isoformat():
            label = kind.field(key).label
            return Judgement(Verdict.CONFLICT, f"“{label}”{origin[1]} 刚核对过，比台账新，和台账不一样，请核对", key)
    return None


def changes_said(kind: Kind, changed: Mapping[str, Any]) -> str:
    """Which facts change, in words without a value."""
    return "更新：" + "、".join(kind.field(key).label for key in changed)


class RecordsTarget:
    """One kind of things as what a ledger can be imported into. always: facts that hold for each line of such a ledger."""

    permission = CONFIRM
    looks_at: frozenset[str] = frozenset()

    def __init__(
        self,
        kind: str,
        title: str,
        *,
        number: str = "",
        names: Sequence[str],
        note: str,
        always: Mapping[str, str] | None = None,
        code: str = "",
    ) -> None:
        """number: the fact that is there once in a county; names: the facts that tell records of a village apart."""
        self.of = KINDS[kind]
        self.kind = f"registry.{code or kind + 's'}"
        self.title, self.note, self.number, self.names = title, note, number, names
        self.always = dict(always or {})
        needed = () if number else (self.of.named.key,)
        self._columns = [
            *WHERE,
            TOLD_ON,
            *columns_of(self.of, leave=(*NOT_FROM_LEDGERS, *self.always), needed=needed),
        ]
        self._keys = [column.key for column in self._columns if column.key in self.of.keys]
        self._actor: Actor | None = None
        self._places: Places = Places()
        self._plans: dict[int, Plan] = {}

    @property
    def fields(self) -> Sequence[Column]:
        """The columns, places first."""
        return self._columns

    def key_of(self, values: Mapping[str, str]) -> str:
        """The number, or the village with what tells its records apart."""
        if self.number and values.get(self.number):
            return values[self.number]
        told = [normal(values.get(key, "")) for key in self.names]
        return "|".join([values.get("town", ""), values.get("village", ""), *told]) if any(told) else ""

    def reading(self, *, actor: Actor, rows: Iterator[Row]) -> "RecordsTarget":
        """Each line stands for itself; what was judged is kept until it is written."""
        mine = object.__new__(type(self))
        mine.__dict__.update(self.__dict__)
        mine._actor, mine._places, mine._plans = actor, places_of(actor), {}
        return mine

    def prepare(self, *, actor: Actor, rows: Sequence[Row]) -> list[Judgement]:
        """In two statements, whatever the number of lines; a line with a point asks which grid holds it."""
        if self._actor is not actor:
            return self.reading(actor=actor, rows=iter(())).prepare(actor=actor, rows=rows)
        plans = [self._read(row) for row in rows]
        asked = [plan for plan in plans if plan.area]
        numbered, named = self._found(actor, asked)
        for plan in asked:
            plan.judgement = self._judged(actor, plan, numbered, named)
        self._plans = {plan.row.line: plan for plan in plans}
        return [plan.judgement for plan in plans]

    def _read(self, row: Row) -> Plan:
        values = {**row.values, **self.always}
        try:
            area = self._places.place(values.get("village", ""), values.get("grid", ""), values.get("town", ""))
            day = read_day(values.get("told_on", ""))
            facts = {
                key: read_fact(self.of.field(key), values[key]) for key in (*self._keys, *self.always) if key in values
            }
            if not facts.get(self.of.named.key) and not (self.number and facts.get(self.number)):
                raise RuleError("empty", f"没有写{self.of.named.label}", self.of.named.key)
            check_facts(self.of, facts)
            if facts.get("lon") is not None and self._actor is not None:
                grid = find_grid(self._actor, county=area[:6], lon=facts["lon"], lat=facts["lat"])
                if not grid.startswith(area):
                    raise RuleError("point_elsewhere", "经纬度不在写的村或网格里，请核对", "lon")
                area = grid
        except RuleError as error:
            return Plan(row, Judgement(Verdict.REFUSED, error.message, error.field or ""))
        return Plan(row, Judgement(Verdict.NEW), area, day, facts)

    def _told(self, facts: Mapping[str, Any], area: str) -> tuple[str, ...]:
        return (area[:VILLAGE], *(normal(str(facts.get(key) or "")) for key in self.names))

    def _found(self, actor: Actor, plans: Sequence[Plan]) -> tuple[dict[str, Any], dict[tuple[str, ...], list[Any]]]:
        numbered: dict[str, Any] = {}
        if self.number:
            numbers = {plan.facts[self.number] for plan in plans if plan.facts.get(self.number)}
            if numbers:
                numbered = {
                    getattr(record, self.number): record
                    for record in list_like(actor, self.of, key=self.number, values=numbers)
                }
        first = self.names[0]
        names = {plan.facts[first] for plan in plans if plan.facts.get(first)}
        named: dict[tuple[str, ...], list[Any]] = {}
        if names:
            villages = {plan.area[:VILLAGE] for plan in plans}
            for record in list_named_in(actor, self.of, key=first, values=names, villages=villages):
                told = {key: value_of(record, self.of.field(key)) for key in self.names}
                named.setdefault(self._told(told, record.area_code), []).append(record)
        return numbered, named

    def _judged(
        self, actor: Actor, plan: Plan, numbered: Mapping[str, Any], named: Mapping[tuple[str, ...], list[Any]]
    ) -> Judgement:
        number = plan.facts.get(self.number) if self.number else None
        record = numbered.get(number) if number else None
        if record is not None and record.area_code[:VILLAGE] != plan.area[:VILLAGE]:
            label = self.of.field(self.number).label
            return Judgement(Verdict.CONFLICT, f"这个{label}登记在别的村，请核对是不是搬了地方", self.number)
        if record is None:
            alike = [
                each
                for each in named.get(self._told(plan.facts, plan.area), [])
                if not number or not getattr(each, self.number)
            ]
            if len(alike) > 1:
                return Judgement(Verdict.CONFLICT, f"这个村有几个同名的{self.of.label}，请核对是哪一个", self.names[0])
            record = alike[0] if alike else None
        if record is None:
            if not plan.facts.get(self.of.named.key):
                return Judgement(Verdict.REFUSED, f"没有写{self.of.named.label}", self.of.named.key)
            return Judgement(Verdict.NEW)
        plan.record = record
        plan.changed = differing(self.of, record, plan.facts, plan.area)
        if not plan.changed:
            return Judgement(Verdict.SAME)
        try:
            check_facts(self.of, plan.changed, record)
        except RuleError as error:
            return Judgement(Verdict.CONFLICT, error.message, error.field or "")
        late = outdated(self.of, record, plan.changed, plan.day)
        return late or Judgement(Verdict.CHANGED, changes_said(self.of, plan.changed), next(iter(plan.changed)))

    def apply(
        self, *, actor: Actor, rows: Sequence[Row], judgements: Sequence[Judgement], origin: Origin
    ) -> list[Written | Judgement]:
        """All new ones together, all changed ones together."""
        if any(row.line not in self._plans for row in rows):
            mine = self.reading(actor=actor, rows=iter(()))
            mine.prepare(actor=actor, rows=rows)
            return mine.apply(actor=actor, rows=rows, judgements=judgements, origin=origin)
        source = f"import:{origin.import_id}"
        plans = [self._plans[row.line] for row in rows]
        keys = {plan.row.line: uuid5(origin.import_id, str(plan.row.line)) for plan in plans}
        fresh = [plan for plan in plans if plan.record is None]
        edited = [plan for plan in plans if plan.record is not None]
        made = add_in_bulk(
            actor=actor, kind=self.of, source=source,
            drafts=[Draft(plan.area, plan.facts, plan.day, keys[plan.row.line]) for plan in fresh],
        )  # fmt: skip
        formers = change_in_bulk(
            actor=actor, kind=self.of, source=source,
            edits=[
                Edit(plan.record.id, plan.record.version, plan.changed, plan.day, keys[plan.row.line]) for plan in edited
            ],
        )  # fmt: skip
        done: dict[int, Written | Judgement] = {}
        for plan, record in zip(fresh, made, strict=True):
            done[plan.row.line] = Written(record.id, Verdict.NEW)
        for plan, former in zip(edited, formers, strict=True):
            done[plan.row.line] = Written(plan.record.id, Verdict.CHANGED, {"record": former.as_json()})
        return [done[row.line] for row in rows]

    def hindrances(self, *, actor: Actor, rows: Sequence[Done]) -> list[str]:
        """What somebody has changed or used since stays."""
        return hindered(actor, self.of, rows)

    def undo(self, *, actor: Actor, rows: Sequence[Done], origin: Origin) -> list[str]:
        """New ones are deleted, changed ones become what they were."""
        remarks = hindered(actor, self.of, rows)
        going = [row for row, remark in zip(rows, remarks, strict=True) if not remark]
        formers = {
            row.written.subject_id: Former.from_json(row.written.former["record"])
            for row in going
            if row.written.verdict is Verdict.CHANGED
        }
        keys = [uuid5(origin.import_id, str(row.line)) for row in going]
        restore_in_bulk(
            actor=actor, kind=self.of, formers=formers, client_keys=keys, source=f"import:{origin.import_id}"
        )
        new = [row.written.subject_id for row in going if row.written.verdict is Verdict.NEW]
        staying = retract_or_keep(actor, self.of, new)
        return [
            remark or (USED if row.written.subject_id in staying else "")
            for row, remark in zip(rows, remarks, strict=True)
        ]


def hindered(actor: Actor, kind: Kind, rows: Sequence[Done]) -> list[str]:
    """For each written line why it must stay: somebody has built on a new record, a changed one has been changed again since."""
    ids = [row.written.subject_id for row in rows]
    held = list_records_by_id(actor, kind, ids=ids)
    new = [row.written.subject_id for row in rows if row.written.verdict is Verdict.NEW]
    built = list_built_on(actor, kind, ids=new)
    remarks = []
    for row in rows:
        record = held.get(row.written.subject_id)
        was = row.written.former.get("record", "")
        if record is None or not record.is_active or record.id in built:
            is_used = True
        else:
            is_used = bool(was) and record.version != Former.from_json(was).version
        remarks.append(USED if is_used else "")
    return remarks


def retract_or_keep(actor: Actor, kind: Kind, ids: Sequence[UUID]) -> set[UUID]:
    """Delete new records; those that something holds on to after all stay, and are answered."""
    try:
        with transaction.atomic():
            retract_in_bulk(actor=actor, kind=kind, record_ids=ids)
    except ProtectedError:
        if len(ids) == 1:
            return set(ids)
        half = len(ids) // 2
        return retract_or_keep(actor, kind, ids[:half]) | retract_or_keep(actor, kind, ids[half:])
    return set()


_NOTE = "按辖区里的村和网格放进去；和已有登记不一样的会改，改了哪几项、原来是什么都留在变更记录里。"


def records_targets() -> list[RecordsTarget]:
    """Everything but people and households."""
    return [
        RecordsTarget("organisation", "单位商户", number="credit_code", names=("name",), note=_NOTE),
        RecordsTarget("room", "房屋", names=("address", "door_no"), note=_NOTE),
        RecordsTarget(
            "room", "出租房屋", names=("address", "door_no"), always={"is_rented": "yes"}, code="rented_rooms",
            note="这张表里的每一间都记成出租。" + _NOTE,
        ),
        RecordsTarget("building", "楼栋", names=("name",), note=_NOTE),
        RecordsTarget("place", "场所", names=("name",), note=_NOTE),
        RecordsTarget("facility", "部件", number="component_code", names=("name", "address"), note=_NOTE, code="facilities"),
    ]  # fmt: skip
