"""The rows of a form, made from the base when they are looked at: every cell with its source and its day. Nothing is copied.

A cell is known (the base has it), waiting (somebody told it, one who may confirm has not looked), told (an answer that is still fresh),
none (asked, and there is none), a gap (nobody knows), blank (left empty on purpose) or hidden (the viewer may not see it).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yijiaan.accounts.models import PostArea
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.checks import mask_name
from yijiaan.core.scope import Actor
from yijiaan.oneform.catalogue import Living, Source, sources
from yijiaan.oneform.counting import Counts, count_in
from yijiaan.oneform.models import AskedKind, FormAnswer, FormColumn, OneForm
from yijiaan.registry.models import CareEntry, Change, ChangeState, Household, Membership, Status
from yijiaan.registry.providers import as_text, source_words, value_of, words
from yijiaan.ui.words import place_title

LEVELS = {"county": 6, "town": 9, "village": 12, "grid": 16}
ROLES = {"worker": "grid_worker", "grid_head": "grid_head"}
FROM_HERE = "一表通"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, where it comes from in words, of which day, and how it stands."""

    column: FormColumn
    text: str = ""
    source: str = ""
    on: date | None = None
    state: str = "known"

    @property
    def is_gap(self) -> bool:
        """Whether somebody has to be asked."""
        return self.state == "gap"


@dataclass(slots=True)
class Row:
    """One row: a household, or a place by its code."""

    area_code: str
    title: str
    household: Household | None = None
    cells: list[Cell] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """How addresses name it: the household's id, or the code of the place."""
        return str(self.household.id) if self.household else self.area_code

    @property
    def gaps(self) -> list[FormColumn]:
        """The columns that somebody has to be asked for; of several that mean the same the first."""
        return list({cell.column.answer_key: cell.column for cell in reversed(self.cells) if cell.is_gap}.values())[
            ::-1
        ]


@dataclass(slots=True)
class Known:
    """What is read at once for many rows."""

    today: date
    masked: bool
    names: dict[str, str] = field(default_factory=dict)
    people: dict[tuple[str, str], str] = field(default_factory=dict)  # by role and place: who works there
    answers: dict[tuple[UUID | str, str], FormAnswer] = field(default_factory=dict)
    members: dict[UUID, list[Membership]] = field(default_factory=dict)
    care: dict[object, set[str]] = field(default_factory=dict)
    waiting: dict[tuple[UUID, str], Change] = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)
    may_see_care: bool = True


def fresh_since(form: OneForm) -> date:
    """Answers of this day and later still hold for a form."""
    return clock.local_day() - timedelta(days=form.valid_days)


def home_rows(
    actor: Actor, form: OneForm, columns: Sequence[FormColumn], households: Sequence[Household], *, masked: bool = True,
    first: int = 1,
) -> list[Row]:  # fmt: skip
    """Rows of some households (with their rooms read) in their order; seven statements at most. first: the number of the first."""
    known = _known(actor, form, columns, [home.area_code for home in households], masked)
    ids = [home.id for home in households]
    asked = FormAnswer.objects.filter(
        county=form.county, household__id__any=ids, is_current=True, told_on__gte=fresh_since(form),
        answer_key__in=_keys(columns),
    )  # fmt: skip
    known.answers = {(answer.household_id, answer.answer_key): answer for answer in asked}
    if any(_family(column) in ("head", "home") for column in columns):
        living = Membership.objects.filter(
            county=form.county, household__id__any=ids, to_on__isnull=True, person__status=Status.ACTIVE
        )
        for member in living.select_related("person").order_by("id"):
            known.members.setdefault(member.household_id, []).append(member)
    known.may_see_care = actor.may("registry.see_care")
    if known.may_see_care and any(sources()[column.source].needs_care for column in columns):
        people = [row.person_id for rows in known.members.values() for row in rows]
        care: dict[object, set[str]] = defaultdict(set)
        entries = CareEntry.objects.visible_to(actor).filter(person__id__any=people, ended_on__isnull=True)
        for person_id, kind in entries.values_list("person_id", "care_kind"):
            care[person_id].add(kind)
        known.care = care
    subjects = [*ids, *(row.person_id for rows in known.members.values() for row in rows if row.relation == "head")]
    subjects += [home.room_id for home in households if home.room_id]
    open_changes = Change.objects.filter(
        county=form.county, subject_id__any=subjects, state=ChangeState.OPEN,
        field__in=sorted({sources()[column.source].key for column in columns}),
    )  # fmt: skip
    known.waiting = {(change.subject_id, change.field): change for change in open_changes.order_by("id")}
    return [
        Row(
            home.area_code, home.address or f"户号 {home.household_no}", home,
            [_cell_of_home(home, column, known, number) for column in columns],
        )
        for number, home in enumerate(households, first)
    ]  # fmt: skip


