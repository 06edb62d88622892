from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    name = "yijiaan.engines.worktime"
    label = "worktime"
    verbose_name = "工作时间"

    def ready(self) -> None:
        from yijiaan.engines.worktime import permissions  # noqa: F401, PLC0415 - declares what roles may hold
        from yijiaan.engines.worktime.queries.current import count_working_days  # noqa: PLC0415
        from yijiaan.ui.words import count_days_by  # noqa: PLC0415

        count_days_by(count_working_days)
