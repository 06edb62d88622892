from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import ScopedQuerySet


class PlateState(models.TextChoices):
    IN_USE = "in_use", "在用"
    REVOKED = "revoked", "已停用"


class EndReason(models.TextChoices):
    DAMAGED = "damaged", "坏了、看不清了"
    LOST = "lost", "丢了"
    WRONG = "wrong", "印错了、挂错了"
    MISUSED = "misused", "码被人冒用"
    GONE = "gone", "地方拆了、没有了"


class Plate(CountyModel):
    """数字门牌: a code on a wall and the place it stands for."""

    code = models.CharField("门牌码", max_length=24, db_collation="C", help_text="县区 + 80 位随机数，猜不到")
    external_no = models.CharField(
        "原编号", max_length=20, blank=True, db_collation="C", help_text="墙上老门牌的编号，不用重印"
    )
    state = models.CharField("状态", max_length=10, choices=PlateState.choices, default=PlateState.IN_USE)
    place = models.CharField("地点", max_length=120)
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    made_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="制作岗位", null=True, related_name="+"
    )
    made_at = models.DateTimeField("制作时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "plate"
        verbose_name = verbose_name_plural = "数字门牌"
        constraints = [
            models.UniqueConstraint(fields=["county", "code"], name="plate_code_once"),
            models.UniqueConstraint(
                fields=["county", "external_no"], condition=Q(external_no__gt=""), name="plate_external_once"
            ),
        ]
        indexes = [models.Index(fields=["county", "area_code", "id"], name="plate_of_area")]

    @property
    def is_in_use(self) -> bool:
        """Not revoked."""
        return self.state == PlateState.IN_USE


class PlateEnd(CountyModel):
    """Why a plate is not in use any more, and which one hangs there instead."""

    plate = CountyForeignKey(Plate, models.CASCADE, verbose_name="停用的门牌", related_name="ends")
    reason = models.CharField("原因", max_length=10, choices=EndReason.choices)
    replaced_by = CountyForeignKey(
        Plate, models.PROTECT, verbose_name="换成哪块", null=True, related_name="replaced", help_text="空：没有换新的"
    )
    ended_by = models.ForeignKey("accounts.Post", models.PROTECT, db_index=False, verbose_name="岗位", related_name="+")
    ended_at = models.DateTimeField("停用时间")

    class Meta:
        db_table = "plate_end"
        verbose_name = verbose_name_plural = "门牌停用"
        constraints = [models.UniqueConstraint(fields=["county", "plate"], name="plate_end_once")]
        indexes = [models.Index(fields=["county", "replaced_by"], name="plate_end_replaced")]


class PlateDay(CountyModel):
    """How often a plate was of use on a day: numbers alone, nothing about who stood before it."""

    plate = CountyForeignKey(Plate, models.CASCADE, verbose_name="门牌", related_name="days")
    on = models.DateField("日期")
    opened_count = models.PositiveIntegerField("打开次数", default=0)
    reported_count = models.PositiveIntegerField("报事次数", default=0)
    called_count = models.PositiveIntegerField("点电话次数", default=0)

    class Meta:
        db_table = "plate_day"
        verbose_name = verbose_name_plural = "门牌每天使用"
        constraints = [models.UniqueConstraint(fields=["county", "plate", "on"], name="plate_day_once")]
        indexes = [models.Index(fields=["on"], name="plate_day_on")]


class PlateNumbering(CountyModel):
    """The shapes of numbers on the plates that a county hung before: they are recognised, not reprinted."""

    masks = models.TextField("编号样式", blank=True, help_text="一行一种，# 代表数字，@ 代表字母")
    changed_at = models.DateTimeField("改动时间")

    class Meta:
        db_table = "plate_numbering"
        verbose_name = verbose_name_plural = "老门牌编号样式"
        constraints = [models.UniqueConstraint(fields=["county"], name="plate_numbering_once")]
