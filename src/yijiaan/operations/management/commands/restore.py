from datetime import datetime
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system
from yijiaan.operations.actions import restore
from yijiaan.operations.management.commands.backup import passphrase_file
from yijiaan.operations.progress import Progress


class Command(BaseCommand):
    help = "Bring a backup back into an empty installation, and prove that it is what was there."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own form

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument(
            "--passphrase-file", type=passphrase_file, help="a file (0600) with the passphrase of the copy"
        )
        parser.add_argument("--passphrase", action="store_true", help="ask for the passphrase")

    def handle(self, *, file: Path, passphrase_file: str | None, passphrase: bool, **options: Any) -> None:
        words = getpass("口令：") if passphrase else passphrase_file or ""
        try:
            with Progress(self.stderr, "恢复") as tick:
                back = restore(
                    actor=system("command restore"), path=file.expanduser().absolute(), passphrase=words, tick=tick
                )
        except RuleError as error:
            raise CommandError(error.message) from error
        made = clock.local(datetime.fromisoformat(back.manifest["made_at"]))
        rows = sum(back.manifest["tables"].values())
        self.stdout.write(
            f"已恢复 {made:%Y-%m-%d %H:%M} 的备份：{len(back.manifest['tables'])} 张表 {rows} 行，{back.files} 个附件，密钥齐全。"
        )
        if back.migrated:
            self.stdout.write(f"备份来自旧一些的程序，数据表已更新 {back.migrated} 步。")
        for county, (number, head) in sorted(back.heads.items()):
            self.stdout.write(f"{county} 日志链完好，第 {number} 号 {head}")
