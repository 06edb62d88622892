"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

PUBLIC, FIELD, CENTRE, UNIT, LEADER = "群众", "网格员、网格长", "镇中心", "承办单位", "领导"
FORMS = (
    Filled("cases.forms.ReportForm", "报问题", PUBLIC, 2, "收下一件事，找到该办的单位", ("cases.received:snap_report", "cases.received:door_plate")),
    Filled("cases.forms.RateForm", "评价", PUBLIC, 0.5, "满意就结案，不满意退回重办", ("cases.rated",)),
    Filled("cases.forms.PhotosForm", "补照片", PUBLIC, 0.5, "让办理的人看清楚", ("cases.photo_added",)),
    Filled("cases.further_forms.OwnWordsForm", "催一催、撤回、又出问题了、要求复核、回话", PUBLIC, 1, "报事人对自己的事说话", ("cases.withdrawn", "cases.appealed", "cases.replied", "cases.report_withdrawn")),
    Filled("cases.source_forms.SourceReportForm", "报事源头报事", "报事源头", 1, "收下一件事", ("cases.received:trusted_reporter",)),
    Filled("cases.forms.FieldReportForm", "上报事件", FIELD, 2, "收下一件事，或当场办结", ("cases.received:grid_worker",)),
    Filled("cases.source_forms.TellForForm", "替人报", FIELD, 1, "老人的事由网格员替他说，回执给老人", ("cases.told_by_proxy",)),
    Filled("cases.further_forms.SpokenUpForm", "报镇里（可以说）", FIELD, 1, "镇里按试过的办法决定谁来办", ()),
    Filled("cases.further_forms.DisownForm", "不归我村", FIELD, 1, "转给该办的村或镇里", ()),
    Filled("cases.forms.RegisterForm", "来电登记", CENTRE, 3, "把打电话的人说的记下来", ("cases.received:phone", "cases.received:hotline_12345", "cases.received:letter")),
    Filled("cases.source_forms.ProxyForm", "代报人", CENTRE, 0.5, "分清谁在说、说的是谁的事", ()),
    Filled("cases.forms.DispatchForm", "派单", CENTRE, 1, "定主办、协办和轻重", ("cases.dispatched",)),
    Filled("cases.batch_forms.BatchDispatchForm", "成批派单", CENTRE, 1, "同一类的一次派出去", ()),
    Filled("cases.batch_forms.BatchUrgeForm", "成批催办", CENTRE, 0.5, "一次催几件", ()),
    Filled("cases.forms.ClassifyForm", "改类别或网格", CENTRE, 0.5, "时限和承办单位按它找", ("cases.classified",)),
    Filled("cases.forms.MergeForm", "并案", CENTRE, 0.5, "同一件事只办一遍", ("cases.merged",)),
    Filled("cases.forms.SplitForm", "拆出诉求", CENTRE, 0.5, "两件事分开办", ("cases.report_split",)),
    Filled("cases.forms.CallbackForm", "回访", CENTRE, 3, "报事人怎么说，结案或退回", ("cases.rated", "cases.callback_tried", "cases.callback_refused")),
    Filled("cases.further_forms.CallMadeForm", "代打电话", CENTRE, 3, "告诉承办单位打通没有、说了什么", ("cases.call_made",)),
    Filled("cases.further_forms.RejectForm", "不予受理", CENTRE, 2, "告诉报事人该找谁", ("cases.proposed:reject", "cases.rejected")),
    Filled("cases.further_forms.DecideForm", "双人复核", CENTRE, 1, "第二个人定同不同意", ("cases.proposal_refused",)),
    Filled("cases.further_forms.ExplainForm", "解释结案", CENTRE, 2, "说明为什么办不了", ("cases.proposed:close_explained",)),
    Filled("cases.further_forms.RedoForm", "再退回重办", CENTRE, 1, "告诉承办单位哪里没办好", ("cases.reopened",)),
    Filled("cases.further_forms.ReopenForm", "再启动", CENTRE, 1, "结了的事又出了问题", ("cases.restarted",)),
    Filled("cases.further_forms.RuleForm", "裁定", CENTRE, 2, "两个单位推的事定给一个", ("cases.ruled",)),
    Filled("cases.further_forms.PartyForm", "登记回避", CENTRE, 1, "被反映的人不经手", ("cases.party_declared",)),
    Filled("cases.further_forms.UrgeForm", "催办", CENTRE, 0.5, "提醒承办单位", ("cases.urged",)),
    Filled("cases.views.excluding.ExcludeForm", "评价剔除", CENTRE, 2, "不该算的评价由两个人去掉", ("cases.proposed:exclude",)),
    Filled("cases.keeping_forms.ExportForm", "导出清单", CENTRE, 0.5, "带走个人信息要说明用途", ("tabular.export_requested",)),
    Filled("cases.keeping_forms.SaveViewForm", "存下筛选", CENTRE, 0.5, "下次不用再选", ()),
    Filled("cases.forms.SeeReporterForm", "查看报事人", "经手的人", 0.5, "报事人看得到谁为什么看了号码", ("cases.reporter_seen",)),
    Filled("cases.forms.WordsForm", "说明、联系报事人", "经手的人", 1, "后面的人知道做了什么", ("cases.noted", "cases.contacted")),
    Filled("cases.forms.FinishForm", "办结", UNIT, 2, "报事人读到的答复", ("cases.finished",)),
    Filled("cases.forms.ReturnForm", "退回", UNIT, 1, "不归本单位的交回去", ("cases.returned", "cases.returned_again")),
    Filled("cases.further_forms.ReportUpForm", "提级上报", UNIT, 2, "上一级按试过的办法接着办", ("cases.reported_up",)),
    Filled("cases.further_forms.AskForm", "请报事人补充", UNIT, 1, "缺的只问一次", ("cases.asked",)),
    Filled("cases.further_forms.RelayForm", "给报事人捎话", UNIT, 1, "不用看号码也能说上话", ("cases.relayed",)),
    Filled("cases.further_forms.AskCallForm", "请中心代打电话", UNIT, 1, "中心替单位打", ("cases.call_asked",)),
    Filled("cases.further_forms.AskExtensionForm", "申请延期", UNIT, 1, "领导按理由批", ("cases.requested:extend",)),
    Filled("cases.further_forms.AskSuspensionForm", "申请挂账", UNIT, 2, "领导按理由批，到期再看", ("cases.requested:suspend",)),
    Filled("cases.further_forms.ResumeForm", "恢复办理", UNIT, 0.5, "时限接着走", ("cases.resumed",)),
    Filled("cases.further_forms.WhistleForm", "吹哨", UNIT, 1, "叫几个单位一起来", ("cases.whistled",)),
    Filled("cases.further_forms.ReportInForm", "报到", UNIT, 0.5, "吹哨的人知道谁来了", ("cases.reported_in",)),
    Filled("cases.further_forms.VerifyForm", "核查", "核查的人", 2, "办成没有由别人看", ("cases.verified", "cases.verify_failed")),
    Filled("cases.further_forms.AnswerForm", "补充情况", PUBLIC, 1, "缺的补上就接着办", ("cases.answered",)),
    Filled("cases.further_forms.DecideRequestForm", "批延期、挂账", LEADER, 1, "改时限要有人批", ("cases.extended", "cases.suspended", "cases.request_refused")),
    Filled("cases.further_forms.SuperviseForm", "督办", LEADER, 1, "要紧的事盯住", ("cases.supervised",)),
    Filled("cases.further_forms.InstructForm", "批示", LEADER, 1, "领导的意见留在事上", ("cases.instructed",)),
    Filled("cases.source_forms.SourceForm", "登记报事源头", "网格长、镇中心", 2, "他来电时认得出是谁", ("registry.source_added",)),
    Filled("cases.source_forms.SeeSourceForm", "查看报事源头", "网格长、镇中心", 0.5, "本人看得到谁为什么看了号码", ("registry.source_seen",)),
    Filled("cases.views.interests.InterestForm", "申报利害关系", "本人", 1, "和自己有关的事不经手", ("cases.interest_declared",)),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
