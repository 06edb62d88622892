"""./yijiaan: Django's command line in the environment of this clone, with the database up for as long as it runs."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from types import FrameType

from launch.environment import data_folder, django_environment, external_database
from launch.installation import install
from launch.places import PYTHON, ROOT, Data
from launch.postgres import Server
from launch.say import Stop, console

WITHOUT_DATABASE = {"help", "version", "collectstatic", "compilemessages", "makemessages", "diffsettings"}
NOWHERE = "postgresql:///yijiaan"


def main(arguments: list[str]) -> int:
    """Run one management command; its exit code."""
    console.stream = sys.stderr  # stdout belongs to the command
    name = arguments[0].replace("-", "_") if arguments and not arguments[0].startswith("-") else "help"
    rest = arguments[1:]
    try:
        install("base")
        data = data_folder(None)
        if external_database():
            return _run(name, rest, django_environment(data, None))
        if name in WITHOUT_DATABASE or {"-h", "--help", "--version"} & set(arguments):
            return _run(name, rest, django_environment(data, None, url=NOWHERE))
        with Server(data).use() as server:
            environment = django_environment(data, server)
            if server.created and name not in {"migrate", "restore"}:
                _migrate(data, environment)
            return _run(name, rest, environment)
    except Stop as stop:
        console.line(str(stop))
        return 1


def _migrate(data: Data, environment: dict[str, str]) -> None:
    with console.step("数据库是新的，建立数据表"):
        command = [str(PYTHON), "-m", "launch.prepare", "--data", str(data.root), "--migrate-only"]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            raise Stop("数据表没有建成。")


def _run(name: str, rest: list[str], environment: dict[str, str]) -> int:
    if name == "bench":  # stands outside the product: no management command of it
        environment = {**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])}
        return _wait_for([str(PYTHON), "-m", "bench", *rest], environment)
    if name == "help":
        rest = [word.replace("-", "_") if not word.startswith("-") else word for word in rest]
    # argv[0] of a child is what its help texts call themselves
    start = (
        "import sys; sys.argv[0] = './yijiaan'; from django.core import management as m; m.execute_from_command_line()"
    )
    return _wait_for([str(PYTHON), "-c", start, name, *rest], environment)


def _wait_for(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)
    with _passing_on(process):
        code = process.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _passing_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the command end first: Ctrl-C reaches it by itself, SIGTERM is handed on."""

    def hand_on(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, hand_on),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
