from yijiaan.core.permissions import declare

LOAD = declare("areas.load", "导入区划和网格", roles=("county_admin",))
REDRAW = declare("areas.redraw", "调整网格", roles=("centre_head", "county_dispatcher"))
