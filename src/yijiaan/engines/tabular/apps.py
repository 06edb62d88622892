from django.apps import AppConfig


class TabularConfig(AppConfig):
    name = "yijiaan.engines.tabular"
    label = "tabular"
    verbose_name = "表格进出"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415 - models load after apps
        from yijiaan.engines.tabular import retention  # noqa: PLC0415

        retention.register()
        name_verbs(
            {
                "tabular.export_requested": "要导出",
                "tabular.export_taken": "取走导出的文件",
                "tabular.import_received": "收下要导入的表格",
                "tabular.import_started": "开始导入表格",
                "tabular.import_finished": "表格导入完成",
                "tabular.import_dropped": "放弃导入",
                "tabular.import_undo_started": "要撤销导入",
                "tabular.import_undone": "导入已撤销",
                "tabular.refused_taken": "取走没有导入的行",
            }
        )
        name_subject("tabular.export", Subject("导出"))
        name_subject("tabular.import", Subject("表格导入"))
