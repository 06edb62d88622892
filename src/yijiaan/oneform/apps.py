from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class OneFormConfig(AppConfig):
    name = "yijiaan.oneform"
    label = "oneform"
    verbose_name = "一表通"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415
        from yijiaan.oneform import (  # noqa: PLC0415 - models load after apps
            exporting,
            filled_forms,
            permissions,
            retention,
            subscribers,
        )

        filled_forms.register()
        retention.register()
        exporting.register()
        subscribers.register()
        name_verbs(
            {
                "oneform.form_registered": "登记上级下发的表",
                "oneform.form_mapped": "给表对列",
                "oneform.form_published": "发布表",
                "oneform.form_closed": "结束表",
                "oneform.unit_answered": "补表里缺的项",
                "oneform.identity_exported": "导出带全名和全号的表",
            }
        )
        name_subject("oneform.form", Subject("一表通的表"))
        name_subject("oneform.filling", Subject("补填记录"))
        register(
            Entry("oneform:forms", "一表通", "table-2", Face.DESK, permissions.MANAGE, order=57, below_line=True),
            Entry("oneform:field_forms", "补表", "clipboard-list", Face.WORK, permissions.ANSWER, order=22),
        )
