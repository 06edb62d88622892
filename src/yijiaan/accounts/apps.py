from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yijiaan.accounts"
    label = "accounts"
    verbose_name = "单位用户岗位"

    def ready(self) -> None:
        from yijiaan.accounts import (  # noqa: PLC0415 - models load after apps
            filled_forms,  # noqa: PLC0415 - models load after apps
            permissions,
            retention,
            subscribers,
        )
        from yijiaan.accounts.queries import actor_of_post  # noqa: PLC0415
        from yijiaan.accounts.words import name_deeds  # noqa: PLC0415
        from yijiaan.engines.journal.permissions import AUDIT  # noqa: PLC0415
        from yijiaan.engines.tabular.providers import provide_posts  # noqa: PLC0415
        from yijiaan.ui.navigation import Entry, Face, register  # noqa: PLC0415

        filled_forms.register()
        name_deeds()
        provide_posts(lambda post_id: actor_of_post(post_id=post_id))
        register(
            Entry("accounts:people", "人员", "users", Face.DESK, permissions.MANAGE, order=60),
            Entry("accounts:roles", "角色权限", "key-round", Face.DESK, permissions.APPOINT, order=64),
            Entry("accounts:audit", "审计日志", "scroll-text", Face.DESK, AUDIT, order=70),
            Entry("accounts:looks", "查看回执", "eye", Face.DESK, AUDIT, order=72),
            Entry("accounts:head", "日志链头", "stamp", Face.DESK, AUDIT, order=74),
        )
        retention.register()
        subscribers.register()
