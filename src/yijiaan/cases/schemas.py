from datetime import date, datetime
from uuid import UUID

from ninja import Field, Schema


class StageOut(Schema):
    label: str = Field(description="收到、交办、办理、办结、评价")
    state: str = Field(description="done、now 或 todo")
    at: datetime | None
    text: str


class ProgressOut(Schema):
    number: str
    status: str
    headline: str
    text: str
    place: str
    grid: str
    received_at: datetime
    promised_at: datetime
    result: str | None
    can_rate: bool
    stages: list[StageOut]


class QuestionOut(Schema):
    code: str
    wording: str
    kind: str = Field(
        description="text 文字、number 数字、single 单选、multiple 多选、date 日期、photo 照片（填随后上传的张数）"
    )
    options: list[str]
    is_required: bool
    use: str = Field(description="答案用来做什么")


class CategoryOut(Schema):
    code: str
    name: str
    group: str = Field(description="大类名称")
    group_code: str
    questions: list[QuestionOut] = Field(description="报这一类时要问的，答案放在提交的 answers 里")


class PhotoOut(Schema):
    id: UUID
    width: int
    height: int


class ProblemOut(Schema):
    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None


class CaseOut(Schema):
    number: str
    title: str
    status: str
    kind: str
    channel: str
    category: str | None
    urgency: str
    area_code: str
    is_place_unknown: bool
    place: str
    lon: float | None
    lat: float | None
    owner: str
    next_due_at: datetime | None
    received_at: datetime
    closed_at: datetime | None
    solved_at_level: str
    level: str = Field(description="当前层级：grid、village、town、county")
    hop_count: int = Field(description="转手次数")
    card: str = Field(description="当前事项的牌：空、yellow、red")
    supervision: str = Field(description="空、urged 已催办、supervised 已督办")
    version: int
    moves: list[str] = Field(description="您现在能办的动作")


class CasePageOut(Schema):
    items: list[CaseOut]
    next: str | None = Field(description="下一页的 after；没有更多时为空")


class SeenVersion(Schema):
    version: int | None = Field(None, description="您看到的版本；事件已有变化时回答 409")


class DispatchIn(SeenVersion):
    lead: UUID = Field(description="主办单位")
    assistants: list[UUID] = Field(default_factory=list, max_length=5)
    category: str = Field("", max_length=8)
    urgency: str = Field("", max_length=10)
    note: str = Field("", max_length=200)


class ReportUpIn(SeenVersion):
    tried: str = Field(max_length=500, description="已经做了什么，卡在哪里")
    proposed: UUID | None = Field(None, description="建议由哪个单位办")


class VerifyIn(SeenVersion):
    passed: bool = Field(description="核查通过")
    text: str = Field("", max_length=500)


class CallMadeIn(SeenVersion):
    reached: bool = Field(description="打通了")
    text: str = Field("", max_length=500, description="报事人怎么说")


class RejectIn(SeenVersion):
    reason: str = Field(max_length=20, description="不予受理的原因代码")
    text: str = Field(max_length=500, description="告诉报事人该找谁办")


class DecideIn(SeenVersion):
    agreed: bool
    answer: str = Field("", max_length=300)


class AskExtensionIn(SeenVersion):
    reason: str = Field(max_length=20, description="complex、multi_unit、weather、funds、appraisal、reporter_asked")
    days: int = Field(ge=1, le=60, description="延长几个工作日")
    text: str = Field(max_length=500)


class AskSuspensionIn(SeenVersion):
    reason: str = Field(max_length=20, description="no_policy、no_funds、plan_next_year、history、land_title")
    text: str = Field(max_length=500, description="具体情况，批的人看")
    public_text: str = Field(max_length=300, description="告诉报事人的话")
    review_on: date = Field(description="哪天再看")


class WhistleIn(SeenVersion):
    units: list[UUID] = Field(min_length=1, max_length=8, description="叫来的单位")
    task: str = Field(max_length=200)


class RuleIn(SeenVersion):
    lead: UUID = Field(description="裁定由哪个单位办")
    text: str = Field(max_length=500, description="理由")
    category: str = Field("", max_length=8)
    is_precedent: bool = Field(True, description="作为先例")


class MergeIn(SeenVersion):
    parts: list[str] = Field(min_length=1, max_length=50, description="并进来的事件编号")


class SplitIn(SeenVersion):
    report: str = Field(max_length=40, description="拆出的诉求编号")


class WordsIn(SeenVersion):
    text: str = Field("", max_length=500)


class OwnWordsIn(Schema):
    text: str = Field("", max_length=500)


class ResultIn(SeenVersion):
    result: str = Field(max_length=1000)


class ReturnIn(SeenVersion):
    reason: str = Field(max_length=20, description="not_my_area、not_my_duty、address_wrong、duplicate、need_lead_unit")
    proposed: UUID | None = Field(None, description="建议由哪个单位主办")
    text: str = Field("", max_length=300)


class CallbackIn(SeenVersion):
    result: str = Field(
        max_length=25,
        description="solved_satisfied、solved_basically、solved_dissatisfied、unsolved_understanding、unsolved_dissatisfied、"
        "unreachable、refused；也可只写 satisfied、basically、understanding、dissatisfied",
    )
    text: str = Field("", max_length=500)
    report: str = Field("", max_length=40, description="几个人报的，说的是哪一个；空：第一个还没有答的")


class ExcludeIn(SeenVersion):
    report: str = Field(max_length=40, description="哪一个诉求的评价")
    code: str = Field(max_length=20, description="剔除原因代码，如 unreasonable、beyond_law、force_majeure")
    text: str = Field(max_length=500, description="依据")


class RevokeExclusionIn(SeenVersion):
    report: str = Field(max_length=40, description="哪一个诉求的评价")
    text: str = Field(max_length=300, description="为什么撤销")


class ClassifyIn(SeenVersion):
    category: str = Field("", max_length=8)
    area_code: str = Field("", max_length=16)


class TextIn(Schema):
    text: str = Field(max_length=500)


class RateIn(Schema):
    result: str = Field(max_length=15)
    reasons: list[str] = Field(default_factory=list, max_length=4)
    text: str = Field("", max_length=500)
