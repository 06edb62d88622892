"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

FORMS = (
    Filled("operations.forms.OpinionForm", "给平台提意见", "群众、工作人员", 2, "平台哪里不好用有人听、有人答", ("operations.opinion_received",)),
    Filled("operations.forms.WordsForm", "答复平台意见", "系统管理员", 2, "提意见的人得到答复", ("operations.opinion_answered",)),
    Filled("operations.forms.DaysForm", "改资料保存期限", "系统管理员", 1, "过期的资料按时删", ("operations.retention_set",)),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
