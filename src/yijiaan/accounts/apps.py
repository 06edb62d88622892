from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yijiaan.accounts"
    label = "accounts"
    verbose_name = "单位用户岗位"

    def ready(self) -> None:
        from yijiaan.accounts import retention  # noqa: PLC0415 - models load after apps

        retention.register()
