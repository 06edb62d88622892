import asyncio
import logging
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from yijiaan.core.scope import system
from yijiaan.engines.jobs import pumps
from yijiaan.engines.jobs.actions import beat

log = logging.getLogger(__name__)
HEARTBEAT = 5.0  # seconds
GRACE = 8.0  # seconds that work under way gets at the end; the supervisor waits a little longer


class Command(BaseCommand):
    help = "Run the background worker: queued jobs, pumps and the heartbeat. SIGTERM or Ctrl-C ends it within seconds."

    def handle(self, **options: Any) -> None:
        stop = threading.Event()
        threads = [
            threading.Thread(target=pumps.run, args=(name, pump, stop), name=f"pump {name}", daemon=True)
            for name, pump in pumps.registered().items()
        ]
        threads.append(threading.Thread(target=self.keep_beating, args=(stop,), name="heartbeat", daemon=True))
        for thread in threads:
            thread.start()
        try:
            with app.replace_connector(
                PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=4)
            ) as working:
                asyncio.run(self.work(working))
        finally:
            stop.set()
            for thread in threads:
                thread.join(GRACE)
            connections.close_all()

    async def work(self, working: Any) -> None:
        """Run jobs until told to stop. The notification only shortens the wait, the queue is read every second."""
        async with working.open_async():
            await working.run_worker_async(
                name="worker",
                concurrency=2,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=GRACE,
                delete_jobs="successful",
            )

    def keep_beating(self, stop: threading.Event) -> None:
        """Write the heartbeat until told to stop; it is a pump with a longer pause."""

        def pump() -> None:
            beat(actor=system("worker"), name="worker")
            stop.wait(HEARTBEAT - pumps.PAUSE)

        pumps.run("heartbeat", pump, stop)
