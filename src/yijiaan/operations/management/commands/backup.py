from argparse import ArgumentTypeError
from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system
from yijiaan.operations.actions import back_up
from yijiaan.operations.progress import Progress


def passphrase_file(name: str) -> str:
    """The passphrase that a file of one's own holds, for a command line."""
    path = Path(name).expanduser()
    try:
        words = path.read_text().strip()
        is_open = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentTypeError(f"口令文件 {name} 打不开") from error
    if is_open:
        raise ArgumentTypeError(f"口令文件 {name} 别人也能读：请先 chmod 600 {name}")
    if not words:
        raise ArgumentTypeError(f"口令文件 {name} 是空的")
    return words


class Command(BaseCommand):
    help = "Copy database, files and keys into one file, while everything goes on running."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own form

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place", nargs="?", default="", help="a folder, or a new file (default: backups/ in the data folder)"
        )
        parser.add_argument(
            "--passphrase-file", type=passphrase_file, help="seal the copy with what this file (0600) holds"
        )
        parser.add_argument("--passphrase", action="store_true", help="ask for a passphrase and seal the copy with it")

    def handle(self, *, place: str, passphrase_file: str | None, passphrase: bool, **options: Any) -> None:
        words = passphrase_file or settings.BACKUP_PASSPHRASE
        if passphrase:
            words = getpass("口令：")
            if len(words) < 8 or getpass("再输一次：") != words:
                raise CommandError("口令至少 8 个字，而且两次要一样")
        try:
            with Progress(self.stderr, "备份") as tick:
                target = back_up(actor=system("command backup"), place=place, passphrase=words, tick=tick)
        except RuleError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"已备份到 {target}（{target.stat().st_size / 2**20:.1f} MB）")
        if words:
            self.stdout.write("备份加了口令：口令另外保管，丢了就打不开。")
        else:
            self.stdout.write("备份里有密钥，没有加口令：请像密钥一样保管它。")
