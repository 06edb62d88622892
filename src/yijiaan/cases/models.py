from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q

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


class Kind(models.TextChoices):
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    ENQUIRY = "enquiry", "咨询"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "表扬"
    TIP = "tip", "举报"


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
        if actor.kind in (ActorKind.SYSTEM, ActorKind.REPORTER) or actor.unit_id is None or not actor.may("cases.view"):
            return self.visible_to(actor)
        orders = Assignment.objects.filter(county=actor.county, unit_id=actor.unit_id).order_by("-dispatched_at")
        return self._seen_by(actor, Q(id__any=ArraySubquery(orders.values("case_id")[:LISTED_ORDERS])))

    def _seen_by(self, actor: Actor, assigned: Q | Exists) -> "CaseQuerySet":
        inside = actor.area_filter() & Q(is_confidential=False) if actor.areas else Q(pk__in=[])
        open_to_me = Q() if actor.may("cases.view_tips") else Q(is_confidential=False)
        mine = (Q(owner_id=actor.unit_id) & open_to_me) | (Q(assigned) & open_to_me)
        return self.filter(inside | mine, county=actor.county)

    def open(self) -> "CaseQuerySet":
        """Those not ended."""
        return self.filter(status__in=OPEN)


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
    version = models.PositiveIntegerField("版本", default=1)

    noted: dict[str, Any] | None = None  # the tracked columns as the last journal entry left them

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
            models.Index(
                fields=["county", "area_code", "next_due_at"], condition=Q(status__in=OPEN), name="case_worklist"
            ),
            models.Index(fields=["county", "owner", "next_due_at"], condition=Q(status__in=OPEN), name="case_of_owner"),
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


class Hop(CountyModel):
    """A case passes from one unit's hands into another's: why, and how long the one before held it."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="hops")
    kind = models.CharField("方式", max_length=15, choices=HopKind.choices)
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


class Proposal(CountyModel):
    """A deed that needs two persons: one proposes it with reasons, another agrees or does not."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="proposals")
    kind = models.CharField("事项", max_length=20, choices=ProposalKind.choices)
    reason = models.CharField("原因", max_length=20, choices=RejectReason.choices, blank=True)
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
        constraints = [models.UniqueConstraint(fields=["county", "todo_id", "climbs"], name="card_once_a_step")]
        indexes = [models.Index(fields=["county", "case"], name="card_of_case")]


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
    text = models.CharField("说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="回访岗位", null=True, related_name="+"
    )
    rated_at = models.DateTimeField("时间")

    class Meta:
        db_table = "rating"
        verbose_name = verbose_name_plural = "评价"
        constraints = [models.UniqueConstraint(fields=["county", "report", "round"], name="rating_once_a_round")]
        indexes = [models.Index(fields=["county", "case"], name="rating_of_case")]


class NoteKind(models.TextChoices):
    NOTE = "note", "说明"
    CONTACT = "contact", "联系群众"
    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    INSTRUCT = "instruct", "批示"
    WITHDRAW = "withdraw", "撤回原因"
    NEW_FACTS = "new_facts", "新情况"


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


def as_dict(case: Case) -> dict[str, Any]:
    """The plain columns of a case, for comparison in tests and in the bench."""
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
