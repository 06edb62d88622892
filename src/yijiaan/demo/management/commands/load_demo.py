import sys
from typing import Any

from django.core.management.base import BaseCommand

from yijiaan.demo.load import STEPS, is_loaded, load_demo


class Command(BaseCommand):
    help = "Load the demo town (新驿镇) into an installation that has no grids yet."

    def handle(self, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("已有网格，演示数据不再装入")
            return
        done = 0

        def tick(steps: int) -> None:
            nonlocal done
            done += steps
            if sys.stdout.isatty():
                filled = min(30, 30 * done // STEPS)
                self.stdout.write(
                    f"\r装入演示镇 [{'█' * filled}{'·' * (30 - filled)}] {min(100, 100 * done // STEPS):3d}%", ending=""
                )
                self.stdout.flush()

        cases = load_demo(tick)
        self.stdout.write(f"{chr(10) if sys.stdout.isatty() else ''}演示镇已装入：{cases} 件事件")
