from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "yijiaan.engines.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        from yijiaan.engines.jobs import retention  # noqa: PLC0415 - models load after apps

        retention.register()
