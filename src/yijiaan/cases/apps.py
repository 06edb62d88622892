from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class CasesConfig(AppConfig):
    name = "yijiaan.cases"
    label = "cases"
    verbose_name = "事件诉求"

    def ready(self) -> None:
        from yijiaan.accounts.providers import register_waiting  # noqa: PLC0415 - models load after apps
        from yijiaan.cases import retention, subscribers  # noqa: PLC0415
        from yijiaan.cases.journal_words import name_deeds  # noqa: PLC0415
        from yijiaan.cases.waiting import count_mine, count_to_send, say_waiting  # noqa: PLC0415

        name_deeds()
        subscribers.register()
        retention.register()
        register_waiting(say_waiting)
        register(
            Entry("cases:list", "事件中心", "inbox", Face.DESK, "cases.view", order=30, count=count_to_send),
            Entry("cases:orders", "我的单", "clipboard-list", Face.DESK, "cases.sign", order=20, count=count_mine),
            Entry("cases:field", "工作台", "house", Face.FIELD, "cases.view", order=10, count=count_mine),
        )
