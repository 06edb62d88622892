import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from yijiaan.demo.load import demo_accounts


class Command(BaseCommand):
    help = "Show the demo accounts of every role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as a JSON list")

    def handle(self, **options: Any) -> None:
        accounts = demo_accounts()
        if options["json"]:
            self.stdout.write(json.dumps(accounts, ensure_ascii=False))
            return
        if not accounts:
            self.stdout.write("没有演示账号")
        for account in accounts:
            if "token" in account:
                self.stdout.write(f"对接方\t{account['name']}\t令牌 {account['token']}")
            else:
                self.stdout.write("\t".join(account[key] for key in ("role", "name", "username", "password", "area")))
