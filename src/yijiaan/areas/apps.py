from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "yijiaan.areas"
    label = "areas"
    verbose_name = "区划网格"

    def ready(self) -> None:
        from yijiaan.areas import permissions  # noqa: F401, PLC0415 - declared before roles are made from them
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415 - models load after apps

        name_verbs(
            {
                "areas.divisions_loaded": "导入区划",
                "areas.grids_imported": "导入网格",
                "areas.redraw_scheduled": "定下网格调整",
                "areas.redraw_undone": "撤销网格调整",
                "areas.redraw_in_force": "网格调整生效",
            }
        )
        name_subject("areas.redraw", Subject("网格调整"))
