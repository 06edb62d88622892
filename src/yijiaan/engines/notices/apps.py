from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "yijiaan.engines.notices"
    label = "notices"
    verbose_name = "通知"
