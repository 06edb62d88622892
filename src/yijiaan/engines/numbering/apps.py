from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "yijiaan.engines.numbering"
    label = "numbering"
    verbose_name = "编号"

    def ready(self) -> None:
        from yijiaan.engines.numbering import retention  # noqa: PLC0415 - models load after apps

        retention.register()
