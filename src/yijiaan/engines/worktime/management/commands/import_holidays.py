from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.core.errors import Refusal, RuleError
from yijiaan.core.scope import system
from yijiaan.engines.worktime.actions import import_holidays


class Command(BaseCommand):
    help = (
        "Take holidays from a CSV with columns date, name, kind (rest, work) and optionally official_notice. "
        "A year whose New Year stands in the file is replaced as a whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            done = import_holidays(actor=system("command import-holidays"), text=_text(file), source=file.name)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"读不了 {file}：{error}") from error
        except RuleError as error:
            raise CommandError(error.message) from error
        except Refusal as error:
            raise CommandError(str(error)) from error
        years = "、".join(map(str, done.years)) or "无"
        self.stdout.write(
            f"整年更新：{years}；新增 {len(done.added)} 天，改动 {len(done.changed)} 天，取消 {len(done.removed)} 天"
        )


def _text(file: Path) -> str:
    """UTF-8, or what a Chinese Excel writes."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
