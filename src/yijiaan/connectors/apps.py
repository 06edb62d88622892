from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class ConnectorsConfig(AppConfig):
    name = "yijiaan.connectors"
    label = "connectors"
    verbose_name = "对接"

    def ready(self) -> None:
        from yijiaan.connectors import (  # noqa: PLC0415 - models load after apps
            filled_forms,  # noqa: PLC0415 - models load after apps
            retention,
            subscribers,
        )
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415

        filled_forms.register()
        subscribers.register()
        retention.register()
        name_verbs(
            {
                "connectors.connection_made": "加对接",
                "connectors.connection_changed": "改对接",
                "connectors.secret_renewed": "换对接密钥",
                "connectors.message_retried": "再推一次",
                "connectors.sms_set": "改短信网关",
                "connectors.sms_tried": "试发短信",
                "connectors.webhook_made": "加消息推送",
                "connectors.webhook_changed": "改消息推送",
                "connectors.webhook_secret_renewed": "换消息推送的密钥",
                "connectors.webhook_stopped": "消息推送自动停用",
                "connectors.open311_key_made": "加 Open311 钥匙",
                "connectors.open311_key_changed": "改 Open311 钥匙",
            }
        )
        name_subject("connectors.connection", Subject("对接"))
        name_subject("connectors.outboundmessage", Subject("回推的消息"))
        name_subject("connectors.smsgateway", Subject("短信网关"))
        name_subject("connectors.webhook", Subject("消息推送"))
        name_subject("connectors.open311key", Subject("Open311 钥匙"))
        register(Entry("connectors:list", "对接", "cable", Face.DESK, "connectors.view", "connectors.manage", order=64))
