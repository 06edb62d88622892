"""补缺的项: what somebody learnt of one household, grid or village. Facts go to the base as changes, the rest is kept as answers."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.oneform.catalogue import sources
from yijiaan.oneform.deriving import question_of
from yijiaan.oneform.models import AskedKind, Filling, FormAnswer, FormColumn, OneForm
from yijiaan.oneform.permissions import ANSWER
from yijiaan.oneform.queries import get_row
from yijiaan.registry.actions import change_facts
from yijiaan.registry.models import Household, Membership
from yijiaan.registry.providers import as_text, read

LONGEST_ANSWER = 200
MOST_NUMBER = 10**12


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one column: its text, or that there is none (or nobody could tell)."""

    text: str = ""
    is_none: bool = False


@transaction.atomic
def answer_unit(
    *,
    actor: Actor,
    form_id: UUID,
    subject: str,
    told: Mapping[int, Told],
    client_key: UUID,
    seen_at: datetime | None = None,
) -> Filling:
    """Tell what was missing of one row of a form: by places of columns. subject: a household's id, or the code of a grid or village.

    seen_at: when a phone wrote it down; what was written before a form ended is taken after that too, and a fact that the office
    changed meanwhile waits as a proposal. The same client_key again gives the first one. A fact of a record that is there becomes a
    change of the base (source `form:<id>`, confirmed at once by those entitled); everything else is an answer, which any form that
    asks the same takes over.

    RuleErrors form_ended, nothing_told, and at `c<place>` those of the answer (bad_number, bad_day, in_the_future, unknown_choice,
    too_long, those of `change_facts`); NotFound for no such row; Conflict where the key came with something else.
    """
    actor.require(ANSWER)
    form: OneForm = OneForm.objects.get_visible(actor, county=actor.county, id=form_id)
    columns = list(FormColumn.objects.filter(county=form.county, form=form).order_by("place"))
    said = {column.place: (column, told[column.place]) for column in columns if column.place in told}
    said = {place: pair for place, pair in said.items() if pair[1].is_none or pair[1].text.strip()}
    known = Filling.objects.filter(county=form.county, client_key=client_key).first()
    if known is not None:
        return _same(actor, known, form, subject, said)
    row = get_row(actor, form=form, columns=columns, subject=subject)
    _check_asking(form, seen_at)
    if not said or len(said) != len([one for one in told.values() if one.is_none or one.text.strip()]):
        raise RuleError("nothing_told", "一项都没有填。没有的、问不到的，请勾“没有”")
    home = _locked_home(row.household)
    filling = Filling(
        id=uuid7(), county=form.county, form=form, household=home, area_code=row.area_code, told_count=len(said),
        filled_by_id=actor.post_id, filled_at=clock.now(), client_key=client_key,
    )  # fmt: skip
    told_on = clock.local_day(seen_at) if seen_at is not None else clock.local_day()
    facts, answers = _split(home, said, form)
    try:
        with transaction.atomic():
            filling.save(force_insert=True)
            _keep(filling, answers, told_on)
    except IntegrityError as error:
        if "form_filling_client_key" not in str(error) and "form_answer_of" not in str(error):
            raise
        raise Conflict("刚才有人也在填这一份，请看看最新的再填", code="stale_version") from error
    for at, values in facts.items():
        _change(actor, form, at, values, told_on, client_key, seen_at)
    record(
        actor=actor, verb="oneform.unit_answered", county=form.county, subject_type="oneform.filling", subject_id=filling.id,
        area_code=filling.area_code, at=filling.filled_at,
        data={"kind": str(form.id), "told": len(said), "facts": sum(len(values) for values in facts.values())},
    )  # fmt: skip
    return filling


Said = Mapping[int, tuple[FormColumn, Told]]


def _same(actor: Actor, known: Filling, form: OneForm, subject: str, said: Said) -> Filling:
    """The first one, where the same came again; what went to the base is not compared, it may have been decided since."""
    kept = {answer.answer_key: answer for answer in FormAnswer.objects.filter(county=known.county, filling=known)}
    is_same = (known.form_id, known.filled_by_id, known.subject, known.told_count) == (
        form.id, actor.post_id, subject, len(said)
    )  # fmt: skip
    for column, told in said.values():
        answer = kept.get(column.answer_key)
        if answer is not None:
            text = "" if told.is_none else _read(column, told.text)
            is_same = is_same and (answer.value_sealed, answer.is_none) == (text, told.is_none)
    if not is_same:
        raise Conflict("这一份刚才已经收到了，要另填请重新打开这一页", code="client_key_reused")
    return known


def _check_asking(form: OneForm, seen_at: datetime | None) -> None:
    moment = seen_at or clock.now()
    is_late = form.ends_on < clock.local_day(moment) or (form.closed_at is not None and form.closed_at <= moment)
    if form.published_at is None or is_late:
        raise RuleError("form_ended", f"“{form.name}”已经结束，不用再填了")


def _locked_home(home: Household | None) -> Household | None:
    """The household, locked, so that two who tell of it come one after the other."""
    if home is None:
        return None
    found: Household = Household.objects.select_for_update(no_key=True).get(county=home.county, id=home.id)
    return found


