from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yijiaan.core import clock
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField
from yijiaan.oneform.flows import FLOW
from yijiaan.oneform.permissions import ANSWER, EXPORT, MANAGE
from yijiaan.registry.models import Household

ASKED = "asked"  # the source of a column that nobody knows but who is asked


class UnitKind(models.TextChoices):
    """What one row of a form stands for."""

    HOUSEHOLD = "household", "一户一行"
    GRID = "grid", "一个网格一行"
    VILLAGE = "village", "一个村一行"


class AskedKind(models.TextChoices):
    TEXT = "text", "文字"
    NUMBER = "number", "数"
    DAY = "day", "日期"
    YES_NO = "yes_no", "是或否"
    CHOICE = "choice", "选项"


def overlapping(actor: Actor, column: str) -> Q:
    """Areas that lie in the actor's, or around them."""
    around = {prefix[:length] for prefix in actor.areas for length in (2, 4, 6, 9, 12, 16)}
    return actor.area_filter(column) | Q(**{f"{column}__in": sorted(around)})


class OneFormQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "OneFormQuerySet":
        """Those of the actor's county whose areas lie in or around his; what is not published yet only to who manages forms."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if not (actor.may(MANAGE) or actor.may(ANSWER) or actor.may(EXPORT)):
            return self.none()
        near = FormArea.objects.filter(overlapping(actor, "area_code"), county=actor.county)
        mine = self.filter(county=actor.county, id__in=near.values("form_id"))
        return mine if actor.may(MANAGE) else mine.filter(published_at__isnull=False)


class OneForm(CountyModel):
    """一表通的表: one form from above, by whom it is wanted, on what basis, until when, and what filling it in costs."""

    name = models.CharField("表名", max_length=60)
    issuer = models.CharField("下发单位", max_length=60)
    basis = models.CharField("依据", max_length=120, help_text="哪份文件、哪一条")
    ends_on = models.DateField("截止日期")
    per = models.CharField("一行是什么", max_length=10, choices=UnitKind.choices)
    minutes = models.PositiveSmallIntegerField("整张手工填一份要几分钟")
    valid_days = models.PositiveSmallIntegerField("答过的多少天内不再问", default=365)
    state = models.CharField("状态", max_length=8, choices=FLOW.choices(), default=FLOW.initial)
    area_code = models.CharField("登记岗位的辖区", max_length=16, db_collation="C")
    head = models.JSONField("表头", default=dict, help_text="每一行表头和合并的格子，导出时照样写")
    registered_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    registered_at = models.DateTimeField("登记时间")
    published_at = models.DateTimeField("发布时间", null=True, help_text="空：还没有发布")
    closed_at = models.DateTimeField("结束时间", null=True, help_text="空：没有人结束它")
    closed_reason = models.CharField("提前结束的原因", max_length=100, blank=True)
    client_key = models.UUIDField("提交标识")

    objects = OneFormQuerySet.as_manager()

    class Meta:
        db_table = "one_form"
        verbose_name = verbose_name_plural = "一表通的表"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key"], name="one_form_client_key"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=480), name="one_form_minutes"),
            models.CheckConstraint(condition=Q(valid_days__gte=1, valid_days__lte=1100), name="one_form_valid_days"),
            models.CheckConstraint(condition=~Q(issuer="") & ~Q(basis=""), name="one_form_has_basis"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="one_form_closed_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(published_at__isnull=False), name="one_form_published_at"
            ),
        ]
        indexes = [models.Index(fields=["county", "ends_on", "id"], name="one_form_of_county")]

    @property
    def is_asking(self) -> bool:
        """Whether something is asked for it today."""
        return self.state == "open" and self.ends_on >= clock.local_day()

    @property
    def state_label(self) -> str:
        """The state in words; a form whose last day is over has ended."""
        is_over = self.state == "open" and not self.is_asking
        return "到期了" if is_over else FLOW.state(self.state).label

    @property
    def is_per_household(self) -> bool:
        """Whether a row stands for a household."""
        return self.per == UnitKind.HOUSEHOLD


class AreaOfFormQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "AreaOfFormQuerySet":
        """Those in or around the actor's areas."""
        return self.filter(overlapping(actor, "area_code"), county=actor.county)


class FormArea(CountyModel):
    """表的范围: one place whose units have a row in a form."""

    form = CountyForeignKey(OneForm, models.CASCADE, verbose_name="表", related_name="areas")
    area_code = models.CharField("镇、村或网格", max_length=16, db_collation="C")

    objects = AreaOfFormQuerySet.as_manager()

    class Meta:
        db_table = "form_area"
        verbose_name = verbose_name_plural = "表的范围"
        constraints = [models.UniqueConstraint(fields=["county", "form", "area_code"], name="form_area_once")]
        indexes = [models.Index(fields=["county", "area_code", "form"], name="form_area_of_place")]


class OfFormQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "OfFormQuerySet":
        """Those of forms that the actor may see."""
        return self.filter(county=actor.county, form__in=OneForm.objects.visible_to(actor).values("id"))


