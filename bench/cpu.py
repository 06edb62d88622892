"""CPU time of the server and of its database's processes, from /proc: what a request costs whatever else the machine does."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


class Meter:
    """CPU of a process with its descendants, and of the back ends that serve one database. Nought where there is no /proc."""

    def __init__(self, pid: int, database: str) -> None:
        self.pid, self.mark = pid, f" {database} ".encode()
        self.known: dict[tuple[int, str], float] = {}  # also those that ended since

    def seconds(self) -> float:
        """All together since they began."""
        parents: dict[int, int] = {}
        spent: dict[int, tuple[str, float]] = {}
        back_ends = set()
        for folder in PROC.glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            number = int(folder.name)
            parents[number] = int(fields[1])
            spent[number] = (
                fields[19],
                (int(fields[11]) + int(fields[12])) / TICK,
            )  # a number comes again, with another start
            if line.startswith(b"postgres:") and self.mark in line:
                back_ends.add(number)
        for number, (start, seconds) in spent.items():
            if number in back_ends or self._is_ours(number, parents):
                self.known[number, start] = seconds
        return sum(self.known.values())

    def _is_ours(self, number: int, parents: dict[int, int]) -> bool:
        while number in parents:
            if number == self.pid:
                return True
            number = parents[number]
        return False
