import contextlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from yijiaan.core import clock, keys
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.queries import list_verdicts
from yijiaan.operations import permissions
from yijiaan.operations.actions.backups import MARKS, last_line
from yijiaan.operations.archive import Archive, Tick, no_tick
from yijiaan.operations.database import Contents, contents, environment, find_program, is_empty, plain_connection
from yijiaan.operations.models import Backup

UNFINISHED = "restoring"  # in the data folder while a restore is under way: an interrupted one may be begun again


@dataclass(frozen=True)
class Restored:
    """What came back."""

    manifest: dict[str, Any]
    files: int
    migrated: int
    heads: dict[str, list[Any]]


def restore(*, actor: Actor, path: Path, passphrase: str = "", tick: Tick = no_tick) -> Restored:
    """Bring a backup back into an empty installation, and prove that it is what was there.

    RuleError before anything is touched when the archive is damaged, comes from another major version of PostgreSQL or from
    newer code, or when this installation holds something.
    """
    actor.require(permissions.BACK_UP)
    _refuse_filled()
    archive = Archive(path, passphrase)
    manifest = archive.check(tick)
    _refuse_unfit(manifest)
    mark = Path(settings.VAR) / UNFINISHED
    mark.write_text(path.name)
    _put_keys(archive.keys())
    files = archive.extract_files(Path(settings.MEDIA_ROOT), tick)
    # the database last and in one transaction: until it is whole, the restore may be begun again
    _load(archive, manifest["server"])
    _compare(manifest, _present())
    migrated = _migrate()
    heads = _prove_chains(actor, manifest["heads"])
    # the copy holds the note of its own beginning
    Backup.objects.filter(ended_at__isnull=True).update(ended_at=clock.now(), size=path.stat().st_size)
    mark.unlink()
    return Restored(manifest, files, migrated, heads)


def _refuse_filled() -> None:
    if not is_empty():
        raise RuleError(
            "not_empty",
            "这里已经有数据，恢复不会覆盖它：请换一个空的数据文件夹，例如 YIJIAAN_VAR=/新文件夹 ./yijiaan restore …",
        )
    if (Path(settings.VAR) / UNFINISHED).exists():
        return
    folder = Path(settings.MEDIA_ROOT)
    if settings.KEYS_FILE.exists() or (folder.is_dir() and any(folder.iterdir())):
        raise RuleError(
            "not_empty", f"{settings.VAR} 里已经有密钥或附件，恢复不会覆盖它们：请换一个空的数据文件夹，或先把它们移走"
        )


def _refuse_unfit(manifest: dict[str, Any]) -> None:
    with plain_connection() as given:
        here = given.info.server_version // 10000
    if here != manifest["server"]:
        raise RuleError(
            "other_version",
            f"备份来自 PostgreSQL {manifest['server']}，这里是 {here}：请用 {manifest['server']} 版的数据库恢复",
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in manifest["migrations"] if name not in known]
    if newer:
        raise RuleError("newer_code", f"备份来自更新的程序（这里不认识 {newer[-1]}）：请先更新程序再恢复")


def _put_keys(secrets: dict[str, str]) -> None:
    if os.environ.get("YIJIAAN_KEYS"):
        held, given = json.loads(secrets["keys.json"]), json.loads(os.environ["YIJIAAN_KEYS"])
        if held["search"] != given.get("search") or not held["seal"].items() <= given.get("seal", {}).items():
            raise RuleError("other_keys", "YIJIAAN_KEYS 里没有备份所用的密钥：请补上，或去掉这个变量后再恢复")
    else:
        _write_private(settings.KEYS_FILE, secrets["keys.json"])
    keys.use(None)
    var = Path(settings.VAR)
    if not os.environ.get("YIJIAAN_SECRET_KEY"):
        _write_private(var / "secret_key", secrets["secret_key"] + "\n")
    for name in MARKS:
        if name in secrets:
            _write_private(var / name, secrets[name])


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # 0600
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    Path(half).replace(path)


def _load(archive: Archive, server: int) -> None:
    connection.close()
    command = [find_program("pg_restore", server), "--no-owner", "--no-privileges", "--exit-on-error"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            [*command, "--single-transaction", f"--dbname={environment()['PGDATABASE']}"],
            env=environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        assert process.stdin is not None
        try:
            # it has said why when it hangs up
            with contextlib.suppress(BrokenPipeError):
                for piece in archive.database():
                    process.stdin.write(piece)
                process.stdin.close()
            failed = process.wait()
        finally:
            process.kill()
            process.wait()
        if failed:
            said.seek(0)
            raise RuleError("load_failed", f"数据库没有恢复成功：{last_line(said.read())}")
    with plain_connection() as given:
        given.autocommit = True
        given.execute("ANALYZE")


def _present() -> Contents:
    with plain_connection() as given:
        return contents(given)


def _compare(manifest: dict[str, Any], present: Contents) -> None:
    for name, rows in manifest["tables"].items():
        if present.tables.get(name) != rows:
            raise RuleError(
                "rows_differ", f"恢复后 {name} 有 {present.tables.get(name, 0)} 行，备份时是 {rows} 行：请换一份备份"
            )
    for name, last in manifest["sequences"].items():
        # a sequence is not held by the snapshot: it may have run on while the copy was made, never back
        if present.sequences.get(name, -1) < last:
            raise RuleError("sequence_behind", f"恢复后序列 {name} 落在后面：请换一份备份")
    if present.heads != manifest["heads"]:
        raise RuleError("heads_differ", "恢复后的日志封印和备份时的对不上：请换一份备份")


def _migrate() -> int:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    return pending


def _prove_chains(actor: Actor, heads: dict[str, list[Any]]) -> dict[str, list[Any]]:
    found = {}
    for verdict in list_verdicts(actor):
        if verdict.fault:
            raise RuleError("chain_broken", f"恢复后 {verdict.county} 的日志链不完整：{verdict.fault}")
        found[verdict.county] = [verdict.links, verdict.head.hex()]
    if found != heads:
        raise RuleError("heads_differ", "恢复后的日志链头和备份时的对不上：请换一份备份")
    return found
