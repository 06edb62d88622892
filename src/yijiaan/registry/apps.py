from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class RegistryConfig(AppConfig):
    name = "yijiaan.registry"
    label = "registry"
    verbose_name = "基础数据库"

    def ready(self) -> None:
        register(
            Entry(
                "registry:plates", "数字门牌", "qr-code", Face.DESK, "registry.make_plates", order=60, below_line=True
            )
        )
