from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "yijiaan.insight"
    label = "insight"
    verbose_name = "数据驾驶舱"

    def ready(self) -> None:
        from yijiaan.insight import permissions  # noqa: F401, PLC0415 - declares them
