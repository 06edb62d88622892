import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from yijiaan.core import clock
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SealedField
from yijiaan.engines.tabular.permissions import IMPORT
from yijiaan.engines.tabular.targets import Done, Verdict, Written


class ExportState(models.TextChoices):
    WAITING = "waiting", "排队"
    RUNNING = "running", "正在写"
    DONE = "done", "写好了"
    FAILED = "failed", "没有写成"


class ExportQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "ExportQuerySet":
        """Those that the actor himself asked for in this post: nobody else takes a file away."""
        if actor.post_id is None:
            return self.none()
        return self.filter(county=actor.county, post_id=actor.post_id)


class Export(CountyModel):
    """One list that somebody asked for as a file, and how far it is written."""

    kind = models.CharField("哪张表", max_length=40, db_collation="C")
    title = models.CharField("内容", max_length=200)
    parameters_sealed = SealedField("条件", help_text="要找的话里可能有姓名或电话")
    purpose = models.CharField("用途", max_length=200, blank=True, help_text="含个人信息时必填")
    post = models.ForeignKey("accounts.Post", models.PROTECT, db_index=False, verbose_name="岗位", related_name="+")
    client_key = models.UUIDField("提交标识")
    state = models.CharField("进度", max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    total_count = models.PositiveIntegerField("总行数", default=0)
    done_count = models.PositiveIntegerField("已写行数", default=0)
    size = models.PositiveBigIntegerField("字节数", default=0)
    requested_at = models.DateTimeField("提出时间")
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        db_table = "export"
        verbose_name = verbose_name_plural = "导出"
        constraints = [models.UniqueConstraint(fields=["county", "post", "client_key"], name="export_once")]
        indexes = [models.Index(fields=["county", "post", "-requested_at"], name="export_of_post")]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the list was narrowed by, as the app that owns it wrote it down."""
        found: dict[str, Any] = json.loads(self.parameters_sealed or "{}")
        return found

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(settings.EXPORTS) / f"{self.id}.xlsx"

    @property
    def is_going(self) -> bool:
        """Not ended yet."""
        return self.state in (ExportState.WAITING, ExportState.RUNNING)

    @property
    def part(self) -> int:
        """How much is written, in per cent."""
        if not self.is_going:
            return 100
        return min(99, self.done_count * 100 // self.total_count) if self.total_count else 0

    @property
    def page_url(self) -> str:
        """The page that shows the course."""
        return "/exports/"

    @property
    def file_name(self) -> str:
        """How the file is called where it is saved."""
        return f"{self.title[:40]} {clock.local(self.requested_at):%Y%m%d-%H%M}.xlsx"


class ImportState(models.TextChoices):
    READ = "read", "待对列"
    CHECKING = "checking", "正在检查"
    PREVIEWED = "previewed", "待确认"
    RUNNING = "running", "正在导入"
    DONE = "done", "导入完成"
    FAILED = "failed", "中途停下"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"
    DROPPED = "dropped", "没有导入"


GOING = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


class ImportQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "ImportQuerySet":
        """Those made inside the actor's areas, for who imports tables: a colleague must be able to undo one."""
        if not actor.may(IMPORT):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class Import(CountyModel):
    """One ledger that somebody brought, from the file to what came of it."""

    kind = models.CharField("导入到哪里", max_length=40, db_collation="C")
    file_name_sealed = SealedField("文件名", help_text="文件名里可能有姓名")
    digest = models.CharField("内容哈希", max_length=64, db_collation="C")
    size = models.PositiveIntegerField("字节数")
    area_code = models.CharField("导入岗位的辖区", max_length=16, db_collation="C")
    post = models.ForeignKey("accounts.Post", models.PROTECT, db_index=False, verbose_name="岗位", related_name="+")
    client_key = models.UUIDField("提交标识")
    state = models.CharField("进度", max_length=10, choices=ImportState.choices, default=ImportState.READ)
    sheets = models.JSONField("有哪些表", default=list, help_text="表名、是否隐藏、隐藏行数、行数")
    sheet = models.CharField("选的表", max_length=100)
    head_first = models.PositiveSmallIntegerField("表头第一行", default=0)
    head_last = models.PositiveSmallIntegerField("表头最后一行", default=0)
    heads = models.JSONField("表头", default=list)
    samples_sealed = SealedField("各列的例子", help_text="对列时给人看，看时遮盖")
    mapping = models.JSONField("列对应", default=dict, help_text="列号到内容")
    fixed = models.JSONField("整张表都一样的", default=dict, help_text="内容到值，表里没有这一列时用")
    total_count = models.PositiveIntegerField("总行数", default=0)
    done_count = models.PositiveIntegerField("已看行数", default=0)
    reached_line = models.PositiveIntegerField("办到第几行", default=0)
    skipped_count = models.PositiveIntegerField("合计和说明行数", default=0)
    new_count = models.PositiveIntegerField("新增行数", default=0)
    changed_count = models.PositiveIntegerField("更新行数", default=0)
    same_count = models.PositiveIntegerField("不变行数", default=0)
    conflict_count = models.PositiveIntegerField("冲突行数", default=0)
    refused_count = models.PositiveIntegerField("不能导入行数", default=0)
    undone_count = models.PositiveIntegerField("已撤销行数", default=0)
    kept_count = models.PositiveIntegerField("撤销时留下的行数", default=0)
    failure = models.CharField("停下的原因", max_length=200, blank=True)
    received_at = models.DateTimeField("收到时间")
    started_at = models.DateTimeField("开始导入时间", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        db_table = "table_import"
        verbose_name = verbose_name_plural = "表格导入"
        constraints = [models.UniqueConstraint(fields=["county", "post", "client_key"], name="table_import_once")]
        indexes = [models.Index(fields=["county", "area_code", "-received_at"], name="table_import_of_area")]

    @property
    def path(self) -> Path:
        """Where the file lies, sealed."""
        return Path(settings.EXPORTS) / "imports" / f"{self.id}.sealed"

    @property
    def is_going(self) -> bool:
        """A job is at it."""
        return self.state in GOING

    @property
    def part(self) -> int:
        """How much is done, in per cent."""
        whole = self.written_count if self.state == ImportState.UNDOING else self.total_count
        return min(99, self.done_count * 100 // whole) if whole else 0

    @property
    def columns(self) -> dict[int, str]:
        """Our field by column."""
        return {int(column): key for column, key in self.mapping.items()}

    @property
    def samples(self) -> list[list[str]]:
        """Three values of each column."""
        found: list[list[str]] = json.loads(self.samples_sealed or "[]")
        return found

    @property
    def written_count(self) -> int:
        """Rows that did something."""
        return self.new_count + self.changed_count


class Layout(CountyModel):
    """How the columns of a ledger were explained once: the same ledger next year asks nothing."""

    kind = models.CharField("导入到哪里", max_length=40, db_collation="C")
    fingerprint = models.CharField("表头特征", max_length=32, db_collation="C")
    fields_by_head = models.JSONField("列对应", default=dict, help_text="表头到内容，空：不导入")
    used_at = models.DateTimeField("最近用到")

    class Meta:
        db_table = "table_layout"
        verbose_name = verbose_name_plural = "表格式样"
        constraints = [models.UniqueConstraint(fields=["county", "kind", "fingerprint"], name="table_layout_once")]


class ImportLine(CountyModel):
    """A line of an import that somebody should look at: all that were refused or conflict, and the first of every other kind."""

    table_import = CountyForeignKey(Import, models.CASCADE, verbose_name="导入", related_name="+")
    line = models.PositiveIntegerField("第几行", help_text="按文件数")
    verdict = models.CharField("怎么样", max_length=10, db_collation="C")
    remark = models.CharField("原因", max_length=500, blank=True)
    field = models.CharField("哪一项", max_length=40, blank=True, db_collation="C")
    values_sealed = SealedField("内容")

    class Meta:
        db_table = "table_import_line"
        verbose_name = verbose_name_plural = "导入要看的行"
        constraints = [
            models.UniqueConstraint(fields=["county", "table_import", "line"], name="table_import_line_once")
        ]
        indexes = [models.Index(fields=["county", "table_import", "verdict", "line"], name="table_import_line_kind")]

    @property
    def values(self) -> dict[str, str]:
        """What the line says, by field key."""
        found: dict[str, str] = json.loads(self.values_sealed or "{}")
        return found


class ImportedRow(CountyModel):
    """What one line of an import wrote, and what stood there before: undo needs no more."""

    table_import = CountyForeignKey(Import, models.CASCADE, verbose_name="导入", related_name="+")
    line = models.PositiveIntegerField("第几行", help_text="按文件数")
    verdict = models.CharField("做了什么", max_length=10, db_collation="C")
    subject_id = models.UUIDField("对象标识")
    former_sealed = SealedField("原来的内容")
    is_undone = models.BooleanField("已撤销", default=False)
    remark = models.CharField("撤销时为什么留下", max_length=200, blank=True)

    class Meta:
        db_table = "table_imported_row"
        verbose_name = verbose_name_plural = "导入的行"
        constraints = [
            models.UniqueConstraint(fields=["county", "table_import", "line"], name="table_imported_row_once")
        ]

    @property
    def former(self) -> dict[str, str]:
        """What stood there before, by field key."""
        found: dict[str, str] = json.loads(self.former_sealed or "{}")
        return found

    @property
    def done(self) -> Done:
        """The row as its target meets it."""
        return Done(self.line, Written(self.subject_id, Verdict(self.verdict), self.former))
