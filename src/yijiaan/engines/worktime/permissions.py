from yijiaan.core.permissions import declare

MANAGE = declare("worktime.manage", "维护节假日表、办公时间和时限", roles=("county_admin",))
