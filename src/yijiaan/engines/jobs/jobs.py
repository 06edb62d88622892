import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *", periodic_id="retry_stalled_jobs")
@app.task(name="jobs.retry_stalled_jobs", queueing_lock="jobs.retry_stalled_jobs")
async def retry_stalled_jobs(timestamp: int) -> None:
    """Put the jobs of workers that gave no sign of life for half a minute back into the queue."""
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            # a timed job whose next run already waits: that one does the work, and two must not stand in the queue
            log.info("job %s %s was overtaken by its next run", job.id, job.task_name)
            await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)