def place_rows(
    actor: Actor, form: OneForm, columns: Sequence[FormColumn], codes: Sequence[str], *, masked: bool = True, first: int = 1
) -> list[Row]:  # fmt: skip
    """Rows of some grids or villages in their order; fourteen statements at most."""
    known = _known(actor, form, columns, codes, masked)
    asked = FormAnswer.objects.filter(
        county=form.county, household__isnull=True, area_code__in=list(codes), is_current=True,
        told_on__gte=fresh_since(form), answer_key__in=_keys(columns),
    )  # fmt: skip
    known.answers = {(answer.area_code, answer.answer_key): answer for answer in asked}
    known.may_see_care = actor.may("registry.see_care")
    counted = {sources()[column.source].key for column in columns if _family(column) == "count"}
    if counted and codes:
        known.counts = count_in(actor, prefixes=codes, length=len(codes[0]), keys=counted)
    return [
        Row(
            code,
            place_title(code, known.names),
            None,
            [_cell_of_place(code, column, known, number) for column in columns],
        )
        for number, code in enumerate(codes, first)
    ]


def question_of(column: FormColumn) -> tuple[str, list[tuple[str, str]]]:
    """How what is missing in a column is asked: text, number, day, yes_no, choice; and the choices."""
    source = sources()[column.source]
    if column.is_asked:
        return column.asked_kind, [(choice, choice) for choice in column.choices]
    if source.fact is None:
        return source.asked_kind.value, []
    kind = {"choice": "choice", "date": "day", "integer": "number"}.get(source.fact.type.value, "text")
    return kind, list(source.fact.choices)


def record_of(home: Household, column: FormColumn, head: Any = None) -> Any:
    """The record of the base that holds the fact of a column; None where there is none (no head, no room)."""
    return {"household": home, "head": head, "room": home.room}.get(_family(column)) if _fact(column) else None


def _family(column: FormColumn) -> str:
    return sources()[column.source].family


def _fact(column: FormColumn) -> Any:
    return sources()[column.source].fact


def _keys(columns: Iterable[FormColumn]) -> list[str]:
    return sorted({column.answer_key for column in columns})


def _known(actor: Actor, form: OneForm, columns: Sequence[FormColumn], codes: Sequence[str], masked: bool) -> Known:
    known = Known(clock.local_day(), masked)
    places = {code[:length] for code in codes for length in LEVELS.values() if len(code) >= length}
    known.names = area_names(actor, codes=places)
    wanted = {sources()[column.source].key for column in columns if _family(column) == "constant"} & set(ROLES)
    if wanted:
        known.people = _people_of(places, [ROLES[key] for key in wanted], known.today)
    return known


def _people_of(places: Iterable[str], roles: list[str], today: date) -> dict[tuple[str, str], str]:
    """Who holds these roles over these places today; names of staff are no secret."""
    rows = PostArea.objects.filter(
        area_id__in=sorted(places), post__role__in=roles, post__starts_on__lte=today
    ).exclude(post__ends_on__lt=today)  # fmt: skip
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for role, place, name in rows.order_by("post__starts_on", "post_id").values_list(
        "post__role", "area_id", "post__user__name"
    ):
        found[role, place].append(name)
    return {at: "、".join(names) for at, names in found.items()}


