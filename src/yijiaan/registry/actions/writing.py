"""How facts get into a record: the one machine for every kind, used by the deeds beside it. Nothing here asks who may."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yijiaan.areas.queries import find_grid
from yijiaan.core import clock
from yijiaan.core.bigrams import normal, pairs
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.geo import check_point
from yijiaan.core.identifiers import uuid7
from yijiaan.core.pinyin import initials_of
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record as journal
from yijiaan.registry.actions.plates import village_or_grid
from yijiaan.registry.fields import KINDS, Field, FieldType, Kind
from yijiaan.registry.marks import town_mark
from yijiaan.registry.models import Change, ChangeState, FoundByWords, Record, Status
from yijiaan.registry.queries import get_plate
from yijiaan.registry.values import as_text, check_together, clean, is_filled, read, value_of

MOST_SOURCE = 60
# constraint → field, code, what to say
TAKEN: dict[str, tuple[str | None, str, str]] = {
    "membership_one_head": (None, "has_head", "刚才有人给这一户定了户主，请看看最新的"),
    "membership_one_home": (None, "moved_already", "刚才有人把他登记到别的户了，请看看最新的"),
    "person_id_no_once": ("id_no", "already_registered", "这个证件号码已经登记过，请搜索后改那一份，重复的请并档"),
    "household_no_once": ("household_no", "already_registered", "这个户号已经登记过，请搜索后改那一户"),
    "organisation_credit_code_once": ("credit_code", "already_registered", "这个信用代码已经登记过，请搜索后改那一家"),
}


def kind_of(code: str) -> Kind:
    """A kind of record; NotFound for an unknown one."""
    if code not in KINDS:
        raise NotFound
    return KINDS[code]


def locked(actor: Actor, kind: Kind, record_id: UUID) -> Any:
    """The record, locked; NotFound outside the actor's areas."""
    return kind.model.objects.select_for_update(of=("self",)).get_visible(actor, id=record_id)  # type: ignore[attr-defined]


def read_all(actor: Actor, kind: Kind, said: Mapping[str, str]) -> dict[str, Any]:
    """What was typed for some facts as values; RuleErrors at the fields."""
    values: dict[str, Any] = {}
    for key, text in said.items():
        if key not in kind.keys:
            raise RuleError("unknown_field", f"{kind.label}没有“{clean(key)[:20]}”这一项")
        field = kind.field(key)
        if field.type is FieldType.AREA:
            values[key] = village_or_grid(actor, clean(text))
            continue
        values[key] = read(field, text)
        if field.is_named and not values[key]:
            raise RuleError(f"empty_{key}", f"请写{field.label}", key)
        if field.type is FieldType.DOOR_PLATE and values[key]:
            _check_plate(actor, values[key])
    return values


def _check_plate(actor: Actor, code: str) -> None:
    try:
        get_plate(actor, code=code)
    except NotFound as error:
        raise RuleError("bad_plate_code", "没有这块门牌，请照门牌上的码核对", "plate_code") from error


def set_facts(record: Any, kind: Kind, values: Mapping[str, Any], source: str, day: date) -> list[str]:
    """Put values into a record with what is derived from them; returns the names of the columns touched. Not saved."""
    touched = ["origins", "filled_count", "oldest_on", "checked_on", "version"]
    origins = dict(record.origins)
    for key, value in values.items():
        field = kind.field(key)
        setattr(record, field.attribute, value)
        touched.append(field.attribute)
        if field.has_search:
            setattr(record, f"{key}_search", normal(value) if key == "name" else value or None)
            touched.append(f"{key}_search")
        if key == "name" and kind.code == "person":
            record.sort_key = initials(value)
            touched.append("sort_key")
        if as_text(field, value):
            origins[key] = [source, day.isoformat()]
        else:
            origins.pop(key, None)
    record.origins = origins
    check_together(record, kind)
    if "lon" in values or "lat" in values:
        check_point(record.lon, record.lat)
    counted = [field.key for field in kind.counted if is_filled(record, field)]
    record.filled_count = len(counted)
    days = [date.fromisoformat(origins[key][1]) for key in counted if key in origins]
    record.oldest_on = min(days, default=day)
    record.checked_on = max(record.checked_on, day)
    if isinstance(record, FoundByWords):
        find_by_words(record, kind)
        touched += ["words", "marks"]
    return touched


def find_by_words(record: Any, kind: Kind) -> None:
    """Keep the pairs of characters of what a record is found by, and its town."""
    lines = [normal(as_text(kind.field(key), value_of(record, kind.field(key)))) for key in kind.words]
    record.words = "\n".join(line for line in lines if line)
    found = {pair for line in lines for pair in pairs(line)}
    record.marks = sorted(found | {town_mark(record.area_code)})


