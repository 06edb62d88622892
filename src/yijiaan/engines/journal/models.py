from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import ScopedQuerySet
from yijiaan.core.sealed import SealedField

PERSONAL = "personal"  # in Entry.data: values about a person, sealed
ERASED = "已依法删除"  # what is read in their place after an erasure


class Entry(CountyModel):
    """One deed, as it happened; never changed, never deleted."""

    actor_kind = models.CharField("行为人类别", max_length=10)
    actor_id = models.CharField("行为人标识", max_length=64)
    post = models.ForeignKey(
        "accounts.Post",
        models.PROTECT,
        verbose_name="岗位",
        null=True,
        related_name="+",
        help_text="空：不是工作人员所为",
    )
    verb = models.CharField("动作", max_length=60)
    subject_type = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象标识")
    area_code = models.CharField("区划代码", max_length=16, db_collation="C")
    data = models.JSONField("变更内容", default=dict)
    happened_at = models.DateTimeField("时间")
    request_id = models.UUIDField("请求标识", null=True, help_text="空：不是请求所为")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "journal_entry"
        verbose_name = verbose_name_plural = "日志"
        indexes = [
            models.Index(fields=["county", "subject_id", "id"], name="journal_subject"),
            models.Index(fields=["county", "area_code", "id"], name="journal_area"),
            BrinIndex(fields=["happened_at"], name="journal_time"),
        ]


class Delivery(CountyModel):
    """What one subscriber still owes to one entry; deleted in the transaction of its effect."""

    entry = CountyForeignKey(Entry, models.CASCADE, verbose_name="日志", related_name="deliveries")
    subscriber = models.CharField("订阅者", max_length=60)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_at = models.DateTimeField("下次投递")
    last_error = models.CharField("最近错误", max_length=200, blank=True)

    class Meta:
        db_table = "journal_delivery"
        verbose_name = verbose_name_plural = "日志投递"
        constraints = [
            models.UniqueConstraint(fields=["county", "entry", "subscriber"], name="journal_delivery_once"),
        ]
        indexes = [models.Index(fields=["next_at"], name="journal_delivery_next")]


class Seal(CountyModel):
    """One link of a county's chain: the hash over the link before and over the entry as stored."""

    number = models.BigIntegerField("序号")
    entry = CountyForeignKey(Entry, models.PROTECT, verbose_name="日志", related_name="+")
    hash = models.BinaryField("链值", max_length=32)

    class Meta:
        db_table = "journal_seal"
        verbose_name = verbose_name_plural = "日志封印"
        constraints = [
            models.UniqueConstraint(fields=["county", "number"], name="journal_seal_number"),
            models.UniqueConstraint(fields=["county", "entry"], name="journal_seal_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="journal_seal_from_one"),
        ]


class PersonKey(CountyModel):
    """The key of the values about one person in the journal; without it they are noise, and the rows stay as sealed."""

    person = models.UUIDField("个人标识", help_text="用户、报事人等行的标识")
    key_sealed = SealedField("密钥", blank=True)
    made_at = models.DateTimeField("生成时间")
    destroyed_at = models.DateTimeField("销毁时间", null=True, help_text="空：还在用")

    class Meta:
        db_table = "journal_person_key"
        verbose_name = verbose_name_plural = "个人密钥"
        constraints = [models.UniqueConstraint(fields=["county", "person"], name="journal_person_key_once")]
