from yijiaan.core.permissions import declare
from yijiaan.safety import flows

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
FIELD = ("grid_worker", "grid_head")

VIEW = declare("safety.view", "看安全隐患和检查", roles=(*CENTRE, *FIELD, "handler", "town_leader"))
REGISTER = declare("safety.register", "登记隐患", roles=(*CENTRE, *FIELD, "handler"))
GRADE = declare(flows.GRADE, "给隐患定级", roles=CENTRE)
ASSIGN = declare(flows.ASSIGN, "交办隐患、准延期", roles=CENTRE)
RECTIFY = declare(flows.RECTIFY, "整改本单位的隐患", roles=("handler", *FIELD))
VERIFY = declare(flows.VERIFY, "复查隐患", roles=(*CENTRE, "grid_head"))
WRITE_OFF = declare(flows.WRITE_OFF, "隐患销号", roles=("centre_head", "county_dispatcher"))
SUPERVISE = declare(flows.SUPERVISE, "挂牌督办重大隐患", roles=("town_leader", "county_dispatcher"))
CLOSE_YEAR = declare(flows.CLOSE, "隐患台账年度结账", roles=("centre_head", "county_dispatcher"))
EXPORT = declare("safety.export", "导出隐患台账", roles=CENTRE)
INSPECT = declare(flows.INSPECT, "做安全检查", roles=(*CENTRE, *FIELD, "handler"))
