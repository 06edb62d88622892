from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from yijiaan.accounts.models import Post
from yijiaan.cases.flows import DUTY_LABEL, DUTY_OF, FLOW, OPEN
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField
from yijiaan.engines.todos.models import Card


class Channel(models.TextChoices):
    HOTLINE = "hotline_12345", "12345"
    GRID_WORKER = "grid_worker", "网格员上报"
    SNAP = "snap_report", "群众随手拍"
    PLATE = "door_plate", "数字门牌"
    APP = "third_party_app", "外部小程序"
    PHONE = "phone", "来电登记"
    LETTER = "letter_visit", "信访"
    WALK = "leader_walk", "我陪群众走流程"
    MEETING = "meeting", "工作例会"
    TALK = "stool_talk", "小马扎拉呱"
    PATROL = "patrol", "巡查"
    VISIT = "home_visit", "入户走访"
    INSPECTION = "inspection", "检查"
    SENSOR = "sensor", "感知设备"
    MEDIA = "media", "媒体"
    SUPERIOR = "superior", "上级交办"
    TRUSTED = "trusted_reporter", "报事源头"


class Kind(models.TextChoices):
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    ENQUIRY = "enquiry", "咨询"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "表扬"
    TIP = "tip", "举报"
    CLUE = "clue", "公益诉讼线索"


class SolvedLevel(models.TextChoices):
    GRID = "grid", "网格"
    VILLAGE = "village", "村"
    TOWN = "town", "镇"
    COUNTY = "county", "区级部门"


class Urgency(models.TextChoices):
    NORMAL = "normal", "一般"
    URGENT = "urgent", "加急"
    EMERGENCY = "emergency", "紧急"


class Supervision(models.TextChoices):
    NONE = "", "无"
    URGED = "urged", "已催办"
    SUPERVISED = "supervised", "已督办"


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


class ReportAnswer(CountyModel):
    """What a reporter answered to a question of his category, with the wording as it was asked then."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="answers")
    question = models.ForeignKey(
        CategoryQuestion, models.PROTECT, db_index=False, verbose_name="问题", related_name="+"
    )
    code = models.CharField("代码", max_length=30, db_collation="C")
    wording = models.CharField("当时的问法", max_length=80)
    kind = models.CharField("怎么答", max_length=10, choices=QuestionKind.choices)
    rank = models.PositiveSmallIntegerField("次序", default=1)
    value = models.JSONField("答案", help_text="文字、数字、选项、日期，照片记张数")

    class Meta:
        db_table = "report_answer"
        verbose_name = verbose_name_plural = "类别问题的答案"
        constraints = [models.UniqueConstraint(fields=["county", "report", "question"], name="answer_once_a_question")]


class Reporter(CountyModel):
    """Who reported: sealed, apart from the report, opened only with a purpose."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="reporters")
    name_sealed = SealedField("姓名", blank=True)
    phone_sealed = SealedField("电话", blank=True)
    phone_search = SearchHashField("电话检索", purpose="phone", null=True, default=None)

    class Meta:
        db_table = "reporter"
        verbose_name = verbose_name_plural = "报事人"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="reporter_of_report")]
        indexes = [models.Index(fields=["county", "phone_search"], name="reporter_phone")]


class ProxyRelation(models.TextChoices):
    FAMILY = "family", "家里人"
    NEIGHBOUR = "neighbour", "邻居"
    GRID_WORKER = "grid_worker", "网格员"
    OTHER = "other", "别的人"


class Proxy(CountyModel):
    """代报: who told for somebody else; sealed like the reporter, who is the one it is about."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="proxies")
    relation = models.CharField("是他什么人", max_length=12, choices=ProxyRelation.choices)
    name_sealed = SealedField("代报人姓名", blank=True)
    phone_sealed = SealedField("代报人电话", blank=True)
    post = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="代报岗位", null=True, related_name="+"
    )

    class Meta:
        db_table = "report_proxy"
        verbose_name = verbose_name_plural = "代报"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="proxy_of_report")]


class SourcedReport(CountyModel):
    """A report that came by the quick link of a trusted reporter, and the case that it opened."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="+")
    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="+")
    source = CountyForeignKey("registry.TrustedReporter", models.PROTECT, verbose_name="报事源头", related_name="+")

    class Meta:
        db_table = "sourced_report"
        verbose_name = verbose_name_plural = "报事源头的诉求"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="sourced_report_once")]
        indexes = [
            models.Index(fields=["county", "source", "-id"], name="sourced_report_of_source"),
            models.Index(fields=["county", "case"], name="sourced_report_of_case"),
        ]


