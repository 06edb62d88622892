"""What reporters said of the outcome, and the calls made to hear it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case, Report
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet


class RatingResult(models.TextChoices):
    SATISFIED = "satisfied", "满意"
    BASICALLY = "basically", "基本满意"
    UNDERSTANDING = "understanding", "未解决但理解"
    DISSATISFIED = "dissatisfied", "不满意"
    UNREACHABLE = "unreachable", "联系不上"


class Rating(CountyModel):
    """One answer of one reporter about one outcome."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="ratings")
    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="ratings")
    round = models.PositiveSmallIntegerField("第几次", default=1)
    result = models.CharField("评价", max_length=15, choices=RatingResult.choices)
    reasons = ArrayField(models.CharField("原因", max_length=12), verbose_name="原因", default=list, blank=True)
    is_solved = models.BooleanField("说解决了", default=False, db_default=False)
    text = models.CharField("说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="回访岗位", null=True, related_name="+"
    )
    rated_at = models.DateTimeField("时间")

    class Meta:
        db_table = "rating"
        verbose_name = verbose_name_plural = "评价"
        constraints = [models.UniqueConstraint(fields=["county", "report", "round"], name="rating_once_a_round")]
        indexes = [
            models.Index(fields=["county", "case"], name="rating_of_case"),
            models.Index(fields=["county", "rated_at"], name="rating_by_time"),
        ]


class CallbackResult(models.TextChoices):
    SOLVED_SATISFIED = "solved_satisfied", "已解决，满意"
    SOLVED_BASICALLY = "solved_basically", "已解决，基本满意"
    SOLVED_DISSATISFIED = "solved_dissatisfied", "已解决，不满意"
    UNSOLVED_UNDERSTANDING = "unsolved_understanding", "未解决，但理解"
    UNSOLVED_DISSATISFIED = "unsolved_dissatisfied", "未解决，不满意"
    UNREACHABLE = "unreachable", "没打通"
    REFUSED = "refused", "不愿回答"


class Callback(CountyModel):
    """回访: one call to one reporter about one outcome, whatever came of it."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="callbacks")
    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="callbacks")
    round = models.PositiveSmallIntegerField("第几次办结", default=1)
    result = models.CharField("回访结果", max_length=25, choices=CallbackResult.choices)
    text = models.CharField("说明", max_length=500, blank=True)
    is_final = models.BooleanField("不再打", default=True, help_text="有了回答，或不愿回答，或三次没打通")
    next_at = models.DateTimeField("下次可打", null=True)
    called_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="回访岗位", null=True, related_name="+"
    )
    called_at = models.DateTimeField("时间")

    class Meta:
        db_table = "callback"
        verbose_name = verbose_name_plural = "回访"
        indexes = [
            models.Index(fields=["county", "case", "called_at"], name="callback_of_case"),
            models.Index(fields=["county", "report", "round"], name="callback_of_report"),
        ]


class CallbackClaim(CountyModel):
    """Who has a report open to ring its reporter: for some minutes others see it and leave it to him."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="+")
    post = models.ForeignKey("accounts.Post", models.CASCADE, db_index=False, verbose_name="岗位", related_name="+")
    claimed_at = models.DateTimeField("打开时间")

    class Meta:
        db_table = "callback_claim"
        verbose_name = verbose_name_plural = "回访占用"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="claim_once_a_report")]


class CallTaskQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "CallTaskQuerySet":
        """Those on cases in the areas of a centre that calls back."""
        if not actor.may("cases.callback"):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class CallTask(CountyModel):
    """代打电话: what a unit asks the centre to say to the reporter, or to ask him, and what he said."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="calls")
    asking_unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="请打的单位", related_name="+"
    )
    asked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="请打的岗位", null=True, related_name="+"
    )
    area_code = models.CharField("所在网格", max_length=16, db_collation="C")
    asked_at = models.DateTimeField("提出时间")
    words = models.CharField("要说要问的", max_length=300)
    done_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="打电话的岗位", null=True, related_name="+"
    )
    done_at = models.DateTimeField("打过的时间", null=True)
    is_reached = models.BooleanField("打通了", null=True)
    answer = models.CharField("怎么说的", max_length=500, blank=True)

    objects = CallTaskQuerySet.as_manager()

    class Meta:
        db_table = "case_call"
        verbose_name = verbose_name_plural = "代打电话"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(done_at__isnull=True), name="call_once_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["county", "asked_at", "id"], condition=Q(done_at__isnull=True), name="call_to_make"),
            models.Index(fields=["county", "case"], name="call_of_case"),
        ]
