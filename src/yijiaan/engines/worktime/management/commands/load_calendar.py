from typing import Any

from django.core.management.base import BaseCommand

from yijiaan.core.scope import system
from yijiaan.engines.worktime.actions import load_default_calendar


class Command(BaseCommand):
    help = "Make what is missing of the shipped holidays, office hours and limits; what is there stays as edited."

    def handle(self, **options: Any) -> None:
        count = load_default_calendar(actor=system("command load-calendar"))
        if options["verbosity"]:
            self.stdout.write(f"节假日、办公时间和时限：新增 {count} 条")
