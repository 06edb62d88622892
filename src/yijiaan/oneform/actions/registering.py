"""登记、对列、发布、结束: from the empty table that somebody sent down to a form that asks only what nobody knows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.areas.queries import get_area
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.tabular.reading import Template, read_template
from yijiaan.oneform.catalogue import sources_for
from yijiaan.oneform.flows import FLOW
from yijiaan.oneform.matching import Meaning, answer_key, label_key
from yijiaan.oneform.models import ASKED, AskedKind, FormArea, FormColumn, LabelMeaning, OneForm, UnitKind
from yijiaan.oneform.permissions import MANAGE
from yijiaan.oneform.queries import propose_columns

SUBJECT = "oneform.form"
MOST_COLUMNS, MOST_AREAS, MOST_CHOICES, LONGEST_CHOICE = 120, 400, 30, 40
MOST_MINUTES, MOST_DAYS = 480, 1100
FARTHEST = timedelta(days=730)
LONGEST = {"name": 60, "issuer": 60, "basis": 120}
LACKS = {
    "name": ("empty_name", "请写这张表叫什么"),
    "issuer": ("no_issuer", "请写是哪个单位下发的，说不清来路的表不登记"),
    "basis": ("no_basis", "请写依据：哪份文件、哪一条，没有依据的表不登记"),
}


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a form must say of itself. minutes: filling in one row by hand; valid_days: how old an answer may be to hold still."""

    name: str
    issuer: str
    basis: str
    ends_on: date | None
    per: str
    minutes: int | None
    areas: tuple[str, ...]
    valid_days: int | None = 365


@transaction.atomic
def register_form(*, actor: Actor, facts: FormFacts, raw: bytes, file_name: str, client_key: UUID) -> OneForm:
    """Take an empty table (xlsx, xls) as a form whose columns are proposed. The same client_key again gives the first form.

    RuleErrors at the fields: empty_name, no_issuer, no_basis, too_long, no_end, end_in_the_past, end_too_far, unknown_per,
    bad_minutes, bad_days, no_areas, unknown_area, too_many_columns, those of `read_template` at `file`; Conflict where the key was
    used for another.
    """
    actor.require(MANAGE)
    said = _checked(actor, facts)
    known = OneForm.objects.filter(county=actor.county, client_key=client_key).first()
    if known is not None:
        if (known.name, known.registered_by_id) != (said["name"], actor.post_id):
            raise Conflict("刚才那张表已经登记了，要另登记一张请重新打开这一页", code="client_key_reused")
        return known
    if not file_name:
        raise RuleError("no_file", "请选上级发来的空表（Excel 文件）", "file")
    names = {label_key(name) for source in sources_for(facts.per) for name in (source.label, *source.aliases)}
    template = read_template(raw, name=file_name, known=names)
    if len(template.heads) > MOST_COLUMNS:
        raise RuleError("too_many_columns", f"一张表最多 {MOST_COLUMNS} 列，这里有 {len(template.heads)} 列", "file")
    form = OneForm(
        id=uuid7(), county=actor.county, area_code=actor.areas[0] if actor.areas else actor.county, head=_head(template),
        registered_by_id=actor.post_id, registered_at=clock.now(), client_key=client_key, **said,
    )  # fmt: skip
    form.save(force_insert=True)
    FormArea.objects.bulk_create(
        FormArea(id=uuid7(), county=form.county, form=form, area_code=code) for code in sorted(set(facts.areas))
    )
    labels = [_shown(head) for head in template.heads]
    meanings = propose_columns(actor, labels=labels, per=form.per)
    FormColumn.objects.bulk_create(
        FormColumn(id=uuid7(), county=form.county, form=form, place=place, label=label, **_columns_of(label, meaning))
        for place, (label, meaning) in enumerate(zip(labels, meanings, strict=True))
    )
    asked = sum(meaning.source == ASKED for meaning in meanings)
    _note(actor, form, "form_registered", columns=len(meanings), asked=asked)
    return form


