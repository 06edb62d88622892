from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ActorKind, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField


class NoticeQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "NoticeQuerySet":
        """What was sent to my unit, or to my post in it."""
        mine = models.Q(post_id=actor.post_id) | models.Q(post__isnull=True)
        return self.filter(mine, county=actor.county, unit_id=actor.unit_id)


class Notice(CountyModel):
    """One message to a unit, or to one post in it."""

    unit = models.ForeignKey("accounts.Unit", models.CASCADE, db_index=False, verbose_name="接收单位", related_name="+")
    post = models.ForeignKey(
        "accounts.Post", models.CASCADE, db_index=False, verbose_name="接收岗位", null=True, related_name="+"
    )
    title = models.CharField("标题", max_length=80)
    link = models.CharField("链接", max_length=200, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)
    dedup_key = models.CharField("去重键", max_length=100)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notice"
        verbose_name = verbose_name_plural = "通知"
        constraints = [models.UniqueConstraint(fields=["county", "dedup_key"], name="notice_once")]
        indexes = [
            models.Index(fields=["county", "unit", "-created_at"], name="notice_of_unit"),
        ]


class MessageChannel(models.TextChoices):
    SMS = "sms", "短信"
    CALL = "call", "打电话"


class MessageState(models.TextChoices):
    CREATED = "created", "等着发"
    SENDING = "sending", "在发"
    DELIVERED = "delivered", "送到了"
    TEMPORARY = "temporary_failure", "还会再发"
    PERMANENT = "permanent_failure", "送不到"
    TECHNICAL = "technical_failure", "要人看"
    SUPPRESSED = "suppressed", "没有发"


WAITING = (MessageState.CREATED.value, MessageState.TEMPORARY.value)
STUCK = (MessageState.PERMANENT.value, MessageState.TECHNICAL.value)


class Reason(models.TextChoices):
    NO_GATEWAY = "no_gateway", "没有接短信"
    SUPERSEDED = "superseded", "有更新的一条"
    ERASED = "erased", "报事人已依法删除"
    EXPIRED = "expired", "三天没有发出去"


class MessageQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "MessageQuerySet":
        """About what lies inside my area, for those who look after messages."""
        if actor.kind is ActorKind.SYSTEM:
            return self.filter(county=actor.county) if actor.county else self.filter()
        if not (actor.may("notices.view_messages") or actor.may("notices.keep_messages")):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class Message(CountyModel):
    """One message to a person outside, or a call that somebody owes him. What was never to be sent holds neither phone nor words."""

    channel = models.CharField("渠道", max_length=6, choices=MessageChannel.choices, default=MessageChannel.SMS)
    phone_sealed = SealedField("电话", blank=True)
    phone_search = SearchHashField("电话检索", purpose="phone", null=True, default=None)
    template_code = models.CharField("用语", max_length=60, db_collation="C")
    template_version = models.CharField("用语版本", max_length=12, db_collation="C", help_text="用语原文的哈希")
    gaps_sealed = SealedField("填进去的内容", blank=True)
    text_sealed = SealedField("短信", blank=True)
    subject_type = models.CharField("对象类别", max_length=40)
    subject_id = models.UUIDField("对象标识")
    subject_number = models.CharField("对象编号", max_length=40, blank=True)
    area_code = models.CharField("区划代码", max_length=16, db_collation="C")
    dedup_key = models.CharField("去重键", max_length=100, db_collation="C")
    is_urgent = models.BooleanField("当天就要说", default=False)
    state = models.CharField("状态", max_length=20, choices=MessageState.choices, default=MessageState.CREATED)
    reason = models.CharField("为什么没有发", max_length=12, choices=Reason.choices, blank=True)
    problem = models.CharField("上次为什么没成", max_length=200, blank=True)
    tries = models.PositiveIntegerField("试过几次", default=0)
    created_at = models.DateTimeField("建立时间")
    waiting_since = models.DateTimeField("从什么时候等着")
    next_at = models.DateTimeField("下次发")
    claimed_at = models.DateTimeField("开始发的时间", null=True)
    accepted_at = models.DateTimeField("网关收下的时间", null=True)
    ended_at = models.DateTimeField("有结果的时间", null=True)
    reference = models.CharField("网关的编号", max_length=80, blank=True, db_collation="C")

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "message"
        verbose_name = verbose_name_plural = "短信"
        constraints = [models.UniqueConstraint(fields=["county", "dedup_key"], name="message_once")]
        indexes = [
            models.Index(
                fields=["county", "next_at"],
                condition=models.Q(state__in=("created", "temporary_failure")),
                name="message_waiting",
            ),
            models.Index(fields=["county", "claimed_at"], condition=models.Q(state="sending"), name="message_sending"),
            models.Index(fields=["county", "phone_search", "id"], name="message_of_phone"),
            models.Index(fields=["county", "subject_id", "id"], name="message_of_subject"),
            models.Index(fields=["county", "reference"], condition=~models.Q(reference=""), name="message_reference"),
            models.Index(fields=["county", "created_at"], name="message_by_time"),
            models.Index(
                fields=["county", "id"],
                condition=models.Q(state__in=("permanent_failure", "technical_failure")),
                name="message_stuck",
            ),
        ]

    @property
    def why(self) -> str:
        """Why it stands where it stands, in words."""
        return self.problem or self.get_reason_display()
