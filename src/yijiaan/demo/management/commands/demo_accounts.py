import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from yijiaan.accounts.queries import PUBLIC, authenticator_code
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
                words = [account[key] for key in ("role", "name", "username", "password", "area")]
                if secret := account.get("totp_secret"):
                    words.append(
                        f"手机验证码 {authenticator_code(PUBLIC, secret=secret)}（30 秒一换；验证器密钥 {secret}）"
                    )
                self.stdout.write("\t".join(words))
