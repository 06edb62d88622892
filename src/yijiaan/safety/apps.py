from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class SafetyConfig(AppConfig):
    name = "yijiaan.safety"
    label = "safety"
    verbose_name = "安全"

    def ready(self) -> None:
        from yijiaan.cases.providers import register_panel  # noqa: PLC0415 - models load after apps
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415
        from yijiaan.safety import (  # noqa: PLC0415
            exporting,
            field_work,  # noqa: PLC0415
            filled_forms,  # noqa: PLC0415 - models load after apps
            permissions,
            subscribers,
        )
        from yijiaan.safety.panels import hazard_panel  # noqa: PLC0415

        filled_forms.register()
        field_work.register()
        subscribers.register()
        exporting.register()
        register_panel(hazard_panel)
        name_verbs(
            {
                "safety.hazard_registered": "登记隐患",
                "safety.hazard_graded": "隐患定级",
                "safety.hazard_dismissed": "核实不是隐患",
                "safety.hazard_notified": "交办隐患",
                "safety.grid_followed": "随网格调整",
                "safety.hazard_extended": "隐患延期",
                "safety.hazard_listed": "挂牌督办隐患",
                "safety.hazard_handed_to_case": "隐患转成事件",
                "safety.hazard_case_done": "隐患所转事件办结",
                "safety.hazard_case_back": "隐患所转事件没有办",
                "safety.rectifying_begun": "开始整改隐患",
                "safety.rectifying_resumed": "继续整改隐患",
                "safety.hazard_protected": "隐患先防护",
                "safety.hazard_submitted": "隐患整改好请复查",
                "safety.hazard_verified_once": "重大隐患第一人复查合格",
                "safety.hazard_verified": "隐患复查合格",
                "safety.hazard_rejected": "隐患复查不合格",
                "safety.hazard_written_off": "隐患销号",
                "safety.hazard_carried_over": "隐患结转下年",
                "safety.hazard_carded": "隐患到期提醒",
                "safety.year_closed": "隐患台账年度结账",
                "safety.inspection_planned": "安排检查",
                "safety.inspection_started": "开始检查",
                "safety.inspection_submitted": "检查交上",
                "safety.inspection_signed": "检查签字",
                "safety.inspection_refused": "检查拒绝签字",
                "safety.inspection_closed": "检查了结",
                "safety.inspection_cancelled": "取消检查",
            }
        )
        name_subject("safety.hazard", Subject("隐患"))
        name_subject("safety.ledgeryear", Subject("隐患台账年度"))
        name_subject("safety.inspection", Subject("安全检查"))
        register(
            Entry("safety:hazards", "安全隐患", "shield-alert", Face.DESK, permissions.VIEW, order=40),
            Entry("safety:inspections", "安全检查", "clipboard-check", Face.DESK, permissions.INSPECT, order=42),
            Entry("safety:field_hazards", "隐患", "shield-alert", Face.WORK, permissions.VIEW, order=20),
        )
