"""Verification, proposals that another decides, exclusions from rates, cards."""

from django.db import models
from django.db.models import Q

from yijiaan.cases.models.case import Case, Report
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.identifiers import uuid7
from yijiaan.engines.todos.models import Card


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
