import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from yijiaan.demo.load import is_loaded, load_demo


class Command(BaseCommand):
    help = "Load the demo county (兖州区, 新驿镇 in full) into an installation that has no grids yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--percent", type=int, default=settings.DEMO_PERCENT, help="of the usual number of cases")

    def handle(self, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("已有网格，演示数据不再装入")
            return
        shown = -1

        def told(share: float) -> None:
            nonlocal shown
            if sys.stdout.isatty() and int(share * 100) != shown:
                shown = int(share * 100)
                filled = round(30 * share)
                self.stdout.write(f"\r装入演示区 [{'█' * filled}{'·' * (30 - filled)}] {shown:3d}%", ending="")
                self.stdout.flush()

        cases = load_demo(told, scale=options["percent"] / 100)
        self.stdout.write(f"{chr(10) if sys.stdout.isatty() else ''}演示区已装入：{cases:,} 件事件")
