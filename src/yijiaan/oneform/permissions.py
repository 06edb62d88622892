from yijiaan.core.permissions import declare

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
VILLAGE = ("grid_worker", "grid_head")

MANAGE = declare("oneform.manage", "登记、发布上级下发的表", roles=CENTRE)
ANSWER = declare("oneform.answer", "补表里缺的项", roles=(*VILLAGE, *CENTRE))
EXPORT = declare("oneform.export", "导出填好的表", roles=CENTRE)
