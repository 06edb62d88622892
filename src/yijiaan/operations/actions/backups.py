import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from yijiaan.core import clock, keys
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.operations import permissions
from yijiaan.operations.archive import Tick, no_tick, writing
from yijiaan.operations.database import FILES_LOCK, contents, environment, find_program, plain_connection
from yijiaan.operations.models import Backup

ENDING = ".backup"
NIGHTLY = "yijiaan-nightly-"
MARKS = ("demo", "demo.json")  # what the start keeps about the demo, in the data folder
ROOM = 200_000_000  # left free on the disk


def back_up(
    *, actor: Actor, place: str = "", passphrase: str = "", is_nightly: bool = False, tick: Tick = no_tick
) -> Path:
    """Copy database, files and keys into one file, while everything goes on; returns where it lies.

    place is a folder or a new file (default: `backups` in the data folder). The database comes first and from one snapshot;
    stored files never change, so those copied after it are all that it names.
    """
    actor.require(permissions.BACK_UP)
    at = clock.now()
    target = _target(place, at, is_nightly)
    row = _begin(target, at, is_sealed=bool(passphrase), is_nightly=is_nightly)
    try:
        _refuse_full_disk(target.parent)
        size, digest = _copy(target, passphrase, tick)
    except (RuleError, OSError, DatabaseError) as error:
        problem = error.message if isinstance(error, RuleError) else type(error).__name__
        _end(row, problem=problem[:200])
        if isinstance(error, OSError):
            raise RuleError("not_written", f"备份没有写成：{error.strerror or error}") from error
        raise
    _end(row, size=size, sha256=digest)
    return target


def keep_newest_nightly(*, actor: Actor, folder: Path, count: int) -> list[str]:
    """Delete the oldest nightly copies beyond the count; others are never touched. Returns the names."""
    actor.require(permissions.BACK_UP)
    old = sorted(folder.glob(f"{NIGHTLY}*{ENDING}"), reverse=True)[max(1, count) :]
    for path in old:
        path.unlink()
    return [path.name for path in old]


def _target(place: str, at: datetime, is_nightly: bool) -> Path:
    chosen = Path(place).expanduser().absolute() if place else Path(settings.BACKUP_FOLDER)
    if place and not place.endswith("/") and not chosen.is_dir():
        if chosen.exists():
            raise RuleError("taken", f"{chosen} 已经有了：请换一个文件名，备份不会覆盖别的文件")
        if not chosen.parent.is_dir():
            raise RuleError("no_folder", f"文件夹 {chosen.parent} 不存在：请先建好，或换一个地方")
        return chosen
    chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{NIGHTLY if is_nightly else 'yijiaan-'}{clock.local(at):%Y%m%d-%H%M%S}"
    target = chosen / f"{name}{ENDING}"
    if target.exists():
        raise RuleError("taken", f"{target} 已经有了：请过一秒再试")
    return target


def _copy(target: Path, passphrase: str, tick: Tick) -> tuple[int, str]:
    with plain_connection() as given:
        # whoever sweeps orphaned files waits: a file named by the dump must still be there when its turn comes
        given.execute("SELECT pg_advisory_lock_shared(%s)", [FILES_LOCK])
        given.commit()
        given.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = given.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        held = contents(given)
        with writing(target, passphrase, tick) as (archive, total):
            with _dump(held.server, snapshot[0]) as dump:
                archive.add_database(dump)
            # keys after the database: a rotation in between adds a key and takes none away
            archive.add_key("keys.json", keys.refresh().as_json())
            archive.add_key("secret_key", settings.SECRET_KEY)
            for name in MARKS:
                if (Path(settings.VAR) / name).is_file():
                    archive.add_key(name, (Path(settings.VAR) / name).read_text())
            archive.add_files(Path(settings.MEDIA_ROOT))
            archive.finish({"made_at": clock.now().isoformat(), **asdict(held)})
    return total()


@contextmanager
def _dump(server: int, snapshot: str) -> Iterator[Any]:
    command = [find_program("pg_dump", server), "--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            [*command, f"--snapshot={snapshot}"], env=environment(), stdout=subprocess.PIPE, stderr=said
        )
        try:
            yield process.stdout
            failed = process.wait()
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        if failed:
            said.seek(0)
            raise RuleError("dump_failed", f"数据库没有导出成功：{last_line(said.read())}")


def last_line(said: bytes) -> str:
    """The last thing that a program said."""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "没有说明原因"


def _refuse_full_disk(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        database = cursor.fetchone()[0]
    # the dump is compressed to about a fifth; the files are not
    needed = database // 5 + _bytes_in(Path(settings.MEDIA_ROOT)) + ROOM
    if shutil.disk_usage(folder).free < needed:
        raise RuleError(
            "disk_full", f"{folder} 所在的磁盘放不下备份：约需 {needed // 2**20} MB，请换一个磁盘或腾出空间"
        )


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _begin(target: Path, at: datetime, *, is_sealed: bool, is_nightly: bool) -> Backup | None:
    # before an update is migrated there is no such table yet, and then a backup matters most
    if Backup._meta.db_table not in connection.introspection.table_names():
        return None
    return Backup.objects.create(began_at=at, name=target.name, is_sealed=is_sealed, is_nightly=is_nightly)


def _end(row: Backup | None, **values: Any) -> None:
    if row is not None:
        Backup.objects.filter(id=row.id).update(ended_at=clock.now(), **values)
