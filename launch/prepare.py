"""Runs inside Django, in one process, before the web: migrations, demo, static files, the list of accounts."""

import argparse
import hashlib
import importlib
import io
import os
import sys
from pathlib import Path

import django
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from launch.places import REQUIREMENTS, ROOT, SOURCE, Data, write_private
from launch.say import SPOKEN, Stop, console

LEAST_SERVER = 150000


def main() -> int:
    """Prepare; 0 when the web may start, SPOKEN when it may not and the reason has been told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--demo", choices=["first", "yes", "no"], default="first")
    parser.add_argument("--migrate-only", action="store_true")
    parser.add_argument("--accounts", type=int, help="file descriptor that takes the list of demo accounts")
    options = parser.parse_args()
    try:
        django.setup()
        _prepare(options)
    except Stop as stop:
        return _say(str(stop))
    except ImproperlyConfigured as error:
        return _say(f"设置有误：{error}")
    except CommandError as error:
        return _say(str(error))
    except DatabaseError as error:
        return _say(f"数据库出错：{str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__}")
    return 0


def _say(sentence: str) -> int:
    console.line(sentence)
    return SPOKEN


def _prepare(options: argparse.Namespace) -> None:
    data = Data(options.data)
    _refuse_unfit_server()
    executor = MigrationExecutor(connection)
    is_first = not executor.loader.applied_migrations or data.unfinished.exists()
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if options.migrate_only:
        call_command("migrate", verbosity=0, interactive=False)
        return
    if is_first:
        write_private(data.unfinished, "")
    if plan:
        with console.step("建立数据表" if is_first else f"更新数据表（{len(plan)} 步）"):
            call_command("migrate", verbosity=0, interactive=False)
    for load in ("load_calendar", "load_roles"):  # what an update ships; what was edited stays
        call_command(load, verbosity=0)
    loads_demo = options.demo == "yes" or (options.demo == "first" and is_first)
    if loads_demo and not data.demo.exists():
        call_command("load_demo")
        write_private(data.demo, "")
    data.unfinished.unlink(missing_ok=True)
    _collect_static(data)
    # a web server that cannot load would only be seen in its log
    importlib.import_module("yijiaan.project.wsgi")
    call_command("check", stdout=io.StringIO())
    if options.accounts is not None and data.demo.exists():
        with os.fdopen(options.accounts, "w") as file:
            call_command("demo_accounts", stdout=file)


def _refuse_unfit_server() -> None:
    # past the pool, which would try for twenty seconds and tell less
    parameters = connection.get_connection_params()
    wanted = {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
    try:
        with psycopg.connect(**wanted, connect_timeout=10) as server:
            version = server.info.server_version
    except psycopg.OperationalError as error:
        raise Stop(f"连不上数据库：{str(error).strip().splitlines()[0]}。") from error
    if version < LEAST_SERVER:
        raise Stop(f"需要 PostgreSQL 15 或更新的版本，这里是 {version // 10000}。")


def _collect_static(data: Data) -> None:
    signature = static_signature()
    if data.static_stamp.is_file() and data.static_stamp.read_text() == signature:
        return
    with console.step("收集网页文件"):
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    write_private(data.static_stamp, signature)


def static_signature() -> str:
    """Changes with every file that collectstatic reads, and with the code that collects."""
    whole = hashlib.sha256()
    whole.update((ROOT / "package-lock.json").read_bytes() + (REQUIREMENTS / "base.txt").read_bytes())
    sources = [path for folder in SOURCE.rglob("static") for path in folder.rglob("*") if path.is_file()]
    for path in sorted([*sources, *(SOURCE / "yijiaan" / "ui").glob("*.py")]):
        about = path.stat()
        whole.update(f"{path.relative_to(SOURCE)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
