from django.apps import AppConfig


class TabularConfig(AppConfig):
    name = "yijiaan.engines.tabular"
    label = "tabular"
    verbose_name = "表格进出"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415 - models load after apps
        from yijiaan.engines.tabular import retention  # noqa: PLC0415

        retention.register()
        name_verbs({"tabular.export_requested": "要导出", "tabular.export_taken": "取走导出的文件"})
        name_subject("tabular.export", Subject("导出"))
