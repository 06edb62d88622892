"""The form of this app for the table of all forms: who fills it in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

FORMS = (
    Filled(
        "knowledge.forms.ArticleForm", "写、改知识库文章", "镇中心", 15, "群众和接电话的人查得到怎么办事",
        ("knowledge.article_written", "knowledge.article_changed"),
    ),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
