"""Many reports, one case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case
from yijiaan.core.county import CountyForeignKey, CountyModel


class Merge(CountyModel):
    """并案: one case goes into another with all its reports; undone, everything is as it was."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="并入", related_name="merges")
    part = CountyForeignKey(Case, models.CASCADE, verbose_name="被并", related_name="merged_by")
    report_ids = ArrayField(models.UUIDField("诉求"), verbose_name="带来的诉求")
    similarity = models.CharField("相似之处", max_length=200, blank=True)
    merged_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="并案岗位", null=True, related_name="+"
    )
    merged_at = models.DateTimeField("并案时间")
    undone_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        db_table = "case_merge"
        verbose_name = verbose_name_plural = "并案"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "part"], condition=Q(undone_at__isnull=True), name="merge_part_once"
            )
        ]
        indexes = [
            models.Index(fields=["county", "case", "merged_at"], name="merge_into_case"),
        ]
