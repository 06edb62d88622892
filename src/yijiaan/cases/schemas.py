from datetime import datetime
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


class CategoryOut(Schema):
    code: str
    name: str
    group: str = Field(description="大类名称")
    group_code: str


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


class RejectIn(SeenVersion):
    reason: str = Field(max_length=20, description="不予受理的原因代码")
    text: str = Field(max_length=500, description="告诉报事人该找谁办")


class DecideIn(SeenVersion):
    agreed: bool
    answer: str = Field("", max_length=300)


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
    result: str = Field(max_length=15)
    text: str = Field("", max_length=500)


class ClassifyIn(SeenVersion):
    category: str = Field("", max_length=8)
    area_code: str = Field("", max_length=16)


class TextIn(Schema):
    text: str = Field(max_length=500)


class RateIn(Schema):
    result: str = Field(max_length=15)
    reasons: list[str] = Field(default_factory=list, max_length=4)
    text: str = Field("", max_length=500)
