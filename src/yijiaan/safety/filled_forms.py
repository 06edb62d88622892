"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

FINDER, CENTRE, UNIT = "网格员、网格长、镇中心", "镇中心", "承办单位"
FORMS = (
    Filled("safety.forms.HazardForm", "登记隐患", FINDER, 1.5, "哪里不安全，谁来管", ("safety.hazard_registered",)),
    Filled("safety.forms.GradeForm", "定隐患等级", CENTRE, 0.5, "轻重不一样，办法不一样", ("safety.hazard_graded",)),
    Filled("safety.forms.NotifyForm", "交办隐患", CENTRE, 1, "谁整改、哪天整改好", ("safety.hazard_notified",)),
    Filled("safety.forms.ProtectForm", "先防护", UNIT, 1, "一时改不了，先护住人", ("safety.hazard_protected",)),
    Filled("safety.forms.DayForm", "延期整改", CENTRE, 0.5, "为什么晚、晚到哪天", ("safety.hazard_extended",)),
    Filled("safety.forms.SubmitForm", "申请销号", UNIT, 1, "做了什么", ("safety.hazard_submitted",)),
    Filled("safety.forms.VerifyForm", "复查", FINDER, 1, "真的改好了没有", ("safety.hazard_verified", "safety.hazard_verified_once", "safety.hazard_rejected")),
    Filled("safety.forms.TextForm", "挂牌、核实不是隐患、转事件", CENTRE, 0.5, "写明依据", ("safety.hazard_listed", "safety.hazard_dismissed", "safety.hazard_handed_to_case")),
    Filled("safety.forms.CarryForm", "结转下年", CENTRE, 0.5, "年底没有销号的不漏", ("safety.hazard_carried_over",)),
    Filled("safety.forms.InspectionForm", "排一次检查", CENTRE, 1, "查谁、按哪张单子、哪天", ("safety.inspection_planned",)),
    Filled("safety.forms.SignForm", "检查签字", FINDER, 0.5, "两边都认", ("safety.inspection_signed",)),
    Filled("safety.forms.RefuseForm", "拒签，写见证人", FINDER, 0.5, "不签也作数", ("safety.inspection_refused",)),
    Filled("safety.forms.CancelForm", "不查了", CENTRE, 0.5, "为什么不查", ("safety.inspection_cancelled",)),
    Filled("safety.views.checklists.ChecklistForm", "写检查单", CENTRE, 5, "查什么、依据什么", ("checklists.template_written",)),
    Filled("safety.views.checklists.ItemForm", "检查单的一条", CENTRE, 1, "这一条怎么看、不合格算哪一级", ()),
    Filled("safety.forms.ExportForm", "导出隐患台账", CENTRE, 0.5, "写明用途", ()),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
