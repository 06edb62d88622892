from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField
from yijiaan.engines.checklists.models import Grade
from yijiaan.engines.todos.models import Card
from yijiaan.safety.flows import FLOW, INSPECTION_FLOW


class HazardKind(models.TextChoices):
    FIRE = "fire", "消防"
    GAS = "gas", "燃气"
    ELECTRIC = "electric", "用电"
    BUILDING = "building", "房屋建筑"
    TRAFFIC = "traffic", "道路交通"
    DROWNING = "drowning", "水域防溺水"
    FLOOD = "flood", "防汛排涝"
    PRODUCTION = "production", "生产作业"
    FOOD = "food", "食品"
    CAMPUS = "campus", "校园周边"
    OTHER = "other", "其他"


class Source(models.TextChoices):
    REPORT = "report", "登记"
    INSPECTION = "inspection", "检查"
    PATROL = "patrol", "巡查"


class EndKind(models.TextChoices):
    NONE = "", "还没有销号"
    RECTIFIED = "rectified", "整改合格"
    NO_HAZARD = "no_hazard", "核实不是隐患"


class HazardQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "HazardQuerySet":
        """Inside my area, given to my unit, or found by my post."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if actor.unit_id is None or not actor.may("safety.view"):
            return self.none()
        mine = Q(unit_id=actor.unit_id) | Q(found_by_id=actor.post_id)
        return self.filter(actor.area_filter() | mine if actor.areas else mine, county=actor.county)


class Hazard(CountyModel):
    """隐患: something that could hurt somebody, from when it was found until it is written off."""

    ledger_code = models.CharField("台账", max_length=9, db_collation="C", help_text="镇街的区划代码")
    year = models.PositiveSmallIntegerField("登记年份")
    serial = models.PositiveIntegerField("登记号", help_text="每个台账每年从 1 起，不断号")
    books_year = models.PositiveSmallIntegerField("在哪一年的账上", help_text="结转一次，往后一年")
    title = models.CharField("标题", max_length=40)
    text = models.CharField("情况", max_length=500)
    kind = models.CharField("类别", max_length=12, choices=HazardKind.choices)
    place = models.CharField("地点", max_length=120, blank=True)
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    source = models.CharField("怎么发现的", max_length=12, choices=Source.choices)
    source_id = models.UUIDField("来源标识", null=True, help_text="检查或巡查的记录；空：直接登记")
    proposed_grade = models.CharField("登记人建议的等级", max_length=8, choices=Grade.choices, blank=True)
    grade = models.CharField("等级", max_length=8, choices=Grade.choices, blank=True, help_text="空：还没有定级")
    status = models.CharField("状态", max_length=12, choices=FLOW.choices())
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="责任单位", null=True, related_name="+"
    )
    measure = models.CharField("要怎么改", max_length=300, blank=True)
    due_on = models.DateField("整改期限", null=True, help_text="空：还没有交办")
    protection = models.CharField("临时防护措施", max_length=300, blank=True)
    review_on = models.DateField("防护复看日期", null=True, help_text="空：不在防护中")
    is_listed = models.BooleanField("挂牌督办", default=False)
    round = models.PositiveSmallIntegerField("第几次整改", default=1)
    next_due_at = models.DateTimeField("下一到期", null=True, help_text="空：没有要办的")
    card = models.CharField("牌", max_length=6, choices=Card.choices, blank=True)
    relapse_of = CountyForeignKey("self", models.PROTECT, verbose_name="复发自", null=True, related_name="relapses")
    case_id = models.UUIDField("转成的事件", null=True, help_text="空：没有转。事件到期清理了，这里还留着编号")
    found_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    found_at = models.DateTimeField("发现时间")
    end_kind = models.CharField("怎么销的", max_length=10, choices=EndKind.choices, blank=True)
    write_off_year = models.PositiveSmallIntegerField("销号年份", default=0, help_text="0：还没有销号")
    write_off_serial = models.PositiveIntegerField(
        "销号", default=0, help_text="每个台账每年从 1 起，不断号；0：还没有"
    )
    written_off_at = models.DateTimeField("销号时间", null=True, help_text="空：还没有销号")
    client_key = models.UUIDField("提交标识")
    version = models.PositiveIntegerField("版本", default=1)

    objects = HazardQuerySet.as_manager()

    class Meta:
        db_table = "hazard"
        verbose_name = verbose_name_plural = "隐患"
        constraints = [
            models.UniqueConstraint(fields=["county", "ledger_code", "year", "serial"], name="hazard_serial_once"),
            models.UniqueConstraint(
                fields=["county", "ledger_code", "write_off_year", "write_off_serial"],
                condition=Q(write_off_serial__gt=0),
                name="hazard_write_off_once",
            ),
            models.UniqueConstraint(fields=["county", "client_key"], name="hazard_client_key"),
            models.CheckConstraint(
                condition=Q(status="written_off", write_off_serial__gt=0, written_off_at__isnull=False)
                | (~Q(status="written_off") & Q(write_off_serial=0, written_off_at__isnull=True)),
                name="hazard_written_off_has_number",
            ),
            models.CheckConstraint(condition=Q(books_year__gte=F("year")), name="hazard_books_not_before"),
        ]
        indexes = [
            models.Index(fields=["county", "area_code", "id"], name="hazard_of_area"),
            models.Index(fields=["county", "unit", "status", "id"], name="hazard_of_unit"),
            models.Index(fields=["county", "ledger_code", "books_year", "status"], name="hazard_of_books"),
            models.Index(fields=["county", "source_id"], condition=Q(source_id__isnull=False), name="hazard_of_source"),
            models.Index(fields=["county", "case_id"], condition=Q(case_id__isnull=False), name="hazard_of_case"),
            models.Index(fields=["county", "found_by", "id"], name="hazard_found_by"),
        ]

    @property
    def number(self) -> str:
        """How it is called on paper: 隐患〔2026〕12号."""
        return f"隐患〔{self.year}〕{self.serial}号"

    @property
    def write_off_number(self) -> str:
        """The number under which it was written off; empty before."""
        return f"销〔{self.write_off_year}〕{self.write_off_serial}号" if self.write_off_serial else ""

    @property
    def status_label(self) -> str:
        """The state in words."""
        return FLOW.state(self.status).label

    @property
    def is_open(self) -> bool:
        """Still on the books."""
        return FLOW.is_open(self.status)


class HazardStep(CountyModel):
    """One deed on a hazard with its words: who did what when, and what he said of it."""

    hazard = CountyForeignKey(Hazard, models.CASCADE, verbose_name="隐患", related_name="steps")
    move = models.CharField("做了什么", max_length=16, db_collation="C", help_text="flows.py 里的动作")
    round = models.PositiveSmallIntegerField("第几次整改", default=1)
    text = models.CharField("说明", max_length=500, blank=True)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="交给谁", null=True, related_name="+"
    )
    due_on = models.DateField("期限", null=True, help_text="这一步定下的日期")
    cost = models.DecimalField("花费（元）", max_digits=12, decimal_places=2, null=True, help_text="空：没有写")
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="岗位", null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        db_table = "hazard_step"
        verbose_name = verbose_name_plural = "隐患经过"
        indexes = [models.Index(fields=["county", "hazard", "id"], name="hazard_step_of_hazard")]


class LedgerYearQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "LedgerYearQuerySet":
        """The books of the towns inside my area."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if not actor.may("safety.view"):
            return self.none()
        return self.filter(actor.area_filter("ledger_code"), county=actor.county)


