from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "yijiaan.engines.jobs"
    label = "jobs"
    verbose_name = "后台任务"
