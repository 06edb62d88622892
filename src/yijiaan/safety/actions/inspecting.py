"""安全检查: planned, gone through by a checklist, submitted (what failed becomes hazards in the same deed), signed or not, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F

from yijiaan.accounts.models import Post
from yijiaan.accounts.queries import all_units
from yijiaan.areas.queries import get_area
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.checklists.actions import Given, answer_items, finish_run, start_run
from yijiaan.engines.checklists.models import Answer, Run, Template
from yijiaan.engines.checklists.queries import get_run_of, list_versions
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.actions import record
from yijiaan.engines.todos.actions import close_todos, open_todo
from yijiaan.engines.todos.queries import get_deadline_on
from yijiaan.safety.actions.registering import HazardFacts, register_hazard
from yijiaan.safety.actions.steps import clean
from yijiaan.safety.flows import INSPECTION_FLOW
from yijiaan.safety.models import Hazard, HazardKind, Inspection, Inspector, Source, Way
from yijiaan.safety.permissions import INSPECT

INSPECTION = "safety.inspection"
KIND_OF_TEMPLATE = {"small_shop_fire": HazardKind.FIRE, "household_gas": HazardKind.GAS}
MOST_TEAM = 6


@dataclass(frozen=True, slots=True)
class InspectionFacts:
    """Who is inspected where, by which list, on which day, by whom."""

    target: str
    template_id: UUID | None
    area_code: str
    planned_on: date | None
    place: str = ""
    way: str = Way.ANNOUNCED.value
    team: tuple[UUID, ...] = ()


@transaction.atomic
def plan_inspection(*, actor: Actor, facts: InspectionFacts, client_key: UUID) -> Inspection:
    """安排一次检查; who plans it belongs to its team. RuleErrors empty_target, target_too_long, place_too_long, unknown_template,
    unknown_way, unknown_area, bad_day, unknown_inspector, too_many_inspectors. The same client_key again gives the first one;
    Conflict when it came with another target."""
    actor.require(INSPECT)
    if actor.unit_id is None or actor.post_id is None:
        raise NotAllowed(INSPECT)
    target = clean(facts.target, most=60, field="target", required="请写查谁，例如“鑫旺小吃店”")
    place = clean(facts.place, most=120, field="place")
    known = Inspection.objects.filter(county=actor.county, client_key=client_key).first()
    if known is not None:
        if known.target != target or known.planned_by_id != actor.post_id:
            raise Conflict("刚才那次检查已经安排了", code="client_key_reused")
        return known
    template = _template(actor, facts.template_id)
    if facts.way not in Way.values:
        raise RuleError("unknown_way", "请选怎么查", "way")
    today = clock.local_day()
    if facts.planned_on is None or not 0 <= (facts.planned_on - today).days <= 366:
        raise RuleError("bad_day", "请选今天起一年以内的一天", "planned_on")
    area_code, team, now = _area(actor, facts.area_code), _team(actor, facts.team), clock.now()
    inspection = Inspection(
        id=uuid7(), county=actor.county, target=target, place=place, area_code=area_code, template=template,
        unit_id=actor.unit_id, way=facts.way, planned_on=facts.planned_on, status="planned", planned_by_id=actor.post_id,
        planned_at=now, client_key=client_key,
    )  # fmt: skip
    inspection.save(force_insert=True)
    Inspector.objects.bulk_create(
        Inspector(id=uuid7(), county=actor.county, inspection=inspection, post_id=post_id) for post_id in team
    )
    open_todo(
        actor=actor, county=inspection.county, subject_type=INSPECTION, subject_id=inspection.id, kind="inspect",
        unit_id=actor.unit_id, area_code=area_code, at=now,
        deadline=get_deadline_on(actor, start=now, day=facts.planned_on),
    )  # fmt: skip
    _note(actor, inspection, "safety.inspection_planned", team=len(team))
    return inspection


@transaction.atomic
def start_inspection(*, actor: Actor, inspection_id: UUID, version_id: UUID | None = None) -> Run:
    """开始检查 by a wording of its checklist (the newest, or the one that a phone took along), on which it stays. Pressed again while
    it goes on, it gives the same run. RuleErrors wrong_state, unknown_version."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    if inspection.status == "in_progress":
        run = get_run_of(actor, county=inspection.county, subject_id=inspection.id)
        assert run is not None
        return run
    versions = list_versions(actor, template=inspection.template)
    version = versions.filter(id=version_id).first() if version_id is not None else versions.first()
    if version is None:
        raise RuleError("unknown_version", "这次检查换了检查表，请有信号时打开看一看再查")
    INSPECTION_FLOW.move(inspection, "start", actor)
    run = start_run(
        actor=actor, county=inspection.county, version_id=version.id,
        subject_type=INSPECTION, subject_id=inspection.id, place=inspection.place, area_code=inspection.area_code,
    )  # fmt: skip
    _save(inspection, "status")
    _note(actor, inspection, "safety.inspection_started")
    return run


