from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, provide_feedback, register


class OperationsConfig(AppConfig):
    name = "yijiaan.operations"
    label = "operations"
    verbose_name = "运行维护"

    def ready(self) -> None:
        from yijiaan.engines.files import providers as files  # noqa: PLC0415
        from yijiaan.engines.journal.providers import (  # noqa: PLC0415
            Subject,
            name_subject,
            name_verbs,  # noqa: PLC0415 - models load after apps
        )
        from yijiaan.engines.todos import providers as duties  # noqa: PLC0415
        from yijiaan.operations import (  # noqa: PLC0415
            filled_forms,  # noqa: PLC0415 - models load after apps
            permissions,
            retention,
        )
        from yijiaan.operations.actions.opinions import OpinionKeeper, may_open_photo  # noqa: PLC0415
        from yijiaan.operations.queries import count_waiting_opinions  # noqa: PLC0415

        filled_forms.register()
        retention.register()
        name_verbs(
            {
                "operations.job_retried": "重做后台任务",
                "operations.retention_set": "改资料保存期限",
                "operations.opinion_received": "提平台意见",
                "operations.opinion_answered": "答复平台意见",
                "operations.opinion_unsettled": "平台意见还没解决",
                "operations.opinion_settled": "平台意见解决了",
                "operations.opinion_closed": "平台意见了结",
            }
        )
        name_subject("operations.opinion", Subject("平台意见"))
        duties.register("operations.opinion", OpinionKeeper())
        files.register("operations.opinion", may_open_photo)
        provide_feedback("operations:new_opinion")
        register(
            Entry(
                "operations:opinions",
                "平台意见",
                "message-square",
                Face.DESK,
                permissions.ANSWER,
                order=78,
                below_line=True,
                count=count_waiting_opinions,
            ),
            Entry("operations:own_opinions", "我提的意见", "message-square", Face.PERSON, order=30),
            Entry("operations:state", "运行情况", "activity", Face.DESK, permissions.VIEW, order=80, below_line=True),
        )