def _constant(code: str, key: str, known: Known, number: int) -> tuple[str, str]:
    """Its text and where it comes from."""
    match key:
        case "number":
            return str(number), "按次序"
        case "today":
            return known.today.isoformat(), "导出的日子"
        case "grid_code":
            return (code if len(code) == LEVELS["grid"] else ""), "区划"
        case "village_code":
            return code[: LEVELS["village"]], "区划"
        case "worker" | "grid_head":
            spans = (16, 12) if key == "worker" else (12, 16)
            names = (known.people.get((ROLES[key], code[:length]), "") for length in spans)
            return next((name for name in names if name), ""), "岗位"
    return known.names.get(code[: LEVELS[key]], "") if len(code) >= LEVELS[key] else "", "区划"


def _plain(column: FormColumn, code: str, known: Known, number: int) -> Cell | None:
    """What needs neither base nor answer."""
    source = sources()[column.source]
    if source.family == "blank":
        return Cell(column, state="blank", source="留空")
    if source.family == "constant":
        text, origin = _constant(code, source.key, known, number)
        return Cell(column, text, origin, known.today)
    if source.needs_care and not known.may_see_care:
        return Cell(column, state="hidden", source="这个岗位看不到关爱名单")
    return None


def _told(column: FormColumn, answer: FormAnswer | None, masked: bool) -> Cell:
    """An answer, or a gap."""
    if answer is None:
        return Cell(column, state="gap")
    if answer.is_none:
        return Cell(column, "", f"{FROM_HERE}，问过，没有", answer.told_on, "none")
    source = sources()[column.source]
    if source.fact is not None:
        text = words(source.fact, answer.value_sealed, masked=masked)
    elif source.is_personal and masked and source.asked_kind is AskedKind.TEXT:
        text = mask_name(answer.value_sealed)
    else:
        text = answer.value_sealed
    return Cell(column, text, FROM_HERE, answer.told_on, "told")


def _cell_of_place(code: str, column: FormColumn, known: Known, number: int) -> Cell:
    plain = _plain(column, code, known, number)
    if plain is not None:
        return plain
    source = sources()[column.source]
    if source.family == "count":
        origin = "事件台账" if source.key.startswith(("cases_", "closed_")) else "基础数据"
        return Cell(column, str(known.counts.get(code, {}).get(source.key, 0)), f"{origin}，数出来的", known.today)
    return _told(column, known.answers.get((code, column.answer_key)), known.masked)


def _cell_of_home(home: Household, column: FormColumn, known: Known, number: int) -> Cell:
    plain = _plain(column, home.area_code, known, number)
    if plain is not None:
        return plain
    source, members = sources()[column.source], known.members.get(home.id, [])
    found: Cell | None = None
    if source.fact is not None:
        head = next((row.person for row in members if row.relation == "head"), None)
        found = _cell_of_fact(record_of(home, column, head), column, source, known)
    elif source.code == "home.checked_on":
        found = Cell(column, home.checked_on.isoformat(), "住户登记", home.checked_on)
    elif source.make is not None and members:
        found = _figure(home, column, source, members, known)
    return found or _told(column, known.answers.get((home.id, column.answer_key)), known.masked)


def _cell_of_fact(record: Any, column: FormColumn, source: Source, known: Known) -> Cell | None:
    if record is None or source.fact is None:
        return None
    text = as_text(source.fact, value_of(record, source.fact))
    if text:
        origin, day = record.origins.get(source.fact.key, ("", ""))
        on = date.fromisoformat(day) if day else record.checked_on
        return Cell(column, words(source.fact, text, masked=known.masked), source_words(origin) or "登记", on)
    change = known.waiting.get((record.id, source.fact.key))
    if change is not None and change.new_sealed:
        told = words(source.fact, change.new_sealed, masked=known.masked)
        return Cell(column, told, f"{source_words(change.source)}，待核实", change.told_on, "waiting")
    return None


def _figure(
    home: Household, column: FormColumn, source: Source, members: list[Membership], known: Known
) -> Cell | None:
    if source.make is None:
        return None
    text = source.make(Living(members, known.care, known.today))
    if not text:
        return None
    origin = "户成员登记"
    if source.needs_care:
        origin = "关爱名单"
    elif source.needs:
        lacking = sum(not getattr(row.person, source.needs) for row in members)
        origin += f"，{lacking} 人没登记这一项、没算进去" if lacking else ""
    if source.code == "home.names" and known.masked:
        text = "、".join(mask_name(name) for name in text.split("、"))
    return Cell(column, text, origin, home.checked_on)
