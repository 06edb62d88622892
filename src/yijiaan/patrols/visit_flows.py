"""The life of an arrangement to visit a household (DOMAIN 3.4). The days move it: `visit_rules.state_on`."""

from yijiaan.engines.flow import SYSTEM, Flow, Move, State

VISIT, PLAN_VISITS = "patrols.visit", "patrols.plan_visits"
OPEN = ("active", "due", "overdue")

FLOW = Flow(
    name="visit_arrangement",
    noun="走访安排",
    initial="active",
    states=(
        State("active", "没到日子"),
        State("due", "该走访了"),
        State("overdue", "过了日子"),
        State("paused", "先不去"),
        State("ended", "不再走访", group="done"),
    ),
    moves=(
        Move("fall_due", "到日子", ("active",), "due", SYSTEM, (), "到了日子自动"),
        Move("run_over", "过日子", ("active", "due"), "overdue", SYSTEM, (), "到日子七天后自动"),
        Move("visit", "记走访", OPEN, ("active", "ended"), VISIT, (), "网格员、网格长；只约一次的去过就结束"),
        Move("pause", "先不去", OPEN, "paused", "", ("reason", "until"), "网格员、网格长、中心；住院、出门，写明到哪天"),
        Move("resume", "接着去", ("paused",), OPEN, "", (), "网格员、网格长、中心；到了写的那天自动"),
        Move("end", "不再走访", (*OPEN, "paused"), "ended", PLAN_VISITS, ("reason",), "中心；不再列入关爱、迁走、去世自动"),
        Move("take_up", "再列上", ("ended",), OPEN, SYSTEM, (), "人迁回来、并错的拆开时自动"),
    ),
)  # fmt: skip
