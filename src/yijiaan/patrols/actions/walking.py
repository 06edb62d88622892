"""巡查: a point at a time, with or without a signal; what is dangerous becomes a hazard at once."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.files.models import StoredFile
from yijiaan.patrols.actions.planning import note
from yijiaan.patrols.flows import FLOW
from yijiaan.patrols.models import PatrolKind, PatrolRun, PointCheck, Result
from yijiaan.patrols.permissions import RUN
from yijiaan.safety.actions import HazardFacts, add_hazard_photo, register_hazard
from yijiaan.safety.models import HazardKind, Source

SUBJECT = "patrols.run"
MOST_NOTE = 200
KIND = {
    PatrolKind.FIRE: HazardKind.FIRE, PatrolKind.GAS: HazardKind.GAS, PatrolKind.DROWNING: HazardKind.DROWNING,
    PatrolKind.SCHOOL_GATE: HazardKind.CAMPUS, PatrolKind.FLOOD: HazardKind.FLOOD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody found at a point."""

    result: str
    text: str = ""
    grade: str = ""


@transaction.atomic
def check_point_of_run(*, actor: Actor, run_id: UUID, place_number: int, found: Found, client_key: UUID) -> PointCheck:
    """Keep what was found at a point; the first one begins the walk. A hazard is registered in `safety` in the same deed.

    A point may be looked at again while the walk goes on; one that became a hazard stays one. The same client_key again gives what it
    gave first. RuleErrors wrong_state, no_result, empty_text (why not reachable, what hazard), text_too_long, became_hazard, out_of_turn
    (an ordered way, a point before the last one left open), those of `register_hazard`; Conflict where the key came with something else.
    """
    run = lock_run(actor, run_id=run_id)
    check = PointCheck.objects.select_for_update(no_key=True).filter(
        county=run.county, run_id=run.id, place_number=place_number
    ).first()  # fmt: skip
    if check is None:
        raise NotFound
    text = " ".join(found.text.split())
    if check.client_key == client_key:
        if (check.result, check.note) != (found.result, text):
            raise Conflict("这个点刚才已经记下了", code="client_key_reused")
        return check
    FLOW.check(actor, "check", run.status)
    if found.result not in Result.values or not found.result:
        raise RuleError("no_result", "请选正常、有隐患或到不了", "result")
    if found.result != Result.OK and not text:
        why = "请写是什么隐患" if found.result == Result.HAZARD else "请写为什么到不了"
        raise RuleError("empty_text", why, "text")
    if len(text) > MOST_NOTE:
        raise RuleError("text_too_long", f"写了 {len(text)} 个字，最多 {MOST_NOTE} 个", "text")
    if check.hazard_id is not None and found.result != Result.HAZARD:
        raise RuleError("became_hazard", "这个点已经登记成隐患了，改好了由复查的人销号", "result")
    _check_turn(run, check)
    now = clock.now()
    if run.status == "planned":
        FLOW.move(run, "check", actor, result=found.result)
        run.started_at = now
        run.save(update_fields=["status", "started_at"])
    if found.result == Result.HAZARD and check.hazard_id is None:
        facts = HazardFacts(
            text=f"{check.place}：{text}", area_code=run.area_code, kind=KIND.get(PatrolKind(run.template.kind), HazardKind.OTHER).value,
            place=check.place, proposed_grade=found.grade, lon=check.lon, lat=check.lat, source=Source.PATROL.value,
            source_id=run.id,
        )  # fmt: skip
        check.hazard_id = register_hazard(actor=actor, facts=facts, client_key=client_key).id
    check.result, check.note, check.client_key = found.result, text, client_key
    check.checked_by_id, check.checked_at = actor.post_id, now
    check.save(update_fields=["result", "note", "client_key", "checked_by", "checked_at", "hazard_id"])
    note(
        actor, SUBJECT, run.id, run.area_code, "patrols.point_checked", point=place_number, result=found.result,
        hazard=str(check.hazard_id or ""),
    )  # fmt: skip
    return check


