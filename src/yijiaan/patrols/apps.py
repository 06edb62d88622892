from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class PatrolsConfig(AppConfig):
    name = "yijiaan.patrols"
    label = "patrols"
    verbose_name = "巡查走访"

    def ready(self) -> None:
        from yijiaan.engines.files import providers as files  # noqa: PLC0415 - models load after apps
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415
        from yijiaan.patrols import (  # noqa: PLC0415
            field_work,  # noqa: PLC0415
            filled_forms,  # noqa: PLC0415 - models load after apps
            permissions,
            retention,
            subscribers,
        )
        from yijiaan.patrols.actions.walking import SUBJECT  # noqa: PLC0415
        from yijiaan.patrols.panels import visits_panel  # noqa: PLC0415
        from yijiaan.patrols.queries import may_open_run_file  # noqa: PLC0415
        from yijiaan.registry.providers import register_household_panel  # noqa: PLC0415

        filled_forms.register()
        field_work.register()
        subscribers.register()
        retention.register()
        register_household_panel(visits_panel)
        files.register(SUBJECT, may_open_run_file)
        name_verbs(
            {
                "patrols.template_written": "写巡查路线",
                "patrols.plan_made": "安排巡查",
                "patrols.grid_followed": "随网格调整",
                "patrols.plan_stopped": "停巡查安排",
                "patrols.plan_restarted": "恢复巡查安排",
                "patrols.sweep_started": "安排拉网式巡查",
                "patrols.point_checked": "巡查记一个点",
                "patrols.run_finished": "巡查完",
                "patrols.run_interrupted": "巡查中途停下",
                "patrols.run_cancelled": "取消一次巡查",
                "patrols.visit_recorded": "记走访",
                "patrols.visit_cycle_set": "定走访周期",
                "patrols.arrangement_paused": "走访先不去",
                "patrols.arrangement_resumed": "接着走访",
                "patrols.arrangement_ended": "不再走访",
                "patrols.arrangement_taken_up": "走访再列上",
                "patrols.visit_sample_drawn": "抽查走访",
                "patrols.visit_sample_checked": "记走访抽查结果",
            }
        )
        name_subject("patrols.template", Subject("巡查路线"))
        name_subject("patrols.plan", Subject("巡查安排"))
        name_subject("patrols.sweep", Subject("拉网式巡查"))
        name_subject("patrols.run", Subject("巡查记录"))
        name_subject("patrols.visit", Subject("走访记录"))
        name_subject("patrols.visit_cycle", Subject("走访周期"))
        name_subject("patrols.arrangement", Subject("走访安排"))
        name_subject("patrols.visit_sample", Subject("走访抽查"))
        register(
            Entry("patrols:plans", "巡查", "footprints", Face.DESK, permissions.PLAN, order=44),
            Entry("patrols:due_by_grid", "走访", "house", Face.DESK, permissions.PLAN_VISITS, order=45),
            Entry("patrols:visits", "走访", "house", Face.WORK, permissions.VISIT, order=16),
            Entry("patrols:today", "巡查", "footprints", Face.WORK, permissions.RUN, order=15),
        )
