from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.areas.actions import import_grids
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system


class Command(BaseCommand):
    help = (
        "Make grids from a GeoJSON FeatureCollection in CGCS2000 degrees: property `village` (12-digit code), "
        "optionally `name`, `kind` (base, exclusive), `code` (16 digits). All come in or none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--from", dest="valid_from", type=date.fromisoformat, help="first day, YYYY-MM-DD (default: today)"
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            grids = import_grids(
                actor=system("command import-grids"),
                collection=file.read_text("utf-8-sig"),
                valid_from=options["valid_from"] or clock.local_day(),
                source=file.name,
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"读不了 {file}：{error}") from error
        except RuleError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"新增网格 {len(grids)} 个")
