from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "yijiaan.areas"
    label = "areas"
    verbose_name = "区划网格"
