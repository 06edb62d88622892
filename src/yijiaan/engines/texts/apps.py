from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "yijiaan.engines.texts"
    label = "texts"
    verbose_name = "用语"

    def ready(self) -> None:
        from yijiaan.engines.texts import permissions  # noqa: F401, PLC0415 - declares what roles may hold
