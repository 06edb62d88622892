from django.apps import AppConfig

from yijiaan.engines.jobs import pumps


class JournalConfig(AppConfig):
    name = "yijiaan.engines.journal"
    label = "journal"
    verbose_name = "日志"

    def ready(self) -> None:
        from yijiaan.engines.journal.jobs import deliver  # noqa: PLC0415 - models load after apps

        pumps.register("journal", deliver)
