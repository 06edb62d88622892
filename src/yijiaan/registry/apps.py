from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class RegistryConfig(AppConfig):
    name = "yijiaan.registry"
    label = "registry"
    verbose_name = "基础数据库"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import Subject, Verb, name_subject, name_verbs  # noqa: PLC0415
        from yijiaan.engines.tabular.providers import register_target  # noqa: PLC0415
        from yijiaan.registry.actions.sources import PURPOSES  # noqa: PLC0415
        from yijiaan.registry.importing import SourcesTarget  # noqa: PLC0415
        from yijiaan.registry.permissions import MAKE_PLATES  # noqa: PLC0415 - declared before roles are made from it

        name_verbs(
            {
                "registry.source_added": "登记报事源头",
                "registry.source_retracted": "撤销报事源头登记",
                "registry.source_ended": "报事源头退出",
                "registry.link_issued": "发报事链接",
                "registry.link_revoked": "收回报事链接",
                "registry.source_seen": Verb("查看报事源头", is_look=True, purposes=PURPOSES),
            }
        )
        name_subject("registry.trusted_reporter", Subject("报事源头"))
        register_target(SourcesTarget())
        register(Entry("registry:plates", "数字门牌", "qr-code", Face.DESK, MAKE_PLATES, order=60, below_line=True))
