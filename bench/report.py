"""The table on the screen, and the page that keeps the last run."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from bench.result import Result

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
MARK = "<!-- measured -->"


HEADS = (
    "| operation | rate | p50 ms | p95 ms | CPU ms | SQL statements | ratio to pgbench | aim |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
)


def table(results: list[Result]) -> str:
    """Markdown."""
    return "\n".join((*HEADS, *map(line, results)))


def line(r: Result) -> str:
    """One row of it."""
    rate = f"{r.rate:,.0f}" if r.rate >= 10 else f"{r.rate:.2g}"
    cpu = f"{r.cpu:.1f}" if r.cpu is not None else ""
    ratio = f"{r.ratio:.2f}" if r.ratio is not None else ""
    return f"| {r.name} | {rate} {r.unit} | {r.p50:,.1f} | {r.p95:,.1f} | {cpu} | {r.statements} | {ratio} | {r.aim} |"


def machine() -> str:
    """What it ran on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("SHOW fsync")
        fsync = cursor.fetchone()[0]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, "
        f"PostgreSQL {version.split()[0]} (fsync {fsync}), client and pgbench on the same machine"
    )


def keep(results: list[Result], size: str, cases: int) -> None:
    """Replace the measured part of docs/performance.md."""
    before = PAGE.read_text("utf-8").split(MARK)[0] if PAGE.exists() else "# Performance\n\n"
    day, load = datetime.now(UTC).date(), os.getloadavg()
    PAGE.write_text(
        f"{before}{MARK}\n\nMeasured {day}, size {size} ({cases:,} cases), on {machine()}. "
        f"Load of the machine, all that ran on it: {load[2]:.1f} in the last 15 minutes; alone, the bench makes 1 to 2.\n\n"
        f"{table(results)}\n",
        "utf-8",
    )
