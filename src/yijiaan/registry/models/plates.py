from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import ScopedQuerySet


class Plate(CountyModel):
    """数字门牌: a code on a wall and the place it stands for."""

    code = models.CharField("门牌码", max_length=24, db_collation="C", help_text="县区 + 80 位随机数，猜不到")
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
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="plate_code_once")]
        indexes = [models.Index(fields=["county", "area_code", "id"], name="plate_of_area")]
