from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs.models import Heartbeat

SILENT = timedelta(seconds=90)  # a worker that says nothing for so long has lost its jobs; twice what takes them back


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs wait for their turn, are being done, have lost their worker, have failed for good."""

    waiting: int
    doing: int
    stalled: int
    failed: int


def _stalled() -> Q:
    return Q(status="doing") & (Q(worker__isnull=True) | Q(worker__last_heartbeat__lt=clock.now() - SILENT))


def list_troubled_jobs(actor: Actor) -> QuerySet[ProcrastinateJob]:
    """Jobs that failed for good or lost their worker, newest first; `since` is their last event."""
    last = ProcrastinateEvent.objects.filter(job_id=OuterRef("id")).values("job_id").annotate(at=Max("at")).values("at")
    return (
        ProcrastinateJob.objects.filter(Q(status__in=["failed", "aborted"]) | _stalled())
        .annotate(since=Subquery(last))
        .order_by("-id")
    )


def count_jobs(actor: Actor) -> JobCounts:
    """The queue in four numbers."""
    jobs, now = ProcrastinateJob.objects, clock.now()
    stalled = jobs.filter(_stalled()).count()
    return JobCounts(
        waiting=jobs.filter(Q(status="todo") & (Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=now))).count(),
        doing=jobs.filter(status="doing").count() - stalled,
        stalled=stalled,
        failed=jobs.filter(status__in=["failed", "aborted"]).count(),
    )


def last_heartbeat(actor: Actor) -> datetime | None:
    """When a worker last gave a sign of life."""
    return Heartbeat.objects.aggregate(last=Max("beaten_at"))["last"]
