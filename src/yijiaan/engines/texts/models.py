from django.db import models

from yijiaan.core.identifiers import uuid7


class Wording(models.Model):
    """A sentence as this installation words it, everywhere or in one scope only; what has no row is worded as shipped."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    code = models.CharField("代码", max_length=60, db_collation="C")
    scope = models.CharField(
        "只用于", max_length=20, blank=True, default="", db_default="", db_collation="C", help_text="空：处处"
    )
    text = models.CharField("用语", max_length=200)
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        db_table = "wording"
        verbose_name = verbose_name_plural = "用语"
        constraints = [models.UniqueConstraint(fields=["code", "scope"], name="wording_once")]
