"""What of the queue may go when it is old."""

from datetime import datetime

from django.db import connection

from yijiaan.engines.jobs.providers import KindOfRecord, register_retention


def purge_jobs(before: datetime, most: int) -> int:
    """Delete jobs that ended before a moment, and their events."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id IN (SELECT j.id FROM procrastinate_jobs j WHERE j.status IN"
            " ('succeeded', 'failed', 'cancelled', 'aborted') AND NOT EXISTS (SELECT FROM procrastinate_events e"
            " WHERE e.job_id = j.id AND e.at >= %s) ORDER BY j.id LIMIT %s)",
            [before, most],
        )
        return cursor.rowcount


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("jobs.ended", "做完和没做成的后台任务", 30, 1, purge_jobs, "从最后一次动静算起；做成的当时就删")
    )
