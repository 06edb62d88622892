"""What of operations itself may go: notes of old backups, parts of logs that were set aside."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.operations.models import Backup


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


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("operations.backup", "备份的记录", 730, 30, purge_backup_notes, "从备份算起；备份文件不动"),
        KindOfRecord(
            "operations.log", "换下来的运行日志文件", 184, 184, purge_logs, "从最后写入算起；法律要求留满六个月"
        ),
    )
