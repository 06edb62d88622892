from yijiaan.core.permissions import declare

VIEW = declare(
    "notices.view_messages",
    "看短信发得怎么样",
    roles=("dispatcher", "centre_head", "county_dispatcher"),
)
RESEND = declare("notices.resend", "再发短信", roles=("dispatcher", "centre_head", "county_dispatcher"))
# who keeps the gateway sees what got stuck in it and sends it again; administrators hold no permission of those who work with cases
KEEP = declare("notices.keep_messages", "看短信网关通不通", roles=("county_admin",))
CALL = declare("notices.note_call", "记下打过电话", roles=("dispatcher", "centre_head", "county_dispatcher"))
SEND = declare("notices.send", "发短信")  # held by the system alone
