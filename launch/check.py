"""./test: every check in order, even when one fails; then one summary."""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from launch.environment import data_folder, django_environment, external_database
from launch.installation import install, install_browser
from launch.places import PYTHON, ROOT, VENV
from launch.postgres import Server
from launch.say import Stop, console

USAGE = "./test [--fast | --long] [PATH…]"


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool
    seconds: float


def main(arguments: list[str]) -> int:
    """Set up, start a database of our own, run the checks; 0 when all passed."""
    parser = argparse.ArgumentParser(
        prog="./test", usage=USAGE, description="检查整个工程：格式、类型、包的边界、数据库迁移和测试。", add_help=False
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--fast", action="store_true", help="不跑浏览器测试（约 5 分钟）")
    size.add_argument("--long", action="store_true", help="连同断电、离线等长时间测试（约 45 分钟）")
    parser.add_argument("-h", "--help", action="help", help="显示这段说明")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="只用 pytest 跑这些文件、文件夹或用例")
    # what pytest understands (-k, -x …) goes through to it
    options, further = parser.parse_known_args(arguments)
    try:
        return _check(options, further)
    except Stop as stop:
        console.line(str(stop))
        return 1
    except KeyboardInterrupt:
        console.line("已中断。")
        return 130


def _check(options: argparse.Namespace, further: list[str]) -> int:
    install("dev")
    if not options.fast and not options.paths:
        install_browser()
    data = data_folder(str(ROOT / "var" / "test"))
    os.environ.pop("YIJIAAN_SECRET_KEY", None)
    os.environ["YIJIAAN_TESTING"] = "1"
    if external_database():
        return _run_all(options, further, django_environment(data, None))
    with Server(data, durable=False).use() as server:
        return _run_all(options, further, django_environment(data, server))


def _run_all(options: argparse.Namespace, further: list[str], environment: dict[str, str]) -> int:
    results = []
    for name, command in _commands(options, further):
        console.line(f"\n── {name}")
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        results.append(Result(name, code == 0, time.monotonic() - began))
    console.line("\n── 结果")
    for result in results:
        console.line(f"{'✓' if result.passed else '✗'} {result.name}  {result.seconds:.1f} 秒")
    failed = [result.name for result in results if not result.passed]
    console.line(f"没有通过：{'、'.join(failed)}。" if failed else "全部通过。")
    return 1 if failed else 0


def _commands(options: argparse.Namespace, further: list[str]) -> list[tuple[str, list[str]]]:
    python = [str(PYTHON), "-m"]
    pytest = [*python, "pytest", "-n", os.environ.get("YIJIAAN_TEST_WORKERS", "2"), "--dist", "worksteal"]
    pytest += ["--durations", "25", "--durations-min", "10", *further]
    if options.paths:
        return [("pytest", [*pytest, *([] if options.long else ["-m", "not long"]), *options.paths])]
    leave_out = [word for word, wanted in (("browser", options.fast), ("long", not options.long)) if wanted]
    if leave_out:
        pytest += ["-m", " and ".join(f"not {word}" for word in leave_out)]
    templates = sorted(str(path) for path in Path(ROOT / "src").rglob("templates/**/*.html"))
    return [
        ("ruff check", [*python, "ruff", "check", "."]),
        ("ruff format", [*python, "ruff", "format", "--check", "."]),
        ("djade", [str(VENV / "bin" / "djade"), "--target-version", "5.2", "--check", *templates]),
        # the scripts in bin/ name the interpreter by its path at installation; a moved clone has another
        ("import-linter", [*python[:1], "-c", "from importlinter.cli import lint_imports_command as run; run()"]),
        ("mypy", [*python, "mypy", "src", "launch"]),
        ("makemigrations --check", [*python, "django", "makemigrations", "--check", "--dry-run", "--verbosity", "1"]),
        ("pytest", pytest),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
