from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class OperationsConfig(AppConfig):
    name = "yijiaan.operations"
    label = "operations"
    verbose_name = "运行维护"

    def ready(self) -> None:
        from yijiaan.operations import permissions, retention  # noqa: PLC0415 - models load after apps

        retention.register()
        register(
            Entry("operations:state", "运行情况", "activity", Face.DESK, permissions.VIEW, order=80, below_line=True),
        )
