from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet


class TodoQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "TodoQuerySet":
        """What my unit owes, and what is owed inside my area."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter()
        return self.filter(actor.area_filter() | models.Q(unit_id=actor.unit_id), county=actor.county)

    def open(self) -> "TodoQuerySet":
        """Duties not yet done."""
        return self.filter(done_at__isnull=True)


class Card(models.TextChoices):
    NONE = "", "无"
    YELLOW = "yellow", "黄牌"
    RED = "red", "红牌"


class Todo(CountyModel):
    """One duty: a unit (or one post in it) owes something to a subject by a time."""

    subject_type = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象标识")
    kind = models.CharField("事项", max_length=20)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="承办单位", related_name="+")
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="承办岗位", null=True, related_name="+"
    )
    area_code = models.CharField("区划代码", max_length=16, db_collation="C")
    opened_at = models.DateTimeField("开始时间")
    due_at = models.DateTimeField("到期时间")
    alert_at = models.DateTimeField("红牌时间")
    tell_at = models.DateTimeField("下次提醒时间", null=True, help_text="空：没有再要提醒的")
    card = models.CharField("牌", max_length=6, choices=Card.choices, blank=True)
    climbs = models.PositiveSmallIntegerField("提醒上升次数", default=0)
    paused_at = models.DateTimeField("暂停时间", null=True, help_text="钟停着的时候不提醒")
    terms = models.CharField("计时", max_length=40, help_text="计时方式、时限、提前提醒")
    calendar_version = models.PositiveIntegerField("工作日历版次", default=0)
    done_at = models.DateTimeField("完成时间", null=True)
    done_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="完成岗位", null=True, related_name="+"
    )
    is_fulfilled = models.BooleanField("已履行", default=False, help_text="完成而未履行：因对象结束等原因不再需要")

    objects = TodoQuerySet.as_manager()

    class Meta:
        db_table = "todo"
        verbose_name = verbose_name_plural = "待办"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "subject_id", "kind"], condition=models.Q(done_at__isnull=True), name="todo_one_open"
            ),
            models.CheckConstraint(condition=models.Q(due_at__gte=models.F("opened_at")), name="todo_due_after_open"),
        ]
        indexes = [
            models.Index(
                fields=["county", "unit", "due_at"], condition=models.Q(done_at__isnull=True), name="todo_of_unit"
            ),
            models.Index(fields=["county", "due_at"], condition=models.Q(done_at__isnull=True), name="todo_due"),
            models.Index(
                fields=["county", "tell_at"],
                condition=models.Q(done_at__isnull=True, tell_at__isnull=False),
                name="todo_to_tell",
            ),
            models.Index(fields=["county", "subject_id", "opened_at"], name="todo_of_subject"),
        ]
