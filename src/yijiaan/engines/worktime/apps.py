from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    name = "yijiaan.engines.worktime"
    label = "worktime"
    verbose_name = "工作时间"

    def ready(self) -> None:
        from yijiaan.engines.worktime import permissions  # noqa: F401, PLC0415 - declares what roles may hold
