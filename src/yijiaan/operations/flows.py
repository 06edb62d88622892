"""The life of an opinion about the platform itself: answered in time, and once more when its writer says it is not settled."""

from yijiaan.engines.flow import Flow, Move, State

ANSWER_PERMISSION = "operations.answer_opinions"

FLOW = Flow(
    name="opinion",
    noun="意见",
    initial="received",
    states=(State("received", "等答复"), State("answered", "答复了"), State("closed", "了结了", group="done")),
    moves=(
        Move("answer", "答复", ("received",), ("answered", "closed"), ANSWER_PERMISSION, who="管理员"),
        Move("not_settled", "还没解决", ("answered",), "received", "", who="写意见的人，一次"),
        Move("settle", "解决了", ("answered",), "closed", "", who="写意见的人；七天没有说，系统"),
    ),
)
