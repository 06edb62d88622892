from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "yijiaan.areas"
    label = "areas"
    verbose_name = "区划网格"

    def ready(self) -> None:
        from yijiaan.areas import permissions  # noqa: F401, PLC0415 - declared before roles are made from them
        from yijiaan.engines.journal.providers import name_verbs  # noqa: PLC0415 - models load after apps

        name_verbs({"areas.divisions_loaded": "导入区划", "areas.grids_imported": "导入网格"})
