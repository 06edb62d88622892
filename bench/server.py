"""The web server as ./run starts it, on a free port of this machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.cpu import Meter
from bench.scratch import Scratch


@dataclass(frozen=True)
class Web:
    """Where it answers, and what it costs."""

    port: int
    meter: Meter


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_server(scratch: Scratch, workers: int = 2, threads: int = 8) -> Iterator[Web]:
    """Running once it answers."""
    port = _free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--log-level", "error",
        "yijiaan.project.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=scratch.environment())
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield Web(port, Meter(process.pid, urlsplit(scratch.url).path.strip("/")))
    finally:
        process.terminate()
        process.wait(20)
