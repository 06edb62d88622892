from django.apps import AppConfig
from django.core import checks

from yijiaan.ui import navigation


class UiConfig(AppConfig):
    name = "yijiaan.ui"
    label = "ui"
    verbose_name = "界面组件"

    def ready(self) -> None:
        checks.register(navigation.check_entries, checks.Tags.urls)
