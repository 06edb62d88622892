from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.cases.actions import erase_reporter
from yijiaan.cases.models import Report
from yijiaan.cases.queries.tracking import normal_number
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import system


class Command(BaseCommand):
    help = "Lawful erasure of who reported: name, phone, and what the journal holds about the person. The case stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the number on the reporter's receipt, such as XY202611230041")
        parser.add_argument(
            "--county", default=settings.HOME_AREA[:6], help="six digits (default: of YIJIAAN_HOME_AREA)"
        )

    def handle(self, *, number: str, county: str, **options: Any) -> None:
        actor = system("command erase-reporter", county)
        report = Report.objects.filter(county=county, number=normal_number(number)).select_related("case").first()
        if report is None:
            raise CommandError(f"{county} 没有编号 {number} 的诉求")
        try:
            erase_reporter(actor=actor, number=report.case.number, report_id=report.id)
        except NotFound as nobody:
            raise CommandError("这件诉求没有留下报事人信息") from nobody
        self.stdout.write(f"{report.number}：姓名、电话已删除，日志里有关的内容已无法读取；旧备份到期清除后才彻底消失")
