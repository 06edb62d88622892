from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ScopedQuerySet


class ItemKind(models.TextChoices):
    YES_NO = "yes_no", "合格不合格"
    VALUE = "value", "量一个数"
    PHOTO = "photo_optional", "看一眼，可以拍照"


class Grade(models.TextChoices):
    """Grades of hazards as the Work Safety Law and the standards of industries name them (DOMAIN 3.14)."""

    GENERAL = "general", "一般"
    LARGER = "larger", "较大"
    MAJOR = "major", "重大"


class TemplateQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "TemplateQuerySet":
        """Those shipped and those of the actor's county."""
        return self.filter(county__in=["", actor.county]) if actor.county else self.filter()


class Template(models.Model):
    """检查表: what is looked at when a kind of place is inspected; its content stands in versions."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县区编码", max_length=6, blank=True, db_collation="C", help_text="空：随产品带的")
    code = models.CharField("代码", max_length=30, db_collation="C")
    name = models.CharField("名称", max_length=40)
    is_active = models.BooleanField("在用", default=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        db_table = "checklist_template"
        verbose_name = verbose_name_plural = "检查表"
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="checklist_template_code")]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """One wording of a checklist; it never changes once it is there."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(Template, models.CASCADE, verbose_name="检查表", related_name="versions")
    number = models.PositiveIntegerField("版次")
    written_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, verbose_name="谁写的", null=True, related_name="+", help_text="空：随产品带的"
    )
    written_at = models.DateTimeField("写下时间")

    class Meta:
        db_table = "checklist_version"
        verbose_name = verbose_name_plural = "检查表版次"
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="checklist_version_number")]


class Item(models.Model):
    """One line of a checklist: what to look at, by which law, and how grave it is when it fails."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(Version, models.CASCADE, verbose_name="版次", related_name="items")
    place = models.PositiveSmallIntegerField("第几项")
    section = models.CharField("分组", max_length=20)
    code = models.CharField("代码", max_length=10, db_collation="C")
    text = models.CharField("查什么", max_length=120)
    kind = models.CharField("怎么查", max_length=16, choices=ItemKind.choices)
    unit = models.CharField("单位", max_length=10, blank=True)
    least = models.FloatField("最小", null=True, help_text="空：没有下限")
    most = models.FloatField("最大", null=True, help_text="空：没有上限")
    legal_basis = models.CharField("依据", max_length=60, blank=True)
    fail_grade = models.CharField("不合格算几级隐患", max_length=8, choices=Grade.choices)

    class Meta:
        db_table = "checklist_item"
        verbose_name = verbose_name_plural = "检查项"
        constraints = [
            models.UniqueConstraint(fields=["version", "place"], name="checklist_item_place"),
            models.UniqueConstraint(fields=["version", "code"], name="checklist_item_code"),
        ]

    @property
    def bounds_words(self) -> str:
        """The bounds of a value in words: 0.5–2 米, 不超过 0 个."""
        unit = f" {self.unit}" if self.unit else ""
        if self.least is not None and self.most is not None:
            return f"{self.least:g}–{self.most:g}{unit}"
        if self.least is not None:
            return f"不少于 {self.least:g}{unit}"
        return f"不超过 {self.most:g}{unit}" if self.most is not None else self.unit


class RunState(models.TextChoices):
    OPEN = "open", "在查"
    FINISHED = "finished", "查完"


class Run(CountyModel):
    """One version gone through over one subject; it stays on its version."""

    version = models.ForeignKey(Version, models.PROTECT, db_index=False, verbose_name="版次", related_name="+")
    subject_type = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象标识")
    place = models.CharField("地点", max_length=120, blank=True)
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    state = models.CharField("状态", max_length=10, choices=RunState.choices, default=RunState.OPEN)
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("查完时间", null=True, help_text="空：还在查")

    class Meta:
        db_table = "checklist_run"
        verbose_name = verbose_name_plural = "检查表记录"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "subject_id"], condition=Q(state="open"), name="checklist_run_one_open"
            )
        ]
        indexes = [models.Index(fields=["county", "subject_id"], name="checklist_run_of_subject")]


class Answer(CountyModel):
    """What was found at one item of a run."""

    run = CountyForeignKey(Run, models.CASCADE, verbose_name="检查表记录", related_name="answers")
    item = models.ForeignKey(Item, models.PROTECT, db_index=False, verbose_name="检查项", related_name="+")
    value = models.CharField("结果", max_length=20, help_text="yes 合格、no 不合格、na 不涉及，或者量得的数")
    is_failed = models.BooleanField("不合格", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    answered_at = models.DateTimeField("时间")

    class Meta:
        db_table = "checklist_answer"
        verbose_name = verbose_name_plural = "检查结果"
        constraints = [models.UniqueConstraint(fields=["county", "run", "item"], name="checklist_answer_once")]

    @property
    def words(self) -> str:
        """The answer as people say it."""
        known = {"yes": "合格", "no": "不合格", "na": "不涉及"}
        return known.get(self.value) or f"{self.value} {self.item.unit}".strip()
