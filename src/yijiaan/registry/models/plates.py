from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet


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


class PlateSize(models.TextChoices):
    """What is cut: width and height in millimetres, and whether nine of them share a sheet of A4."""

    NINE_UP = "nine_up", "A4 纸，一张九块（60×90 毫米）"
    SMALL = "small", "单块 60×90 毫米"
    LARGE = "large", "单块 90×130 毫米"


class PrintState(models.TextChoices):
    WAITING = "waiting", "排队"
    DONE = "done", "做好了"
    FAILED = "failed", "没有做成"


class PlateStyle(CountyModel):
    """What stands on every printed plate of a county beside place and code."""

    slogan = models.CharField("门牌上的话", max_length=20)
    logo_sha256 = models.CharField("徽标", max_length=64, blank=True, db_collation="C", help_text="空：没有徽标")
    changed_at = models.DateTimeField("改动时间")

    class Meta:
        db_table = "plate_style"
        verbose_name = verbose_name_plural = "门牌样式"
        constraints = [models.UniqueConstraint(fields=["county"], name="plate_style_once")]


class PlatePrintQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "PlatePrintQuerySet":
        """Those that the actor himself asked for in this post."""
        if actor.post_id is None:
            return self.none()
        return self.filter(county=actor.county, post_id=actor.post_id)


class PlatePrint(CountyModel):
    """Sheets of plates that somebody wants as a PDF, and how far they are."""

    area_code = models.CharField("哪里的", max_length=16, db_collation="C")
    size = models.CharField("大小", max_length=10, choices=PlateSize.choices)
    address = models.CharField("网址", max_length=200, help_text="二维码里门牌页的开头")
    post = models.ForeignKey("accounts.Post", models.PROTECT, db_index=False, verbose_name="岗位", related_name="+")
    client_key = models.UUIDField("提交标识")
    state = models.CharField("进度", max_length=10, choices=PrintState.choices, default=PrintState.WAITING)
    plate_count = models.PositiveIntegerField("块数", default=0)
    requested_at = models.DateTimeField("提出时间")

    objects = PlatePrintQuerySet.as_manager()

    class Meta:
        db_table = "plate_print"
        verbose_name = verbose_name_plural = "门牌打印"
        constraints = [models.UniqueConstraint(fields=["county", "post", "client_key"], name="plate_print_once")]
        indexes = [models.Index(fields=["county", "post", "-requested_at"], name="plate_print_of_post")]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(settings.EXPORTS) / "plates" / f"{self.id}.pdf"

    @property
    def is_going(self) -> bool:
        """Not ended yet."""
        return self.state == PrintState.WAITING


class PlateNumbering(CountyModel):
    """The shapes of numbers on the plates that a county hung before: they are recognised, not reprinted."""

    masks = models.TextField("编号样式", blank=True, help_text="一行一种，# 代表数字，@ 代表字母")
    changed_at = models.DateTimeField("改动时间")

    class Meta:
        db_table = "plate_numbering"
        verbose_name = verbose_name_plural = "老门牌编号样式"
        constraints = [models.UniqueConstraint(fields=["county"], name="plate_numbering_once")]