class CaseWords(CountyModel):
    """What a case can be found by; see `search.py`. Its id is the case's own."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="+")
    words = models.TextField("文字")
    marks = ArrayField(models.IntegerField("字对"), verbose_name="字对")
    is_open = models.BooleanField("在办")

    class Meta:
        db_table = "case_words"
        verbose_name = verbose_name_plural = "事件检索"
        indexes = [
            GinIndex(fields=["marks"], name="case_words_marks", gin_pending_list_limit=1024),
            GinIndex(fields=["marks"], name="case_words_open", condition=Q(is_open=True), gin_pending_list_limit=256),
        ]


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


class ReturnReason(models.TextChoices):
    NOT_MY_AREA = "not_my_area", "非本属地"
    NOT_MY_DUTY = "not_my_duty", "非本职责"
    ADDRESS_WRONG = "address_wrong", "地址不清"
    DUPLICATE = "duplicate", "已在办"
    NEED_LEAD_UNIT = "need_lead_unit", "应由他单位牵头"


class Return(CountyModel):
    """One unit's refusal of an order, with its reason and whom it proposes instead; once per unit and case."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="returns")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="退回单位", related_name="+")
    reason = models.CharField("原因", max_length=20, choices=ReturnReason.choices)
    proposed = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="建议单位", null=True, related_name="+"
    )
    text = models.CharField("说明", max_length=300, blank=True)
    returned_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="退回岗位", null=True, related_name="+"
    )
    returned_at = models.DateTimeField("退回时间")

    class Meta:
        db_table = "case_return"
        verbose_name = verbose_name_plural = "退回"
        constraints = [models.UniqueConstraint(fields=["county", "case", "unit"], name="return_once_a_unit")]


class HopKind(models.TextChoices):
    DISPATCH = "dispatch", "派单"
    UNDO = "undo_dispatch", "撤回派单"
    RETURN = "return_back", "退回"
    TAKE = "take", "自办"
    REPORT_UP = "report_up", "提级上报"
    SOLVE = "solve_on_spot", "当场办结"
    VERIFY = "verify", "交核查"
    REWORK = "verify_fail", "核查不过"
    CALLBACK = "callback", "交回访"
    REDO = "callback_redo", "退回重办"
    REOPEN = "reopen", "再启动"
    MOVE = "classify", "改网格"
    ARBITRATE = "return_again", "交裁定"
    RULE = "rule", "裁定"
    APPEAL = "appeal_rejection", "复核受理"
    UNMERGE = "unmerge", "撤销并案"


class Hop(CountyModel):
    """A case passes from one unit's hands into another's: why, and how long the one before held it."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="hops")
    kind = models.CharField("方式", max_length=20, choices=HopKind.choices)
    from_unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="从哪个单位", related_name="+"
    )
    to_unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="到哪个单位", related_name="+"
    )
    level = models.CharField("到达层级", max_length=10, choices=SolvedLevel.choices)
    held_seconds = models.BigIntegerField("前一单位持有秒数")
    moved_at = models.DateTimeField("时间")

    class Meta:
        db_table = "case_hop"
        verbose_name = verbose_name_plural = "转手"
        indexes = [models.Index(fields=["county", "case", "moved_at"], name="hop_of_case")]


class ReportUp(CountyModel):
    """提级上报: what a lower level tried, and which department it proposes."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="reports_up")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="上报单位", related_name="+")
    tried = models.CharField("已经做了什么", max_length=500)
    proposed = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="建议单位", null=True, related_name="+"
    )
    level = models.CharField("上报到", max_length=10, choices=SolvedLevel.choices)
    reported_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="上报岗位", null=True, related_name="+"
    )
    reported_at = models.DateTimeField("上报时间")

    class Meta:
        db_table = "case_report_up"
        verbose_name = verbose_name_plural = "提级上报"
        indexes = [models.Index(fields=["county", "case"], name="report_up_of_case")]


