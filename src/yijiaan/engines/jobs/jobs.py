from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *", periodic_id="retry_stalled_jobs")
@app.task(name="jobs.retry_stalled_jobs", queueing_lock="jobs.retry_stalled_jobs")
async def retry_stalled_jobs(timestamp: int) -> None:
    """Put the jobs of workers that gave no sign of life for half a minute back into the queue."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
