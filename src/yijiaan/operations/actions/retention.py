import logging
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs.providers import KindOfRecord, kinds_of_records
from yijiaan.engines.journal.actions import record
from yijiaan.operations import permissions
from yijiaan.operations.models import Purge, Retention
from yijiaan.operations.queries import list_kept

log = logging.getLogger(__name__)
BATCH = 1000
MOST_DAYS = 36_500


def purge_expired(*, actor: Actor) -> int:
    """Delete what has been kept long enough, kind by kind, in small transactions; every kind leaves a line in the deletion log."""
    actor.require(permissions.KEEP)
    now = clock.now()
    total = 0
    for kept in list_kept(actor):
        if kept.days is None:
            continue
        before = now - timedelta(days=kept.days)
        gone = BATCH
        try:
            while gone >= BATCH:
                # the line of the log in the same transaction: nothing goes without it
                with transaction.atomic():
                    gone = kept.kind.purge(before, BATCH)
                    if gone:
                        Purge.objects.create(kind=kept.kind.code, count=gone, before=before, purged_at=clock.now())
                total += gone
        except Exception:  # one kind's bug must not keep the others for ever
            log.exception("purge of %s failed", kept.kind.code)
    return total


@transaction.atomic
def set_retention(*, actor: Actor, kind: str, days: int | None) -> None:
    """Keep a kind of record so many days from now on; None: for good. RuleError too_short, too_long; NotFound for no such kind."""
    actor.require(permissions.KEEP)
    chosen = _kind(kind)
    if days is not None and days < chosen.least:
        raise RuleError("too_short", f"“{chosen.label}”至少要保存 {chosen.least} 天", "days")
    if days is not None and days > MOST_DAYS:
        raise RuleError("too_long", "最多 100 年；要一直保存，就留空", "days")
    old = Retention.objects.filter(kind=kind).first()
    before = old.days if old else chosen.days
    if before == days:
        return
    Retention.objects.update_or_create(kind=kind, defaults={"days": days})
    record(
        actor=actor,
        verb="operations.retention_set",
        county=actor.county.ljust(6, "0"),
        subject_type="operations.retention",
        subject_id=uuid5(NAMESPACE_URL, f"yijiaan:retention:{kind}"),
        area_code=actor.county,
        at=clock.now(),
        data={"kind": kind, "days": [before, days]},
    )


def _kind(code: str) -> KindOfRecord:
    for kind in kinds_of_records():
        if kind.code == code:
            return kind
    raise NotFound
