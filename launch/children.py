"""Child processes that are watched: a crashed one comes back after a pause that grows."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from launch.places import ROOT
from launch.say import console

LONGEST_PAUSE = 60.0
STEADY = 10.0  # seconds after which a start counts as good and the pauses begin anew
LOG_SIZE = 20_000_000

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    # PR_SET_PDEATHSIG: a supervisor that is killed must not leave a web server holding the port
    if _libc is not None:
        _libc.prctl(1, signal.SIGTERM)


class Child:
    """One process of ours. `label` is what the person at the terminal reads."""

    def __init__(self, label: str, command: list[str], environment: dict[str, str], log: Path, grace: float) -> None:
        self.label = label
        self.command = command
        self.environment = environment
        self.log = log
        self.grace = grace  # seconds to end in after SIGTERM
        self.process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._crashes = 0
        self._again_at = 0.0

    def start(self) -> None:
        """Start the process; what it says goes to its log."""
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            # a session of its own: Ctrl-C must reach the supervisor alone, which stops things in order
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._began = time.monotonic()

    def watch(self) -> None:
        """Notice a crash, say so, start again when its pause is over. Called again and again."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            self._trim_log()
            return
        self._end_group(signal.SIGKILL)
        self.process = None
        self._crashes = 1 if now - self._began > STEADY else self._crashes + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (self._crashes - 1))
        self._again_at = now + pause
        console.line(f"{self.label}意外退出（{_ending(code)}），{pause:.0f} 秒后重新启动；日志在 {self.log}。")

    def stop(self) -> None:
        """End the process: politely, then by force."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(self.grace)
            except subprocess.TimeoutExpired:
                console.line(f"{self.label}没有按时停下，强制结束。")
        self._end_group(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def last_words(self) -> str:
        """The last line of the log."""
        with contextlib.suppress(OSError):
            lines = self.log.read_bytes()[-20_000:].decode(errors="replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""

    def _end_group(self, sign: signal.Signals) -> None:
        # workers of a web server that was killed would hold its port
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, sign)

    def _trim_log(self) -> None:
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LOG_SIZE:
                self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
                os.truncate(self.log, 0)


def _ending(code: int) -> str:
    return f"被信号 {-code} 结束" if code < 0 else f"退出码 {code}"
