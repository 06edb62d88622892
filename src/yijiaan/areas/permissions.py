from yijiaan.core.permissions import declare

LOAD = declare("areas.load", "导入区划和网格", roles=("county_admin",))
