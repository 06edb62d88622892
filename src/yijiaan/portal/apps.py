from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, provide_unread, register


class PortalConfig(AppConfig):
    name = "yijiaan.portal"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from yijiaan.cases.providers import register_panel  # noqa: PLC0415 - models load after apps
        from yijiaan.engines.journal.providers import name_verbs  # noqa: PLC0415
        from yijiaan.engines.notices.queries import count_unread  # noqa: PLC0415
        from yijiaan.portal import filled_forms  # noqa: PLC0415 - models load after apps

        filled_forms.register()
        name_verbs(
            {
                "worktime.holidays_imported": "导入节假日表",
                "worktime.preset_chosen": "换时限方案",
                "worktime.preset_added": "加时限方案",
                "worktime.limit_set": "改时限",
                "texts.wording_changed": "改用语",
            }
        )
        from yijiaan.portal.answers import knowledge_panel  # noqa: PLC0415

        register_panel(knowledge_panel)
        provide_unread("portal:notices", count_unread)
        register(
            Entry("portal:board", "指挥台", "layout-dashboard", Face.DESK, "insight.view", order=10),
            Entry("portal:settings_contents", "设置", "settings", Face.DESK, "accounts.manage", order=62),
            Entry("portal:imports", "表格导入", "table-2", Face.DESK, "tabular.import", order=58, below_line=True),
            Entry("portal:duties", "值班表", "moon", Face.DESK, "accounts.set_duty", order=56, below_line=True),
            Entry("portal:grids", "网格管理", "map", Face.DESK, "areas.redraw", order=61),
            Entry("portal:notices", "通知", "bell", Face.FIELD, order=80, count=count_unread),
            Entry("portal:account", "我的", "user-round", Face.FIELD, order=90),
            Entry("portal:account", "我的岗位", "user-round", Face.PERSON, order=10),
            Entry("accounts:password", "改密码", "key-round", Face.PERSON, order=20),
        )
