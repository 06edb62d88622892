"""Bytes without a row: left by a deed that was rolled back after its picture was written, or by a deleted record."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection

from yijiaan.engines.files.models import RefusedUpload, StoredFile, UploadPart
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention

BACKUP_LOCK = 7_340_033  # held shared by whoever copies the files
BATCH = 500


def purge_orphans(before: datetime, most: int) -> int:
    """Delete files written before a moment that no row names. Nothing while a backup copies them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [BACKUP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    try:
        return _sweep(before.timestamp(), most)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BACKUP_LOCK])


def _sweep(before: float, most: int) -> int:
    gone = 0
    old = (path for path in _files(Path(settings.MEDIA_ROOT)) if path.stat().st_mtime < before)
    while gone < most and (some := list(islice(old, BATCH))):
        hashes = {path: path.name.split(".")[0] for path in some}
        named = set(StoredFile.objects.filter(sha256__in=set(hashes.values())).values_list("sha256", flat=True))
        for path in [path for path in some if hashes[path] not in named][: most - gone]:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _files(folder: Path) -> Iterator[Path]:
    """The store's own files, `ab/cd/<hash>.jpg` and `.sound`, and what was left half written among them."""
    return (path for path in folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*") if path.is_file())


def purge_refused(before: datetime, most: int) -> int:
    """Delete what is remembered of files refused before a moment."""
    old = RefusedUpload.objects.filter(refused_at__lt=before).order_by("refused_at").values_list("id", flat=True)
    return RefusedUpload.objects.filter(id__in=list(old[:most])).delete()[0]


def purge_parts(before: datetime, most: int) -> int:
    """Delete pieces whose rest never came."""
    old = UploadPart.objects.filter(stored_at__lt=before).order_by("stored_at").values_list("id", flat=True)
    return UploadPart.objects.filter(id__in=list(old[: min(most, BATCH)])).delete()[0]


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("files.orphan", "没有记录的附件", 30, 2, purge_orphans, "从写下算起；有记录的附件不动"),
        KindOfRecord("files.parts", "没有传完的分段", 30, 8, purge_parts, "从收到算起；传完的当时就删"),
        KindOfRecord(
            "files.refused", "没有收的附件的记录", 184, 7, purge_refused, "从没有收算起；文件本身当时就没有留"
        ),
    )
