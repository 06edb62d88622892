from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.core import keys
from yijiaan.core.sealed import SealedField, reseal


class Command(BaseCommand):
    help = "Make a new sealing key and seal every personal value anew with it; the old keys still open old backups."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reseal-only", action="store_true", help="no new key: go on where an earlier run was cut off"
        )

    def handle(self, *, reseal_only: bool, **options: Any) -> None:
        if not reseal_only:
            try:
                self.stdout.write(f"新密钥 {keys.rotate()}，请立即备份密钥文件")
            except ImproperlyConfigured as error:
                raise CommandError(str(error)) from error
        for model in apps.get_models():
            if any(isinstance(field, SealedField) for field in model._meta.concrete_fields):
                count = reseal(model._base_manager.all())
                self.stdout.write(f"{model._meta.verbose_name}：重新加封 {count} 条")
