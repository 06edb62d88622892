import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yijiaan.cases.models import Channel
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField


class Algorithm(models.TextChoices):
    SM3 = "hmac-sm3", "HMAC-SM3"
    SHA256 = "hmac-sha256", "HMAC-SHA256"


class ConnectionQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "ConnectionQuerySet":
        """Those for places inside the actor's areas."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter()
        return self.filter(actor.area_filter("area_id"))


class Connection(models.Model):
    """One outside system that sends us matters and hears what became of them: 12345, 随手拍, 甬速办, 码上服务."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    code = models.CharField("代码", max_length=30, unique=True, db_collation="C")
    name = models.CharField("名称", max_length=30)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="送到哪里", related_name="+")
    channel = models.CharField("渠道", max_length=20, choices=Channel.choices)
    secret_sealed = SealedField("密钥")
    algorithm = models.CharField("签名", max_length=12, choices=Algorithm.choices, default=Algorithm.SM3)
    push_url = models.CharField("回推地址", max_length=300, blank=True, help_text="空：不推，由对方来取")
    calls_back = models.BooleanField("对方自己回访", default=False)
    is_active = models.BooleanField("启用", default=True)
    layouts = models.JSONField("表格列的对应", default=dict, help_text="按表头记住，下次不用再对")
    made_at = models.DateTimeField("建立时间")

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        db_table = "connection"
        verbose_name = verbose_name_plural = "对接"


class InboundState(models.TextChoices):
    TAKEN = "taken", "已收"
    WAITING = "waiting", "等它的工单"
    REFUSED = "refused", "没有收"


class InboundQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "InboundQuerySet":
        """Of the connections that the actor sees."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        mine = Connection.objects.visible_to(actor).values_list("id", flat=True)
        return self.filter(county=actor.county, connection_id__in=list(mine))


class InboundMessage(CountyModel):
    """One message of an outside system: what it was about, and what became of it. The words themselves stand in the report."""

    connection = models.ForeignKey(Connection, models.PROTECT, db_index=False, verbose_name="对接", related_name="+")
    message_key = models.CharField("消息编号", max_length=80, db_collation="C")
    kind = models.CharField("类别", max_length=12)
    external_number = models.CharField("对方编号", max_length=40, db_collation="C")
    body_hash = models.BinaryField("内容哈希", max_length=32)
    body_sealed = SealedField("内容", help_text="等着的和没有收的才留", blank=True)
    report = CountyForeignKey("cases.Report", models.CASCADE, verbose_name="诉求", null=True, related_name="+")
    state = models.CharField("结果", max_length=10, choices=InboundState.choices)
    problem = models.CharField("原因", max_length=200, blank=True)
    source = models.CharField("来路", max_length=60, blank=True, help_text="接口，或文件名和行号")
    received_at = models.DateTimeField("收到时间")

    objects = InboundQuerySet.as_manager()

    class Meta:
        db_table = "inbound_message"
        verbose_name = verbose_name_plural = "对方来的消息"
        constraints = [
            models.UniqueConstraint(fields=["county", "connection", "message_key"], name="inbound_once"),
        ]
        indexes = [
            models.Index(fields=["county", "connection", "external_number"], name="inbound_of_number"),
            models.Index(fields=["county", "connection", "-received_at"], name="inbound_newest"),
            models.Index(fields=["county", "report"], condition=Q(report__isnull=False), name="inbound_of_report"),
        ]


class OutboundState(models.TextChoices):
    WAITING = "waiting", "等着推"
    SENT = "sent", "推到了"
    STUCK = "stuck", "推不过去"


class Owed(CountyModel):
    """What we owe an outside system: pushed until it arrives, see `outbox.py`."""

    state = models.CharField("结果", max_length=10, choices=OutboundState.choices, default=OutboundState.WAITING)
    tries = models.PositiveIntegerField("试过几次", default=0)
    next_at = models.DateTimeField("下次推")
    problem = models.CharField("上次为什么没成", max_length=200, blank=True)
    happened_at = models.DateTimeField("发生时间")
    sent_at = models.DateTimeField("推到时间", null=True)
    dedup_key = models.CharField("去重键", max_length=100, db_collation="C")

    class Meta:
        abstract = True


class OutboundMessage(Owed):
    """One message that we owe an outside system; those of one number go in the order in which things happened."""

    connection = models.ForeignKey(Connection, models.PROTECT, db_index=False, verbose_name="对接", related_name="+")
    external_number = models.CharField("对方编号", max_length=40, db_collation="C")
    event = models.CharField("事项", max_length=20)
    report = CountyForeignKey("cases.Report", models.CASCADE, verbose_name="诉求", related_name="+")
    body_sealed = SealedField("内容")

    objects = InboundQuerySet.as_manager()

    class Meta:
        db_table = "outbound_message"
        verbose_name = verbose_name_plural = "推给对方的消息"
        constraints = [models.UniqueConstraint(fields=["county", "dedup_key"], name="outbound_once")]
        indexes = [
            models.Index(fields=["county", "next_at"], condition=Q(state="waiting"), name="outbound_waiting"),
            models.Index(fields=["county", "connection", "external_number", "id"], name="outbound_of_number"),
        ]

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        found: dict[str, Any] = json.loads(self.body_sealed or "{}")
        return found


class SmsSigning(models.TextChoices):
    NONE = "none", "不签名"
    SHA256 = "hmac-sha256", "HMAC-SHA256"
    MD5 = "md5", "MD5"
    SM3 = "sm3", "SM3"


class SmsBody(models.TextChoices):
    JSON = "json", "JSON"
    FORM = "form", "表单"
    QUERY = "query", "写在网址里（GET）"


class SmsGateway(models.Model):
    """短信网关: how the gateway that a county has is spoken with, described so that any of them fits."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="区县", related_name="+")
    name = models.CharField("名称", max_length=30)
    site = models.CharField("群众打开的网址", max_length=100)
    url = models.CharField("网关地址", max_length=300)
    body_kind = models.CharField("发送方式", max_length=6, choices=SmsBody.choices, default=SmsBody.JSON)
    body = models.CharField("发送内容", max_length=2000)
    headers = models.CharField("请求头", max_length=1000, blank=True)
    signing = models.CharField("签名", max_length=12, choices=SmsSigning.choices, default=SmsSigning.NONE)
    sign_template = models.CharField("签名的内容", max_length=500, blank=True)
    secret_sealed = SealedField("密钥", blank=True)
    success_path = models.CharField("结果在哪里", max_length=100, blank=True)
    success_values = models.CharField("成功的值", max_length=200, blank=True)
    temporary_values = models.CharField("稍后再发的值", max_length=200, blank=True)
    reference_path = models.CharField("网关编号在哪里", max_length=100, blank=True)
    is_idempotent = models.BooleanField("网关按编号去重", default=False)
    takes_reports = models.BooleanField("网关回报送到没有", default=False)
    report_token = models.CharField("回报地址的钥匙", max_length=43, unique=True, db_collation="C")
    report_list_path = models.CharField("回报的列表在哪里", max_length=100, blank=True)
    report_reference_path = models.CharField("回报里的编号", max_length=100, blank=True)
    report_state_path = models.CharField("回报里的结果", max_length=100, blank=True)
    report_delivered_values = models.CharField("表示送到的值", max_length=200, blank=True)
    quiet_from = models.TimeField("几点以后不发")
    quiet_to = models.TimeField("几点以后再发")
    is_active = models.BooleanField("启用", default=True)
    failures = models.PositiveIntegerField("连着几次没有回答", default=0)
    down_until = models.DateTimeField("等到什么时候再试", null=True)
    made_at = models.DateTimeField("建立时间")

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        db_table = "sms_gateway"
        verbose_name = verbose_name_plural = "短信网关"
        constraints = [models.UniqueConstraint(fields=["area"], name="sms_gateway_of_county")]


