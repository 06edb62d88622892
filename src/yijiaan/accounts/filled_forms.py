"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

ADMIN, SECURITY = "系统管理员", "安全管理员"
FORMS = (
    Filled("accounts.forms.NewPersonForm", "开账号", ADMIN, 1, "他能登录", ("accounts.user_created",)),
    Filled("accounts.forms.PersonForm", "改姓名、手机号", ADMIN, 0.5, "别人看到的和能收到的", ("accounts.user_changed",)),
    Filled("accounts.forms.AppointForm", "定岗位", SECURITY, 1, "他能做什么、管哪里", ("accounts.appointed",)),
    Filled("accounts.forms.EndPostForm", "结束岗位", SECURITY, 0.5, "从哪天起不再能做", ("accounts.post_ended",)),
    Filled("accounts.forms.RoleForm", "改角色权限", SECURITY, 2, "一种岗位能做什么", ("accounts.role_changed",)),
    Filled("accounts.forms.PasswordForm", "改密码", "本人", 1, "账号只有本人能用", ("accounts.password_set",)),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
