import logging
from datetime import timedelta

from django.db import connection, transaction

from yijiaan.core import clock
from yijiaan.engines.journal.models import Delivery
from yijiaan.engines.journal.subscribers import handler_of

log = logging.getLogger(__name__)
BATCH = 100


def deliver() -> int:
    """Hand due deliveries to their subscribers, each in its own savepoint; returns how many were taken.

    Claims rows with SKIP LOCKED and deletes each in the transaction of its effect, so that a kill at any moment leaves
    either both or neither. A subscriber that fails is tried again with growing pauses, up to an hour apart.
    """
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT county, id FROM journal_delivery WHERE next_at <= %s ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED",
                [now, BATCH],
            )
            claimed = cursor.fetchall()
        for county, key in claimed:
            delivery = Delivery.objects.select_related("entry").get(county=county, id=key)
            handle = handler_of(delivery.subscriber)
            try:
                with transaction.atomic():
                    if handle is not None:
                        handle(delivery.entry)
                    Delivery.objects.filter(county=county, id=key).delete()
            except Exception as error:  # noqa: BLE001 - any subscriber's bug must not stop the others
                log.exception("delivery to %s failed", delivery.subscriber)
                pause = min(3600, 2 ** min(delivery.attempts, 12))
                Delivery.objects.filter(county=county, id=key).update(
                    attempts=delivery.attempts + 1,
                    next_at=now + timedelta(seconds=pause),
                    last_error=type(error).__name__,
                )
    return len(claimed)
