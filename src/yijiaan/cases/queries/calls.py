from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import CallTask, CallTaskQuerySet
from yijiaan.core.scope import Actor


def list_calls_to_make(actor: Actor) -> CallTaskQuerySet:
    """代打电话: what units ask the actor's centre to ring reporters for, the longest waiting first."""
    waiting = CallTask.objects.visible_to(actor).filter(done_at__isnull=True, case__status__in=OPEN)
    return waiting.select_related("case", "asking_unit").order_by("asked_at", "id")  # type: ignore[return-value]
