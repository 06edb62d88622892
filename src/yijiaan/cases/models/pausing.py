"""Clocks that stand still, more time, and the ledger of what cannot be solved now."""

from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case
from yijiaan.core.county import CountyForeignKey, CountyModel


class PauseKind(models.TextChoices):
    NEED_INFO = "need_info", "等报事人补充"
    SUSPENDED = "suspended", "挂账"


class Pause(CountyModel):
    """A time in which the clock of what is owed stood still, why, and where the case goes on afterwards."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="pauses")
    kind = models.CharField("暂停事由", max_length=12, choices=PauseKind.choices)
    reason = models.CharField("原因", max_length=20, blank=True)
    back_to = models.CharField("恢复到", max_length=20, help_text="见 flows.py")
    begun_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        db_table = "case_pause"
        verbose_name = verbose_name_plural = "暂停"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(ended_at__isnull=True), name="pause_one_open"
            )
        ]
        indexes = [models.Index(fields=["county", "case", "begun_at"], name="pause_of_case")]


class RequestKind(models.TextChoices):
    EXTEND = "extend", "延期"
    SUSPEND = "suspend", "挂账"


class ExtensionReason(models.TextChoices):
    COMPLEX = "complex", "疑难复杂"
    MULTI_UNIT = "multi_unit", "多部门"
    WEATHER = "weather", "天气季节"
    FUNDS = "funds", "资金程序"
    APPRAISAL = "appraisal", "鉴定检测"
    REPORTER_ASKED = "reporter_asked", "诉求人要求"


class SuspensionReason(models.TextChoices):
    NO_POLICY = "no_policy", "政策不支持"
    NO_FUNDS = "no_funds", "资金未到位"
    PLAN_NEXT_YEAR = "plan_next_year", "列入计划"
    HISTORY = "history", "历史遗留"
    LAND_TITLE = "land_title", "权属未清"


class HandlingRequest(CountyModel):
    """申请: the unit that handles a case asks for more time, or that it be put on the ledger; somebody above decides."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="requests")
    kind = models.CharField("申请事项", max_length=10, choices=RequestKind.choices)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="申请单位", related_name="+")
    reason = models.CharField("原因", max_length=20)
    text = models.CharField("说明", max_length=500)
    public_text = models.CharField("告诉报事人的话", max_length=300, blank=True)
    days = models.PositiveSmallIntegerField("延长工作日", default=0)
    review_on = models.DateField("复查日", null=True)
    due_before = models.DateTimeField("原到期", null=True)
    due_after = models.DateTimeField("新到期", null=True)
    asked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="申请岗位", null=True, related_name="+"
    )
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="批复岗位", null=True, related_name="+"
    )
    decided_at = models.DateTimeField("批复时间", null=True)
    is_agreed = models.BooleanField("批准", default=False)
    answer = models.CharField("批复意见", max_length=300, blank=True)

    class Meta:
        db_table = "case_request"
        verbose_name = verbose_name_plural = "延期挂账申请"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(decided_at__isnull=True), name="request_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["county", "case", "asked_at"], name="request_of_case"),
            models.Index(fields=["county", "asked_at"], condition=Q(decided_at__isnull=True), name="request_waiting"),
        ]

    @property
    def reason_label(self) -> str:
        """The reason in words."""
        choices = ExtensionReason if self.kind == RequestKind.EXTEND else SuspensionReason
        return str(dict(choices.choices).get(self.reason, ""))