@transaction.atomic
def answer_inspection(
    *,
    actor: Actor,
    inspection_id: UUID,
    given: Mapping[UUID, Given],
    remark: str | None = None,
    version_id: UUID | None = None,
) -> Inspection:
    """Keep what was found so far. version_id: where nobody has begun, begin by this wording of the checklist. RuleErrors wrong_state,
    remark_too_long, those of `checklists.answer_items` and `start_inspection`."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    if version_id is not None and inspection.status == "planned":
        start_inspection(actor=actor, inspection_id=inspection_id, version_id=version_id)
        inspection = lock_inspection(actor, inspection_id=inspection_id)
    INSPECTION_FLOW.check(actor, "submit", inspection.status)
    answer_items(actor=actor, run=_run(actor, inspection), given=given)
    if remark is not None:
        inspection.remark = clean(remark, most=500, field="remark")
    _save(inspection, "remark")
    return inspection


@transaction.atomic
def submit_inspection(
    *,
    actor: Actor,
    inspection_id: UUID,
    given: Mapping[UUID, Given] | None = None,
    remark: str | None = None,
    version_id: UUID | None = None,
    client_key: UUID | None = None,
) -> list[Hazard]:
    """查完，交上: the run ends, and each item that failed becomes a hazard of the grade that the list proposes, all in one deed.
    RuleErrors wrong_state, nothing_checked, those of `answer_inspection`."""
    inspection = answer_inspection(
        actor=actor, inspection_id=inspection_id, given=given or {}, remark=remark, version_id=version_id
    )
    INSPECTION_FLOW.move(inspection, "submit", actor)
    failed = finish_run(actor=actor, run=_run(actor, inspection))
    inspection.failed_count, inspection.submitted_at, inspection.submit_key = len(failed), clock.now(), client_key
    _save(inspection, "status", "failed_count", "submitted_at", "submit_key")
    hazards = [_hazard_of(actor, inspection, answer) for answer in failed]
    close_todos(actor=actor, county=inspection.county, subject_id=inspection.id, at=clock.now())
    _note(actor, inspection, "safety.inspection_submitted", failed=len(failed))
    return hazards


@transaction.atomic
def file_inspection(
    *,
    actor: Actor,
    inspection_id: UUID,
    version_id: UUID,
    given: Mapping[UUID, Given],
    remark: str,
    client_key: UUID,
) -> bool:
    """查完，交上 as a phone kept it without signal: begun by the wording it took along where nobody had begun, answered and handed in,
    in one deed. Whether it is new: the same client_key again changes nothing. RuleErrors of `submit_inspection`."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    if inspection.submit_key == client_key:
        return False
    submit_inspection(
        actor=actor, inspection_id=inspection_id, given=given, remark=remark or None, version_id=version_id,
        client_key=client_key,
    )  # fmt: skip
    return True


@transaction.atomic
def sign_inspection(*, actor: Actor, inspection_id: UUID, name: str) -> Inspection:
    """被查方签字: who signed for the other side. RuleErrors wrong_state, empty_name, name_too_long."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    name = clean(name, most=30, field="name", required="请写谁签的字")
    INSPECTION_FLOW.move(inspection, "sign", actor, signer=name)
    inspection.signed_by_sealed = name
    _save(inspection, "status", "signed_by_sealed")
    _note(actor, inspection, "safety.inspection_signed")
    return inspection


@transaction.atomic
def refuse_signature(*, actor: Actor, inspection_id: UUID, text: str, witness: str) -> Inspection:
    """拒绝签字: why, and who was there and saw it. RuleErrors wrong_state, empty_text, empty_witness, text_too_long, witness_too_long."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    text = clean(text, most=200, field="text", required="请写为什么不签")
    witness = clean(witness, most=30, field="witness", required="请写见证人是谁")
    INSPECTION_FLOW.move(inspection, "refuse", actor, text=text, witness=witness)
    inspection.refusal, inspection.witness_sealed = text, witness
    _save(inspection, "status", "refusal", "witness_sealed")
    _note(actor, inspection, "safety.inspection_refused")
    return inspection


@transaction.atomic
def close_inspection(*, actor: Actor, inspection_id: UUID) -> Inspection:
    """了结, once all its hazards are written off. RuleErrors wrong_state, hazards_open."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    INSPECTION_FLOW.move(inspection, "close", actor)
    still = Hazard.objects.filter(
        county=inspection.county, source_id=inspection.id, written_off_at__isnull=True
    ).count()
    if still:
        raise RuleError("hazards_open", f"还有 {still} 条隐患没有销号，销完再了结")
    inspection.ended_at = clock.now()
    _save(inspection, "status", "ended_at")
    _note(actor, inspection, "safety.inspection_closed")
    return inspection


@transaction.atomic
def cancel_inspection(*, actor: Actor, inspection_id: UUID, text: str) -> Inspection:
    """取消 what has not begun. RuleErrors wrong_state, empty_text, text_too_long."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    text = clean(text, most=200, field="text", required="请写为什么取消")
    INSPECTION_FLOW.move(inspection, "cancel", actor, text=text)
    inspection.remark, inspection.ended_at = text, clock.now()
    _save(inspection, "status", "remark", "ended_at")
    close_todos(actor=actor, county=inspection.county, subject_id=inspection.id, at=clock.now(), fulfilled=False)
    _note(actor, inspection, "safety.inspection_cancelled")
    return inspection


