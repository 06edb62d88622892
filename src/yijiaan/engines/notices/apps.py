from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "yijiaan.engines.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        from yijiaan.engines.notices import retention  # noqa: PLC0415 - models load after apps

        retention.register()
