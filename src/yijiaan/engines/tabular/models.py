import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from yijiaan.core import clock
from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SealedField


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
