from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists import permissions
from yijiaan.engines.checklists.models import Answer, Grade, Item, ItemKind, Run, RunState, Template, Version
from yijiaan.engines.journal.actions import record

SUBJECT = "checklists.template"
MOST_ITEMS = 80
MOST_NOTE = 200
FARTHEST = 1e9
WORDS = ("yes", "no", "na")


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One line as it is written; field: what a refusal of it is put at."""

    section: str
    text: str
    kind: str = ItemKind.YES_NO.value
    unit: str = ""
    least: float | None = None
    most: float | None = None
    legal_basis: str = ""
    fail_grade: str = Grade.GENERAL.value
    field: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody found at an item: yes, no, na, or a number as it was typed; with a remark."""

    value: str
    note: str = ""


@transaction.atomic
def write_template(
    *,
    actor: Actor,
    name: str,
    items: Sequence[ItemFacts],
    template_id: UUID | None = None,
    seen_number: int | None = None,
) -> Version:
    """Write a checklist, or its next version; runs that have begun stay on theirs. One shipped with the product is not changed: its
    next version becomes the county's own checklist.

    RuleErrors empty_name, name_too_long, no_items, too_many_items, empty_text, bad_kind, bad_grade, bad_bounds (at the item's
    field); Conflict when somebody was faster.
    """
    actor.require(permissions.WRITE)
    name = name.strip()
    if not name:
        raise RuleError("empty_name", "请写检查表的名称，例如“九小场所消防检查”", "name")
    if len(name) > 40:
        raise RuleError("name_too_long", f"名称写了 {len(name)} 个字，最多 40 个字", "name")
    _check_items(items)
    now = clock.now()
    number, template = 1, None
    if template_id is not None:
        template = Template.objects.select_for_update().get_visible(actor, id=template_id)
        assert template is not None
        last = Version.objects.filter(template=template).order_by("-number").values_list("number", flat=True).first()
        if seen_number is not None and seen_number != last:
            raise Conflict("刚才有人改过这张检查表，请看看最新的再改", code="stale_version")
        number = (last or 0) + 1
        if not template.county:
            template, number = None, 1
    if template is None:
        code = f"own{uuid7().hex[-12:]}"
        template = Template(id=uuid7(), county=actor.county, code=code, name=name)
        template.save(force_insert=True)
    elif template.name != name:
        template.name = name
        template.save(update_fields=["name"])
    version = Version(id=uuid7(), template=template, number=number, written_by_id=actor.post_id, written_at=now)
    version.save(force_insert=True)
    Item.objects.bulk_create(
        Item(
            id=uuid7(), version=version, place=place, code=f"{place:02d}", section=item.section.strip() or "检查内容",
            text=item.text.strip(), kind=item.kind, unit=item.unit.strip(), least=item.least, most=item.most,
            legal_basis=item.legal_basis.strip(), fail_grade=item.fail_grade,
        )
        for place, item in enumerate(items, 1)
    )  # fmt: skip
    _note(actor, template, "checklists.template_written", {"number": number, "items": len(items)})
    return version


@transaction.atomic
def switch_template(*, actor: Actor, template_id: UUID, is_active: bool) -> Template:
    """Stop a checklist of the county, or let it be used again. RuleError shipped: what comes with the product is used by all."""
    actor.require(permissions.WRITE)
    template: Template = Template.objects.select_for_update().get_visible(actor, id=template_id)
    if not template.county:
        raise RuleError("shipped", "随产品带的检查表大家都在用，不能停；不用它，另编一张就行")
    if template.is_active != is_active:
        template.is_active = is_active
        template.save(update_fields=["is_active"])
        _note(actor, template, f"checklists.template_{'restarted' if is_active else 'stopped'}", {})
    return template


@transaction.atomic
def start_run(
    *, actor: Actor, county: str, version_id: UUID, subject_type: str, subject_id: UUID, place: str, area_code: str
) -> Run:
    """Begin to go through a version over a subject. The caller has decided that the actor may, and holds the subject's lock."""
    run = Run(
        id=uuid7(), county=county, version_id=version_id, subject_type=subject_type, subject_id=subject_id, place=place,
        area_code=area_code, started_at=clock.now(),
    )  # fmt: skip
    run.save(force_insert=True)
    return run