class Verification(CountyModel):
    """核查: somebody other than the handler looked whether an outcome is true."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="verifications")
    outcome = CountyForeignKey("cases.Outcome", models.CASCADE, verbose_name="办理结果", related_name="verifications")
    is_passed = models.BooleanField("核查通过")
    text = models.CharField("核查情况", max_length=500, blank=True)
    verified_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="核查岗位", null=True, related_name="+"
    )
    verified_at = models.DateTimeField("核查时间")

    class Meta:
        db_table = "case_verification"
        verbose_name = verbose_name_plural = "核查"
        constraints = [models.UniqueConstraint(fields=["county", "outcome"], name="verification_once_an_outcome")]
        indexes = [models.Index(fields=["county", "case"], name="verification_of_case")]


class RejectReason(models.TextChoices):
    EMERGENCY_LINE = "emergency_line", "应拨 110、119、120"
    NOT_GOVERNMENT = "not_government", "非政府职责"
    JUDICIAL = "judicial", "涉诉涉仲裁"
    IN_PROCEDURE = "in_procedure", "已入信访或复议"
    SECRET = "secret", "涉密涉隐私"
    DISCIPLINE = "discipline", "涉纪检监察"
    REPEAT_NO_NEW = "repeat_no_new", "重复且无新情况"
    ABUSE = "abuse", "恶意骚扰"
    NO_CONTENT = "no_content", "无实质内容"
    OTHER = "other", "其他"


class ProposalKind(models.TextChoices):
    REJECT = "reject", "不予受理"
    CLOSE_EXPLAINED = "close_explained", "解释结案"
    EXCLUDE = "exclude", "剔除"


class Proposal(CountyModel):
    """A deed that needs two persons: one proposes it with reasons, another agrees or does not."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="proposals")
    kind = models.CharField("事项", max_length=20, choices=ProposalKind.choices)
    reason = models.CharField("原因", max_length=20, blank=True, help_text="不予受理或剔除的原因代码")
    text = models.CharField("说明", max_length=500)
    proposed_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="提出岗位", null=True, related_name="+"
    )
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="复核岗位", null=True, related_name="+"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    is_agreed = models.BooleanField("同意", default=False)
    answer = models.CharField("复核意见", max_length=300, blank=True)

    class Meta:
        db_table = "case_proposal"
        verbose_name = verbose_name_plural = "双人复核"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(decided_at__isnull=True), name="proposal_one_open"
            )
        ]
        indexes = [models.Index(fields=["county", "case", "proposed_at"], name="proposal_of_case")]

    @property
    def reason_label(self) -> str:
        """The reason in words; an installation may word those of exclusions itself."""
        if self.kind != ProposalKind.EXCLUDE:
            return str(dict(RejectReason.choices).get(self.reason, ""))
        own = ExclusionCode.objects.filter(code=self.reason).values_list("name", flat=True).first()
        return own or str(dict(ShippedExclusion.choices).get(self.reason, self.reason))


class ShippedExclusion(models.TextChoices):
    """What an answer may be taken out of the rates for, as shipped; an installation words, stops and adds (`ExclusionCode`)."""

    UNREASONABLE = "unreasonable", "不合理诉求"
    BEYOND_LAW = "beyond_law", "突破法律政策"
    FORCE_MAJEURE = "force_majeure", "不可抗力"
    UNREACHABLE = "unreachable", "三次无法联系"
    MALICIOUS = "malicious", "恶意投诉"
    REPEATED = "repeated", "重复诉求"
    NOT_OURS = "not_ours", "非本级职权"


class ExclusionCode(models.Model):
    """What an installation says of a reason to take an answer out of the rates; a shipped one without a row is as shipped."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    code = models.CharField("代码", max_length=20, unique=True, db_collation="C")
    name = models.CharField("名称", max_length=30)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        db_table = "exclusion_code"
        verbose_name = verbose_name_plural = "剔除原因"


class Exclusion(CountyModel):
    """剔除: one answer that two persons took out of the rates, with reason and evidence; it can be taken back."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="exclusions")
    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="exclusions")
    proposal = CountyForeignKey(Proposal, models.CASCADE, verbose_name="双人复核", related_name="exclusions")
    round = models.PositiveSmallIntegerField("第几次", default=1)
    code = models.CharField("原因", max_length=20, db_collation="C")
    is_in_force = models.BooleanField("已剔除", default=False)
    revoked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="撤销岗位", null=True, related_name="+"
    )
    revoked_at = models.DateTimeField("撤销时间", null=True)
    revoke_text = models.CharField("撤销理由", max_length=300, blank=True)

    class Meta:
        db_table = "case_exclusion"
        verbose_name = verbose_name_plural = "剔除"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "report", "round"], condition=Q(is_in_force=True), name="exclusion_once_a_round"
            ),
            models.UniqueConstraint(fields=["county", "proposal"], name="exclusion_of_proposal"),
        ]
        indexes = [models.Index(fields=["county", "case"], name="exclusion_of_case")]


