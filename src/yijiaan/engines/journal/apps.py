from django.apps import AppConfig

from yijiaan.engines.jobs import pumps


class JournalConfig(AppConfig):
    name = "yijiaan.engines.journal"
    label = "journal"
    verbose_name = "日志"

    def ready(self) -> None:
        from yijiaan.core.scope import system  # noqa: PLC0415 - models load after apps
        from yijiaan.engines.journal import retention  # noqa: PLC0415
        from yijiaan.engines.journal.actions import deliver, seal_entries  # noqa: PLC0415
        from yijiaan.engines.journal.seals import SUBSCRIBER  # noqa: PLC0415
        from yijiaan.engines.journal.subscribers import subscribe_many  # noqa: PLC0415

        pumps.register("journal", lambda: deliver(actor=system("worker")))
        subscribe_many(
            SUBSCRIBER, lambda county, entries: seal_entries(actor=system("worker"), county=county, entries=entries)
        )
        retention.register()
