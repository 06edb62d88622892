"""The table on the screen, and the page that keeps the last run."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from bench.measure import Result

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
MARK = "<!-- measured -->"


def table(results: list[Result]) -> str:
    """Markdown."""
    lines = [
        "| operation | rate | p50 ms | p95 ms | SQL statements | ratio to pgbench | aim |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for r in results:
        ratio = f"{r.ratio:.2f}" if r.ratio is not None else ""
        lines.append(
            f"| {r.name} | {r.rate:,.0f} {r.unit} | {r.p50:.1f} | {r.p95:.1f} | {r.statements} | {ratio} | {r.aim} |"
        )
    return "\n".join(lines)


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
    day = datetime.now(UTC).date()
    PAGE.write_text(
        f"{before}{MARK}\n\nMeasured {day}, size {size} ({cases:,} cases), on {machine()}.\n\n{table(results)}\n",
        "utf-8",
    )
