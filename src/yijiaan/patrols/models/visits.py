"""走访: who is to be visited how often, what was heard there, and the random second look at it."""

from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField
from yijiaan.patrols.visit_flows import FLOW, OPEN
from yijiaan.registry.models import CareEntry, CareKind, Household

AGREED = "agreed"


class VisitWay(models.TextChoices):
    HOME = "home", "上门"
    PHONE = "phone", "打电话"
    OFFICE = "office", "在村委"


class VisitKind(models.TextChoices):
    ROUTINE = "routine", "常规走访"
    CARE = "care", "关爱走访"
    NEW_COMER = "new_comer", "新入住"
    POLICY = "policy", "政策宣传"
    PARTY = "party", "联系党员"
    FOLLOW_UP = "follow_up", "回访"
    DISASTER = "disaster", "灾害排查"


class ArrangementKind(models.TextChoices):
    """Why somebody is visited again: the care lists, and what was agreed with a household."""

    ELDER_ALONE = CareKind.ELDER_ALONE.value, CareKind.ELDER_ALONE.label
    ELDER_80 = CareKind.ELDER_80.value, CareKind.ELDER_80.label
    DISABLED = CareKind.DISABLED.value, CareKind.DISABLED.label
    UNABLE = CareKind.UNABLE.value, CareKind.UNABLE.label
    LEFT_BEHIND_CHILD = CareKind.LEFT_BEHIND_CHILD.value, CareKind.LEFT_BEHIND_CHILD.label
    HARDSHIP_CHILD = CareKind.HARDSHIP_CHILD.value, CareKind.HARDSHIP_CHILD.label
    DIBAO = CareKind.DIBAO.value, CareKind.DIBAO.label
    SPECIAL_SUPPORT = CareKind.SPECIAL_SUPPORT.value, CareKind.SPECIAL_SUPPORT.label
    VETERAN_CARE = CareKind.VETERAN_CARE.value, CareKind.VETERAN_CARE.label
    SERIOUS_ILLNESS = CareKind.SERIOUS_ILLNESS.value, CareKind.SERIOUS_ILLNESS.label
    TEMPORARY = CareKind.TEMPORARY.value, CareKind.TEMPORARY.label
    AGREED = AGREED, "约好再去"


class PauseReason(models.TextChoices):
    NONE = "", "没有停"
    AWAY = "away", "出门不在家"
    HOSPITAL = "hospital", "住院"


class SampleResult(models.TextChoices):
    WAITING = "", "还没有问"
    AGREES = "agrees", "和记的一样"
    DIFFERS = "differs", "和记的不一样"
    NOT_REACHED = "not_reached", "没有联系上"


class VisitedQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "VisitedQuerySet":
        """Those of households in the actor's areas, for who visits or plans visits."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if not (actor.may("patrols.visit") or actor.may("patrols.plan_visits")):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class VisitCycle(CountyModel):
    """How often those of one care list are visited; where a county has no row, the proposal that ships holds."""

    care_kind = models.CharField("关爱类别", max_length=20, choices=CareKind.choices)
    every_days = models.PositiveSmallIntegerField("几天一次")
    who = models.CharField("由谁去", max_length=20)
    set_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁定的", null=True, related_name="+"
    )
    set_at = models.DateTimeField("定下时间")

    class Meta:
        db_table = "visit_cycle"
        verbose_name = verbose_name_plural = "走访周期"
        constraints = [
            models.UniqueConstraint(fields=["county", "care_kind"], name="visit_cycle_once"),
            models.CheckConstraint(condition=Q(every_days__gte=1, every_days__lte=366), name="visit_cycle_days"),
        ]


class Arrangement(CountyModel):
    """走访安排: that a household is to be visited again, and when; from a care entry, or as it was agreed."""

    household = CountyForeignKey(
        Household, models.CASCADE, verbose_name="住户", null=True, related_name="arrangements", help_text="空：没有登记住处"
    )  # fmt: skip
    care_entry = CountyForeignKey(
        CareEntry, models.CASCADE, verbose_name="关爱登记", null=True, related_name="arrangements",
        help_text="空：约好再去的",
    )  # fmt: skip
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    kind = models.CharField("为什么去", max_length=20, choices=ArrangementKind.choices)
    every_days = models.PositiveSmallIntegerField("几天一次", help_text="0：只去一次")
    status = models.CharField("状态", max_length=8, choices=FLOW.choices())
    last_on = models.DateField("上次走访", null=True, help_text="空：还没有走访过")
    next_on = models.DateField("下次走访")
    pause_reason = models.CharField("停下原因", max_length=8, choices=PauseReason.choices, blank=True)
    paused_until = models.DateField("停到哪天", null=True, help_text="空：没有停")
    ended_reason = models.CharField("不再走访的原因", max_length=100, blank=True)
    made_at = models.DateTimeField("安排时间")

    objects = VisitedQuerySet.as_manager()

    class Meta:
        db_table = "visit_arrangement"
        verbose_name = verbose_name_plural = "走访安排"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "care_entry"], condition=Q(care_entry__isnull=False), name="arrangement_of_care_once"
            ),
            models.UniqueConstraint(
                fields=["county", "household"], condition=Q(kind=AGREED) & ~Q(status="ended"), name="arrangement_agreed_once"
            ),
            models.CheckConstraint(
                condition=(Q(status="paused", paused_until__isnull=False) & ~Q(pause_reason=""))
                | (~Q(status="paused") & Q(paused_until__isnull=True, pause_reason="")),
                name="arrangement_paused_until",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["county", "next_on", "id"], include=["area_code"], condition=Q(status__in=OPEN), name="arrangement_next"
            ),
            models.Index(
                fields=["county", "area_code", "next_on", "id"], condition=Q(status__in=OPEN), name="arrangement_area_next"
            ),
            models.Index(fields=["county", "household", "id"], name="arrangement_of_household"),
            models.Index(
                fields=["county", "area_code", "status"], condition=~Q(status="ended"), name="arrangement_area_status"
            ),
        ]  # fmt: skip

    @property
    def status_label(self) -> str:
        """The state in words."""
        return FLOW.state(self.status).label


class Visit(CountyModel):
    """走访记录: one visit to a household. What was heard there is sealed; no place and no picture of it is kept."""

    household = CountyForeignKey(Household, models.PROTECT, verbose_name="住户", related_name="visits")
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    on = models.DateField("哪天")
    way = models.CharField("怎么走访的", max_length=8, choices=VisitWay.choices)
    kind = models.CharField("走访类别", max_length=12, choices=VisitKind.choices)
    met_sealed = SealedField("见到了谁", blank=True)
    needs_sealed = SealedField("有什么需要", blank=True)
    moves_sealed = SealedField("家里人有什么变动", blank=True)
    help_sealed = SealedField("当时帮了什么", blank=True)
    together = models.CharField("和谁一起去的", max_length=60, blank=True, help_text="同事的姓名")
    next_on = models.DateField("约好哪天再去", null=True, help_text="空：没有约")
    is_refused = models.BooleanField("不愿见面", default=False)
    case_number = models.CharField("报上去的事件编号", max_length=24, blank=True, db_collation="C")
    visited_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁走访的", null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("收到时间")
    client_key = models.UUIDField("提交标识")

    objects = VisitedQuerySet.as_manager()

    class Meta:
        db_table = "visit"
        verbose_name = verbose_name_plural = "走访记录"
        constraints = [models.UniqueConstraint(fields=["county", "client_key"], name="visit_client_key")]
        indexes = [
            models.Index(fields=["county", "household", "id"], name="visit_of_household"),
            models.Index(fields=["county", "area_code", "id"], name="visit_of_area"),
            models.Index(fields=["county", "on", "id"], name="visit_on"),
        ]


class VisitSample(CountyModel):
    """走访抽查: a visit drawn at random, about which somebody else asks again. It judges records, never persons."""

    visit = CountyForeignKey(Visit, models.CASCADE, verbose_name="走访记录", related_name="samples")
    area_code = models.CharField("所在村或网格", max_length=16, db_collation="C")
    drawn_at = models.DateTimeField("抽到时间")
    result = models.CharField("问的结果", max_length=12, choices=SampleResult.choices, blank=True)
    note_sealed = SealedField("说明", blank=True)
    checked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="谁问的", null=True, related_name="+"
    )
    checked_at = models.DateTimeField("什么时候问的", null=True, help_text="空：还没有问")

    objects = VisitedQuerySet.as_manager()

    class Meta:
        db_table = "visit_sample"
        verbose_name = verbose_name_plural = "走访抽查"
        constraints = [
            models.UniqueConstraint(fields=["county", "visit"], name="visit_sample_once"),
            models.CheckConstraint(
                condition=Q(result="", checked_at__isnull=True) | (~Q(result="") & Q(checked_at__isnull=False)),
                name="visit_sample_has_time",
            ),
        ]
        indexes = [models.Index(fields=["county", "area_code", "id"], name="visit_sample_of_area")]
