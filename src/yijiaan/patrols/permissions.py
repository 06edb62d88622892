from yijiaan.core.permissions import declare
from yijiaan.patrols import flows, visit_flows

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
FIELD = ("grid_worker", "grid_head")

VIEW = declare("patrols.view", "看巡查", roles=(*CENTRE, *FIELD, "handler", "town_leader"))
PLAN = declare(flows.PLAN, "安排巡查", roles=CENTRE)
RUN = declare(flows.RUN, "做巡查", roles=(*FIELD, "handler"))
VISIT = declare(visit_flows.VISIT, "走访", roles=FIELD)
PLAN_VISITS = declare(visit_flows.PLAN_VISITS, "定走访周期、看走访、抽查", roles=CENTRE)
