from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class OperationsConfig(AppConfig):
    name = "yijiaan.operations"
    label = "operations"
    verbose_name = "运行维护"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import name_verbs  # noqa: PLC0415 - models load after apps
        from yijiaan.operations import permissions, retention  # noqa: PLC0415

        retention.register()
        name_verbs({"operations.job_retried": "重做后台任务", "operations.retention_set": "改资料保存期限"})
        register(
            Entry("operations:state", "运行情况", "activity", Face.DESK, permissions.VIEW, order=80, below_line=True),
        )
