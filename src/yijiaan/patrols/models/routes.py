from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.patrols.flows import FLOW


class PatrolKind(models.TextChoices):
    SECURITY = "security", "治安"
    FIRE = "fire", "消防"
    GAS = "gas", "燃气"
    DROWNING = "drowning", "防溺水"
    SCHOOL_GATE = "school_gate", "校园周边"
    FLOOD = "flood", "防汛"
    STRAW_FIRE = "straw_fire", "秸秆禁烧"
    MARKET_DAY = "market_day", "大集"
    SWEEP = "sweep", "拉网式"


class RuleKind(models.TextChoices):
    DAILY = "daily", "每天"
    WEEKLY = "weekly", "每周几"
    MONTHLY = "monthly", "每月几号"
    MARKET = "market", "农历逢几（赶集）"
    DATES = "dates", "写定的日子"


class InAreaQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "InAreaQuerySet":
        """Inside my area, or of a place around it."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if not actor.may("patrols.view") or not actor.areas:
            return self.none()
        around = [area[:length] for area in actor.areas for length in (9, 12) if len(area) >= length]
        return self.filter(actor.area_filter() | Q(area_code__in=around), county=actor.county)


class PatrolTemplate(CountyModel):
    """A way to walk: what it is for and which points belong to it."""

    name = models.CharField("名称", max_length=40)
    kind = models.CharField("类别", max_length=12, choices=PatrolKind.choices)
    area_code = models.CharField("在哪儿", max_length=16, db_collation="C")
    is_ordered = models.BooleanField("按顺序走", default=False)
    safety_track = models.BooleanField(
        "法律允许记轨迹的安全巡查", default=False, help_text="只是开关；现在不记任何轨迹"
    )
    is_active = models.BooleanField("在用", default=True)
    made_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁写的", null=True, related_name="+"
    )
    made_at = models.DateTimeField("写下时间")
    client_key = models.UUIDField("提交标识")

    objects = InAreaQuerySet.as_manager()

    class Meta:
        db_table = "patrol_template"
        verbose_name = verbose_name_plural = "巡查路线"
        constraints = [models.UniqueConstraint(fields=["county", "client_key"], name="patrol_template_client_key")]
        indexes = [models.Index(fields=["county", "area_code", "id"], name="patrol_template_of_area")]

    def __str__(self) -> str:
        return self.name


class PatrolPoint(CountyModel):
    """One point of a way, in its order; one that is taken out stays for the walks that looked at it."""

    template = CountyForeignKey(PatrolTemplate, models.CASCADE, verbose_name="巡查路线", related_name="points")
    place_number = models.PositiveSmallIntegerField("第几个")
    place = models.CharField("地点", max_length=60)
    hint = models.CharField("看什么", max_length=120, blank=True)
    area_code = models.CharField(
        "所在网格", max_length=16, blank=True, db_collation="C", help_text="空：哪个网格都要看"
    )
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        db_table = "patrol_point"
        verbose_name = verbose_name_plural = "巡查点"
        constraints = [
            models.UniqueConstraint(fields=["county", "template", "place_number"], name="patrol_point_order")
        ]


class PatrolPlan(CountyModel):
    """Who walks a way on which days."""

    template = CountyForeignKey(PatrolTemplate, models.CASCADE, verbose_name="巡查路线", related_name="plans")
    area_code = models.CharField("在哪儿", max_length=16, db_collation="C")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="谁去", related_name="+")
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="哪个人", null=True, related_name="+",
        help_text="空：本单位谁去都行",
    )  # fmt: skip
    rule = models.CharField("什么时候", max_length=8, choices=RuleKind.choices)
    days = ArrayField(
        models.PositiveSmallIntegerField("日"), verbose_name="哪几天", default=list, blank=True,
        help_text="每周：1 至 7；每月：1 至 31；农历逢：0 至 9",
    )  # fmt: skip
    dates = ArrayField(models.DateField("日期"), verbose_name="写定的日子", default=list, blank=True)
    starts_on = models.DateField("从哪天起")
    ends_on = models.DateField("到哪天止", null=True, help_text="含当日；空：一直")
    is_active = models.BooleanField("在用", default=True)
    made_at = models.DateTimeField("安排时间")
    client_key = models.UUIDField("提交标识")

    objects = InAreaQuerySet.as_manager()

    class Meta:
        db_table = "patrol_plan"
        verbose_name = verbose_name_plural = "巡查安排"
        constraints = [models.UniqueConstraint(fields=["county", "client_key"], name="patrol_plan_client_key")]
        indexes = [
            models.Index(fields=["county", "area_code", "id"], name="patrol_plan_of_area"),
            models.Index(fields=["county", "id"], condition=Q(is_active=True), name="patrol_plan_active"),
        ]


class Sweep(CountyModel):
    """拉网式巡查: one walk for each grid of a set, so that it is seen which grids are left."""

    name = models.CharField("名称", max_length=40)
    template = CountyForeignKey(PatrolTemplate, models.PROTECT, verbose_name="巡查路线", related_name="sweeps")
    area_code = models.CharField("在哪儿", max_length=16, db_collation="C")
    on = models.DateField("哪天")
    ends_on = models.DateField("到哪天止", null=True, help_text="含当日；空：只有那一天")
    made_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="安排岗位", null=True, related_name="+"
    )
    made_at = models.DateTimeField("安排时间")
    client_key = models.UUIDField("提交标识")

    objects = InAreaQuerySet.as_manager()

    class Meta:
        db_table = "patrol_sweep"
        verbose_name = verbose_name_plural = "拉网式巡查"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key"], name="patrol_sweep_client_key"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("on")), name="patrol_sweep_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["county", "area_code", "id"], name="patrol_sweep_of_area")]

    @property
    def last_on(self) -> date:
        """The last of its days."""
        last: date = self.ends_on or self.on
        return last


class PatrolRunQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "PatrolRunQuerySet":
        """Inside my area, or of my unit."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if actor.unit_id is None or not actor.may("patrols.view"):
            return self.none()
        mine = Q(unit_id=actor.unit_id)
        return self.filter(actor.area_filter() | mine if actor.areas else mine, county=actor.county)


