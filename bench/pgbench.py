"""PostgreSQL's own load tool with our statements: what the database can do without us."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


def find_pgbench() -> str:
    """The program of the embedded PostgreSQL, else the one on the path."""
    tools = os.environ.get("YIJIAAN_POSTGRES_TOOLS")
    return str(Path(tools) / "pgbench") if tools else shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"


def run(url: str, script: str, *, clients: int, seconds: float, run: int, mode: str) -> float:
    """Transactions a second of a script, in one of its query modes. run: a number of its own, so that ids never meet."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    environment = {
        **os.environ,
        "PGHOST": options.get("host") or unquote(parts.hostname or ""),
        "PGPORT": str(parts.port or options.get("port") or 5432),
        "PGUSER": unquote(parts.username or options.get("user") or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.strip("/"),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [
                find_pgbench(),
                "-n",
                "-M",
                "prepared",
                "-c",
                str(clients),
                "-j",
                "2",
                "-T",
                str(max(1, round(seconds))),
                "-D",
                f"run={run}",
                "-D",
                "n=0",
                "-f",
                file.name,
            ],
            env={name: value for name, value in environment.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench: {done.stderr.strip()[:600]}")
    return float(found[1])
