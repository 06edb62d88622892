"""走访抽查: some visits are drawn at random, and somebody else asks how it was. It judges records; nobody is ranked."""

import math
import random
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.patrols.actions.planning import note
from yijiaan.patrols.models import SampleResult, Visit, VisitSample
from yijiaan.patrols.permissions import PLAN_VISITS

SUBJECT = "patrols.visit_sample"
LATELY = timedelta(days=30)
MOST_NOTE = 200


@transaction.atomic
def draw_visit_sample(*, actor: Actor, percent: int) -> list[VisitSample]:
    """Draw so many per cent of the visits of the last thirty days that were not drawn yet, at least one. RuleErrors bad_percent,
    nothing_to_draw."""
    actor.require(PLAN_VISITS)
    if not 1 <= percent <= 100:
        raise RuleError("bad_percent", "请写 1 到 100 之间的数", "percent")
    since = clock.local_day() - LATELY
    drawn_already = Exists(VisitSample.objects.filter(county=OuterRef("county"), visit=OuterRef("id")))
    those = Visit.objects.visible_to(actor).filter(~drawn_already, on__gte=since)
    waiting = list(those.order_by("id").values_list("id", "county", "area_code"))
    if not waiting:
        raise RuleError("nothing_to_draw", "近 30 天的走访都抽过了，或者还没有走访", "percent")
    drawn = random.SystemRandom().sample(waiting, math.ceil(len(waiting) * percent / 100))
    now = clock.now()
    rows = [
        VisitSample(id=uuid7(), county=county, visit_id=visit_id, area_code=area_code, drawn_at=now)
        for visit_id, county, area_code in sorted(drawn)
    ]
    VisitSample.objects.bulk_create(rows, ignore_conflicts=True)
    area = actor.areas[0] if actor.areas else actor.county
    note(actor, SUBJECT, rows[0].id, area, "patrols.visit_sample_drawn", percent=percent, count=len(rows))
    return rows


@transaction.atomic
def check_visit_sample(*, actor: Actor, sample_id: UUID, result: str, text: str = "") -> VisitSample:
    """Note what the household said. RuleErrors own_visit, checked_already, no_result, empty_text (what differs), text_too_long."""
    sample: VisitSample = (
        VisitSample.objects.select_for_update(of=("self",), no_key=True)
        .select_related("visit")
        .get_visible(actor, county=actor.county, id=sample_id)
    )
    actor.require(PLAN_VISITS)
    if actor.post_id is not None and sample.visit.visited_by_id == actor.post_id:
        raise RuleError("own_visit", "这是您自己走访的，请别人来问")
    if sample.result:
        raise RuleError("checked_already", "这一次已经问过了")
    text = " ".join(text.split())
    if result not in SampleResult.values or not result:
        raise RuleError("no_result", "请选问的结果", "result")
    if result == SampleResult.DIFFERS and not text:
        raise RuleError("empty_text", "请写哪里不一样", "text")
    if len(text) > MOST_NOTE:
        raise RuleError("text_too_long", f"写了 {len(text)} 个字，最多 {MOST_NOTE} 个", "text")
    sample.result, sample.note_sealed = result, text
    sample.checked_by_id, sample.checked_at = actor.post_id, clock.now()
    sample.save(update_fields=["result", "note_sealed", "checked_by", "checked_at"])
    note(actor, SUBJECT, sample.id, sample.area_code, "patrols.visit_sample_checked", result=result)
    return sample