class PatrolRun(CountyModel):
    """One walk on one day."""

    plan = CountyForeignKey(PatrolPlan, models.CASCADE, verbose_name="巡查安排", null=True, related_name="runs")
    sweep = CountyForeignKey(Sweep, models.CASCADE, verbose_name="拉网式巡查", null=True, related_name="runs")
    template = CountyForeignKey(PatrolTemplate, models.CASCADE, verbose_name="巡查路线", related_name="runs")
    area_code = models.CharField("在哪儿", max_length=16, db_collation="C")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="谁去", related_name="+")
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="哪个人", null=True, related_name="+",
        help_text="空：本单位谁去都行",
    )  # fmt: skip
    on = models.DateField("哪天")
    status = models.CharField("状态", max_length=16, choices=FLOW.choices())
    started_at = models.DateTimeField("开始时间", null=True, help_text="空：还没有开始")
    ended_at = models.DateTimeField("结束时间", null=True, help_text="空：还没有结束")
    reason = models.CharField("原因", max_length=200, blank=True, help_text="中途停下或不巡的")

    objects = PatrolRunQuerySet.as_manager()

    class Meta:
        db_table = "patrol_run"
        verbose_name = verbose_name_plural = "巡查记录"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "plan", "on"], condition=Q(plan__isnull=False), name="patrol_run_of_plan_once"
            ),
            models.UniqueConstraint(
                fields=["county", "sweep", "area_code"],
                condition=Q(sweep__isnull=False),
                name="patrol_run_of_sweep_once",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "area_code", "on", "id"], name="patrol_run_of_area"),
            models.Index(fields=["county", "unit", "on", "id"], name="patrol_run_of_unit"),
        ]

    @property
    def status_label(self) -> str:
        """The state in words."""
        return FLOW.state(self.status).label

    @property
    def is_open(self) -> bool:
        """Still to be walked."""
        return FLOW.is_open(self.status)


class Result(models.TextChoices):
    WAITING = "", "还没有看"
    OK = "ok", "正常"
    HAZARD = "hazard", "有隐患"
    NOT_REACHABLE = "not_reachable", "到不了"


class PointCheck(CountyModel):
    """One point of one walk as it was when the walk was made, and what was found there."""

    run = CountyForeignKey(PatrolRun, models.CASCADE, verbose_name="巡查记录", related_name="checks")
    place_number = models.PositiveSmallIntegerField("第几个")
    place = models.CharField("地点", max_length=60)
    hint = models.CharField("看什么", max_length=120, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    result = models.CharField("结果", max_length=16, choices=Result.choices, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    hazard_id = models.UUIDField("登记成的隐患", null=True, help_text="空：没有隐患")
    checked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁看的", null=True, related_name="+"
    )
    checked_at = models.DateTimeField("什么时候看的", null=True, help_text="空：还没有看")
    client_key = models.UUIDField("提交标识", null=True, help_text="空：还没有看")

    class Meta:
        db_table = "patrol_point_check"
        verbose_name = verbose_name_plural = "巡查点结果"
        constraints = [
            models.UniqueConstraint(fields=["county", "run", "place_number"], name="patrol_check_once"),
            models.CheckConstraint(
                condition=Q(result="", checked_at__isnull=True) | (~Q(result="") & Q(checked_at__isnull=False)),
                name="patrol_check_has_time",
            ),
        ]
