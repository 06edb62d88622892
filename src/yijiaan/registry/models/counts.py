from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import ScopedQuerySet


class GridCount(CountyModel):
    """登记情况的数: how many records a grid has, how full and how old they are, as of the moment at which they were counted."""

    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    household_count = models.PositiveIntegerField("住户数")
    person_count = models.PositiveIntegerField("人口数")
    filled_count = models.PositiveIntegerField("已填项数")
    wanted_count = models.PositiveIntegerField("要填项数")
    due_count = models.PositiveIntegerField("该核对的户数")
    oldest_on = models.DateField("最旧一项的日期")
    counted_at = models.DateTimeField("数的时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "registry_grid_count"
        verbose_name = verbose_name_plural = "登记情况的数"
        constraints = [models.UniqueConstraint(fields=["county", "area_code"], name="grid_count_once")]
