import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.core.web import request_id
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.journal.subscribers import handler_of, names_for

log = logging.getLogger(__name__)
BATCH = 100


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


def deliver(*, actor: Actor) -> int:
    """Hand due deliveries to their subscribers, each in its own savepoint; returns how many were taken. The worker's pump.

    Claims the rows of one county at a time with SKIP LOCKED and deletes each in the transaction of its effect, so that a
    kill at any moment leaves either both or neither. A subscriber that fails is tried again with growing pauses, up to an
    hour apart.
    """
    now = clock.now()
    counties = Delivery.objects.filter(next_at__lte=now).order_by("county").values_list("county", flat=True).distinct()
    return sum(_deliver_in(county, now) for county in list(counties))


def _deliver_in(county: str, now: datetime) -> int:
    with transaction.atomic():
        claimed = list(
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(county=county, next_at__lte=now)
            .select_related("entry")
            .order_by("next_at", "id")[:BATCH]
        )
        for delivery in claimed:
            mine = Delivery.objects.filter(county=county, id=delivery.id)
            handle = handler_of(delivery.subscriber)
            try:
                with transaction.atomic():
                    if handle is not None:
                        handle(delivery.entry)
                    mine.delete()
            except Exception as error:  # any subscriber's bug must not stop the others
                log.exception("delivery to %s failed", delivery.subscriber)
                pause = min(3600, 2 ** min(delivery.attempts, 12))
                mine.update(
                    attempts=delivery.attempts + 1,
                    next_at=now + timedelta(seconds=pause),
                    last_error=type(error).__name__,
                )
    return len(claimed)
