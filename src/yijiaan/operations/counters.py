"""How many requests each web process answered, and how long they took: a few numbers in a small file shared by mapping.

Several processes serve; whoever is asked for metrics reads the files of all. A process that has ended takes its file along.
"""

import mmap
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_FIELDS = len(CLASSES) + len(BUCKETS) + 1  # and the sum of seconds
_SIZE = 8 * _FIELDS


@dataclass(frozen=True, slots=True)
class Counts:
    """What one process has answered."""

    process: int
    by_class: tuple[int, ...]
    by_bucket: tuple[int, ...]  # answered within BUCKETS[i], cumulative
    seconds: float


class _Numbers:
    """The file of this process."""

    def __init__(self, folder: Path) -> None:
        self.pid = os.getpid()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / str(self.pid), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.ftruncate(handle, _SIZE)
            self.map = mmap.mmap(handle, _SIZE)
        finally:
            os.close(handle)
        self.values = [0.0] * _FIELDS
        self.lock = threading.Lock()

    def add(self, status: int, seconds: float) -> None:
        with self.lock:
            self.values[min(max(status // 100, 1), 5) - 1] += 1
            for place, bound in enumerate(BUCKETS, start=len(CLASSES)):
                if seconds <= bound:
                    self.values[place] += 1
            self.values[-1] += seconds
            struct.pack_into(f"<{_FIELDS}d", self.map, 0, *self.values)


def _folder() -> Path:
    return Path(settings.VAR) / "counters"


class CountRequests:
    """Middleware, the outermost: counts every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.numbers: _Numbers | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        numbers = self.numbers
        if numbers is None or numbers.pid != os.getpid():
            numbers = self.numbers = _Numbers(_folder())
        numbers.add(response.status_code, time.perf_counter() - began)
        return response


def read_counts() -> Iterator[Counts]:
    """What the living processes have answered; files of others are thrown away."""
    if not _folder().is_dir():
        return
    for path in sorted(_folder().iterdir()):
        if not path.name.isdigit() or not Path("/proc", path.name).exists() and Path("/proc/self").exists():
            path.unlink(missing_ok=True)
            continue
        raw = path.read_bytes()
        if len(raw) == _SIZE:
            *counts, seconds = struct.unpack(f"<{_FIELDS}d", raw)
            whole = tuple(int(count) for count in counts)
            yield Counts(int(path.name), whole[: len(CLASSES)], whole[len(CLASSES) :], seconds)
