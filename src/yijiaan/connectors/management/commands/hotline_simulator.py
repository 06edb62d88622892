import time
from argparse import ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yijiaan.connectors.actions import play_hotline
from yijiaan.connectors.simulator import Caller, Hotline, Line
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system

EVENTS = {
    "dispatched": "派单了", "signed": "接手了", "finished": "办结了", "rejected": "不予受理", "extended": "延期了",
    "suspended": "挂账了", "restarted": "又开始办",
}  # fmt: skip
BEAT = 1.0  # seconds


def secret_of(name: str) -> str:
    """The secret that a file of one's own holds."""
    path = Path(name).expanduser()
    try:
        words = path.read_text().strip()
        is_open = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentTypeError(f"密钥文件 {name} 打不开") from error
    if is_open:
        raise ArgumentTypeError(f"密钥文件 {name} 别人也能读：请先 chmod 600 {name}")
    return words


class Command(BaseCommand):
    help = "Play a hotline against a running installation: sends orders, hears what became of them, calls back."

    def add_arguments(self, parser: CommandParser) -> None:
        """What it plays with."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the installation listens")
        parser.add_argument("--area", default="370812102", help="county or town that the orders go to")
        parser.add_argument("--key", default="", help="code of a connection made under 对接 (default: one of its own)")
        parser.add_argument("--secret-file", type=secret_of, help="file (0600) with the secret of --key")
        parser.add_argument("--port", type=int, default=0, help="where it listens for results (default: any)")
        parser.add_argument("--orders", type=int, default=5, help="how many orders it sends")
        parser.add_argument("--every", type=float, default=10.0, help="seconds between two orders")
        parser.add_argument("--seconds", type=float, default=0, help="how long it plays (default: until Ctrl-C)")
        parser.add_argument("--grumbles", type=int, default=4, help="of so many callbacks one is not content; 0: none")

    def handle(self, *args: Any, **said: Any) -> None:
        """Play."""
        if bool(said["key"]) != bool(said["secret_file"]):
            raise CommandError("--key 和 --secret-file 要一起给")
        hotline = Hotline(said["key"], said["secret_file"] or "")
        with Line(hotline, said["port"]) as line:
            if not said["key"]:
                try:
                    row, hotline.secret = play_hotline(
                        actor=system("command hotline-simulator"), area_code=said["area"], push_url=line.url
                    )
                except RuleError as error:
                    raise CommandError(error.message) from error
                hotline.key, hotline.algorithm = row.code, row.algorithm
            self.stdout.write(f"热线开了，结果推到 {line.url}。按 Ctrl-C 停。")
            caller = Caller(hotline, said["url"], self.stdout.write, said["grumbles"])
            try:
                self._play(caller, said)
            except KeyboardInterrupt:
                self.stdout.write("停了。")
            except OSError as error:
                raise CommandError(f"{said['url']} 没有回答：{error}。先运行 ./run，再看 --url") from error

    def _play(self, caller: Caller, said: dict[str, Any]) -> None:
        stem, began = f"SIM{clock.local():%y%m%d%H%M%S}", clock.now()
        heard, turn = 0, 0
        until = began + timedelta(seconds=said["seconds"]) if said["seconds"] else None
        while until is None or clock.now() < until:
            if turn < said["orders"] and (clock.now() - began).total_seconds() >= turn * said["every"]:
                caller.ring_in(f"{stem}-{turn + 1:02d}", turn)
                turn += 1
            for message in caller.hotline.heard[heard:]:
                what = EVENTS.get(message["event"], message["event"])
                self.stdout.write(
                    f"{message['number']} {what}：{message.get('unit', '')} {message.get('result', '')}".rstrip()
                )
            heard = len(caller.hotline.heard)
            caller.call_back()
            time.sleep(BEAT)
