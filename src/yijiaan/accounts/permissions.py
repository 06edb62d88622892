from yijiaan.core.permissions import declare

# code, name, landing page, whether it sees its area, whether it needs a second factor (tips, a whole county, the accounts);
# permissions come from the declarations of each app
ROLES = (
    ("dispatcher", "值班员", "cases:list", True, False),
    ("centre_head", "中心主任", "cases:list", True, False),
    ("town_leader", "镇领导", "cases:list", True, False),
    ("handler", "接单员", "cases:orders", False, False),
    ("grid_head", "网格长", "cases:field", True, False),
    ("grid_worker", "网格员", "cases:field", True, False),
    ("tip_officer", "举报专办员", "cases:orders", False, True),
    ("county_dispatcher", "区级值班员", "cases:list", True, True),
    ("county_admin", "系统管理员", "portal:account", True, True),
)

MANAGE = declare("accounts.manage", "管理单位、用户、岗位", roles=("county_admin",))
TOKENS = declare("accounts.tokens", "签发和吊销对接令牌", roles=("county_admin",))
SECOND_FACTORS = declare("accounts.reset_second_factor", "重置别人的手机验证码", roles=("county_admin",))
FORGET_DOOR_USES = declare("accounts.forget_door_uses", "清理公开入口的计数")