@transaction.atomic
def answer_items(*, actor: Actor, run: Run, given: Mapping[UUID, Given]) -> int:
    """Keep what was found at some items; an empty value takes an answer back. Returns how many changed. RuleErrors run_finished,
    unknown_item, bad_answer, bad_number, note_too_long, with the item's id as the field. The caller holds the subject's lock."""
    if run.state != RunState.OPEN:
        raise RuleError("run_finished", "这次检查已经交了，不能再改")
    items = {item.id: item for item in Item.objects.filter(version_id=run.version_id)}
    known = {row.item_id: row for row in Answer.objects.filter(county=run.county, run_id=run.id)}
    now, changed = clock.now(), 0
    for item_id, said in given.items():
        item = items.get(item_id)
        if item is None:
            raise RuleError("unknown_item", "这张检查表里没有这一项", str(item_id))
        value, is_failed = _judge(item, said)
        row = known.get(item_id)
        if not value:
            if row is not None:
                row.delete()
                changed += 1
            continue
        if row is None:
            Answer(
                id=uuid7(), county=run.county, run=run, item=item, value=value, is_failed=is_failed,
                note=said.note.strip(), answered_at=now,
            ).save(force_insert=True)  # fmt: skip
            changed += 1
        elif (row.value, row.note) != (value, said.note.strip()):
            row.value, row.is_failed, row.note, row.answered_at = value, is_failed, said.note.strip(), now
            row.save(update_fields=["value", "is_failed", "note", "answered_at"])
            changed += 1
    return changed


@transaction.atomic
def finish_run(*, actor: Actor, run: Run) -> list[Answer]:
    """End a run; returns what failed, in the order of the list. RuleErrors run_finished, nothing_checked. The caller holds the
    subject's lock."""
    if run.state != RunState.OPEN:
        raise RuleError("run_finished", "这次检查已经交了，不能再改")
    rows = list(
        Answer.objects.filter(county=run.county, run_id=run.id).select_related("item").order_by("item__place", "id")
    )
    if not rows:
        raise RuleError("nothing_checked", "一项都还没有查，请查过再交")
    run.state, run.finished_at = RunState.FINISHED, clock.now()
    run.save(update_fields=["state", "finished_at"])
    return [row for row in rows if row.is_failed]


def _judge(item: Item, said: Given) -> tuple[str, bool]:
    """What is kept of an answer, and whether the item failed."""
    value = said.value.strip()
    if len(said.note.strip()) > MOST_NOTE:
        raise RuleError("note_too_long", f"说明最多写 {MOST_NOTE} 个字", str(item.id))
    if item.kind != ItemKind.VALUE:
        if value and value not in WORDS:
            raise RuleError("bad_answer", "请选合格、不合格或不涉及", str(item.id))
        return value, value == "no"
    if not value or value == "na":
        return value, False
    try:
        number = float(value)
    except ValueError as error:
        raise RuleError("bad_number", f"“{item.text}”请填一个数，例如 1.5", str(item.id)) from error
    if not abs(number) < FARTHEST:
        raise RuleError("bad_number", f"“{item.text}”填的数不对，请再看一下", str(item.id))
    is_low = item.least is not None and number < item.least
    return f"{number:g}", is_low or (item.most is not None and number > item.most)


def _check_items(items: Sequence[ItemFacts]) -> None:
    if not items:
        raise RuleError("no_items", "请至少写一项", "items")
    if len(items) > MOST_ITEMS:
        raise RuleError("too_many_items", f"一张检查表最多 {MOST_ITEMS} 项", "items")
    for item in items:
        lengths = (
            (item.text, 120, "查什么"),
            (item.section, 20, "分组"),
            (item.unit, 10, "单位"),
            (item.legal_basis, 60, "依据"),
        )
        if not item.text.strip():
            raise RuleError("empty_text", "请写查什么", item.field or "items")
        for text, most, label in lengths:
            if len(text.strip()) > most:
                raise RuleError("text_too_long", f"{label}最多写 {most} 个字", item.field or "items")
        if item.kind not in ItemKind.values:
            raise RuleError("bad_kind", "请选怎么查", item.field or "items")
        if item.fail_grade not in Grade.values:
            raise RuleError("bad_grade", "请选不合格算几级隐患", item.field or "items")
        if item.least is not None and item.most is not None and item.least > item.most:
            raise RuleError("bad_bounds", "最小的数比最大的还大", item.field or "items")
        if item.kind == ItemKind.VALUE and item.least is None and item.most is None:
            raise RuleError("bad_bounds", "量数的项要写最小或最大，才知道合不合格", item.field or "items")


def _note(actor: Actor, template: Template, verb: str, data: dict[str, object]) -> None:
    record(
        actor=actor, verb=verb, county=template.county or actor.county, subject_type=SUBJECT, subject_id=template.id,
        area_code=template.county or actor.county, at=clock.now(), data=data,
    )  # fmt: skip
