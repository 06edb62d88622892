from django.apps import AppConfig


class ChecklistsConfig(AppConfig):
    name = "yijiaan.engines.checklists"
    label = "checklists"
    verbose_name = "检查表"

    def ready(self) -> None:
        from yijiaan.engines.checklists import permissions  # noqa: F401, PLC0415 - declared before roles are made from it
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415 - models load after apps

        name_verbs(
            {
                "checklists.template_written": "写检查表",
                "checklists.template_stopped": "停用检查表",
                "checklists.template_restarted": "恢复检查表",
            }
        )
        name_subject("checklists.template", Subject("检查表"))
