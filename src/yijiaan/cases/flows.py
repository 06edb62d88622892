"""The life of a case (DOMAIN 3.1), as far as it is built: states, moves, who may make them."""

from yijiaan.engines.flow import SYSTEM, Flow, Move, State

# 已办结 is a moment: the deed that finishes a case routes it on to where its answer is looked at or heard
ROUTED = ("verifying", "callback", "closed")

# what words from above can hurry
HURRIED = ("received", "dispatched", "arbitration", "in_progress", "coordinating", "verifying")

FLOW = Flow(
    name="case",
    noun="事件",
    initial="received",
    states=(
        State("received", "待派单", group="open"),
        State("need_info", "待补充", group="open"),
        State("dispatched", "待签收", group="open"),
        State("arbitration", "待裁定", group="open"),
        State("in_progress", "办理中", group="open"),
        State("coordinating", "会商中", group="open"),
        State("suspended", "挂账", group="open"),
        State("verifying", "待核查", group="open"),
        State("callback", "待回访", group="open"),
        State("closed", "已结案", group="done"),
        State("rejected", "不予受理", group="refused"),
        State("withdrawn", "已撤回", group="refused"),
        State("merged", "已并案", group="done"),
        State("archived", "已归档", group="done"),
    ),
    moves=(
        # 当场办结 of a case already received; a report solved at once passes the same move in the deed that submits it
        Move("solve_on_spot", "当场办结", ("received",), ROUTED, "cases.solve_on_spot"),
        # a question that the knowledge base answers needs nobody else
        Move("answer_enquiry", "当即答复", ("received",), ROUTED, "cases.answer_enquiry"),
        Move("take", "自办", ("received",), "in_progress", "cases.take"),
        Move("dispatch", "派单", ("received",), "dispatched", "cases.dispatch"),
        Move("undo_dispatch", "撤回派单", ("dispatched",), "received", "cases.dispatch"),
        Move("return_back", "退回", ("dispatched",), "received", "cases.sign"),
        # any second return of a case; the first unit's own is refused, for it may return once
        Move("return_again", "再退", ("dispatched",), "arbitration", "cases.sign"),
        Move("rule", "裁定", ("arbitration",), "dispatched", "cases.rule"),
        Move("sign", "签收", ("dispatched",), "in_progress", "cases.sign"),
        Move("report_up", "提级上报", ("in_progress",), "received", "cases.report_up"),
        Move("ask_reporter", "请补充", ("received", "in_progress"), "need_info", "cases.ask_reporter"),
        # 已补充 is the reporter's; without an answer in time the system lets the case go on
        Move("answer", "已补充", ("need_info",), ("received", "in_progress"), SYSTEM),
        Move("ask_extension", "申请延期", ("in_progress", "coordinating"), None, "cases.ask_extension"),
        Move("extend", "批延期", ("in_progress", "coordinating"), None, "cases.extend"),
        Move("whistle", "吹哨", ("in_progress",), "coordinating", "cases.whistle"),
        Move("report_in", "报到", ("coordinating",), None, "cases.report_in"),
        Move("end_whistle", "会商结束", ("coordinating",), "in_progress", "cases.whistle"),
        Move("ask_suspension", "申请挂账", ("in_progress",), None, "cases.ask_suspension"),
        Move("suspend", "批挂账", ("in_progress",), "suspended", "cases.suspend"),
        Move("resume", "恢复办理", ("suspended",), "in_progress", "cases.resume"),
        Move("finish", "办结", ("in_progress", "coordinating"), ROUTED, "cases.finish"),
        Move("verify_pass", "核查通过", ("verifying",), ("callback", "closed"), "cases.verify"),
        Move("verify_fail", "核查不过", ("verifying",), "in_progress", "cases.verify"),
        Move("callback_ok", "回访满意", ("callback",), "closed", "cases.callback"),
        Move("callback_redo", "退回重办", ("callback",), "in_progress", "cases.callback"),
        Move("close_explained", "解释结案", ("callback",), "closed", "cases.close_explained"),
        Move("reject", "不予受理", ("received",), "rejected", "cases.reject"),
        # 撤回 and 再启动 are the reporter's: the deeds ask who it is, no post holds a permission for the first
        Move("withdraw", "撤回诉求", ("received", "need_info", "dispatched", "in_progress"), "withdrawn", SYSTEM),
        Move("appeal_rejection", "复核", ("rejected",), "received", SYSTEM),
        Move("merge", "并案", ("received", "dispatched", "in_progress"), "merged", "cases.merge"),
        Move("unmerge", "撤销并案", ("merged",), "received", "cases.merge"),
        Move("reopen", "再启动", ("closed",), "received", "cases.reopen"),
        # an answer that two persons take out of the rates; the case stays as it ended
        Move("exclude", "剔除", ("closed",), None, "cases.exclude"),
        Move("archive", "归档", ("closed", "rejected", "withdrawn", "merged"), "archived", SYSTEM),
        Move("urge", "催办", HURRIED, None, "cases.urge"),
        Move("supervise", "督办", HURRIED, None, "cases.supervise"),
        Move("instruct", "批示", (*HURRIED, "suspended", "callback"), None, "cases.instruct"),
    ),
)  # fmt: skip

OPEN = FLOW.values_in("open")
ENDED = FLOW.values_in("done", "refused")
# the duty that each open state owes, and the words for its time left
DUTY_OF = {
    "received": "dispatch",
    "need_info": "answer",
    "dispatched": "sign",
    "arbitration": "rule",
    "in_progress": "handle",
    "coordinating": "handle",
    "suspended": "review",
    "verifying": "verify",
    "callback": "callback",
}
DUTY_LABEL = {
    "dispatch": "派单",
    "sign": "签收",
    "handle": "办结",
    "answer": "补充",
    "rule": "裁定",
    "review": "复查",
    "verify": "核查",
    "callback": "回访",
    "first_contact": "首次联系",
}
