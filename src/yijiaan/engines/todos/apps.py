from django.apps import AppConfig


class TodosConfig(AppConfig):
    name = "yijiaan.engines.todos"
    label = "todos"
    verbose_name = "待办"