class DeclaredInterest(models.Model):
    """利害关系申报: a member of staff says whom or which unit he is related to; he keeps out of cases about them."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, verbose_name="申报人", related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, verbose_name="单位", null=True, related_name="+")
    person = models.ForeignKey("accounts.User", models.PROTECT, verbose_name="工作人员", null=True, related_name="+")
    name_sealed = SealedField("其他人的姓名", blank=True)
    relation = models.CharField("什么关系", max_length=20)
    declared_at = models.DateTimeField("申报时间")
    ended_at = models.DateTimeField("终止时间", null=True)

    class Meta:
        db_table = "declared_interest"
        verbose_name = verbose_name_plural = "利害关系申报"
        indexes = [
            models.Index(fields=["unit"], condition=Q(ended_at__isnull=True), name="interest_in_unit"),
            models.Index(fields=["person"], condition=Q(ended_at__isnull=True), name="interest_in_person"),
        ]


class GivenCard(CountyModel):
    """A yellow or red card as it was given (督办牌); the alert climbs, the case stays where it is."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="cards")
    todo_id = models.UUIDField("待办")
    duty = models.CharField("事项", max_length=20)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="承办单位", related_name="+")
    card = models.CharField("牌", max_length=6, choices=Card.choices)
    climbs = models.PositiveSmallIntegerField("提醒上升次数", default=0)
    told = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="提醒到", null=True, related_name="+"
    )
    due_at = models.DateTimeField("到期时间")
    given_at = models.DateTimeField("时间")

    class Meta:
        db_table = "case_card"
        verbose_name = verbose_name_plural = "黄牌红牌"
        constraints = [
            # a deadline that was lengthened has its steps anew
            models.UniqueConstraint(fields=["county", "todo_id", "climbs", "due_at"], name="card_once_a_step")
        ]
        indexes = [models.Index(fields=["county", "case"], name="card_of_case")]


class PauseKind(models.TextChoices):
    NEED_INFO = "need_info", "等报事人补充"
    SUSPENDED = "suspended", "挂账"


class Pause(CountyModel):
    """A time in which the clock of what is owed stood still, why, and where the case goes on afterwards."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="pauses")
    kind = models.CharField("暂停事由", max_length=12, choices=PauseKind.choices)
    reason = models.CharField("原因", max_length=20, blank=True)
    back_to = models.CharField("恢复到", max_length=20, help_text="见 flows.py")
    begun_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        db_table = "case_pause"
        verbose_name = verbose_name_plural = "暂停"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(ended_at__isnull=True), name="pause_one_open"
            )
        ]
        indexes = [models.Index(fields=["county", "case", "begun_at"], name="pause_of_case")]


class RequestKind(models.TextChoices):
    EXTEND = "extend", "延期"
    SUSPEND = "suspend", "挂账"


class ExtensionReason(models.TextChoices):
    COMPLEX = "complex", "疑难复杂"
    MULTI_UNIT = "multi_unit", "多部门"
    WEATHER = "weather", "天气季节"
    FUNDS = "funds", "资金程序"
    APPRAISAL = "appraisal", "鉴定检测"
    REPORTER_ASKED = "reporter_asked", "诉求人要求"


class SuspensionReason(models.TextChoices):
    NO_POLICY = "no_policy", "政策不支持"
    NO_FUNDS = "no_funds", "资金未到位"
    PLAN_NEXT_YEAR = "plan_next_year", "列入计划"
    HISTORY = "history", "历史遗留"
    LAND_TITLE = "land_title", "权属未清"


class HandlingRequest(CountyModel):
    """申请: the unit that handles a case asks for more time, or that it be put on the ledger; somebody above decides."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="requests")
    kind = models.CharField("申请事项", max_length=10, choices=RequestKind.choices)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="申请单位", related_name="+")
    reason = models.CharField("原因", max_length=20)
    text = models.CharField("说明", max_length=500)
    public_text = models.CharField("告诉报事人的话", max_length=300, blank=True)
    days = models.PositiveSmallIntegerField("延长工作日", default=0)
    review_on = models.DateField("复查日", null=True)
    due_before = models.DateTimeField("原到期", null=True)
    due_after = models.DateTimeField("新到期", null=True)
    asked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="申请岗位", null=True, related_name="+"
    )
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="批复岗位", null=True, related_name="+"
    )
    decided_at = models.DateTimeField("批复时间", null=True)
    is_agreed = models.BooleanField("批准", default=False)
    answer = models.CharField("批复意见", max_length=300, blank=True)

    class Meta:
        db_table = "case_request"
        verbose_name = verbose_name_plural = "延期挂账申请"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(decided_at__isnull=True), name="request_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["county", "case", "asked_at"], name="request_of_case"),
            models.Index(fields=["county", "asked_at"], condition=Q(decided_at__isnull=True), name="request_waiting"),
        ]

    @property
    def reason_label(self) -> str:
        """The reason in words."""
        choices = ExtensionReason if self.kind == RequestKind.EXTEND else SuspensionReason
        return str(dict(choices.choices).get(self.reason, ""))


