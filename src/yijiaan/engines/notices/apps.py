from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "yijiaan.engines.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415
        from yijiaan.engines.notices import retention  # noqa: PLC0415 - models load after apps

        retention.register()
        name_verbs({"notices.message_resent": "再发短信", "notices.called": "打电话告诉"})
        name_subject("notices.message", Subject("短信"))
