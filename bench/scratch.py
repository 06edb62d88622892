"""A database of its own beside the one of DATABASE_URL, filled to a size and dropped at the end."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

SIZES = {"town": 30_000, "county": 1_000_000, "city": 5_000_000}
FILL = Path(__file__).with_name("fill.sql")


@dataclass(frozen=True)
class Scratch:
    url: str
    var: Path
    is_filled: bool = False

    def environment(self) -> dict[str, str]:
        """What a process of the server needs."""
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "YIJIAAN_VAR": str(self.var),
            "YIJIAAN_SECRET_KEY": "bench-only-never-served",
            "YIJIAAN_TESTING": "",
            "YIJIAAN_DEBUG": "",
            "YIJIAAN_LOG_LEVEL": "ERROR",
            "YIJIAAN_PUBLIC_LIMITS": "0",  # all load comes from one address
        }


@contextmanager
def scratch_database(size: str, *, keep: bool = False) -> Iterator[Scratch]:
    """Create it, and drop it whatever happens. keep: leave it with its keys under the data folder, and take the one left before
    when it was filled to this size."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"{parts.path.strip('/')}_bench"
    url = urlunsplit(parts._replace(path=f"/{name}"))
    kept = Path(os.environ["YIJIAAN_VAR"]) / "bench"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        if keep and kept.is_dir() and _size_of(admin, name) == size:
            yield Scratch(url, kept, is_filled=True)
            return
        _drop(admin, name)
        shutil.rmtree(kept, ignore_errors=True)
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            if keep:
                kept.mkdir(mode=0o700)
                yield Scratch(url, kept)
            else:
                with tempfile.TemporaryDirectory(prefix="yijiaan-bench-") as var:
                    yield Scratch(url, Path(var))
        finally:
            if not keep:
                _drop(admin, name)


def _size_of(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> str:
    found = admin.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return str(found[0]) if found else ""


def note_filled(url: str, size: str) -> None:
    """Say in the database itself how far it is filled."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"COMMENT ON DATABASE \"{connection.info.dbname}\" IS '{size}'".encode())


def _drop(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    # not WITH (FORCE): that wants to end autovacuum's process too, which only a superuser may; a plain DROP asks it to go
    for pause in (1, 2, 4, 8, 0):
        try:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        except psycopg.errors.ObjectInUse:
            if not pause:
                raise
            time.sleep(pause)
        else:
            return


def fill(url: str, cases: int) -> None:
    """Cases with their reports and orders, spread over two years, ninety-five of a hundred closed."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET yijiaan.cases = {int(cases)}".encode())
        for statement in FILL.read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
