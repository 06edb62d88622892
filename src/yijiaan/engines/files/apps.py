from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "yijiaan.engines.files"
    label = "files"
    verbose_name = "附件"

    def ready(self) -> None:
        from yijiaan.engines.files import retention  # noqa: PLC0415 - models load after apps

        retention.register()
