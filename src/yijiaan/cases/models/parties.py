"""Who must keep away from a case."""

from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.identifiers import uuid7
from yijiaan.core.sealed import SealedField


class DeclaredInterest(models.Model):
    """利害关系申报: a member of staff says whom or which unit he is related to; he keeps out of cases about them."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, verbose_name="申报人", related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, verbose_name="单位", null=True, related_name="+")
    person = models.ForeignKey("accounts.User", models.PROTECT, verbose_name="工作人员", null=True, related_name="+")
    name_sealed = SealedField("其他人的姓名", blank=True)
    relation = models.CharField("什么关系", max_length=20)
    declared_at = models.DateTimeField("申报时间")
    ended_at = models.DateTimeField("终止时间", null=True)

    class Meta:
        db_table = "declared_interest"
        verbose_name = verbose_name_plural = "利害关系申报"
        indexes = [
            models.Index(fields=["unit"], condition=Q(ended_at__isnull=True), name="interest_in_unit"),
            models.Index(fields=["person"], condition=Q(ended_at__isnull=True), name="interest_in_person"),
        ]


class PartyKind(models.TextChoices):
    NAMED = "named", "被反映"
    RELATED = "related", "有利害关系"


class Party(CountyModel):
    """A unit or a person that a report is about, or that has an interest in it: it neither handles, verifies nor calls back."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="parties")
    kind = models.CharField("关系", max_length=10, choices=PartyKind.choices, default=PartyKind.NAMED)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="单位", null=True, related_name="+"
    )
    user = models.ForeignKey(
        "accounts.User", models.PROTECT, db_index=False, verbose_name="人员", null=True, related_name="+"
    )
    declared_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    declared_at = models.DateTimeField("登记时间")

    class Meta:
        db_table = "case_party"
        verbose_name = verbose_name_plural = "回避"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case", "unit"], condition=Q(unit__isnull=False), name="party_unit_once"
            ),
            models.UniqueConstraint(
                fields=["county", "case", "user"], condition=Q(user__isnull=False), name="party_user_once"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, user__isnull=True) | Q(unit__isnull=True, user__isnull=False),
                name="party_is_one",
            ),
        ]
        indexes = [models.Index(fields=["county", "user"], condition=Q(user__isnull=False), name="party_user")]
