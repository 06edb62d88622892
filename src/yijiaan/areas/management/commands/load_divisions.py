from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.areas.actions import load_divisions
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "yanzhou_divisions.csv"


class Command(BaseCommand):
    help = (
        "Load provinces, cities, counties, towns and villages from a CSV with columns code and name (default: 兖州区)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            count = load_divisions(actor=system("command load-divisions"), text=file.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"读不了 {file}：{error}") from error
        except RuleError as error:
            raise CommandError(error.message) from error
        if options["verbosity"]:
            self.stdout.write(f"区划 {count} 条新增或更新")
