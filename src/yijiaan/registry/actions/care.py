"""关爱对象: who is cared for, on what basis, and the day on which somebody asks again whether it still fits."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.writing import locked, note, require_active
from yijiaan.registry.fields import PERSON
from yijiaan.registry.models import CareBasis, CareEntry, CareKind
from yijiaan.registry.permissions import KEEP_CARE
from yijiaan.registry.values import clean

MOST_SOURCE, MOST_HEALTH, MOST_REASON = 60, 200, 100
LONGEST = timedelta(days=366)  # a year: who is on a list is asked for again


@dataclass(frozen=True, slots=True)
class CareFacts:
    """Why somebody is on a list."""

    care_kind: str
    basis: str
    source: str
    started_on: date | None = None
    review_on: date | None = None
    health: str = ""


@transaction.atomic
def add_care(*, actor: Actor, person_id: UUID, facts: CareFacts, client_key: UUID) -> CareEntry:
    """列入关爱: with its basis, and a day of review within a year. The same client_key again gives the first.

    RuleErrors unknown_kind, unknown_basis, no_source, in_the_future, bad_review, on_list, too_long, not_active; Conflict where the
    key was used for another.
    """
    actor.require(KEEP_CARE)
    person = locked(actor, PERSON, person_id)
    known = CareEntry.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        if (known.person_id, known.care_kind) != (person.id, facts.care_kind):
            raise Conflict("刚才那一条已经登记好了，要另登记请重新打开这一页", code="client_key_reused")
        return known
    require_active(person)
    if facts.care_kind not in CareKind.values:
        raise RuleError("unknown_kind", "请选是哪一类", "care_kind")
    if facts.basis not in CareBasis.values:
        raise RuleError("unknown_basis", "请选凭什么列入", "basis")
    source, health, today = clean(facts.source), clean(facts.health), clock.local_day()
    if not source:
        raise RuleError("no_source", "请写依据：哪份文件，或者谁同意的", "source")
    if len(source) > MOST_SOURCE:
        raise RuleError("too_long", f"依据最多 {MOST_SOURCE} 个字", "source")
    if len(health) > MOST_HEALTH:
        raise RuleError("too_long", f"身体情况最多 {MOST_HEALTH} 个字", "health")
    started = facts.started_on or today
    if started > today:
        raise RuleError("in_the_future", "列入日期不能晚于今天", "started_on")
    open_ones = CareEntry.objects.filter(county=person.county, person=person, ended_on__isnull=True)
    if open_ones.filter(care_kind=facts.care_kind).exists():
        raise RuleError("on_list", "他已经在这一类里", "care_kind")
    entry = CareEntry(
        id=uuid7(), county=person.county, person=person, area_code=person.area_code, care_kind=facts.care_kind,
        basis=facts.basis, source=source, health_sealed=health, started_on=started, review_on=_review(facts.review_on),
        added_by_id=actor.post_id, added_at=clock.now(), client_key=client_key,
    )  # fmt: skip
    entry.save(force_insert=True)
    note(actor, person, "person", "care_added")
    return entry


@transaction.atomic
def review_care(*, actor: Actor, entry_id: UUID, review_on: date | None = None) -> CareEntry:
    """复核过了，还需要: asked again by another day, within a year. RuleErrors has_ended, bad_review."""
    entry = _locked(actor, entry_id)
    entry.review_on = _review(review_on)
    entry.save(update_fields=["review_on"])
    note(actor, entry.person, "person", "care_reviewed")
    return entry


@transaction.atomic
def end_care(*, actor: Actor, entry_id: UUID, reason: str) -> CareEntry:
    """不再列入: what was written of his health is deleted with it. RuleErrors has_ended, no_reason."""
    entry = _locked(actor, entry_id)
    if not clean(reason):
        raise RuleError("no_reason", "请写为什么不再列入", "reason")
    entry.ended_on, entry.reason, entry.health_sealed = clock.local_day(), clean(reason)[:MOST_REASON], ""
    entry.save(update_fields=["ended_on", "reason", "health_sealed"])
    note(actor, entry.person, "person", "care_ended")
    return entry


def _locked(actor: Actor, entry_id: UUID) -> CareEntry:
    actor.require(KEEP_CARE)
    rows = CareEntry.objects.select_related("person").select_for_update(of=("self",))
    entry: CareEntry = rows.get_visible(actor, id=entry_id)  # type: ignore[attr-defined]
    if entry.ended_on is not None:
        raise RuleError("has_ended", "已经不在列了")
    return entry


def _review(day: date | None) -> date:
    today = clock.local_day()
    day = day or today + timedelta(days=180)
    if not today < day <= today + LONGEST:
        raise RuleError("bad_review", "复核日期要在今后一年以内", "review_on")
    return day
