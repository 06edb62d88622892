"""Day counts, and their comparison with the journal."""

from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet


class CountAxis(models.TextChoices):
    VILLAGE = "village", "村"
    CATEGORY = "category", "类别"
    CHANNEL = "channel", "渠道"


class CaseDayCountQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "CaseDayCountQuerySet":
        """Those of my areas: a key begins with the code of its place. A village sees its own line, the other axes begin with the town."""
        if not actor.may("cases.view"):
            return self.none()
        return self.filter(actor.area_filter("key"), **({"county": actor.county} if actor.county else {}))


class CaseDayCount(CountyModel):
    """What happened in a day, counted along one axis: village, category in a town, channel in a town. See `rollups.py`."""

    axis = models.CharField("维度", max_length=10, db_collation="C", choices=CountAxis.choices)
    key = models.CharField("取值", max_length=40, db_collation="C")
    day = models.DateField("日期")
    received = models.IntegerField("受理", db_default=0)
    finished = models.IntegerField("办结", db_default=0)
    on_time = models.IntegerField("按时办结", db_default=0)
    closed = models.IntegerField("结案", db_default=0)
    solved_grid = models.IntegerField("网格解决", db_default=0)
    solved_village = models.IntegerField("村解决", db_default=0)
    solved_town = models.IntegerField("镇解决", db_default=0)
    solved_county = models.IntegerField("区级解决", db_default=0)
    satisfied = models.IntegerField("满意", db_default=0)
    basically = models.IntegerField("基本满意", db_default=0)
    understanding = models.IntegerField("未解决但理解", db_default=0)
    dissatisfied = models.IntegerField("不满意", db_default=0)
    returned = models.IntegerField("退回", db_default=0)
    reopened = models.IntegerField("重办", db_default=0)
    refused = models.IntegerField("不予受理或撤回", db_default=0)
    restarted = models.IntegerField("再启动", db_default=0)
    said_solved = models.IntegerField("说解决了", db_default=0)
    excluded_satisfied = models.IntegerField("剔除满意", db_default=0)
    excluded_basically = models.IntegerField("剔除基本满意", db_default=0)
    excluded_understanding = models.IntegerField("剔除未解决但理解", db_default=0)
    excluded_dissatisfied = models.IntegerField("剔除不满意", db_default=0)
    excluded_solved = models.IntegerField("剔除说解决了", db_default=0)

    objects = CaseDayCountQuerySet.as_manager()

    class Meta:
        db_table = "case_day_count"
        verbose_name = verbose_name_plural = "事件日汇总"
        constraints = [models.UniqueConstraint(fields=["county", "axis", "key", "day"], name="case_day_count_once")]


COUNTED = tuple(
    field.name for field in CaseDayCount._meta.concrete_fields if field.get_internal_type() == "IntegerField"
)


class CountCheck(CountyModel):
    """One nightly comparison of the day counts with the journal, and what it put right."""

    checked_at = models.DateTimeField("核对时间")
    first_day = models.DateField("起始日")
    last_day = models.DateField("截止日")
    row_count = models.IntegerField("核对行数")
    wrong_count = models.IntegerField("不符行数")
    examples = models.JSONField("不符举例", default=list)

    class Meta:
        db_table = "case_count_check"
        verbose_name = verbose_name_plural = "汇总核对"
        indexes = [models.Index(fields=["county", "-checked_at"], name="count_check_newest")]