@transaction.atomic
def finish_run_of_patrol(*, actor: Actor, run_id: UUID) -> PatrolRun:
    """巡查完: every point was looked at, or it was said why not. RuleErrors wrong_state, points_open."""
    run = lock_run(actor, run_id=run_id)
    FLOW.check(actor, "finish", run.status)
    left = PointCheck.objects.filter(county=run.county, run_id=run.id, result="").count()
    if left:
        raise RuleError("points_open", f"还有 {left} 个点没有记；去不了的写“到不了”，要停下就“中途停下”")
    FLOW.move(run, "finish", actor)
    run.ended_at = clock.now()
    run.save(update_fields=["status", "ended_at"])
    note(actor, SUBJECT, run.id, run.area_code, "patrols.run_finished")
    return run


@transaction.atomic
def interrupt_run(*, actor: Actor, run_id: UUID, text: str) -> PatrolRun:
    """中途停下 with the reason: something more urgent, the weather. It is no failure. RuleErrors wrong_state, empty_text, text_too_long."""
    run = lock_run(actor, run_id=run_id)
    return _end(actor, run, "interrupt", text, "patrols.run_interrupted", "请写为什么停下，例如“去处理打架的事”")


@transaction.atomic
def cancel_run(*, actor: Actor, run_id: UUID, text: str) -> PatrolRun:
    """不巡了, by who plans. RuleErrors wrong_state, empty_text, text_too_long."""
    run: PatrolRun = PatrolRun.objects.select_for_update(of=("self",), no_key=True).get_visible(
        actor, county=actor.county, id=run_id
    )
    if not actor.covers(run.area_code):
        raise NotFound
    return _end(actor, run, "cancel", text, "patrols.run_cancelled", "请写为什么不巡了")


@transaction.atomic
def add_point_photo(*, actor: Actor, run_id: UUID, place_number: int, raw: bytes) -> StoredFile:
    """Keep a picture of a point: beside its hazard where it became one, else beside the walk. RuleErrors of `store_image`."""
    run = lock_run(actor, run_id=run_id)
    check = PointCheck.objects.filter(county=run.county, run_id=run.id, place_number=place_number).first()
    if check is None:
        raise NotFound
    if check.hazard_id is not None:
        return add_hazard_photo(actor=actor, hazard_id=check.hazard_id, raw=raw)
    file, _ = store_image(
        actor=actor, county=run.county, subject_type=SUBJECT, subject_id=run.id, purpose=f"{place_number}", raw=raw
    )
    return file


def lock_run(actor: Actor, *, run_id: UUID) -> PatrolRun:
    """The walk, locked, for the one whose it is: his own, or of his unit where it is nobody's in particular. NotFound, NotAllowed."""
    run: PatrolRun = (
        PatrolRun.objects.select_for_update(of=("self",), no_key=True)
        .select_related("template")
        .get_visible(actor, county=actor.county, id=run_id)
    )
    actor.require(RUN)
    if actor.kind is not ActorKind.SYSTEM:
        mine = run.post_id == actor.post_id if run.post_id is not None else run.unit_id == actor.unit_id
        if not mine:
            raise NotAllowed(RUN)
    return run


def _check_turn(run: PatrolRun, check: PointCheck) -> None:
    if not run.template.is_ordered:
        return
    before = PointCheck.objects.filter(
        county=run.county, run_id=run.id, place_number__lt=check.place_number, result=""
    ).order_by("place_number")
    first = before.first()
    if first is not None:
        raise RuleError("out_of_turn", f"这条路线按顺序走，先记第 {first.place_number} 个点“{first.place}”", "result")


def _end(actor: Actor, run: PatrolRun, move: str, text: str, verb: str, asked: str) -> PatrolRun:
    text = " ".join(text.split())
    if not text:
        raise RuleError("empty_text", asked, "text")
    if len(text) > MOST_NOTE:
        raise RuleError("text_too_long", f"写了 {len(text)} 个字，最多 {MOST_NOTE} 个", "text")
    FLOW.move(run, move, actor, text=text)
    run.reason, run.ended_at = text, clock.now()
    run.save(update_fields=["status", "reason", "ended_at"])
    note(actor, SUBJECT, run.id, run.area_code, verb)
    return run
