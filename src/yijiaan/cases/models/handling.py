"""The way of a case from hand to hand, and its outcome."""

from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case
from yijiaan.cases.models.codes import SolvedLevel
from yijiaan.cases.models.settings import Category
from yijiaan.core.county import CountyForeignKey, CountyModel


class ReturnReason(models.TextChoices):
    NOT_MY_AREA = "not_my_area", "非本属地"
    NOT_MY_DUTY = "not_my_duty", "非本职责"
    ADDRESS_WRONG = "address_wrong", "地址不清"
    DUPLICATE = "duplicate", "已在办"
    NEED_LEAD_UNIT = "need_lead_unit", "应由他单位牵头"


class Return(CountyModel):
    """One unit's refusal of an order, with its reason and whom it proposes instead; once per unit and case."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="returns")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="退回单位", related_name="+")
    reason = models.CharField("原因", max_length=20, choices=ReturnReason.choices)
    proposed = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="建议单位", null=True, related_name="+"
    )
    text = models.CharField("说明", max_length=300, blank=True)
    returned_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="退回岗位", null=True, related_name="+"
    )
    returned_at = models.DateTimeField("退回时间")

    class Meta:
        db_table = "case_return"
        verbose_name = verbose_name_plural = "退回"
        constraints = [models.UniqueConstraint(fields=["county", "case", "unit"], name="return_once_a_unit")]


class HopKind(models.TextChoices):
    DISPATCH = "dispatch", "派单"
    UNDO = "undo_dispatch", "撤回派单"
    RETURN = "return_back", "退回"
    TAKE = "take", "自办"
    REPORT_UP = "report_up", "提级上报"
    SOLVE = "solve_on_spot", "当场办结"
    VERIFY = "verify", "交核查"
    REWORK = "verify_fail", "核查不过"
    CALLBACK = "callback", "交回访"
    REDO = "callback_redo", "退回重办"
    REOPEN = "reopen", "再启动"
    MOVE = "classify", "改网格"
    ARBITRATE = "return_again", "交裁定"
    RULE = "rule", "裁定"
    APPEAL = "appeal_rejection", "复核受理"
    UNMERGE = "unmerge", "撤销并案"


class Hop(CountyModel):
    """A case passes from one unit's hands into another's: why, and how long the one before held it."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="hops")
    kind = models.CharField("方式", max_length=20, choices=HopKind.choices)
    from_unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="从哪个单位", related_name="+"
    )
    to_unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="到哪个单位", related_name="+"
    )
    level = models.CharField("到达层级", max_length=10, choices=SolvedLevel.choices)
    held_seconds = models.BigIntegerField("前一单位持有秒数")
    moved_at = models.DateTimeField("时间")

    class Meta:
        db_table = "case_hop"
        verbose_name = verbose_name_plural = "转手"
        indexes = [models.Index(fields=["county", "case", "moved_at"], name="hop_of_case")]


class ReportUp(CountyModel):
    """提级上报: what a lower level tried, and which department it proposes."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="reports_up")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="上报单位", related_name="+")
    tried = models.CharField("已经做了什么", max_length=500)
    proposed = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="建议单位", null=True, related_name="+"
    )
    level = models.CharField("上报到", max_length=10, choices=SolvedLevel.choices)
    reported_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="上报岗位", null=True, related_name="+"
    )
    reported_at = models.DateTimeField("上报时间")

    class Meta:
        db_table = "case_report_up"
        verbose_name = verbose_name_plural = "提级上报"
        indexes = [models.Index(fields=["county", "case"], name="report_up_of_case")]


class Ruling(CountyModel):
    """裁定: who is responsible for a case that two units sent back. Binding, and a precedent for cases of its kind."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="rulings")
    lead = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="裁定主办", related_name="+")
    category = models.ForeignKey(
        Category, models.PROTECT, db_index=False, verbose_name="类别", null=True, related_name="+"
    )
    text = models.CharField("理由", max_length=500)
    is_precedent = models.BooleanField("作为先例", default=True)
    ruled_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="裁定岗位", null=True, related_name="+"
    )
    ruled_at = models.DateTimeField("裁定时间")

    class Meta:
        db_table = "case_ruling"
        verbose_name = verbose_name_plural = "裁定"
        indexes = [models.Index(fields=["county", "case", "ruled_at"], name="ruling_of_case")]


class Summons(CountyModel):
    """吹哨报到: one unit that the town whistles for, what it is to do, until when it must be there, and when it was."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="summonses")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="单位", related_name="+")
    task = models.CharField("任务", max_length=200)
    called_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="吹哨岗位", null=True, related_name="+"
    )
    called_at = models.DateTimeField("吹哨时间")
    due_at = models.DateTimeField("应到时间")
    arrived_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="报到岗位", null=True, related_name="+"
    )
    arrived_at = models.DateTimeField("报到时间", null=True)
    released_at = models.DateTimeField("解散时间", null=True)
    reply = models.CharField("答复", max_length=300, blank=True)

    class Meta:
        db_table = "case_summons"
        verbose_name = verbose_name_plural = "吹哨报到"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case", "unit"], condition=Q(released_at__isnull=True), name="summons_once_a_unit"
            )
        ]
        indexes = [
            models.Index(fields=["county", "case", "called_at"], name="summons_of_case"),
            models.Index(fields=["county", "unit"], condition=Q(released_at__isnull=True), name="summons_of_unit"),
        ]


class Outcome(CountyModel):
    """What was done about a case when it was finished; one row each time."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="outcomes")
    text = models.CharField("办理结果", max_length=1000)
    level = models.CharField("解决层级", max_length=10, choices=SolvedLevel.choices)
    is_on_spot = models.BooleanField("当场办结", default=False)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="办理单位", related_name="+")
    finished_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="办结岗位", null=True, related_name="+"
    )
    finished_at = models.DateTimeField("办结时间")

    class Meta:
        db_table = "outcome"
        verbose_name = verbose_name_plural = "办理结果"
        indexes = [models.Index(fields=["county", "case", "finished_at"], name="outcome_of_case")]
