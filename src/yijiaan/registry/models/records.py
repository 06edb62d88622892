"""What every record of base data has: a place, where each fact comes from, and how complete and how old it is."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.registry.models.codes import Status


class RecordQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "RecordQuerySet":
        """Those in the actor's areas, for who may read base data."""
        if not actor.may("registry.see_people"):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)

    def inside(self, area_code: str) -> "RecordQuerySet":
        """Those of one place and below it."""
        return self.filter(area_code__gte=area_code, area_code__lt=area_code + "~")


class Record(CountyModel):
    """A record of base data; its facts are named in `registry.fields` and changed by the actions of `changing` alone."""

    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    ended_on = models.DateField("注销日期", null=True, help_text="空：在册")
    origins = models.JSONField("每项的来源", default=dict, help_text="项目 → 来源和日期")
    filled_count = models.PositiveSmallIntegerField("已填项数", default=0, help_text="有登记用途的项目里填了几项")
    oldest_on = models.DateField("最旧一项的日期")
    checked_on = models.DateField("最近核对日期")
    version = models.PositiveIntegerField("版本", default=1)
    added_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    added_at = models.DateTimeField("登记时间")
    client_key = models.UUIDField("提交标识")

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [  # noqa: RUF012 - as Django has it
            models.UniqueConstraint(fields=["county", "client_key"], name="%(class)s_client_key")
        ]
        indexes = [  # noqa: RUF012
            models.Index(
                fields=["county", "area_code", "status", "id"],
                include=["filled_count", "oldest_on"],
                name="%(class)s_of_area",
            ),
        ]

    @property
    def is_active(self) -> bool:
        """Whether it stands for something that is there."""
        return self.status == Status.ACTIVE


class FoundByWords(models.Model):
    """What is found by its words: the pairs of neighbouring characters, and one integer for the town (as cases do)."""

    words = models.TextField("检索用的字", blank=True, editable=False)
    marks = ArrayField(models.IntegerField("字对"), verbose_name="字对", default=list, editable=False)

    class Meta:
        abstract = True
        indexes = [  # noqa: RUF012
            GinIndex(fields=["marks"], name="%(class)s_marks", gin_pending_list_limit=1024)
        ]
