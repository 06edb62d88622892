from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class RegistryConfig(AppConfig):
    name = "yijiaan.registry"
    label = "registry"
    verbose_name = "基础数据库"

    def ready(self) -> None:
        from yijiaan.engines.tabular.providers import register_target  # noqa: PLC0415
        from yijiaan.registry import field_work, filled_forms, retention, subscribers  # noqa: PLC0415 - models load after apps
        from yijiaan.registry.importing import PeopleTarget, SourcesTarget, records_targets  # noqa: PLC0415
        from yijiaan.registry.journal_words import name_deeds  # noqa: PLC0415
        from yijiaan.registry.permissions import MAKE_PLATES, SEE_PEOPLE  # noqa: PLC0415 - declared before roles are made from it

        filled_forms.register()
        field_work.register()
        name_deeds()
        retention.register()
        subscribers.register()
        register_target(PeopleTarget())
        register_target(SourcesTarget())
        for target in records_targets():
            register_target(target)
        register(
            Entry("registry:plates", "数字门牌", "qr-code", Face.DESK, MAKE_PLATES, order=60, below_line=True),
            Entry("registry:base", "基础数据", "database", Face.DESK, SEE_PEOPLE, order=56, below_line=True),
            Entry("registry:field_base", "住户", "users", Face.FIELD, SEE_PEOPLE, order=20),
        )
