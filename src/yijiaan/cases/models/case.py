"""A case, who sees it, who has it to do, and the reports that belong to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q

from yijiaan.cases.flows import DUTY_LABEL, DUTY_OF, FLOW, OPEN
from yijiaan.cases.models.codes import Channel, Kind, SolvedLevel, Supervision, Urgency
from yijiaan.cases.models.settings import Category
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField
from yijiaan.engines.todos.models import Card

LISTED_ORDERS = 1000


class CaseQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Inside my area, owned by my unit or assigned to it; tips and confidential cases by named posts only."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if actor.kind is ActorKind.REPORTER:
            own = Report.objects.filter(county=actor.county, case_id=OuterRef("id"), id=actor.identity)
            return self.filter(Exists(own), county=actor.county)
        if actor.unit_id is None or not actor.may("cases.view"):
            return self.none()
        assigned = Assignment.objects.filter(county=actor.county, case_id=OuterRef("id"), unit_id=actor.unit_id)
        return self._seen_by(actor, Exists(assigned))

    def listed_to(self, actor: Actor) -> "CaseQuerySet":
        """What lists walk through: `visible_to`, but of what other units hold only the newest orders of the actor's unit, not
        all it ever had a part in. So every condition has its index, and a list stays fast however long the past is."""
        if not _sees_by_areas(actor):
            return self.visible_to(actor)
        return self._seen_by(actor, _newest_orders(actor))

    def listed_parts(self, actor: Actor) -> list["CaseQuerySet"]:
        """`listed_to` in parts that have no case in common: what lies inside the areas, and what the unit holds or takes part in
        elsewhere. Who counts asks for each: PostgreSQL finds no index for both in one."""
        if not _sees_by_areas(actor):
            return [self.visible_to(actor)]
        inside, mine = self._inside(actor), self._mine(actor, _newest_orders(actor))
        return [self.filter(inside, county=actor.county), self.filter(mine, ~inside, county=actor.county)]

    def listed_in(self, actor: Actor, area_code: str) -> "CaseQuerySet":
        """`listed_to` inside an area, nothing confidential; where the area is the actor's, an index finds it without asking for orders."""
        known = self.filter(area_code__gte=area_code, area_code__lt=area_code + "~", is_confidential=False)
        if _sees_by_areas(actor) and actor.covers(area_code):
            return known.filter(county=actor.county)
        return known.listed_to(actor)

    def _inside(self, actor: Actor) -> Q:
        return actor.area_filter() & Q(is_confidential=False) if actor.areas else Q(pk__in=[])

    def _mine(self, actor: Actor, assigned: Q | Exists) -> Q:
        open_to_me = Q() if actor.may("cases.view_tips") else Q(is_confidential=False)
        return (Q(owner_id=actor.unit_id) & open_to_me) | (Q(assigned) & open_to_me)

    def _seen_by(self, actor: Actor, assigned: Q | Exists) -> "CaseQuerySet":
        return self.filter(self._inside(actor) | self._mine(actor, assigned), county=actor.county)

    def open(self) -> "CaseQuerySet":
        """Those not ended."""
        return self.filter(status__in=OPEN)


def _sees_by_areas(actor: Actor) -> bool:
    is_own = actor.kind in (ActorKind.SYSTEM, ActorKind.REPORTER)
    return not is_own and actor.unit_id is not None and actor.may("cases.view")


def newest_orders(actor: Actor) -> "models.QuerySet[Assignment]":
    """Orders of the actor's unit, the newest first."""
    assert actor.unit_id is not None
    return Assignment.objects.filter(county=actor.county, unit_id=actor.unit_id).order_by("-dispatched_at")


def _newest_orders(actor: Actor) -> Q:
    orders = newest_orders(actor)
    return Q(id__any=ArraySubquery(orders.values("case_id")[:LISTED_ORDERS]))


# what boards and menus count of an open case
COUNTED_OPEN = [
    "owner", "status", "category", "urgency", "is_confidential", "reopened_count", "has_request", "version",
]  # fmt: skip


