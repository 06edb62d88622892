import asyncio
import logging
import signal
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
PAUSE = 1.0  # seconds before a lost queue is opened again
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
            asyncio.run(self.work())
        finally:
            stop.set()
            for thread in threads:
                thread.join(GRACE)
            connections.close_all()

    async def work(self) -> None:
        """Run jobs until told to stop, whatever happens to the database meanwhile."""
        told, loop = asyncio.Event(), asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, told.set)
        waiting = asyncio.create_task(told.wait())
        while not told.is_set():
            running = asyncio.create_task(self.run_jobs())
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if told.is_set():
                running.cancel()
            (error,) = await asyncio.gather(running, return_exceptions=True)
            if not told.is_set():
                log.warning("the queue was lost (%s), again in %s s", type(error).__name__, PAUSE)
                await asyncio.wait({waiting}, timeout=PAUSE)

    async def run_jobs(self) -> None:
        """Run jobs until cancelled or until the database is lost. The notification only shortens the wait, the queue is read every second."""
        connector = PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=4, timeout=PAUSE * 10)
        with app.replace_connector(connector) as working:
            async with working.open_async():
                await working.run_worker_async(
                    name="worker",
                    concurrency=2,
                    fetch_job_polling_interval=1.0,
                    shutdown_graceful_timeout=GRACE,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )

    def keep_beating(self, stop: threading.Event) -> None:
        """Write the heartbeat until told to stop; it is a pump with a longer pause."""

        def pump() -> None:
            beat(actor=system("worker"), name="worker")
            stop.wait(HEARTBEAT - pumps.PAUSE)

        pumps.run("heartbeat", pump, stop)
