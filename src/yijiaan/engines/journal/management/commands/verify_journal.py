from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.queries import count_unsealed, list_sealed_counties
from yijiaan.engines.journal.seals import verify


class Command(BaseCommand):
    help = "Walk the journal's chain of seals and name the first row that was changed; prints each county's head, to keep elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("county", nargs="*", help="six digits (default: every county)")

    def handle(self, *, county: list[str], **options: Any) -> None:
        actor = system("command verify-journal")
        broken = False
        for code in county or list_sealed_counties(actor):
            verdict = verify(code)
            waiting = count_unsealed(actor, county=code)
            state = verdict.fault or "完好"
            self.stdout.write(
                f"{code} {clock.local():%Y-%m-%d %H:%M} 第 {verdict.links} 号 {verdict.head.hex()} {state}"
                + (f"，{waiting} 条待封" if waiting else "")
            )
            broken = broken or bool(verdict.fault)
        if broken:
            raise CommandError("日志链不完整")
