"""What of operations itself may go: notes of old backups, parts of logs that were set aside, opinions that are settled."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.engines.todos.models import Todo
from yijiaan.operations.models import Backup, Opinion, OpinionTurn


def purge_backup_notes(before: datetime, most: int) -> int:
    """Delete notes of backups begun before a moment; the copies themselves are not touched."""
    old = Backup.objects.filter(began_at__lt=before).order_by("began_at").values_list("id", flat=True)
    return Backup.objects.filter(id__in=list(old[:most])).delete()[0]


def purge_logs(before: datetime, most: int) -> int:
    """Delete parts of logs that were set aside and last written before a moment."""
    old = [path for path in Path(settings.VAR, "log").glob("*.log.*") if path.stat().st_mtime < before.timestamp()][
        :most
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def purge_opinions(before: datetime, most: int) -> int:
    """Delete opinions about the platform settled before a moment, with what was said of them, their duties and pictures' rows."""
    gone = 0
    old = Opinion.objects.filter(closed_at__lt=before)
    for county in old.order_by("county").values_list("county", flat=True).distinct():
        ids = list(old.filter(county=county).order_by("closed_at", "id").values_list("id", flat=True)[: most - gone])
        with transaction.atomic():
            Todo.objects.filter(county=county, subject_id__in=ids).delete()
            StoredFile.objects.filter(county=county, subject_id__in=ids).delete()
            OpinionTurn.objects.filter(county=county, opinion_id__in=ids).delete()
            Opinion.objects.filter(county=county, id__in=ids).delete()
        gone += len(ids)
        if gone >= most:
            break
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("operations.backup", "备份的记录", 730, 30, purge_backup_notes, "从备份算起；备份文件不动"),
        KindOfRecord("operations.opinion", "了结的平台意见", 1096, 365, purge_opinions, "从了结算起；来往和照片一起删"),
        KindOfRecord(
            "operations.log", "换下来的运行日志文件", 184, 184, purge_logs, "从最后写入算起；法律要求留满六个月"
        ),
    )
