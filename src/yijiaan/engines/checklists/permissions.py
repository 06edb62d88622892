from yijiaan.core.permissions import declare

WRITE = declare("checklists.write", "编检查表", roles=("centre_head", "county_dispatcher"))