class LedgerYear(CountyModel):
    """The books of a town's hazards in one year: how far its numbers have come, and whether they are closed."""

    ledger_code = models.CharField("台账", max_length=9, db_collation="C")
    year = models.PositiveSmallIntegerField("年份")
    opened_last = models.PositiveIntegerField("登记到第几号", default=0)
    written_off_last = models.PositiveIntegerField("销到第几号", default=0)
    carried_in = models.PositiveIntegerField("结账时上年结转", default=0)
    carried_over = models.PositiveIntegerField("结账时结转下年", default=0)
    closed_at = models.DateTimeField("结账时间", null=True, help_text="空：还没有结账")
    closed_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="结账岗位", null=True, related_name="+"
    )

    objects = LedgerYearQuerySet.as_manager()

    class Meta:
        db_table = "hazard_ledger_year"
        verbose_name = verbose_name_plural = "隐患台账年度"
        constraints = [
            models.UniqueConstraint(fields=["county", "ledger_code", "year"], name="hazard_ledger_year_once")
        ]


class CarryOver(CountyModel):
    """A hazard that was still open when its year ended, taken to the next year's books with the reason."""

    hazard = CountyForeignKey(Hazard, models.CASCADE, verbose_name="隐患", related_name="carry_overs")
    ledger_code = models.CharField("台账", max_length=9, db_collation="C")
    from_year = models.PositiveSmallIntegerField("从哪年")
    to_year = models.PositiveSmallIntegerField("到哪年")
    text = models.CharField("为什么还没有销号", max_length=300)
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="岗位", null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        db_table = "hazard_carry_over"
        verbose_name = verbose_name_plural = "隐患结转"
        constraints = [
            models.UniqueConstraint(fields=["county", "hazard", "from_year"], name="hazard_carry_over_once"),
            models.CheckConstraint(condition=Q(to_year=F("from_year") + 1), name="hazard_carry_over_next_year"),
        ]
        indexes = [
            models.Index(fields=["county", "ledger_code", "from_year"], name="hazard_carry_over_from"),
            models.Index(fields=["county", "ledger_code", "to_year"], name="hazard_carry_over_to"),
        ]


