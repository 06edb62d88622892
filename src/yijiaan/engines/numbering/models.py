from django.db import models


class Series(models.Model):
    """How far a series of numbers has been handed out."""

    distribution = "local"

    name = models.CharField("序列", max_length=60, primary_key=True, db_collation="C")
    last = models.BigIntegerField("已发到")

    class Meta:
        db_table = "number_series"
        verbose_name = verbose_name_plural = "编号序列"
