from yijiaan.core.permissions import declare, declared

# code, name, landing page, whether it sees its area, whether it needs a second factor (tips, a whole county, the accounts);
# permissions come from the declarations of each app
ROLES = (
    ("dispatcher", "值班员", "portal:board", True, False),
    ("centre_head", "中心主任", "portal:board", True, False),
    ("town_leader", "镇领导", "portal:board", True, False),
    ("handler", "接单员", "cases:orders", False, False),
    ("grid_head", "网格长", "cases:field", True, False),
    ("grid_worker", "网格员", "cases:field", True, False),
    ("tip_officer", "举报专办员", "cases:orders", False, True),
    ("habitat_worker", "人居环境公益岗", "cases:field", True, False),
    ("auxiliary_police", "辅警", "cases:field", True, False),
    ("environment_worker", "环保网格员", "cases:field", True, False),
    ("mediator", "调解专员", "cases:field", True, False),
    ("grid_prosecutor", "网格检察官", "cases:field", False, True),
    ("county_dispatcher", "区级值班员", "portal:board", True, True),
    ("county_admin", "系统管理员", "accounts:people", True, True),
    ("security_admin", "安全管理员", "accounts:people", True, True),
    ("auditor", "审计管理员", "accounts:audit", True, True),
)
# the three administrators, kept apart: what one of them may, no other may, and none of them sees cases
SEATS = {"county_admin": "system", "security_admin": "security", "auditor": "audit"}

MANAGE = declare("accounts.manage", "维护单位和账号", roles=("county_admin",))
APPOINT = declare("accounts.appoint", "任免岗位、改角色权限", roles=("security_admin",))
SECURE = declare("accounts.secure", "停用账号、重设密码", roles=("security_admin",))
TOKENS = declare("accounts.tokens", "签发和吊销对接令牌", roles=("security_admin",))
SET_DUTY = declare("accounts.set_duty", "排值班", roles=("dispatcher", "centre_head", "county_dispatcher"))
SECOND_FACTORS = declare("accounts.reset_second_factor", "重置别人的手机验证码", roles=("security_admin",))


def fits(name: str, seat: str) -> bool:
    """Whether a role of this seat ("" for none) may hold the permission: one of the shipped roles of its kind must hold it."""
    known = declared().get(name)
    return known is not None and any(SEATS.get(role, "") == seat for role in known.roles)