class Summons(CountyModel):
    """吹哨报到: one unit that the town whistles for, what it is to do, until when it must be there, and when it was."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="summonses")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="单位", related_name="+")
    task = models.CharField("任务", max_length=200)
    called_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="吹哨岗位", null=True, related_name="+"
    )
    called_at = models.DateTimeField("吹哨时间")
    due_at = models.DateTimeField("应到时间")
    arrived_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="报到岗位", null=True, related_name="+"
    )
    arrived_at = models.DateTimeField("报到时间", null=True)
    released_at = models.DateTimeField("解散时间", null=True)
    reply = models.CharField("答复", max_length=300, blank=True)

    class Meta:
        db_table = "case_summons"
        verbose_name = verbose_name_plural = "吹哨报到"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case", "unit"], condition=Q(released_at__isnull=True), name="summons_once_a_unit"
            )
        ]
        indexes = [
            models.Index(fields=["county", "case", "called_at"], name="summons_of_case"),
            models.Index(fields=["county", "unit"], condition=Q(released_at__isnull=True), name="summons_of_unit"),
        ]


class Ruling(CountyModel):
    """裁定: who is responsible for a case that two units sent back. Binding, and a precedent for cases of its kind."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="rulings")
    lead = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="裁定主办", related_name="+")
    category = models.ForeignKey(
        Category, models.PROTECT, db_index=False, verbose_name="类别", null=True, related_name="+"
    )
    text = models.CharField("理由", max_length=500)
    is_precedent = models.BooleanField("作为先例", default=True)
    ruled_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="裁定岗位", null=True, related_name="+"
    )
    ruled_at = models.DateTimeField("裁定时间")

    class Meta:
        db_table = "case_ruling"
        verbose_name = verbose_name_plural = "裁定"
        indexes = [models.Index(fields=["county", "case", "ruled_at"], name="ruling_of_case")]


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


class Merge(CountyModel):
    """并案: one case goes into another with all its reports; undone, everything is as it was."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="并入", related_name="merges")
    part = CountyForeignKey(Case, models.CASCADE, verbose_name="被并", related_name="merged_by")
    report_ids = ArrayField(models.UUIDField("诉求"), verbose_name="带来的诉求")
    similarity = models.CharField("相似之处", max_length=200, blank=True)
    merged_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="并案岗位", null=True, related_name="+"
    )
    merged_at = models.DateTimeField("并案时间")
    undone_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        db_table = "case_merge"
        verbose_name = verbose_name_plural = "并案"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "part"], condition=Q(undone_at__isnull=True), name="merge_part_once"
            )
        ]
        indexes = [
            models.Index(fields=["county", "case", "merged_at"], name="merge_into_case"),
        ]


class PartyKind(models.TextChoices):
    NAMED = "named", "被反映"
    RELATED = "related", "有利害关系"


class Party(CountyModel):
    """A unit or a person that a report is about, or that has an interest in it: it neither handles, verifies nor calls back."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="parties")
    kind = models.CharField("关系", max_length=10, choices=PartyKind.choices, default=PartyKind.NAMED)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="单位", null=True, related_name="+"
    )
    user = models.ForeignKey(
        "accounts.User", models.PROTECT, db_index=False, verbose_name="人员", null=True, related_name="+"
    )
    declared_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    declared_at = models.DateTimeField("登记时间")

    class Meta:
        db_table = "case_party"
        verbose_name = verbose_name_plural = "回避"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case", "unit"], condition=Q(unit__isnull=False), name="party_unit_once"
            ),
            models.UniqueConstraint(
                fields=["county", "case", "user"], condition=Q(user__isnull=False), name="party_user_once"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, user__isnull=True) | Q(unit__isnull=True, user__isnull=False),
                name="party_is_one",
            ),
        ]
        indexes = [models.Index(fields=["county", "user"], condition=Q(user__isnull=False), name="party_user")]


