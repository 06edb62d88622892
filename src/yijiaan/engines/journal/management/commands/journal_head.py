from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.queries import count_entries_between, count_unsealed, get_head, list_sealed_counties


class Command(BaseCommand):
    help = "The head of each county's chain at the end of a day: county, day, number, SM3, entries of the day, entries that wait."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("county", nargs="*", help="six digits (default: every county)")
        parser.add_argument("--day", help="2026-11-23 (default: yesterday)")

    def handle(self, *, county: list[str], day: str | None, **options: Any) -> None:
        actor = system("command journal-head")
        try:
            wanted = date.fromisoformat(day) if day else clock.local_day() - timedelta(days=1)
        except ValueError as error:
            raise CommandError("日期要写成 2026-11-23") from error
        since, until = clock.day_start(wanted), clock.day_start(wanted + timedelta(days=1))
        for code in county or list_sealed_counties(actor):
            seal = get_head(actor, county=code, until=until)
            if seal is None:
                self.stdout.write(f"{code}\t{wanted}\t还没有封存的记录")
                continue
            count = count_entries_between(actor, county=code, since=since, until=until)
            waiting = count_unsealed(actor, county=code)
            self.stdout.write("\t".join(map(str, (code, wanted, seal.number, bytes(seal.hash).hex(), count, waiting))))
