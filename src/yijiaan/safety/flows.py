"""The life of a hazard (DOMAIN 3.3) and of an inspection (3.7). Verifying is somebody else's, of a major one two persons'."""

from yijiaan.engines.flow import SYSTEM, Flow, Move, State

GRADE, ASSIGN, RECTIFY, VERIFY = "safety.grade", "safety.assign", "safety.rectify", "safety.verify"
WRITE_OFF, SUPERVISE, CLOSE, INSPECT = "safety.write_off", "safety.supervise", "safety.close_year", "safety.inspect"
OPEN_STATES = ("found", "graded", "notified", "rectifying", "protected", "submitted", "verified", "in_case")
HELD = ("notified", "rectifying", "protected")  # by the unit that has to put it right

FLOW = Flow(
    name="hazard",
    noun="隐患",
    initial="found",
    states=(
        State("found", "待定级"),
        State("graded", "待交办"),
        State("notified", "已交办"),
        State("rectifying", "整改中"),
        State("protected", "防护中"),
        State("submitted", "等复查"),
        State("verified", "等销号"),
        State("in_case", "转事件办"),
        State("written_off", "已销号", group="done"),
    ),
    moves=(
        Move("grade", "定级", ("found", "graded"), "graded", GRADE, ("grade",), "值班员、中心主任"),
        Move("dismiss", "核实不是隐患", ("found", "graded"), "written_off", GRADE, ("text",), "登记人以外的人"),
        Move("notify", "交办", ("graded", "notified"), "notified", ASSIGN, ("unit", "due_on"), "值班员、中心主任"),
        Move("hand_to_case", "转成事件办", ("graded",), "in_case", ASSIGN, (), "值班员、中心主任"),
        Move("case_done", "事件办结", ("in_case",), "submitted", SYSTEM, (), "事件结案时自动"),
        Move("case_back", "事件没有办，退回", ("in_case",), "graded", SYSTEM, (), "事件不受理、撤回、并案时自动"),
        Move("begin", "开始整改", ("notified",), "rectifying", RECTIFY, (), "责任单位"),
        Move("protect", "一时改不了，先防护", ("notified", "rectifying"), "protected", RECTIFY, ("text", "review_on"), "责任单位"),
        Move("resume", "继续整改", ("protected",), "rectifying", RECTIFY, (), "责任单位"),
        Move("submit", "整改好了，请复查", HELD, "submitted", RECTIFY, ("text",), "责任单位"),
        Move("extend", "延期", HELD, None, ASSIGN, ("text", "due_on"), "值班员、中心主任"),
        Move("supervise", "挂牌督办", ("graded", *HELD, "submitted", "verified"), None, SUPERVISE, ("text",), "镇领导；只对重大隐患"),
        Move("verify", "复查合格", ("submitted",), ("submitted", "verified"), VERIFY, (), "整改人以外的人；重大隐患两个人"),
        Move("reject", "复查不合格", ("submitted",), "rectifying", VERIFY, ("text",), "整改人以外的人"),
        Move("write_off", "销号", ("verified",), "written_off", WRITE_OFF, (), "中心主任"),
        Move("carry_over", "结转下年", OPEN_STATES, None, CLOSE, ("text",), "中心主任，年度结账时"),
    ),
)  # fmt: skip

# what a state owes: the kind of duty, and what it is called on a deadline
DUTY_OF = {
    "found": "grade", "graded": "assign", "notified": "rectify", "rectifying": "rectify", "protected": "review",
    "submitted": "verify", "verified": "write_off",
}  # fmt: skip
DUTY_LABEL = {
    "grade": "定级", "assign": "交办", "rectify": "整改", "review": "复查防护", "verify": "复查", "write_off": "销号",
}  # fmt: skip

INSPECTION_FLOW = Flow(
    name="inspection",
    noun="检查",
    initial="planned",
    states=(
        State("planned", "待检查"),
        State("in_progress", "检查中"),
        State("submitted", "等签字"),
        State("signed", "已签字"),
        State("refused_to_sign", "拒绝签字"),
        State("closed", "已了结", group="done"),
        State("cancelled", "已取消", group="done"),
    ),
    moves=(
        Move("start", "开始检查", ("planned",), "in_progress", INSPECT, (), "检查人"),
        Move("submit", "查完，交上", ("in_progress",), "submitted", INSPECT, (), "检查人；不合格的当场登记成隐患"),
        Move("sign", "被查方签字", ("submitted",), "signed", INSPECT, ("signer",), "检查人记下签字人"),
        Move("refuse", "拒绝签字", ("submitted",), "refused_to_sign", INSPECT, ("text", "witness"), "检查人，写明见证人"),
        Move("close", "了结", ("signed", "refused_to_sign"), "closed", INSPECT, (), "检查人，隐患都销号以后"),
        Move("cancel", "取消", ("planned",), "cancelled", INSPECT, ("text",), "检查人"),
    ),
)  # fmt: skip