class Outcome(CountyModel):
    """What was done about a case when it was finished; one row each time."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="outcomes")
    text = models.CharField("办理结果", max_length=1000)
    level = models.CharField("解决层级", max_length=10, choices=SolvedLevel.choices)
    is_on_spot = models.BooleanField("当场办结", default=False)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, db_index=False, verbose_name="办理单位", related_name="+")
    finished_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="办结岗位", null=True, related_name="+"
    )
    finished_at = models.DateTimeField("办结时间")

    class Meta:
        db_table = "outcome"
        verbose_name = verbose_name_plural = "办理结果"
        indexes = [models.Index(fields=["county", "case", "finished_at"], name="outcome_of_case")]


class RatingResult(models.TextChoices):
    SATISFIED = "satisfied", "满意"
    BASICALLY = "basically", "基本满意"
    UNDERSTANDING = "understanding", "未解决但理解"
    DISSATISFIED = "dissatisfied", "不满意"
    UNREACHABLE = "unreachable", "联系不上"


class Rating(CountyModel):
    """One answer of one reporter about one outcome."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="ratings")
    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="ratings")
    round = models.PositiveSmallIntegerField("第几次", default=1)
    result = models.CharField("评价", max_length=15, choices=RatingResult.choices)
    reasons = ArrayField(models.CharField("原因", max_length=12), verbose_name="原因", default=list, blank=True)
    is_solved = models.BooleanField("说解决了", default=False, db_default=False)
    text = models.CharField("说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="回访岗位", null=True, related_name="+"
    )
    rated_at = models.DateTimeField("时间")

    class Meta:
        db_table = "rating"
        verbose_name = verbose_name_plural = "评价"
        constraints = [models.UniqueConstraint(fields=["county", "report", "round"], name="rating_once_a_round")]
        indexes = [
            models.Index(fields=["county", "case"], name="rating_of_case"),
            models.Index(fields=["county", "rated_at"], name="rating_by_time"),
        ]


class CallbackResult(models.TextChoices):
    SOLVED_SATISFIED = "solved_satisfied", "已解决，满意"
    SOLVED_BASICALLY = "solved_basically", "已解决，基本满意"
    SOLVED_DISSATISFIED = "solved_dissatisfied", "已解决，不满意"
    UNSOLVED_UNDERSTANDING = "unsolved_understanding", "未解决，但理解"
    UNSOLVED_DISSATISFIED = "unsolved_dissatisfied", "未解决，不满意"
    UNREACHABLE = "unreachable", "没打通"
    REFUSED = "refused", "不愿回答"


