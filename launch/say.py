"""What the person at the terminal reads: steps with a moving line on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

SPOKEN = 3  # exit code of a process that has told the reason in one sentence


class Stop(Exception):
    """Nothing more can be done; the message is one Chinese sentence that says what to do. The command ends with 1."""


class Step:
    """A piece of work under way. `total` makes a bar of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.done = 0
        self.total = 0
        self.began = time.monotonic()

    def progress(self, done: int, total: int) -> None:
        """Say how far it is."""
        self.done, self.total = min(done, total), total

    def line(self) -> str:
        """The moving line."""
        seconds = time.monotonic() - self.began
        bar = ""
        if self.total:
            filled = 24 * self.done // self.total
            bar = f" [{'█' * filled}{'·' * (24 - filled)}] {self.done}/{self.total}"
        return f"  {self.text}…{bar} {seconds:.0f} 秒"


class Console:
    """Writes to one stream. `stream` may be changed before the first word (./yijiaan keeps stdout for the command)."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._lock = threading.Lock()
        self._moving = False

    def line(self, text: str = "") -> None:
        """One line that stays."""
        with self._lock:
            if self._moving:
                self.stream.write("\r\x1b[K")
            self.stream.write(text + "\n")
            self.stream.flush()

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """Announce a piece of work, keep the line alive while it lasts, say how long it took."""
        step = Step(text)
        if not self.stream.isatty():
            self.line(f"{text}…")
            yield step
            if time.monotonic() - step.began >= 1:
                self.line(f"{text}：完成，用时 {time.monotonic() - step.began:.0f} 秒")
            return
        over = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(step, over), daemon=True)
        ticker.start()
        mark = "✗"
        try:
            yield step
            mark = "✓"
        finally:
            over.set()
            ticker.join()
            self.line(f"{mark} {text}（{time.monotonic() - step.began:.1f} 秒）")

    def _tick(self, step: Step, over: threading.Event) -> None:
        while not over.wait(0.2):
            with self._lock:
                self._moving = True
                self.stream.write("\r\x1b[K" + step.line())
                self.stream.flush()
        with self._lock:
            if self._moving:
                self.stream.write("\r\x1b[K")
                self._moving = False


console = Console(sys.stdout)