class Webhook(models.Model):
    """消息推送: an address that hears of chosen events, without persons and without words."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="哪里的事", related_name="+")
    name = models.CharField("名称", max_length=30)
    url = models.CharField("地址", max_length=300)
    events = ArrayField(models.CharField("事项", max_length=20), verbose_name="事项")
    secret_sealed = SealedField("密钥")
    old_secret_sealed = SealedField("换下的密钥", blank=True)
    old_until = models.DateTimeField("旧密钥用到", null=True)
    is_active = models.BooleanField("启用", default=True)
    failing_since = models.DateTimeField("从什么时候起推不到", null=True)
    stopped_at = models.DateTimeField("自动停用时间", null=True)
    made_at = models.DateTimeField("建立时间")

    waiting = stuck = 0  # what a list counts

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        db_table = "webhook"
        verbose_name = verbose_name_plural = "消息推送"


class WebhookCallQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "WebhookCallQuerySet":
        """Of the webhooks that the actor sees."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        mine = Webhook.objects.visible_to(actor).values_list("id", flat=True)
        return self.filter(county=actor.county, webhook_id__in=list(mine))


class WebhookCall(Owed):
    """One event that an address is owed, and what it answered. Public facts only: numbers, codes, times."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, db_index=False, verbose_name="消息推送", related_name="+")
    event = models.CharField("事项", max_length=20)
    number = models.CharField("编号", max_length=24, db_collation="C")
    body = models.JSONField("内容")
    answer_code = models.PositiveSmallIntegerField("对方回答", null=True)

    objects = WebhookCallQuerySet.as_manager()

    class Meta:
        db_table = "webhook_call"
        verbose_name = verbose_name_plural = "推送记录"
        constraints = [models.UniqueConstraint(fields=["county", "dedup_key"], name="webhook_call_once")]
        indexes = [
            models.Index(fields=["county", "next_at"], condition=Q(state="waiting"), name="webhook_call_waiting"),
            models.Index(fields=["county", "webhook", "number", "id"], name="webhook_call_of_number"),
            models.Index(fields=["county", "webhook", "-id"], name="webhook_call_newest"),
        ]


class Open311Key(models.Model):
    """A key with which an Open311 client may file and follow reports; kept as a hash only."""

    distribution = "reference"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey("areas.Area", models.PROTECT, verbose_name="哪里的事", related_name="+")
    name = models.CharField("名称", max_length=30)
    key_search = SearchHashField("钥匙检索", purpose="open311_key", unique=True, null=True, default=None)
    hint = models.CharField("末四位", max_length=4)
    hourly_limit = models.PositiveIntegerField("每小时最多", default=600)
    is_active = models.BooleanField("启用", default=True)
    made_at = models.DateTimeField("建立时间")
    last_used_at = models.DateTimeField("最近用过", null=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        db_table = "open311_key"
        verbose_name = verbose_name_plural = "Open311 钥匙"


class Open311Kind(models.TextChoices):
    REQUEST = "request", "诉求"
    UPDATE = "update", "补充"


class Open311Post(CountyModel):
    """What a client of Open311 sent: the report it became or that it adds to. By it a repeat is known."""

    key = models.ForeignKey(Open311Key, models.PROTECT, db_index=False, verbose_name="钥匙", related_name="+")
    kind = models.CharField("类别", max_length=8, choices=Open311Kind.choices)
    client_key = models.CharField("对方的编号", max_length=100, db_collation="C")
    body_hash = models.BinaryField("内容哈希", max_length=32)
    report = CountyForeignKey("cases.Report", models.CASCADE, verbose_name="诉求", related_name="+")
    posted_at = models.DateTimeField("收到时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "open311_post"
        verbose_name = verbose_name_plural = "Open311 来件"
        constraints = [
            models.UniqueConstraint(fields=["county", "key", "kind", "client_key"], name="open311_post_once"),
        ]
        indexes = [models.Index(fields=["county", "report"], name="open311_post_of_report")]
