from datetime import datetime

from yijiaan.engines.jobs.providers import KindOfRecord, register_retention
from yijiaan.engines.tabular.models import Export, Import


def purge_exports(before: datetime, most: int) -> int:
    """Delete exports asked for before a moment, file and row."""
    gone = 0
    for export in Export.objects.filter(requested_at__lt=before).order_by("requested_at")[:most]:
        export.path.unlink(missing_ok=True)
        export.delete()
        gone += 1
    return gone


def purge_imports(before: datetime, most: int) -> int:
    """Delete imports received before a moment: file, lines and what undo needs. What they wrote stays."""
    gone = 0
    for imported in Import.objects.filter(received_at__lt=before).order_by("received_at")[:most]:
        imported.path.unlink(missing_ok=True)
        imported.delete()
        gone += 1
    return gone


def register() -> None:
    """Called once when the apps are ready."""
    register_retention(
        KindOfRecord("tabular.export", "导出的文件", 7, 1, purge_exports, "从提出算起；日志里谁要过什么不删"),
        KindOfRecord(
            "tabular.import", "导入的表格", 90, 7, purge_imports, "从收到算起；导进来的内容不删，删掉以后不能再整批撤销"
        ),
    )
