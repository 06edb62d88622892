from yijiaan.core.permissions import declare
from yijiaan.operations.flows import ANSWER_PERMISSION

BACK_UP = declare("operations.back_up", "备份和恢复")
VIEW = declare("operations.view", "看运行情况", roles=("county_admin",))
KEEP = declare("operations.set_retention", "设定资料保存多久", roles=("county_admin",))
ANSWER = declare(ANSWER_PERMISSION, "答复平台意见", roles=("county_admin",))
