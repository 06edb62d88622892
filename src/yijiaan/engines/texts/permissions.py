from yijiaan.core.permissions import declare

MANAGE = declare("texts.manage", "改平台用语", roles=("county_admin",))