class FormColumn(CountyModel):
    """表的一列: its heading and what it is filled from."""

    form = CountyForeignKey(OneForm, models.CASCADE, verbose_name="表", related_name="columns")
    place = models.PositiveSmallIntegerField("第几列", help_text="从 0 数")
    label = models.CharField("列名", max_length=80)
    source = models.CharField("从哪儿来", max_length=60, db_collation="C", help_text="catalogue.py 里的代码")
    asked_kind = models.CharField("要问的怎么填", max_length=10, choices=AskedKind.choices, default=AskedKind.TEXT)
    choices = ArrayField(models.CharField("选项", max_length=40), verbose_name="选项", default=list)
    answer_key = models.CharField("答案的键", max_length=120, db_collation="C", help_text="键相同的列共用一个答案")

    objects = OfFormQuerySet.as_manager()

    class Meta:
        db_table = "form_column"
        verbose_name = verbose_name_plural = "表的列"
        constraints = [models.UniqueConstraint(fields=["county", "form", "place"], name="form_column_once")]

    @property
    def is_asked(self) -> bool:
        """Whether the base does not hold it at all."""
        return self.source == ASKED


class LabelMeaningQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "LabelMeaningQuerySet":
        """What the county remembers, for who manages forms."""
        return self.filter(county=actor.county) if actor.may(MANAGE) else self.none()


class LabelMeaning(CountyModel):
    """列名的意思: what a label was filled from last time, so that the next form maps itself."""

    per = models.CharField("一行是什么", max_length=10, choices=UnitKind.choices)
    label_key = models.CharField("列名", max_length=80, db_collation="C")
    source = models.CharField("从哪儿来", max_length=60, db_collation="C")
    asked_kind = models.CharField("要问的怎么填", max_length=10, choices=AskedKind.choices, default=AskedKind.TEXT)
    choices = ArrayField(models.CharField("选项", max_length=40), verbose_name="选项", default=list)
    used_at = models.DateTimeField("最近用到")

    objects = LabelMeaningQuerySet.as_manager()

    class Meta:
        db_table = "form_label"
        verbose_name = verbose_name_plural = "列名的意思"
        constraints = [models.UniqueConstraint(fields=["county", "per", "label_key"], name="form_label_once")]


class ToldQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "ToldQuerySet":
        """What was told of units in the actor's areas, for who answers, manages or exports."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if not (actor.may(MANAGE) or actor.may(ANSWER) or actor.may(EXPORT)):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class Filling(CountyModel):
    """补填记录: that somebody told what was missing of one unit, once; what he told stands in answers and in changes of the base."""

    form = CountyForeignKey(OneForm, models.CASCADE, verbose_name="表", related_name="fillings")
    household = CountyForeignKey(
        Household, models.CASCADE, verbose_name="住户", null=True, related_name="+", help_text="空：一行是村或网格"
    )  # fmt: skip
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    told_count = models.PositiveSmallIntegerField("补了几项")
    filled_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁补的", null=True, related_name="+"
    )
    filled_at = models.DateTimeField("收到时间")
    client_key = models.UUIDField("提交标识")

    objects = ToldQuerySet.as_manager()

    class Meta:
        db_table = "form_filling"
        verbose_name = verbose_name_plural = "补填记录"
        constraints = [models.UniqueConstraint(fields=["county", "client_key"], name="form_filling_client_key")]
        indexes = [
            models.Index(fields=["county", "form", "id"], name="form_filling_of_form"),
            models.Index(fields=["county", "household", "id"], name="form_filling_of_home"),
            models.Index(fields=["county", "filled_at", "id"], name="form_filling_at"),
        ]

    @property
    def subject(self) -> str:
        """The row that it is about, as addresses name it."""
        return str(self.household_id) if self.household_id else self.area_code


class FormAnswer(CountyModel):
    """答案: one thing that somebody told of a household, a grid or a village; the next form that asks the same asks nothing."""

    filling = CountyForeignKey(Filling, models.CASCADE, verbose_name="补填记录", related_name="answers")
    household = CountyForeignKey(
        Household, models.CASCADE, verbose_name="住户", null=True, related_name="form_answers", help_text="空：说的是村或网格"
    )  # fmt: skip
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    answer_key = models.CharField("答案的键", max_length=120, db_collation="C")
    value_sealed = SealedField("答的是什么", blank=True)
    is_none = models.BooleanField("没有或问不到", default=False)
    told_on = models.DateField("哪天问的")
    is_current = models.BooleanField("是最近的", default=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        db_table = "form_answer"
        verbose_name = verbose_name_plural = "表的答案"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "household", "answer_key"],
                condition=Q(is_current=True, household__isnull=False),
                name="form_answer_of_home_once",
            ),
            models.UniqueConstraint(
                fields=["county", "area_code", "answer_key"],
                condition=Q(is_current=True, household__isnull=True),
                name="form_answer_of_place_once",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "filling"], name="form_answer_of_filling"),
            models.Index(fields=["county", "household", "answer_key"], name="form_answer_of_home"),
        ]
