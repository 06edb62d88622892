from yijiaan.core.permissions import declare

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
FIELD = ("grid_worker", "grid_head")
BESIDE = (
    "habitat_worker",
    "auxiliary_police",
    "environment_worker",
    "mediator",
)  # posts in the field beside the grid's own
SEALED = ("tip_officer", "grid_prosecutor")  # what they hold, nobody else sees

VIEW = declare("cases.view", "看事件", roles=(*CENTRE, *FIELD, *BESIDE, "town_leader", "handler", *SEALED))
VIEW_TIPS = declare("cases.view_tips", "看举报和保密事件", roles=SEALED)
REGISTER = declare("cases.register", "代群众登记诉求", roles=(*CENTRE, *FIELD, *BESIDE, "grid_prosecutor"))
DISPATCH = declare("cases.dispatch", "派单", roles=(*CENTRE, *SEALED))
TAKE = declare("cases.take", "自办", roles=FIELD)
SOLVE = declare("cases.solve_on_spot", "当场办结", roles=(*FIELD, *BESIDE))
SIGN = declare("cases.sign", "签收", roles=("handler", "grid_head", *SEALED))
FINISH = declare("cases.finish", "办结", roles=("handler", "grid_head", "grid_worker", *BESIDE, *SEALED))
CALLBACK = declare("cases.callback", "回访", roles=(*CENTRE, *SEALED))
CONTACT = declare("cases.contact", "记录联系群众", roles=(*CENTRE, *FIELD, *BESIDE, "handler", *SEALED))
NOTE = declare("cases.note", "加说明", roles=(*CENTRE, *FIELD, *BESIDE, "handler", "town_leader", *SEALED))
CLASSIFY = declare("cases.classify", "改类别和网格", roles=(*CENTRE, *SEALED))
REPORT_UP = declare("cases.report_up", "提级上报", roles=("grid_head", "grid_worker", "handler"))
VERIFY = declare("cases.verify", "核查", roles=(*CENTRE, *FIELD))
REJECT = declare("cases.reject", "不予受理", roles=(*CENTRE, *SEALED))
CLOSE_EXPLAINED = declare("cases.close_explained", "解释结案", roles=CENTRE)
REOPEN = declare("cases.reopen", "再启动", roles=(*CENTRE, *SEALED))
ANSWER_ENQUIRY = declare("cases.answer_enquiry", "当即答复咨询", roles=CENTRE)
RULE = declare("cases.rule", "裁定由谁办", roles=CENTRE)
ASK_REPORTER = declare("cases.ask_reporter", "请报事人补充", roles=(*CENTRE, "handler", "grid_head", *SEALED))
RELAY = declare("cases.relay", "给报事人捎话、请中心代打电话", roles=(*CENTRE, *FIELD, "handler", *SEALED))
ASK_EXTENSION = declare("cases.ask_extension", "申请延期", roles=("handler", "grid_head", *SEALED))
EXTEND = declare("cases.extend", "批延期", roles=(*CENTRE, "town_leader", *SEALED))
WHISTLE = declare("cases.whistle", "吹哨", roles=(*CENTRE, "town_leader"))
REPORT_IN = declare("cases.report_in", "报到", roles=("handler", "grid_head"))
ASK_SUSPENSION = declare("cases.ask_suspension", "申请挂账", roles=("handler", "grid_head"))
SUSPEND = declare("cases.suspend", "批挂账", roles=("town_leader",))
RESUME = declare("cases.resume", "恢复办理", roles=(*CENTRE, "handler", "grid_head", "town_leader"))
PRINT = declare("cases.print", "打印事件", roles=(*CENTRE, *FIELD, "town_leader", "handler", *SEALED))
MERGE = declare("cases.merge", "并案", roles=CENTRE)
DECLARE_PARTY = declare("cases.declare_party", "登记回避", roles=(*CENTRE, *SEALED))
DECLARE_INTEREST = declare(
    "cases.declare_interest", "申报利害关系", roles=(*CENTRE, *FIELD, *BESIDE, "town_leader", "handler", *SEALED)
)
EXCLUDE = declare("cases.exclude", "剔除评价", roles=CENTRE)
OUTSIDE_TERMS = declare("cases.outside_terms", "照交办系统的时限和回访办")  # connectors act as the system
SET_ROUTING = declare("cases.set_routing", "维护派单规则", roles=("county_admin",))
URGE = declare("cases.urge", "催办", roles=(*CENTRE, "town_leader"))
SUPERVISE = declare("cases.supervise", "督办", roles=("centre_head", "county_dispatcher", "town_leader"))
INSTRUCT = declare("cases.instruct", "批示", roles=("town_leader",))
EXPORT = declare("cases.export", "导出事件", roles=(*CENTRE, "town_leader", "handler", *SEALED))
EXPORT_CONTACTS = declare("cases.export_contacts", "导出报事人的联系方式", roles=("centre_head", "county_dispatcher"))
ERASE_REPORTER = declare("cases.erase_reporter", "依法删除报事人信息")
SET_CATEGORIES = declare("cases.set_categories", "维护类别和责任清单", roles=("county_admin",))
SET_CHANNELS = declare("cases.set_channels", "维护渠道", roles=("county_admin",))
TEND_HABITAT = declare("cases.tend_habitat", "人居环境岗", roles=("habitat_worker",))
TEND_ORDER = declare("cases.tend_order", "治安岗", roles=("auxiliary_police",))
TEND_POLLUTION = declare("cases.tend_pollution", "污染巡查岗", roles=("environment_worker",))
TEND_DISPUTES = declare("cases.tend_disputes", "纠纷调解岗", roles=("mediator",))
FIND_CLUES = declare("cases.find_clues", "报公益诉讼线索", roles=("grid_prosecutor",))
