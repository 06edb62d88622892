"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

VILLAGE, CENTRE = "网格员、网格长", "镇中心"
FORMS = (
    Filled("patrols.visit_forms.VisitForm", "记一次走访", VILLAGE, 2, "这一户怎么样、要什么、哪天再去", ("patrols.visit_recorded",)),
    Filled("patrols.visit_forms.PauseForm", "走访先停一停", VILLAGE, 0.5, "人不在家，不白跑", ("patrols.arrangement_paused",)),
    Filled("patrols.visit_forms.EndForm", "不再走访", VILLAGE, 0.5, "为什么不去了", ("patrols.arrangement_ended",)),
    Filled("patrols.visit_forms.CycleForm", "定走访周期", CENTRE, 1, "多久去看一次", ("patrols.visit_cycle_set",)),
    Filled("patrols.visit_forms.DrawForm", "抽查走访", CENTRE, 0.5, "抽几户再问一声", ("patrols.visit_sample_drawn",)),
    Filled("patrols.visit_forms.SampleForm", "记抽查结果", CENTRE, 1, "走访记得对不对", ("patrols.visit_sample_checked",)),
    Filled("patrols.forms.PointForm", "查一个点", VILLAGE, 0.5, "这一点好不好", ("patrols.point_checked",)),
    Filled("patrols.forms.ReasonForm", "巡查中断、取消", VILLAGE, 0.5, "为什么没有走完", ("patrols.run_interrupted", "patrols.run_cancelled")),
    Filled("patrols.forms.TemplateForm", "写巡查路线", CENTRE, 10, "看哪些地方、看什么", ("patrols.template_written",)),
    Filled("patrols.forms.PlanForm", "排巡查计划", CENTRE, 2, "哪些天、谁去", ("patrols.plan_made",)),
    Filled("patrols.forms.SweepForm", "发起拉网式巡查", CENTRE, 2, "哪些网格、看什么", ("patrols.sweep_started",)),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
