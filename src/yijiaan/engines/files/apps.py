from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "yijiaan.engines.files"
    label = "files"
    verbose_name = "附件"
