from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from yijiaan.core import clock
from yijiaan.core.bigrams import normal
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.knowledge.flows import FLOW


class ArticleQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "ArticleQuerySet":
        """Published ones of every area around the viewer and inside it; drafts and retired ones by those who write there."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter()
        around = [area[:length] for area in actor.areas for length in (2, 4, 6, 9) if len(area) >= length]
        here = Q(area_id__in=around) | actor.area_filter("area_id") if actor.areas else Q(area_id=actor.county)
        mine = Q(unit_id=actor.unit_id) if actor.unit_id else Q(pk__in=[])
        written = (
            actor.area_filter("area_id") if actor.areas and actor.may("knowledge.write") else Q(pk__in=[])
        ) | mine
        return self.filter((here & Q(status="published")) | written)


class Article(models.Model):
    """One guide: what it is about, who may, what to bring, where, how long; with source and date, and how long it holds."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    title = models.CharField("办什么", max_length=60)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="适用地方", related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, verbose_name="谁管这篇", related_name="+")
    status = models.CharField("状态", max_length=10, choices=FLOW.choices(), default="draft")
    answer = models.CharField("一句话回答", max_length=300)
    who_may = models.CharField("谁能办", max_length=500, blank=True)
    documents = models.CharField("带什么", max_length=1000, blank=True)
    place = models.CharField("去哪里", max_length=300, blank=True)
    how_long = models.CharField("多久办好", max_length=200, blank=True)
    steps = models.TextField("怎么办", max_length=3000, blank=True)
    phone = models.CharField("咨询电话", max_length=30, blank=True)
    aliases = models.CharField("别的叫法", max_length=200, blank=True, help_text="群众会怎么说，用空格分开")
    source = models.CharField("依据", max_length=200, blank=True)
    source_on = models.DateField("依据日期", null=True)
    valid_until = models.DateField("有效到", null=True)
    words = models.TextField("检索用的字", blank=True, editable=False)
    marks = ArrayField(models.IntegerField("字对"), verbose_name="字对", default=list, editable=False)
    changed_at = models.DateTimeField("修改时间")
    warned_on = models.DateField("提醒过的到期日", null=True, editable=False)
    version = models.PositiveIntegerField("版本", default=1)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        db_table = "article"
        verbose_name = verbose_name_plural = "知识库文章"
        indexes = [GinIndex(fields=["marks"], name="article_marks")]

    @property
    def searched(self) -> str:
        """What it is found by, in lines: what it is about, how people call it, its answer."""
        return "\n".join(normal(part) for part in (self.title, self.aliases, self.answer) if part)

    @property
    def is_out_of_date(self) -> bool:
        """Past the day up to which it holds."""
        return self.valid_until is not None and self.valid_until < clock.local_day()
