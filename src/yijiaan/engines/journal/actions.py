from datetime import datetime
from typing import Any
from uuid import UUID

from yijiaan.core.scope import Actor
from yijiaan.core.web import request_id
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.journal.subscribers import names_for


def new_entry(
    *,
    actor: Actor,
    verb: str,
    county: str,
    subject_type: str,
    subject_id: UUID,
    area_code: str,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> tuple[Entry, list[Delivery]]:
    """The unsaved rows of one deed: its entry and what its subscribers owe. data holds codes, ids, numbers and times only."""
    entry = Entry(
        county=county,
        actor_kind=actor.kind.value,
        actor_id=actor.identity,
        post_id=actor.post_id,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        area_code=area_code,
        data=data or {},
        happened_at=at,
        request_id=request_id(),
    )
    return entry, [Delivery(county=county, entry=entry, subscriber=name, next_at=at) for name in names_for(verb)]


def record(
    *,
    actor: Actor,
    verb: str,
    county: str,
    subject_type: str,
    subject_id: UUID,
    area_code: str,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Entry:
    """Write one deed and what its subscribers owe, in the caller's transaction; arguments as `new_entry`."""
    entry, deliveries = new_entry(
        actor=actor,
        verb=verb,
        county=county,
        subject_type=subject_type,
        subject_id=subject_id,
        area_code=area_code,
        at=at,
        data=data,
    )
    entry.save(force_insert=True)
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
    return entry