Record = tuple[str, UUID]
Facts = dict[Record, dict[str, tuple[FormColumn, str]]]


def _split(home: Household | None, said: Said, form: OneForm) -> tuple[Facts, dict[str, tuple[FormColumn, str, bool]]]:
    """What goes to the base, by record, and what is kept as an answer, by key; several columns that mean the same count once."""
    facts: Facts = {}
    answers: dict[str, tuple[FormColumn, str, bool]] = {}
    for column, told in said.values():
        record_at = _record_at(home, column)
        if record_at is None or told.is_none:
            answers[column.answer_key] = (column, "" if told.is_none else _read(column, told.text), told.is_none)
            continue
        facts.setdefault(record_at, {})[sources()[column.source].key] = (column, told.text)
    return facts, answers


def _record_at(home: Household | None, column: FormColumn) -> Record | None:
    """Which record of the base holds the fact of a column; None for what it does not hold, or where there is no such record."""
    source = sources()[column.source]
    if home is None or source.fact is None:
        return None
    if source.family == "household":
        return "household", home.id
    if source.family == "room":
        return ("room", home.room_id) if home.room_id else None
    head = Membership.objects.filter(
        county=home.county, household=home, to_on__isnull=True, relation="head", person__status="active"
    ).first()
    return ("person", head.person_id) if head else None


def _read(column: FormColumn, text: str) -> str:
    """An answer as it is kept. RuleErrors at the column."""
    at, source = f"c{column.place}", sources()[column.source]
    if source.fact is not None:
        try:
            return as_text(source.fact, read(source.fact, text))
        except RuleError as error:
            raise RuleError(error.code, error.message, at) from error
    text = " ".join(text.split())
    kind, choices = question_of(column)
    match kind:
        case AskedKind.NUMBER:
            return _number(column, text, at)
        case AskedKind.DAY:
            return _day(column, text, at)
        case AskedKind.YES_NO if text not in ("是", "否"):
            raise RuleError("unknown_choice", f"“{column.label}”请选是或否", at)
        case AskedKind.CHOICE if text not in dict(choices):
            raise RuleError("unknown_choice", f"“{column.label}”请从列出的里面选", at)
    if len(text) > LONGEST_ANSWER:
        raise RuleError("too_long", f"“{column.label}”写了 {len(text)} 个字，最多 {LONGEST_ANSWER} 个字", at)
    return text


def _number(column: FormColumn, text: str, at: str) -> str:
    plain = text.replace(",", "").replace("，", "")
    whole, _, part = plain.removeprefix("-").partition(".")
    is_number = plain.isascii() and whole.isdigit() and (part.isdigit() or "." not in plain) and len(part) <= 4
    if not is_number or int(whole) > MOST_NUMBER:
        raise RuleError("bad_number", f"“{column.label}”应为数，例如 12 或 3.5", at)
    return plain


def _day(column: FormColumn, text: str, at: str) -> str:
    try:
        day = date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError as error:
        raise RuleError("bad_day", f"“{column.label}”没看懂，请写成 2026-11-09 这样", at) from error
    if not 1850 <= day.year <= 2200:
        raise RuleError("bad_day", f"“{column.label}”的年份请检查", at)
    return day.isoformat()


def _keep(filling: Filling, answers: Mapping[str, tuple[FormColumn, str, bool]], told_on: date) -> None:
    """Keep answers; what stood there before stays as history. An older one that a phone brings late does not replace a newer."""
    before = FormAnswer.objects.filter(county=filling.county, is_current=True, answer_key__in=sorted(answers))
    before = before.filter(household=filling.household) if filling.household_id else before.filter(
        household__isnull=True, area_code=filling.area_code
    )  # fmt: skip
    newer = set(before.filter(told_on__gt=told_on).values_list("answer_key", flat=True))
    for answer in before.exclude(answer_key__in=newer).select_for_update(no_key=True).order_by("id"):
        answer.is_current = False
        answer.save(update_fields=["is_current"])
    FormAnswer.objects.bulk_create(
        FormAnswer(
            id=uuid7(), county=filling.county, filling=filling, household=filling.household, area_code=filling.area_code,
            answer_key=key, value_sealed=text, is_none=is_none, told_on=told_on, is_current=key not in newer,
        )
        for key, (_, text, is_none) in sorted(answers.items())
    )  # fmt: skip


def _change(
    actor: Actor, form: OneForm, at: Record, values: Mapping[str, tuple[FormColumn, str]], told_on: date, client_key: UUID,
    seen_at: datetime | None,
) -> None:  # fmt: skip
    kind, record_id = at
    try:
        change_facts(
            actor=actor, kind=kind, record_id=record_id, values={key: text for key, (_, text) in values.items()},
            source=f"form:{form.id}", client_key=uuid.uuid5(client_key, str(record_id)), told_on=told_on, seen_at=seen_at,
        )  # fmt: skip
    except RuleError as error:
        if error.code == "nothing_changed":  # the office heard the same and was faster
            return
        column = values[error.field][0] if error.field and error.field in values else None
        raise RuleError(error.code, error.message, f"c{column.place}" if column else None) from error
    except NotFound as error:
        raise RuleError("elsewhere", "户主或房屋的登记不在您的网格里，请让镇里填这一项") from error
