from django.db import models
from django.db.models import Q

from yijiaan.core.identifiers import uuid7
from yijiaan.engines.worktime.arithmetic import ALWAYS, CALENDAR_MINUTES, WORKING_DAYS, WORKING_MINUTES


class Clock(models.TextChoices):
    CALENDAR_MINUTES = CALENDAR_MINUTES, "自然时间（分钟）"
    WORKING_MINUTES = WORKING_MINUTES, "办公时间（分钟）"
    WORKING_DAYS = WORKING_DAYS, "工作日"
    ALWAYS = ALWAYS, "全天候不停（分钟）"


class DutyKind(models.TextChoices):
    DISPATCH = "dispatch", "派单"
    SIGN = "sign", "签收"
    FIRST_CONTACT = "first_contact", "首次联系"
    RETURN_BACK = "return_back", "退回"
    RULE = "rule", "裁定"
    HANDLE = "handle", "办结"
    FEEDBACK = "feedback", "反馈"
    VERIFY = "verify", "核查"
    CALLBACK = "callback", "回访"
    ARRIVE = "arrive", "到场"
    ANSWER = "answer", "补充"


class DayKind(models.TextChoices):
    REST = "rest", "休息"
    WORK = "work", "上班"


class Holiday(models.Model):
    """A day that is not what its weekday says: a day off, or a make-up working day; for the whole country."""

    distribution = "reference"

    day = models.DateField("日期", primary_key=True)
    kind = models.CharField("类别", max_length=4, choices=DayKind.choices)
    name = models.CharField("节日", max_length=40)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        db_table = "worktime_holiday"
        verbose_name = verbose_name_plural = "节假日"
        constraints = [models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="worktime_holiday_kind")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"


class OfficeHours(models.Model):
    """The hours of every working day under one code, from a date on and, within each year, from a month and day on."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    code = models.CharField("方案代码", max_length=30, db_collation="C")
    name = models.CharField("名称", max_length=40)
    valid_from = models.DateField("启用日", help_text="到同一方案下一个启用日为止")
    season_from = models.CharField(
        "季节始于", max_length=5, default="01-01", db_collation="C", help_text="月-日，到下一季节为止"
    )
    windows = models.JSONField("时段", help_text='每个工作日的时段，如 [["08:30", "12:00"], ["14:00", "17:30"]]')
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        db_table = "worktime_office_hours"
        verbose_name = verbose_name_plural = "办公时间"
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from", "season_from"], name="worktime_hours_once"),
            models.CheckConstraint(
                condition=Q(season_from__regex=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), name="worktime_hours_season"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LimitPreset(models.Model):
    """A named set of limits; what it does not say, its base says."""

    distribution = "reference"

    code = models.CharField("方案代码", max_length=30, primary_key=True, db_collation="C")
    name = models.CharField("名称", max_length=40)
    base = models.ForeignKey("self", models.PROTECT, verbose_name="未规定的按", null=True, related_name="+")
    source = models.TextField("依据")
    is_default = models.BooleanField("默认方案", default=False)

    class Meta:
        db_table = "worktime_limit_preset"
        verbose_name = verbose_name_plural = "时限方案"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="worktime_preset_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Limit(models.Model):
    """How long one kind of duty may take in one scope, under one preset."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    preset = models.ForeignKey(LimitPreset, models.CASCADE, verbose_name="时限方案", related_name="limits")
    duty = models.CharField("事项", max_length=20, choices=DutyKind.choices)
    scope = models.CharField(
        "适用范围", max_length=30, db_collation="C", help_text="general 一般，urgent 加急，emergency 紧急，或类别代码"
    )
    label = models.CharField("适用范围名称", max_length=40)
    clock = models.CharField("计时方式", max_length=20, choices=Clock.choices)
    amount = models.PositiveIntegerField("时限", help_text="分钟或工作日")
    extension = models.PositiveIntegerField("最多延期", default=0)
    warn_before = models.PositiveIntegerField("提前提醒", default=0, help_text="0：不提醒")
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        db_table = "worktime_limit"
        verbose_name = verbose_name_plural = "时限"
        constraints = [
            models.UniqueConstraint(fields=["preset", "duty", "scope"], name="worktime_limit_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="worktime_limit_amount"),
            models.CheckConstraint(condition=Q(clock__in=Clock.values), name="worktime_limit_clock"),
            models.CheckConstraint(condition=Q(warn_before__lte=models.F("amount")), name="worktime_limit_warning"),
        ]


class Version(models.Model):
    """One change of holidays, office hours or limits; the newest tells every process that what it remembers is old."""

    distribution = "reference"

    number = models.PositiveIntegerField("版次", primary_key=True)
    stamp = models.UUIDField("版本标识", default=uuid7, unique=True)
    what = models.CharField("内容", max_length=20)
    data = models.JSONField("变更内容", default=dict)
    source = models.CharField("依据", max_length=200, blank=True)
    actor_kind = models.CharField("行为人类别", max_length=10)
    actor_id = models.CharField("行为人标识", max_length=64)
    made_at = models.DateTimeField("时间")

    class Meta:
        db_table = "worktime_version"
        verbose_name = verbose_name_plural = "工作日历版本"
