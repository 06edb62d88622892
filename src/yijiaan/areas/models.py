from datetime import date
from uuid import NAMESPACE_OID, UUID, uuid5

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ScopedQuerySet


class Level(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "区县"
    TOWN = "town", "镇街"
    VILLAGE = "village", "村社"
    GRID = "grid", "网格"


LENGTH_OF = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12, "grid": 16}
LEVEL_OF = {length: level for level, length in LENGTH_OF.items()}


class AreaQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "AreaQuerySet":
        """The names and borders of areas are public: everybody may see them."""
        return self.filter()

    def inside(self, code: str) -> "AreaQuerySet":
        """An area and all below it."""
        return self.filter(code__gte=code, code__lt=code + "~")

    def on(self, day: date) -> "AreaQuerySet":
        """Those that exist on a day."""
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day)).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )


class Area(models.Model):
    """A place in the tree; "inside" is a prefix test on its code."""

    distribution = "reference"

    code = models.CharField("代码", max_length=16, primary_key=True, db_collation="C")
    parent = models.ForeignKey("self", models.PROTECT, verbose_name="上级", null=True, related_name="children")
    level = models.CharField("层级", max_length=10, choices=Level.choices)
    name = models.CharField("名称", max_length=60)
    full_name = models.CharField("全称", max_length=80)
    kind = models.CharField(
        "类别", max_length=20, blank=True, help_text="村委会、居委会；网格：base 基础、exclusive 专属"
    )
    letters = models.CharField("字母简称", max_length=8, blank=True, help_text="诉求编号用，如 XY")
    door_token = models.SlugField("公开入口", max_length=32, unique=True, null=True, help_text="镇街的公开页地址 /t/…/")
    sort_key = models.CharField("拼音序", max_length=120, db_collation="C")
    valid_from = models.DateField("启用日", null=True, help_text="空：自始")
    valid_to = models.DateField("停用日", null=True, help_text="空：至今")

    objects = AreaQuerySet.as_manager()

    class Meta:
        db_table = "area"
        verbose_name = verbose_name_plural = "区划"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=models.F("valid_from")),
                name="area_validity",
            ),
        ]
        indexes = [models.Index(fields=["parent", "sort_key"], name="area_of_parent")]

    def __str__(self) -> str:
        return self.name

    @property
    def subject_id(self) -> UUID:
        """The key under which the journal knows an area."""
        return uuid5(NAMESPACE_OID, f"area:{self.code}")


class Border(models.Model):
    """The polygon of a grid for a period; a redraw ends one row and begins another under the same code."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, verbose_name="网格", related_name="borders")
    period = DateRangeField("有效期", help_text="含首日，不含末日")
    geometry = models.JSONField("边界", help_text="GeoJSON Polygon 或 MultiPolygon，CGCS2000 经纬度")
    source = models.CharField("来源", max_length=100, blank=True)

    class Meta:
        db_table = "area_border"
        verbose_name = verbose_name_plural = "网格边界"
        constraints = [
            ExclusionConstraint(
                name="border_one_at_a_time",
                expressions=[("area", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            )
        ]


class BorderStamp(models.Model):
    """Changes whenever borders of a county change, so that every process knows its index is old."""

    distribution = "reference"

    county = models.CharField("县区编码", max_length=6, primary_key=True, db_collation="C")
    stamp = models.UUIDField("版本", default=uuid7)

    class Meta:
        db_table = "area_border_stamp"
        verbose_name = verbose_name_plural = "边界版本"


class RedrawKind(models.TextChoices):
    MERGE = "merge", "并成一个"
    SPLIT = "split", "切成几个"
    SHIFT = "shift", "划一块给邻格"


class RedrawState(models.TextChoices):
    SCHEDULED = "scheduled", "等生效"
    IN_FORCE = "in_force", "已生效"
    UNDONE = "undone", "已撤销"


class RedrawQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "RedrawQuerySet":
        """Those in the actor's areas, for who redraws grids."""
        if not actor.may("areas.redraw"):
            return self.none()
        return self.filter(actor.area_filter())


class Redraw(models.Model):
    """调整网格: grids of a village that become others on a day. Until that day it can be undone; codes given are never given again."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县区编码", max_length=6, db_collation="C")
    area_code = models.CharField("所在村", max_length=12, db_collation="C")
    kind = models.CharField("怎么调", max_length=6, choices=RedrawKind.choices)
    effective_on = models.DateField("生效日")
    reason = models.CharField("为什么调", max_length=200)
    state = models.CharField("状态", max_length=10, choices=RedrawState.choices, default=RedrawState.SCHEDULED)
    codes = models.JSONField("涉及的代码", help_text="before 调整前，after 调整后；撤销后也不再用")
    client_key = models.UUIDField("提交标识")
    made_at = models.DateTimeField("定下时间")

    objects = RedrawQuerySet.as_manager()

    class Meta:
        db_table = "area_redraw"
        verbose_name = verbose_name_plural = "网格调整"
        constraints = [models.UniqueConstraint(fields=["county", "client_key"], name="redraw_client_key")]
        indexes = [models.Index(fields=["county", "area_code", "effective_on"], name="redraw_of_village")]

    @property
    def before(self) -> list[str]:
        """The codes of the grids that were there."""
        return list(self.codes["before"])

    @property
    def after(self) -> list[str]:
        """The codes of the grids that are there afterwards; a shift keeps them."""
        return list(self.codes["after"])


class LineageQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "LineageQuerySet":
        """Which grid became which is public, as the grids themselves are."""
        return self.filter()


class Lineage(models.Model):
    """沿革: what a grid became. A grid that only changed its border goes on under its code and has no row."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    redraw = models.ForeignKey(Redraw, models.CASCADE, verbose_name="调整", related_name="lines")
    before = models.ForeignKey(Area, models.PROTECT, verbose_name="原网格", related_name="became")
    after = models.ForeignKey(Area, models.PROTECT, verbose_name="新网格", related_name="came_from")

    objects = LineageQuerySet.as_manager()

    class Meta:
        db_table = "area_lineage"
        verbose_name = verbose_name_plural = "网格沿革"
        constraints = [models.UniqueConstraint(fields=["before", "after"], name="lineage_once")]
