"""The life of a case (DOMAIN 3.1), as far as it is built: states, moves, who may make them."""

from yijiaan.engines.flow import Flow, Move, State

FLOW = Flow(
    name="case",
    noun="事件",
    initial="received",
    states=(
        State("received", "待派单", group="open"),
        State("dispatched", "待签收", group="open"),
        State("in_progress", "办理中", group="open"),
        State("callback", "待回访", group="open"),
        State("closed", "已结案", group="done"),
    ),
    moves=(
        # 当场办结 of a case already received; a report solved at once passes the same move in the deed that submits it
        Move("solve_on_spot", "当场办结", ("received",), ("callback", "closed"), "cases.solve_on_spot"),
        Move("take", "自办", ("received",), ("in_progress",), "cases.take"),
        Move("dispatch", "派单", ("received",), ("dispatched",), "cases.dispatch"),
        Move("undo_dispatch", "撤回派单", ("dispatched",), ("received",), "cases.dispatch"),
        Move("return_back", "退回", ("dispatched",), ("received",), "cases.sign"),
        Move("sign", "签收", ("dispatched",), ("in_progress",), "cases.sign"),
        # finished 已办结 is a moment: the same deed routes the case on
        Move("finish", "办结", ("in_progress",), ("callback", "closed"), "cases.finish"),
        Move("callback_ok", "回访满意", ("callback",), ("closed",), "cases.callback"),
        Move("callback_redo", "退回重办", ("callback",), ("in_progress",), "cases.callback"),
    ),
)

OPEN = FLOW.values_in("open")
# the duty that each open state owes, and the words for its time left
DUTY_OF = {"received": "dispatch", "dispatched": "sign", "in_progress": "handle", "callback": "callback"}
DUTY_LABEL = {"dispatch": "派单", "sign": "签收", "handle": "办结", "callback": "回访", "first_contact": "首次联系"}
