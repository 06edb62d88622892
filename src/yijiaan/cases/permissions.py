from yijiaan.core.permissions import declare

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
FIELD = ("grid_worker", "grid_head")

VIEW = declare("cases.view", "看事件", roles=(*CENTRE, *FIELD, "town_leader", "handler", "tip_officer"))
VIEW_TIPS = declare("cases.view_tips", "看举报和保密事件", roles=("tip_officer",))
REGISTER = declare("cases.register", "代群众登记诉求", roles=(*CENTRE, *FIELD))
DISPATCH = declare("cases.dispatch", "派单", roles=(*CENTRE, "tip_officer"))
TAKE = declare("cases.take", "自办", roles=FIELD)
SOLVE = declare("cases.solve_on_spot", "当场办结", roles=FIELD)
SIGN = declare("cases.sign", "签收", roles=("handler", "grid_head", "tip_officer"))
FINISH = declare("cases.finish", "办结", roles=("handler", "grid_head", "grid_worker", "tip_officer"))
CALLBACK = declare("cases.callback", "回访", roles=(*CENTRE, "tip_officer"))
CONTACT = declare("cases.contact", "记录联系群众", roles=(*CENTRE, *FIELD, "handler", "tip_officer"))
NOTE = declare("cases.note", "加说明", roles=(*CENTRE, *FIELD, "handler", "town_leader", "tip_officer"))
CLASSIFY = declare("cases.classify", "改类别和网格", roles=(*CENTRE, "tip_officer"))
ERASE_REPORTER = declare("cases.erase_reporter", "依法删除报事人信息")