class Way(models.TextChoices):
    ANNOUNCED = "announced", "事先通知"
    RANDOM = "random", "双随机抽查"
    UNANNOUNCED = "unannounced", "不打招呼"


class InspectionQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "InspectionQuerySet":
        """Inside my area, of my unit, or with me in its team."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if actor.unit_id is None or not actor.may("safety.view"):
            return self.none()
        team = Inspector.objects.filter(county=actor.county, inspection_id=OuterRef("id"), post=actor.post_id)
        mine = Q(unit_id=actor.unit_id) | Q(Exists(team))
        return self.filter(actor.area_filter() | mine if actor.areas else mine, county=actor.county)


class Inspection(CountyModel):
    """检查: a checklist gone through at a place on a day, signed by the other side or with a witness that it would not."""

    target = models.CharField("查谁", max_length=60)
    place = models.CharField("地点", max_length=120, blank=True)
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    template = models.ForeignKey(
        "checklists.Template", models.PROTECT, db_index=False, verbose_name="检查表", related_name="+"
    )
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="检查单位", related_name="+")
    way = models.CharField("方式", max_length=12, choices=Way.choices)
    planned_on = models.DateField("哪天查")
    status = models.CharField("状态", max_length=16, choices=INSPECTION_FLOW.choices())
    remark = models.CharField("其他情况", max_length=500, blank=True)
    signed_by_sealed = SealedField("签字人", blank=True)
    refusal = models.CharField("为什么不签", max_length=200, blank=True)
    witness_sealed = SealedField("见证人", blank=True)
    failed_count = models.PositiveSmallIntegerField("不合格项数", default=0)
    planned_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="安排岗位", null=True, related_name="+"
    )
    planned_at = models.DateTimeField("安排时间")
    submitted_at = models.DateTimeField("交上时间", null=True, help_text="空：还没有查完")
    submit_key = models.UUIDField("交上标识", null=True, help_text="空：还没有查完")
    ended_at = models.DateTimeField("了结时间", null=True, help_text="空：还没有了结")
    client_key = models.UUIDField("提交标识")
    version = models.PositiveIntegerField("版本", default=1)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        db_table = "inspection"
        verbose_name = verbose_name_plural = "安全检查"
        constraints = [models.UniqueConstraint(fields=["county", "client_key"], name="inspection_client_key")]
        indexes = [
            models.Index(fields=["county", "area_code", "id"], name="inspection_of_area"),
            models.Index(fields=["county", "unit", "id"], name="inspection_of_unit"),
        ]

    @property
    def status_label(self) -> str:
        """The state in words."""
        return INSPECTION_FLOW.state(self.status).label


class Inspector(CountyModel):
    """One member of the team of an inspection."""

    inspection = CountyForeignKey(Inspection, models.CASCADE, verbose_name="安全检查", related_name="team")
    post = models.ForeignKey("accounts.Post", models.PROTECT, db_index=False, verbose_name="检查人", related_name="+")

    class Meta:
        db_table = "inspector"
        verbose_name = verbose_name_plural = "检查人"
        constraints = [models.UniqueConstraint(fields=["county", "inspection", "post"], name="inspector_once")]
        indexes = [models.Index(fields=["county", "post"], name="inspector_post")]
