from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SearchHashField
from yijiaan.operations.flows import FLOW


class Backup(models.Model):
    """One copy of database, files and keys that was made or tried."""

    distribution = "local"

    id = models.BigAutoField("序号", primary_key=True)
    began_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, help_text="空：还在做，或者中途断了")
    name = models.CharField("文件名", max_length=200)
    size = models.BigIntegerField("字节数", default=0)
    sha256 = models.CharField("内容哈希", max_length=64, blank=True)
    is_sealed = models.BooleanField("加了口令", default=False)
    is_nightly = models.BooleanField("每夜自动", default=False)
    problem = models.CharField("没有做成的原因", max_length=200, blank=True)

    class Meta:
        db_table = "operations_backup"
        verbose_name = verbose_name_plural = "备份"
        indexes = [models.Index(fields=["-began_at"], name="operations_backup_newest")]


class Retention(models.Model):
    """How long one kind of record is kept here, where that is not the preset."""

    distribution = "reference"

    kind = models.CharField("资料种类", max_length=40, primary_key=True, db_collation="C")
    days = models.PositiveIntegerField("保存天数", null=True, help_text="空：一直保存")

    class Meta:
        db_table = "operations_retention"
        verbose_name = verbose_name_plural = "保存期限"


class Purge(models.Model):
    """One line of the deletion log: what kind, how many, from before when; nothing of what stood in them."""

    distribution = "local"

    id = models.BigAutoField("序号", primary_key=True)
    kind = models.CharField("资料种类", max_length=40)
    count = models.PositiveIntegerField("删除数")
    before = models.DateTimeField("早于")
    purged_at = models.DateTimeField("删除时间")

    class Meta:
        db_table = "operations_purge"
        verbose_name = verbose_name_plural = "删除记录"


class OpinionKind(models.TextChoices):
    OPINION = "opinion", "意见"
    SUGGESTION = "suggestion", "建议"
    FAULT = "fault", "故障"
    BURDEN = "burden", "负担过重"


class OpinionQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "OpinionQuerySet":
        """All of the county for who answers them; one's own for everybody who signed his name."""
        mine = Q(post__user_id=actor.user_id) if actor.user_id else Q(pk__in=[])
        if actor.may("operations.answer_opinions"):
            return self.filter(county=actor.county)
        return self.filter(mine, county=actor.county)


class Opinion(CountyModel):
    """平台意见: what somebody thinks of the platform itself. Without a name nothing of the writer is kept, not even the hour."""

    kind = models.CharField("哪一类", max_length=12, choices=OpinionKind.choices)
    text = models.TextField("内容", max_length=1000)
    page = models.CharField("从哪一页来", max_length=80, blank=True, db_collation="C", help_text="网址名，不带编号")
    status = models.CharField("状态", max_length=12, choices=FLOW.choices())
    is_anonymous = models.BooleanField("匿名", default=False)
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁写的", null=True, related_name="+"
    )
    code_search = SearchHashField("查看码检索", purpose="opinion", null=True, default=None)
    received_at = models.DateTimeField("收到时间", help_text="匿名的只记到哪一天")
    due_at = models.DateTimeField("最晚答复时间")
    was_unsettled = models.BooleanField("说过没解决", default=False)
    closed_at = models.DateTimeField("了结时间", null=True)
    client_key = models.UUIDField("提交键")

    objects = OpinionQuerySet.as_manager()

    class Meta:
        db_table = "opinion"
        verbose_name = verbose_name_plural = "平台意见"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key"], name="opinion_client_key"),
            models.UniqueConstraint(fields=["county", "code_search"], name="opinion_code_once"),
            models.CheckConstraint(condition=Q(is_anonymous=False) | Q(post__isnull=True), name="opinion_no_name"),
        ]
        indexes = [
            models.Index(fields=["county", "status", "due_at"], name="opinion_by_due"),
            models.Index(fields=["county", "post"], condition=Q(post__isnull=False), name="opinion_of_post"),
        ]

    @property
    def status_label(self) -> str:
        """The state in words."""
        return FLOW.state(self.status).label


class OpinionTurnKind(models.TextChoices):
    ANSWER = "answer", "答复"
    UNSETTLED = "unsettled", "还没解决"


class OpinionTurn(CountyModel):
    """One thing said about an opinion after it came: an answer, or that it is not settled."""

    opinion = CountyForeignKey(Opinion, models.CASCADE, verbose_name="平台意见", related_name="turns")
    kind = models.CharField("谁说的", max_length=12, choices=OpinionTurnKind.choices)
    text = models.CharField("内容", max_length=1000)
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="答复岗位", null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        db_table = "opinion_turn"
        verbose_name = verbose_name_plural = "平台意见来往"
        indexes = [models.Index(fields=["county", "opinion", "at"], name="opinion_turn_of_opinion")]
