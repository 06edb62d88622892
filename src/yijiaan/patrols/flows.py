"""The life of one walk (DOMAIN 3.3)."""

from yijiaan.engines.flow import Flow, Move, State

RUN, PLAN = "patrols.run", "patrols.plan"

FLOW = Flow(
    name="patrol_run",
    noun="巡查",
    initial="planned",
    states=(
        State("planned", "待巡查"),
        State("started", "巡查中"),
        State("finished", "巡查完", group="done"),
        State("interrupted_ok", "中途停了", group="done"),
        State("cancelled", "不巡了", group="done"),
    ),
    moves=(
        Move("start", "开始巡查", ("planned",), "started", RUN, (), "巡查人；看第一个点时自动"),
        Move("check", "记一个点", ("planned", "started"), "started", RUN, ("result",), "巡查人"),
        Move("finish", "巡查完", ("started",), "finished", RUN, (), "巡查人，每个点都看过或写明原因"),
        Move("interrupt", "中途停下", ("planned", "started"), "interrupted_ok", RUN, ("text",), "巡查人，写明原因，不算没做"),
        Move("cancel", "不巡了", ("planned",), "cancelled", PLAN, ("text",), "安排的人"),
    ),
)  # fmt: skip