class Callback(CountyModel):
    """回访: one call to one reporter about one outcome, whatever came of it."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="callbacks")
    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="callbacks")
    round = models.PositiveSmallIntegerField("第几次办结", default=1)
    result = models.CharField("回访结果", max_length=25, choices=CallbackResult.choices)
    text = models.CharField("说明", max_length=500, blank=True)
    is_final = models.BooleanField("不再打", default=True, help_text="有了回答，或不愿回答，或三次没打通")
    next_at = models.DateTimeField("下次可打", null=True)
    called_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="回访岗位", null=True, related_name="+"
    )
    called_at = models.DateTimeField("时间")

    class Meta:
        db_table = "callback"
        verbose_name = verbose_name_plural = "回访"
        indexes = [
            models.Index(fields=["county", "case", "called_at"], name="callback_of_case"),
            models.Index(fields=["county", "report", "round"], name="callback_of_report"),
        ]


class CallbackClaim(CountyModel):
    """Who has a report open to ring its reporter: for some minutes others see it and leave it to him."""

    report = CountyForeignKey(Report, models.CASCADE, verbose_name="诉求", related_name="+")
    post = models.ForeignKey("accounts.Post", models.CASCADE, db_index=False, verbose_name="岗位", related_name="+")
    claimed_at = models.DateTimeField("打开时间")

    class Meta:
        db_table = "callback_claim"
        verbose_name = verbose_name_plural = "回访占用"
        constraints = [models.UniqueConstraint(fields=["county", "report"], name="claim_once_a_report")]


class NoteKind(models.TextChoices):
    NOTE = "note", "说明"
    ASKED = "asked", "请补充"
    ANSWERED = "answered", "补充内容"
    APPEAL = "appeal", "复核理由"
    CONTACT = "contact", "联系群众"
    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    INSTRUCT = "instruct", "批示"
    WITHDRAW = "withdraw", "撤回原因"
    NEW_FACTS = "new_facts", "新情况"
    RELAYED = "relayed", "捎话"
    REPLIED = "replied", "报事人回话"


class Note(CountyModel):
    """A remark on a case for those who work on it, or the record of a talk with the reporter."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="notes")
    entry_id = models.UUIDField("日志", help_text="写下它的那条日志")
    kind = models.CharField("类别", max_length=10, choices=NoteKind.choices)
    text = models.CharField("内容", max_length=500)

    class Meta:
        db_table = "case_note"
        verbose_name = verbose_name_plural = "事件说明"
        indexes = [models.Index(fields=["county", "case"], name="note_of_case")]


class CallTaskQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "CallTaskQuerySet":
        """Those on cases in the areas of a centre that calls back."""
        if not actor.may("cases.callback"):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class CallTask(CountyModel):
    """代打电话: what a unit asks the centre to say to the reporter, or to ask him, and what he said."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="calls")
    asking_unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, db_index=False, verbose_name="请打的单位", related_name="+"
    )
    asked_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="请打的岗位", null=True, related_name="+"
    )
    area_code = models.CharField("所在网格", max_length=16, db_collation="C")
    asked_at = models.DateTimeField("提出时间")
    words = models.CharField("要说要问的", max_length=300)
    done_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="打电话的岗位", null=True, related_name="+"
    )
    done_at = models.DateTimeField("打过的时间", null=True)
    is_reached = models.BooleanField("打通了", null=True)
    answer = models.CharField("怎么说的", max_length=500, blank=True)

    objects = CallTaskQuerySet.as_manager()

    class Meta:
        db_table = "case_call"
        verbose_name = verbose_name_plural = "代打电话"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=Q(done_at__isnull=True), name="call_once_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["county", "asked_at", "id"], condition=Q(done_at__isnull=True), name="call_to_make"),
            models.Index(fields=["county", "case"], name="call_of_case"),
        ]


class SavedViewQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "SavedViewQuerySet":
        """Those of the actor's post, and those shared among the posts of its kind in the unit."""
        if actor.post_id is None:
            return self.none()
        same_kind = Q(post__role_id=Subquery(Post.objects.filter(id=actor.post_id).values("role_id")))
        return self.filter(Q(post_id=actor.post_id) | Q(unit_id=actor.unit_id, is_shared=True) & same_kind)


class SavedView(models.Model):
    """A way to narrow 事件中心 that a post keeps under a name; whoever takes the post over finds it there."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey("accounts.Post", models.CASCADE, db_index=False, verbose_name="岗位", related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.CASCADE, db_index=False, verbose_name="单位", related_name="+")
    name = models.CharField("名称", max_length=16)
    query_sealed = SealedField("条件", help_text="要找的话里可能有姓名或电话")
    is_shared = models.BooleanField("同单位同岗位的人也能用", default=False)
    created_at = models.DateTimeField("保存时间")

    is_editable = True  # for whoever lists it: his own, or shared by a post that nobody holds any more

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        db_table = "saved_view"
        verbose_name = verbose_name_plural = "常用筛选"
        constraints = [models.UniqueConstraint(fields=["post", "name"], name="saved_view_name_once")]
        indexes = [models.Index(fields=["unit", "is_shared"], name="saved_view_of_unit")]


def as_dict(case: Case) -> dict[str, Any]:
    """The plain columns of a case, for comparison in tests and in the bench."""
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
