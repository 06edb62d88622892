"""A town that runs as people run it: ./run on a data folder of its own, with the processes that it watches over."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from launch.places import ROOT, Data
from launch.postgres import Server


class RunningTown:
    """Started by `start`, ended by `stop`; what it says is kept in `said`."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("YIJIAAN_", "DATABASE_", "DJANGO_", "PYTHONPATH", "PYTEST_"))
        }
        self.environment["YIJIAAN_DEMO_PERCENT"] = "3"  # the past is not what is tried here
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []

    def start(self, *arguments: str, **environment: str) -> None:
        """Bring it up and wait until it says so."""
        up = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "run", "--data", self.var, "--port", str(self.port), "--no-browser", *arguments],
            cwd="/", env=self.environment | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

        def read() -> None:
            assert self.process is not None
            assert self.process.stdout is not None
            for line in self.process.stdout:
                self.said.append(line)
                if "按 Ctrl-C 停止" in line:
                    up.set()
            up.set()

        threading.Thread(target=read, daemon=True).start()
        assert up.wait(300)
        assert self.process.poll() is None, "".join(self.said)
        self.wait_until_ready()

    def stop(self) -> int:
        """Stop it as Ctrl-C does."""
        if self.process is None or self.process.poll() is not None:
            return -1
        self.process.terminate()
        return self.process.wait(90)

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """./yijiaan on this town."""
        return subprocess.run(
            [sys.executable, ROOT / "yijiaan", *arguments], cwd="/", capture_output=True, text=True, check=False,
            env=self.environment | {"YIJIAAN_VAR": str(self.var)} | environment,
        )  # fmt: skip

    def connect(self) -> "psycopg.Connection[Any]":
        """Into its database, whatever its socket is called now; waits while it is down."""
        end = time.monotonic() + 60
        while True:
            try:
                return psycopg.connect(Server(Data(self.var)).url, connect_timeout=5)
            except Exception:  # down or coming up
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def accounts(self) -> dict[str, dict[str, str]]:
        """The demo's accounts by sign-in name; the partner's token under `token`."""
        told = json.loads((self.var / "demo.json").read_text())
        return {account.get("username", "token"): account for account in told}

    def is_ready(self) -> bool:
        """What /readyz says."""
        with contextlib.suppress(OSError, urllib.error.URLError, ValueError):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            return opener.open(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status == 200
        return False

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Until database, worker and web work together."""
        end = time.monotonic() + seconds
        while not self.is_ready():
            assert time.monotonic() < end, "".join(self.said[-20:])
            time.sleep(0.2)

    # --- processes --------------------------------------------------------------------------------------------------

    def pids(self) -> dict[str, list[int]]:
        """The processes by what they are: database, backend, worker, web, web worker."""
        found: dict[str, list[int]] = {"database": [], "backend": [], "worker": [], "web": [], "web worker": []}
        assert self.process is not None
        family = {pid: (parent, words) for pid, parent, words in _processes()}
        for pid, (parent, words) in family.items():
            if parent == self.process.pid and "granian" in words:
                found["web"].append(pid)
            elif parent == self.process.pid and "django worker" in words:
                found["worker"].append(pid)
        web = set(found["web"])
        found["web worker"] = [pid for pid, (parent, words) in family.items() if parent in web and "granian" in words]
        running = Server(Data(self.var)).running()
        if running is not None:
            found["database"].append(running.pid)
            found["backend"] = [
                pid for pid, (parent, words) in family.items() if parent == running.pid and "yijiaan yijiaan" in words
            ]
        return found

    def memory(self) -> dict[str, float]:
        """MB of each kind of process (PSS: shared pages are divided among those who share them)."""
        known = {pid: kind for kind, pids in self.pids().items() for pid in pids}
        assert self.process is not None
        sums: dict[str, float] = {}
        family = list(_processes())
        database = Server(Data(self.var)).running()
        for pid, parent, _ in family:
            kind = known.get(pid)
            if kind is None and pid == self.process.pid:
                kind = "run"
            elif kind is None and database is not None and parent == database.pid:
                kind = "database"
            elif kind is None and known.get(parent) == "web":
                kind = "web"
            if kind is not None:
                with contextlib.suppress(OSError):
                    sums[kind] = sums.get(kind, 0) + _pss(pid)
        return sums


def _processes() -> list[tuple[int, int, str]]:
    """pid, parent and command line of every process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            if status[0] != "Z":
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append((int(entry.name), int(status[1]), line))
    return found


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
