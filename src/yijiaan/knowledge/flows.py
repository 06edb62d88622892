"""The life of an article."""

from yijiaan.engines.flow import Flow, Move, State

FLOW = Flow(
    name="article",
    noun="文章",
    initial="draft",
    states=(State("draft", "草稿"), State("published", "已发布"), State("retired", "已停用", group="done")),
    moves=(
        Move("publish", "发布", ("draft", "retired"), "published", "knowledge.write"),
        Move("retire", "停用", ("draft", "published"), "retired", "knowledge.write"),
    ),
)
