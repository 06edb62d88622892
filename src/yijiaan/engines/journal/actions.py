from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.core.web import request_id
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.journal.subscribers import names_for


def subject_type(subject: Model) -> str:
    """The name a model goes by as a subject: `cases.case`."""
    return subject._meta.label_lower


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
    """Write one deed and what its subscribers owe, in the caller's transaction. data holds codes, ids, numbers and times only."""
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
    entry.save(force_insert=True)
    names = names_for(verb)
    if names:
        Delivery.objects.bulk_create(
            Delivery(id=uuid7(), county=county, entry=entry, subscriber=name, next_at=at) for name in names
        )
    return entry
