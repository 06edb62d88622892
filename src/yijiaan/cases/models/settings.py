"""What a county sets: categories, their questions, deadlines, channels, and where cases go by rule."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yijiaan.cases.models.codes import Channel, SolvedLevel, Urgency
from yijiaan.core.identifiers import uuid7


class Category(models.Model):
    """What a case is about: two levels, versioned, mapped to the codes of outside systems."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    code = models.CharField("代码", max_length=8, db_collation="C")
    parent = models.ForeignKey("self", models.PROTECT, verbose_name="大类", null=True, related_name="children")
    name = models.CharField("名称", max_length=30)
    keywords = ArrayField(models.CharField("关键词", max_length=20), verbose_name="关键词", default=list, blank=True)
    lowest_level = models.CharField(
        "最低办理层级", max_length=10, choices=SolvedLevel.choices, default=SolvedLevel.GRID
    )
    urgency = models.CharField("默认轻重", max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    handle_days = models.PositiveSmallIntegerField("办结工作日", default=0, help_text="0：按时限方案")
    is_verified = models.BooleanField("办结后都核查", default=False)
    version = models.PositiveSmallIntegerField("版本", default=1)
    valid_from = models.DateField("启用日")
    valid_to = models.DateField("停用日", null=True)

    class Meta:
        db_table = "category"
        verbose_name = verbose_name_plural = "类别"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="category_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to__isnull=True), name="category_current"),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryMapping(models.Model):
    """How an outside system names a category."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    category = models.ForeignKey(Category, models.CASCADE, verbose_name="类别", related_name="mappings")
    system = models.CharField("外部系统", max_length=20)
    code = models.CharField("外部代码", max_length=40)
    valid_from = models.DateField("启用日")
    valid_to = models.DateField("停用日", null=True)

    class Meta:
        db_table = "category_mapping"
        verbose_name = verbose_name_plural = "类别对照"
        constraints = [
            models.UniqueConstraint(
                fields=["category", "system", "code"], condition=Q(valid_to__isnull=True), name="category_mapping_once"
            )
        ]


class Duty(models.Model):
    """One line of the duty list (责任清单): which kind of unit leads or assists in a category, best first."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    category = models.ForeignKey(Category, models.CASCADE, verbose_name="类别", related_name="duties")
    unit_kind = models.CharField("单位类别", max_length=20)
    is_lead = models.BooleanField("主办", default=True)
    rank = models.PositiveSmallIntegerField("次序", default=1)
    item = models.CharField("清单条目", max_length=60)

    class Meta:
        db_table = "category_duty"
        verbose_name = verbose_name_plural = "责任清单"
        constraints = [models.UniqueConstraint(fields=["category", "unit_kind"], name="duty_once")]


class QuestionKind(models.TextChoices):
    TEXT = "text", "文字"
    NUMBER = "number", "数字"
    SINGLE = "single", "单选"
    MULTIPLE = "multiple", "多选"
    DATE = "date", "日期"
    PHOTO = "photo", "照片"


class CategoryQuestion(models.Model):
    """What is asked of whoever reports a case of a category: only where somebody registered it, with what the answer is for."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    category = models.ForeignKey(Category, models.CASCADE, verbose_name="类别", related_name="questions")
    code = models.CharField("代码", max_length=30, db_collation="C")
    wording = models.CharField("问法", max_length=80)
    kind = models.CharField("怎么答", max_length=10, choices=QuestionKind.choices)
    options = ArrayField(models.CharField("选项", max_length=40), verbose_name="选项", default=list, blank=True)
    is_required = models.BooleanField("必须答", default=False)
    use = models.CharField("答案用来做什么", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField("次序", default=1)
    is_active = models.BooleanField("在问", default=True)

    class Meta:
        db_table = "category_question"
        verbose_name = verbose_name_plural = "类别要问的"
        constraints = [
            models.UniqueConstraint(fields=["category", "code"], name="question_code_once"),
            models.CheckConstraint(condition=Q(is_required=False) | ~Q(use=""), name="question_required_has_use"),
        ]

    def __str__(self) -> str:
        return self.wording


class ChannelSetting(models.Model):
    """What an installation says of a channel: its name, and whether it takes reports now. A channel without a row is as shipped."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    code = models.CharField("渠道", max_length=20, unique=True, choices=Channel.choices, db_collation="C")
    name = models.CharField("名称", max_length=20, blank=True, help_text="空：按平台的叫法")
    is_open = models.BooleanField("开着", default=True)

    class Meta:
        db_table = "channel_setting"
        verbose_name = verbose_name_plural = "渠道"


class RuleSource(models.TextChoices):
    SET = "set", "人工设置"
    PRECEDENT = "precedent", "裁定先例"


class RoutingRule(models.Model):
    """派单规则: which unit leads a kind of case in a place; the first that fits, by order, is suggested."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=60)
    position = models.PositiveIntegerField("次序")
    category = models.ForeignKey(Category, models.PROTECT, verbose_name="类别", null=True, related_name="+")
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="地方", related_name="+")
    channel = models.CharField("来源", max_length=20, choices=Channel.choices, blank=True)
    hour_from = models.PositiveSmallIntegerField("几点起", null=True)
    hour_to = models.PositiveSmallIntegerField("几点止", null=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, verbose_name="主办单位", related_name="+")
    is_active = models.BooleanField("启用", default=False)
    source = models.CharField("出处", max_length=10, choices=RuleSource.choices, default=RuleSource.SET)
    reference = models.CharField("依据", max_length=40, blank=True, help_text="先例的事件编号")
    created_at = models.DateTimeField("建立时间")

    class Meta:
        db_table = "routing_rule"
        verbose_name = verbose_name_plural = "派单规则"
