"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

ADMIN = "系统管理员"
FORMS = (
    Filled("connectors.forms.ConnectionForm", "加、改对接", ADMIN, 5, "两个系统互相认得", ("connectors.connection_made", "connectors.connection_changed")),
    Filled("connectors.forms.ColumnsForm", "对接文件对列", ADMIN, 3, "外面的表一次说清，以后不问", (), has_own_fields=True),
    Filled("connectors.forms.DropForm", "收对接文件", "镇中心", 1, "没有接口的系统用文件交过来", ()),
    Filled("connectors.forms.WebhookForm", "加、改消息推送", ADMIN, 3, "外面的系统及时知道", ("connectors.webhook_made", "connectors.webhook_changed")),
    Filled("connectors.forms.KeyForm", "加、改 Open311 钥匙", ADMIN, 2, "外面的程序能报事", ("connectors.open311_key_made", "connectors.open311_key_changed")),
    Filled("connectors.forms.GatewayForm", "改短信网关", ADMIN, 10, "短信发得出去", ("connectors.sms_set",)),
    Filled("connectors.forms.TryForm", "试发短信", ADMIN, 0.5, "看看发不发得出去", ("connectors.sms_tried",)),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