@transaction.atomic
def add_inspection_photo(*, actor: Actor, inspection_id: UUID, raw: bytes, item: str = "evidence") -> StoredFile:
    """Keep a picture of an inspection, at the code of its item. RuleErrors of `store_image`."""
    inspection = lock_inspection(actor, inspection_id=inspection_id)
    file, _ = store_image(
        actor=actor,
        county=inspection.county,
        subject_type=INSPECTION,
        subject_id=inspection.id,
        purpose=item[:20],
        raw=raw,
    )
    return file


def lock_inspection(actor: Actor, *, inspection_id: UUID) -> Inspection:
    """The inspection, locked, for one of its team; NotFound where the actor does not see it, NotAllowed for others."""
    inspection: Inspection = (
        Inspection.objects.select_for_update(of=("self",), no_key=True)
        .select_related("template")
        .get_visible(actor, county=actor.county, id=inspection_id)
    )
    actor.require(INSPECT)
    team = Inspector.objects.filter(county=inspection.county, inspection_id=inspection.id, post=actor.post_id)
    if actor.kind is not ActorKind.SYSTEM and not team.exists():
        raise NotAllowed(INSPECT)
    return inspection


def _hazard_of(actor: Actor, inspection: Inspection, answer: Answer) -> Hazard:
    item = answer.item
    said = f"量得 {answer.words}，应{item.bounds_words}" if item.kind == "value" else answer.note
    text = f"{inspection.target}：不合格“{item.text}”{'。' + said if said else ''}"
    if item.kind == "value" and answer.note:
        text += f"。{answer.note}"
    kind = KIND_OF_TEMPLATE.get(inspection.template.code, HazardKind.OTHER)
    facts = HazardFacts(
        text=text[:500], area_code=inspection.area_code, kind=kind.value, place=inspection.place or inspection.target,
        proposed_grade=item.fail_grade, source=Source.INSPECTION.value, source_id=inspection.id,
    )  # fmt: skip
    return register_hazard(actor=actor, facts=facts, client_key=answer.id)


def _run(actor: Actor, inspection: Inspection) -> Run:
    run = get_run_of(actor, county=inspection.county, subject_id=inspection.id)
    if run is None:
        raise NotFound
    return run


def _template(actor: Actor, template_id: UUID | None) -> Template:
    template = Template.objects.visible_to(actor).filter(id=template_id, is_active=True).first()
    if template is None:
        raise RuleError("unknown_template", "请选一张检查表", "template")
    return template


def _area(actor: Actor, code: str) -> str:
    unit = all_units(actor).get(actor.unit_id) if actor.unit_id else None
    own = unit.area_id[:9] if unit is not None else ""
    allowed = len(code) >= 9 and code.startswith(actor.county) and (actor.covers(code) or code.startswith(own or "-"))
    try:
        if not allowed:
            raise NotFound
        return str(get_area(actor, code=code).code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选是哪个村或网格，要在您的辖区里", "area_code") from error


def _team(actor: Actor, chosen: Sequence[UUID]) -> list[UUID]:
    assert actor.post_id is not None
    team = list(dict.fromkeys([actor.post_id, *chosen]))
    if len(team) > MOST_TEAM:
        raise RuleError("too_many_inspectors", f"一次检查最多 {MOST_TEAM} 个人", "team")
    known = set(
        Post.objects.on(clock.local_day())
        .filter(id__in=team, unit_id=actor.unit_id, role__permissions__contains=[INSPECT])
        .values_list("id", flat=True)
    )
    if not set(team) - {actor.post_id} <= known:
        raise RuleError("unknown_inspector", "请从本单位能做检查的人里选", "team")
    return team


def _save(inspection: Inspection, *names: str) -> None:
    held, inspection.version = inspection.version, F("version") + 1  # type: ignore[assignment]
    inspection.save(update_fields=[*names, "version"])
    inspection.version = held + 1


def _note(actor: Actor, inspection: Inspection, verb: str, **data: object) -> None:
    record(
        actor=actor, verb=verb, county=inspection.county, subject_type=INSPECTION, subject_id=inspection.id,
        area_code=inspection.area_code, at=clock.now(), data=dict(data),
    )  # fmt: skip
