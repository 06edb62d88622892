from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "yijiaan.cases"
    label = "cases"
    verbose_name = "事件诉求"

    def ready(self) -> None:
        from yijiaan.cases import subscribers  # noqa: PLC0415 - models load after apps

        subscribers.register()
