"""The life of a case (DOMAIN 3.1), as far as it is built: states, moves, who may make them."""

from yijiaan.engines.flow import SYSTEM, Flow, Move, State

# 已办结 is a moment: the deed that finishes a case routes it on to where its answer is looked at or heard
ROUTED = ("verifying", "callback", "closed")

FLOW = Flow(
    name="case",
    noun="事件",
    initial="received",
    states=(
        State("received", "待派单", group="open"),
        State("dispatched", "待签收", group="open"),
        State("in_progress", "办理中", group="open"),
        State("verifying", "待核查", group="open"),
        State("callback", "待回访", group="open"),
        State("closed", "已结案", group="done"),
        State("rejected", "不予受理", group="refused"),
        State("withdrawn", "已撤回", group="refused"),
    ),
    moves=(
        # 当场办结 of a case already received; a report solved at once passes the same move in the deed that submits it
        Move("solve_on_spot", "当场办结", ("received",), ROUTED, "cases.solve_on_spot"),
        Move("take", "自办", ("received",), "in_progress", "cases.take"),
        Move("dispatch", "派单", ("received",), "dispatched", "cases.dispatch"),
        Move("undo_dispatch", "撤回派单", ("dispatched",), "received", "cases.dispatch"),
        Move("return_back", "退回", ("dispatched",), "received", "cases.sign"),
        Move("sign", "签收", ("dispatched",), "in_progress", "cases.sign"),
        Move("report_up", "提级上报", ("in_progress",), "received", "cases.report_up"),
        Move("finish", "办结", ("in_progress",), ROUTED, "cases.finish"),
        Move("verify_pass", "核查通过", ("verifying",), ("callback", "closed"), "cases.verify"),
        Move("verify_fail", "核查不过", ("verifying",), "in_progress", "cases.verify"),
        Move("callback_ok", "回访满意", ("callback",), "closed", "cases.callback"),
        Move("callback_redo", "退回重办", ("callback",), "in_progress", "cases.callback"),
        Move("close_explained", "解释结案", ("callback",), "closed", "cases.close_explained"),
        Move("reject", "不予受理", ("received",), "rejected", "cases.reject"),
        # 撤回 and 再启动 are the reporter's: the deeds ask who it is, no post holds a permission for the first
        Move("withdraw", "撤回诉求", ("received", "dispatched", "in_progress"), "withdrawn", SYSTEM),
        Move("reopen", "再启动", ("closed",), "received", "cases.reopen"),
        Move("urge", "催办", ("received", "dispatched", "in_progress", "verifying"), None, "cases.urge"),
        Move("supervise", "督办", ("received", "dispatched", "in_progress", "verifying"), None, "cases.supervise"),
        Move("instruct", "批示", ("received", "dispatched", "in_progress", "verifying", "callback"), None, "cases.instruct"),
    ),
)  # fmt: skip

OPEN = FLOW.values_in("open")
ENDED = FLOW.values_in("done", "refused")
# the duty that each open state owes, and the words for its time left
DUTY_OF = {
    "received": "dispatch",
    "dispatched": "sign",
    "in_progress": "handle",
    "verifying": "verify",
    "callback": "callback",
}
DUTY_LABEL = {
    "dispatch": "派单",
    "sign": "签收",
    "handle": "办结",
    "verify": "核查",
    "callback": "回访",
    "first_contact": "首次联系",
}
