from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, Search, provide_search, register


class CasesConfig(AppConfig):
    name = "yijiaan.cases"
    label = "cases"
    verbose_name = "事件诉求"

    def ready(self) -> None:
        from yijiaan.accounts.providers import register_held, register_waiting  # noqa: PLC0415 - models load after apps
        from yijiaan.cases import exporting, field_work, filled_forms, retention, subscribers  # noqa: PLC0415 - models load after apps  # noqa: PLC0415
        from yijiaan.cases.journal_words import name_deeds  # noqa: PLC0415
        from yijiaan.cases.waiting import count_mine, count_to_send, say_held, say_waiting  # noqa: PLC0415
        from yijiaan.cases.wordings import declare_wordings  # noqa: PLC0415

        filled_forms.register()
        field_work.register()
        name_deeds()
        declare_wordings()
        subscribers.register()
        retention.register()
        exporting.register()
        register_waiting(say_waiting)
        register_held(say_held)
        provide_search(Search("cases:list", "cases.view", "搜索事件", "编号、原话、地点、电话"))
        register(
            Entry("cases:list", "事件中心", "inbox", Face.DESK, "cases.view", order=30, count=count_to_send),
            Entry("cases:callbacks", "待回访", "phone", Face.DESK, "cases.callback", order=32),
            Entry("cases:interests", "利害关系申报", "scale", Face.PERSON, "cases.declare_interest", order=30),
            Entry("cases:orders", "我的单", "clipboard-list", Face.DESK, "cases.sign", order=20, count=count_mine),
            Entry(
                "cases:sources",
                "报事源头",
                "users-round",
                Face.DESK,
                "registry.keep_sources",
                order=58,
                below_line=True,
            ),
            Entry("cases:field", "工作台", "house", Face.FIELD, "cases.view", order=10, count=count_mine),
        )
