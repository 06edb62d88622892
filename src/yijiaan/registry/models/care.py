from django.db import models
from django.db.models import F, Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SealedField
from yijiaan.registry.models.codes import CareBasis, CareKind
from yijiaan.registry.models.people import Person


class CareEntryQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "CareEntryQuerySet":
        """Those of persons in the actor's areas, for who visits them or keeps the lists."""
        if not actor.may("registry.see_care"):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class CareEntry(CountyModel):
    """关爱对象: that a person is cared for, on what basis, and when somebody asks again whether it still fits."""

    person = CountyForeignKey(Person, models.CASCADE, verbose_name="个人", related_name="care")
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    care_kind = models.CharField("关爱类别", max_length=20, choices=CareKind.choices)
    basis = models.CharField("依据", max_length=8, choices=CareBasis.choices)
    source = models.CharField("来源", max_length=60, help_text="哪份文件、谁同意的")
    health_sealed = SealedField("身体情况", blank=True)
    started_on = models.DateField("列入日期")
    review_on = models.DateField("复核日期")
    ended_on = models.DateField("停止日期", null=True, help_text="空：还在列")
    reason = models.CharField("停止原因", max_length=100, blank=True)
    added_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    added_at = models.DateTimeField("登记时间")
    client_key = models.UUIDField("提交标识")

    objects = CareEntryQuerySet.as_manager()

    class Meta:
        db_table = "care_entry"
        verbose_name = verbose_name_plural = "关爱对象"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key"], name="care_client_key"),
            models.UniqueConstraint(
                fields=["county", "person", "care_kind"], condition=Q(ended_on__isnull=True), name="care_kind_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")), name="care_period"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "person", "id"], name="care_of_person"),
            models.Index(
                fields=["county", "area_code", "review_on", "id"], condition=Q(ended_on__isnull=True), name="care_open"
            ),
        ]
