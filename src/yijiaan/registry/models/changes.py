from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyModel
from yijiaan.core.sealed import SealedField
from yijiaan.registry.models.codes import ChangeState
from yijiaan.registry.models.records import RecordQuerySet


class Change(CountyModel):
    """变更: one fact of a record from one value to another; who told it, who proposed and who decided. Both values are sealed."""

    kind = models.CharField("对象类别", max_length=14)
    subject_id = models.UUIDField("对象标识")
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    field = models.CharField("项目", max_length=30)
    old_sealed = SealedField("原来", blank=True)
    new_sealed = SealedField("改成", blank=True)
    source = models.CharField("来源", max_length=60)
    told_on = models.DateField("得知日期")
    state = models.CharField("状态", max_length=10, choices=ChangeState.choices, default=ChangeState.OPEN)
    proposed_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="提出岗位", null=True, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="决定岗位", null=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, help_text="空：还没有决定")
    reason = models.CharField("理由", max_length=200, blank=True)
    client_key = models.UUIDField("提交标识")

    objects = RecordQuerySet.as_manager()

    class Meta:
        db_table = "registry_change"
        verbose_name = verbose_name_plural = "变更"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key", "field"], name="change_client_key"),
            models.CheckConstraint(
                condition=Q(state=ChangeState.OPEN, decided_at__isnull=True)
                | (~Q(state=ChangeState.OPEN) & Q(decided_at__isnull=False)),
                name="change_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "subject_id", "id"], name="change_of_subject"),
            models.Index(fields=["county", "proposed_by", "id"], name="change_of_proposer"),
            models.Index(fields=["county", "area_code", "id"], condition=Q(state="open"), name="change_open"),
        ]
