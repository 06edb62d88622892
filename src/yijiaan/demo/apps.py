from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "yijiaan.demo"
    label = "demo"
    verbose_name = "演示"
