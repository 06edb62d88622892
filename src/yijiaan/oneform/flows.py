"""The life of a form from above."""

from yijiaan.engines.flow import Flow, Move, State

MANAGE, ANSWER = "oneform.manage", "oneform.answer"

FLOW = Flow(
    name="one_form",
    noun="表",
    initial="draft",
    column="state",
    states=(
        State("draft", "正在对列"),
        State("open", "正在补"),
        State("closed", "已结束", group="done"),
    ),
    moves=(
        Move("map", "对列", ("draft",), None, MANAGE, (), "登记的人"),
        Move("publish", "发布", ("draft",), "open", MANAGE, (), "登记的人，每一列都说清从哪儿来"),
        Move("answer", "补缺的项", ("open",), None, ANSWER, (), "网格员、网格长、镇中心，到截止日期为止"),
        Move("close", "结束", ("draft", "open"), "closed", MANAGE, (), "登记的人；过了截止日期自动不再问"),
    ),
)  # fmt: skip
