from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs import actions as jobs
from yijiaan.engines.journal.actions import record


@transaction.atomic
def retry_job(*, actor: Actor, job_id: int) -> None:
    """Have a job done that failed or was left. RuleError already_waiting; NotFound when it is in no trouble."""
    job = jobs.retry_job(actor=actor, job_id=job_id)
    record(
        actor=actor,
        verb="operations.job_retried",
        county=actor.county.ljust(6, "0"),
        subject_type="operations.job",
        subject_id=uuid5(NAMESPACE_URL, f"yijiaan:job:{job_id}"),
        area_code=actor.county,
        at=clock.now(),
        data={"job": job_id, "task": job.task_name},
    )
