from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "yijiaan.engines.numbering"
    label = "numbering"
    verbose_name = "编号"
