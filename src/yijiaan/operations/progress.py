"""A moving line for long commands, on a terminal only."""

import time
from types import TracebackType
from typing import Any


class Progress:
    """Counts bytes on a stream of Django's; `with Progress(self.stderr, "备份") as tick`."""

    def __init__(self, stream: Any, what: str) -> None:
        self.stream, self.what = stream, what
        self.done, self.said = 0, 0.0

    def __enter__(self) -> "Progress":
        return self

    def __call__(self, count: int) -> None:
        self.done += count
        if self.stream.isatty() and time.monotonic() - self.said > 0.2:
            self.said = time.monotonic()
            self.stream.write(f"\r{self.what}… {self.done / 2**20:.0f} MB", ending="")
            self.stream.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.said:
            self.stream.write("\r\x1b[K", ending="")