def initials(name: str) -> str:
    """The first letters of a name's pinyin: 王小明 → wxm."""
    letters = initials_of(clean(name))
    return "".join(letters).lower()[:12]


def place_point(actor: Actor, record: Any) -> None:
    """A record with a point lies in the grid that holds it; a village becomes its grid, a wrong one is refused."""
    if getattr(record, "lon", None) is None:
        return
    grid = find_grid(actor, county=record.county, lon=record.lon, lat=record.lat)
    if not grid.startswith(record.area_code):
        raise RuleError("point_elsewhere", "这个点不在选的村或网格里，请重新选", "lon")
    record.area_code = grid


def drafted_record(
    actor: Actor, kind: Kind, *, area_code: str, values: Mapping[str, Any], source: str, day: date, client_key: UUID,
    at: datetime, **links: Any,
) -> Any:  # fmt: skip
    """A record with its first facts, not saved. RuleErrors of the facts."""
    record = kind.model(
        id=uuid7(), county=area_code[:6], area_code=area_code, oldest_on=day, checked_on=day, added_by_id=actor.post_id,
        added_at=at, client_key=client_key, **links,
    )  # fmt: skip
    facts = {key: value for key, value in values.items() if as_text(kind.field(key), value)}
    set_facts(record, kind, {**facts, **({"area_code": area_code} if "area_code" in kind.keys else {})}, source, day)
    place_point(actor, record)
    return record


def new_record(
    actor: Actor, kind: Kind, *, area_code: str, values: Mapping[str, Any], source: str, day: date, client_key: UUID,
    **links: Any,
) -> Any:  # fmt: skip
    """A record with its first facts, saved. RuleErrors already_registered and those of the facts."""
    record = drafted_record(
        actor, kind, area_code=area_code, values=values, source=source, day=day, client_key=client_key, at=clock.now(),
        **links,
    )  # fmt: skip
    with refusing_twins():
        record.save(force_insert=True)
    return record


def save_facts(actor: Actor, record: Any, kind: Kind, touched: Iterable[str]) -> None:
    """Save a record after `set_facts`: one version on."""
    record.version += 1
    place_point(actor, record)
    with refusing_twins():
        record.save(update_fields=sorted({*touched, "area_code"}))


@contextmanager
def refusing_twins() -> Iterator[None]:
    """What must stand once in a county is refused at its field."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for name, (field, code, message) in TAKEN.items():
            if name in str(error):
                raise RuleError(code, message, field) from error
        if "client_key" in str(error):
            raise Conflict("刚才那一份已经收到了，请刷新看看", code="client_key_reused") from error
        raise


def told(day: date | None, field: str = "told_on") -> date:
    """The day on which something was learnt: today where nobody says. RuleError in_the_future."""
    today = clock.local_day()
    if day is not None and day > today:
        raise RuleError("in_the_future", "日子不能晚于今天", field)
    return day or today


def checked_source(source: str) -> str:
    """visit, office, resident, import:…, form:…; RuleError unknown_source."""
    if source.split(":")[0] not in ("visit", "office", "resident", "import", "form") or len(source) > MOST_SOURCE:
        raise RuleError("unknown_source", "请选是怎么知道的", "source")
    return source


def new_change(
    actor: Actor, record: Any, kind: Kind, *, field: str, old: str, new: str, source: str, day: date, client_key: UUID,
    is_confirmed: bool, at: datetime,
) -> Change:  # fmt: skip
    """One line of a record's history, not saved."""
    return Change(
        id=uuid7(), county=record.county, kind=kind.code, subject_id=record.id, area_code=record.area_code, field=field,
        old_sealed=old, new_sealed=new, source=source, told_on=day, proposed_by_id=actor.post_id, proposed_at=at,
        state=ChangeState.CONFIRMED if is_confirmed else ChangeState.OPEN,
        decided_by_id=actor.post_id if is_confirmed else None, decided_at=at if is_confirmed else None,
        client_key=client_key,
    )  # fmt: skip


def field_text(record: Any, field: Field) -> str:
    """The present value of a fact as a change keeps it."""
    return as_text(field, value_of(record, field))


def require_active(record: Record) -> None:
    """RuleError not_active for what has ended."""
    if record.status != Status.ACTIVE:
        raise RuleError("not_active", f"这一份{record.get_status_display()}，不能再改")


def note(
    actor: Actor, record: Any, kind: str, verb: str, data: dict[str, Any] | None = None, at: datetime | None = None
) -> None:
    """A journal row on a record; data holds names of facts and codes, never a value about a person."""
    journal(
        actor=actor, verb=f"registry.{verb}", county=record.county, subject_type=f"registry.{kind}",
        subject_id=record.id, area_code=record.area_code, at=at or clock.now(), data=data or {},
    )  # fmt: skip
