from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yijiaan.accounts"
    label = "accounts"
    verbose_name = "单位用户岗位"
