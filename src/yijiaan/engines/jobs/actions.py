from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation

from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs import permissions
from yijiaan.engines.jobs.models import Heartbeat
from yijiaan.engines.jobs.queries import list_troubled_jobs
from yijiaan.engines.jobs.queue import wake


def beat(*, actor: Actor, name: str) -> None:
    """Write the sign of life of the process `name`."""
    actor.require(permissions.BEAT)
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beaten_at=clock.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beaten_at"],
    )


@transaction.atomic
def retry_job(*, actor: Actor, job_id: int) -> ProcrastinateJob:
    """Put a job that failed, or whose worker died, back into the queue. RuleError already_waiting; NotFound for any other job."""
    actor.require(permissions.RETRY)
    job = list_troubled_jobs(actor).filter(id=job_id).first()
    if job is None:
        raise NotFound
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job_id, clock.now())
    except UniqueViolation as error:
        raise RuleError("already_waiting", "它的下一次已经在排队，不用重做") from error
    wake()
    return job
