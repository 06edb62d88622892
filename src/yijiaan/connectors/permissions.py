from yijiaan.core.permissions import declare

# the centre sees what came and what is stuck, and hands files in; the administrator keeps the settings and sees no matter
VIEW = declare("connectors.view", "看对接情况，收对方的表格", roles=("dispatcher", "centre_head", "county_dispatcher"))
MANAGE = declare("connectors.manage", "维护对接", roles=("county_admin",))
EXCHANGE = declare("connectors.exchange", "收发对接消息")  # held by the system alone