class Case(CountyModel):
    """What has to be done, and where it stands."""

    number = models.CharField("事件编号", max_length=20, db_collation="C", help_text="县区 + 年月日 + 5 位，仅内部使用")
    title = models.CharField("标题", max_length=60)
    status = models.CharField("状态", max_length=20, help_text="见 flows.py")
    kind = models.CharField("诉求类型", max_length=12, choices=Kind.choices)
    channel = models.CharField("来源", max_length=20, choices=Channel.choices)
    category = models.ForeignKey(
        Category, models.PROTECT, db_index=False, verbose_name="类别", null=True, related_name="+"
    )
    is_confidential = models.BooleanField("保密", default=False)
    urgency = models.CharField("轻重", max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    area_code = models.CharField("所在网格", max_length=16, db_collation="C")
    occurred_area_code = models.CharField("发生时网格", max_length=16, db_collation="C")
    is_place_unknown = models.BooleanField("地点待核", default=False)
    place = models.CharField("地点", max_length=120, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    owner = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="现在在谁手里", related_name="+"
    )
    level = models.CharField("当前层级", max_length=10, choices=SolvedLevel.choices, default=SolvedLevel.TOWN)
    next_due_at = models.DateTimeField("下一到期", null=True)
    received_at = models.DateTimeField("受理时间")
    handled_at = models.DateTimeField("办结时间", null=True)
    closed_at = models.DateTimeField("结案时间", null=True)
    close_reason = models.CharField("结案方式", max_length=20, blank=True)
    solved_at_level = models.CharField("解决层级", max_length=10, choices=SolvedLevel.choices, blank=True)
    reopened_count = models.PositiveSmallIntegerField("重办次数", default=0)
    rework_count = models.PositiveSmallIntegerField("核查不过次数", default=0)
    hop_count = models.PositiveSmallIntegerField("转手次数", default=0)
    card = models.CharField("牌", max_length=6, choices=Card.choices, blank=True, help_text="当前事项的黄牌或红牌")
    supervision = models.CharField("督办", max_length=10, choices=Supervision.choices, blank=True)
    report_count = models.PositiveSmallIntegerField("诉求数", default=1)
    has_parties = models.BooleanField("有要回避的", default=False, db_default=False)
    has_request = models.BooleanField("有申请待批", default=False, db_default=False)
    outside_due_at = models.DateTimeField("外部办结时限", null=True, help_text="交来的系统定的，比我们的时限优先")
    is_called_outside = models.BooleanField(
        "由外部回访", default=False, db_default=False, help_text="交来的系统自己回访，我们不再打"
    )
    version = models.PositiveIntegerField("版本", default=1)

    noted: dict[str, Any] | None = None  # the tracked columns as the last journal entry left them
    last_entry: UUID | None = None  # of a locked case: its newest journal entry, and when that happened
    last_deed_at: datetime | None = None

    objects = CaseQuerySet.as_manager()

    class Meta:
        db_table = "cases_case"
        verbose_name = verbose_name_plural = "事件"
        constraints = [
            models.UniqueConstraint(fields=["county", "number"], name="case_number_once"),
            models.CheckConstraint(
                condition=~Q(status="closed")
                | (~Q(close_reason="") & ~Q(solved_at_level="") & Q(closed_at__isnull=False)),
                name="case_closed_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, next_due_at__isnull=False)
                | (~Q(status__in=OPEN) & Q(next_due_at__isnull=True)),
                name="case_open_has_due",
            ),
        ]
        indexes = [
            # with all that boards and menus count: whoever sees a town reads its part of this alone
            models.Index(
                fields=["county", "area_code", "next_due_at"],
                include=["id", *COUNTED_OPEN],
                condition=Q(status__in=OPEN),
                name="case_worklist",
            ),
            models.Index(fields=["county", "owner", "next_due_at"], condition=Q(status__in=OPEN), name="case_of_owner"),
            # in the order of a worklist, with all that boards and menus count: whoever sees a whole county reads this alone
            models.Index(
                fields=["county", "next_due_at", "id"],
                include=["area_code", *COUNTED_OPEN],
                condition=Q(status__in=OPEN),
                name="case_due",
            ),
            models.Index(fields=["county", "area_code", "-id"], name="case_history"),
            models.Index(fields=["county", "-id"], name="case_newest"),
        ]

    @property
    def is_open(self) -> bool:
        """Not ended."""
        return self.status in OPEN

    @property
    def status_label(self) -> str:
        """The state in words."""
        return FLOW.state(self.status).label

    @property
    def due_label(self) -> str:
        """Of what the time left is: 派单, 签收, 办结, 回访; empty when ended."""
        return DUTY_LABEL.get(self.due_kind, "")

    @property
    def due_kind(self) -> str:
        """The duty whose time `next_due_at` is."""
        return DUTY_OF.get(self.status, "")


def as_dict(case: Case) -> dict[str, Any]:
    """The plain columns of a case, for comparison in tests and in the bench."""
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}


class ReportQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "ReportQuerySet":
        """The reports of the cases that the actor sees; for a reporter his own."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if actor.kind is ActorKind.REPORTER:
            return self.filter(county=actor.county, id=actor.identity)
        cases = Case.objects.visible_to(actor).filter(id=OuterRef("case_id"), county=OuterRef("county"))
        return self.filter(Exists(cases), county=actor.county)


class Report(CountyModel):
    """What one person told us, in his words; he follows it by its own number and codes."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="reports")
    number = models.CharField("编号", max_length=24, db_collation="C", help_text="镇字母 + 年月日 + 流水号")
    tracking_search = SearchHashField("查询链接检索", purpose="tracking")
    tracking_sealed = SealedField("查询链接")
    query_code_sealed = SealedField("查询码")
    query_failures = models.PositiveSmallIntegerField("查询码输错次数", default=0)
    channel = models.CharField("渠道", max_length=20, choices=Channel.choices)
    external_number = models.CharField("外部编号", max_length=40, blank=True)
    kind = models.CharField("诉求类型", max_length=12, choices=Kind.choices)
    text = models.TextField("原话", max_length=2000)
    wish = models.CharField("想要的结果", max_length=200, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    area_code = models.CharField("所在网格", max_length=16, db_collation="C")
    happened_at = models.DateTimeField("发生时间", null=True)
    received_at = models.DateTimeField("收到时间")
    promised_at = models.DateTimeField("承诺联系时间")
    is_confidential = models.BooleanField("保密", default=False)
    entered_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, help_text="别人也报了同一件事，事情照办，不再问他")
    client_key = models.UUIDField("提交键")
    body_hash = models.BinaryField("内容哈希", max_length=32)

    objects = ReportQuerySet.as_manager()

    class Meta:
        db_table = "report"
        verbose_name = verbose_name_plural = "诉求"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key"], name="report_client_key"),
            models.UniqueConstraint(fields=["county", "number"], name="report_number_once"),
            models.UniqueConstraint(fields=["county", "tracking_search"], name="report_tracking_once"),
        ]
        indexes = [
            models.Index(fields=["county", "case"], name="report_of_case"),
            models.Index(
                fields=["county", "entered_by", "-id"], condition=Q(entered_by__isnull=False), name="report_entered_by"
            ),
            models.Index(
                fields=["county", "external_number"], condition=~Q(external_number=""), name="report_external_number"
            ),
        ]


class Assignment(CountyModel):
    """One unit's part in a case: lead or assistant, from dispatch to finish."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="assignments")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="单位", related_name="+")
    is_lead = models.BooleanField("主办", default=True)
    note = models.CharField("派单说明", max_length=200, blank=True)
    dispatched_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="派单岗位", null=True, related_name="+"
    )
    dispatched_at = models.DateTimeField("派单时间")
    signed_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="签收岗位", null=True, related_name="+"
    )
    signed_at = models.DateTimeField("签收时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        db_table = "assignment"
        verbose_name = verbose_name_plural = "派单"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(is_lead=True, ended_at__isnull=True), name="assignment_one_lead"
            ),
            models.UniqueConstraint(
                fields=["county", "case", "unit"], condition=Q(ended_at__isnull=True), name="assignment_unit_once"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "unit", "-dispatched_at"], name="assignment_of_unit"),
            models.Index(fields=["county", "case"], name="assignment_of_case"),
        ]