@transaction.atomic
def map_columns(*, actor: Actor, form_id: UUID, meanings: Mapping[int, Meaning]) -> OneForm:
    """Say what some columns (by place) are filled from. RuleErrors wrong_state, and at `c<place>` unknown_source, unknown_kind,
    no_choices, too_many_choices."""
    actor.require(MANAGE)
    form = _locked(actor, form_id)
    FLOW.check(actor, "map", form.state)
    columns = {
        column.place: column for column in FormColumn.objects.filter(county=form.county, form=form).order_by("id")
    }
    changed = []
    for place, meaning in sorted(meanings.items()):
        if place not in columns:
            raise NotFound
        column = columns[place]
        values = _columns_of(column.label, _checked_meaning(form, place, meaning))
        if any(getattr(column, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(column, name, value)
            changed.append(column)
    if changed:
        for column in changed:
            column.save(update_fields=["source", "asked_kind", "choices", "answer_key"])
        asked = sum(column.is_asked for column in columns.values())
        _note(actor, form, "form_mapped", changed=len(changed), asked=asked)
    return form


@transaction.atomic
def publish_form(*, actor: Actor, form_id: UUID) -> OneForm:
    """Begin to ask. What each label means is remembered for the next form. RuleErrors wrong_state, end_in_the_past, no_choices."""
    actor.require(MANAGE)
    form = _locked(actor, form_id)
    columns = list(FormColumn.objects.filter(county=form.county, form=form).order_by("place"))
    FLOW.check(actor, "publish", form.state)
    if form.ends_on < clock.local_day():
        raise RuleError("end_in_the_past", "截止日期已经过了，请重新登记一张", "ends_on")
    for column in columns:
        if column.is_asked and column.asked_kind == AskedKind.CHOICE and not column.choices:
            raise RuleError("no_choices", f"第 {column.place + 1} 列“{column.label}”要问选项，还没有写有哪些选项")
    form.published_at = clock.now()
    FLOW.move(form, "publish", actor)
    form.save(update_fields=["state", "published_at"])
    _remember(form, columns)
    _note(actor, form, "form_published", columns=len(columns), asked=sum(column.is_asked for column in columns))
    return form


@transaction.atomic
def close_form(*, actor: Actor, form_id: UUID, reason: str = "") -> OneForm:
    """Ask nothing more, before the last day too; the form stays readable. RuleErrors wrong_state, too_long."""
    actor.require(MANAGE)
    form = _locked(actor, form_id)
    reason = " ".join(reason.split())
    if len(reason) > 100:
        raise RuleError("too_long", f"原因写了 {len(reason)} 个字，最多 100 个字", "reason")
    FLOW.check(actor, "close", form.state)
    form.closed_at, form.closed_reason = clock.now(), reason
    FLOW.move(form, "close", actor)
    form.save(update_fields=["state", "closed_at", "closed_reason"])
    _note(actor, form, "form_closed")
    return form


def _locked(actor: Actor, form_id: UUID) -> OneForm:
    """The form, locked; only who covers the place for which it was registered changes it."""
    form: OneForm = OneForm.objects.select_for_update(no_key=True).get_visible(actor, county=actor.county, id=form_id)
    if not actor.covers(form.area_code):
        raise NotFound
    return form


def _checked(actor: Actor, facts: FormFacts) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, most in LONGEST.items():
        text = " ".join(getattr(facts, name).split())
        if not text:
            code, words = LACKS[name]
            raise RuleError(code, words, name)
        if len(text) > most:
            raise RuleError("too_long", f"写了 {len(text)} 个字，最多 {most} 个字", name)
        said[name] = text
    today = clock.local_day()
    if facts.ends_on is None:
        raise RuleError("no_end", "请写截止日期，到那天自动不再问", "ends_on")
    if facts.ends_on < today:
        raise RuleError("end_in_the_past", "截止日期已经过了，请写今天或以后的日子", "ends_on")
    if facts.ends_on > today + FARTHEST:
        raise RuleError("end_too_far", "截止日期最远两年，请检查年份", "ends_on")
    if facts.per not in UnitKind.values:
        raise RuleError("unknown_per", "请选一行是一户、一个网格还是一个村", "per")
    if facts.minutes is None or not 1 <= facts.minutes <= MOST_MINUTES:
        raise RuleError("bad_minutes", f"请写整张手工填一份要几分钟，1 到 {MOST_MINUTES}，负担表按它算", "minutes")
    days = facts.valid_days if facts.valid_days is not None else 365
    if not 1 <= days <= MOST_DAYS:
        raise RuleError("bad_days", f"要在 1 到 {MOST_DAYS} 天之间", "valid_days")
    if not facts.areas:
        raise RuleError("no_areas", "请选填哪些地方", "areas")
    for code in facts.areas[: MOST_AREAS + 1]:
        _check_area(actor, code)
    if len(facts.areas) > MOST_AREAS:
        raise RuleError("too_many_areas", f"最多选 {MOST_AREAS} 个地方，请直接选镇", "areas")
    return said | {"ends_on": facts.ends_on, "per": facts.per, "minutes": facts.minutes, "valid_days": days}


def _check_area(actor: Actor, code: str) -> None:
    try:
        if not code.startswith(actor.county) or not actor.covers(code):
            raise NotFound
        get_area(actor, code=code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选您辖区里的地方", "areas") from error


def _checked_meaning(form: OneForm, place: int, meaning: Meaning) -> Meaning:
    at = f"c{place}"
    if meaning.source not in {source.code for source in sources_for(form.per)}:
        raise RuleError("unknown_source", "请选从哪儿来", at)
    if meaning.source != ASKED:
        return Meaning(meaning.source)
    if meaning.asked_kind not in AskedKind.values:
        raise RuleError("unknown_kind", "请选怎么填", at)
    if meaning.asked_kind != AskedKind.CHOICE:
        return Meaning(ASKED, meaning.asked_kind)
    choices = tuple(dict.fromkeys(text for choice in meaning.choices if (text := " ".join(choice.split()))))
    if not choices:
        raise RuleError("no_choices", "要问选项，请写有哪些，用顿号分开", at)
    if len(choices) > MOST_CHOICES or any(len(choice) > LONGEST_CHOICE for choice in choices):
        raise RuleError("too_many_choices", f"最多 {MOST_CHOICES} 个选项，每个最多 {LONGEST_CHOICE} 个字", at)
    return Meaning(ASKED, meaning.asked_kind, choices)


def _shown(head: str) -> str:
    """A heading as Chinese is written: the reading machine makes brackets narrow."""
    return re.sub(r"\(([^()]*[^()\d][^()]*)\)", r"（\1）", head)[:80]


def _columns_of(label: str, meaning: Meaning) -> dict[str, Any]:
    return {
        "source": meaning.source, "asked_kind": meaning.asked_kind, "choices": list(meaning.choices),
        "answer_key": answer_key(label, meaning),
    }  # fmt: skip


def _head(template: Template) -> dict[str, Any]:
    return {"sheet": template.sheet, "lines": [list(line) for line in template.lines], "merged": template.merged}


def _remember(form: OneForm, columns: Sequence[FormColumn]) -> None:
    """In the order of the labels, so that two clerks who publish at once do not wait for each other in a circle."""
    now = clock.now()
    meant = {label_key(column.label): column for column in columns if column.label}
    LabelMeaning.objects.bulk_create(
        [
            LabelMeaning(
                id=uuid7(), county=form.county, per=form.per, label_key=key, source=column.source,
                asked_kind=column.asked_kind, choices=column.choices, used_at=now,
            )
            for key, column in sorted(meant.items())
        ],
        update_conflicts=True, unique_fields=["county", "per", "label_key"],
        update_fields=["source", "asked_kind", "choices", "used_at"],
    )  # fmt: skip


def _note(actor: Actor, form: OneForm, verb: str, **data: int) -> None:
    record(
        actor=actor, verb=f"oneform.{verb}", county=form.county, subject_type=SUBJECT, subject_id=form.id,
        area_code=form.area_code, at=clock.now(), data=dict(data),
    )  # fmt: skip
