"""Set-up of a clone: virtual environment, locked packages, browser libraries; quick when all is there."""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from launch.places import NODE_MODULES, PYTHON, REQUIREMENTS, ROOT, VENV
from launch.say import Step, Stop, console

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def install(lock: str = "base") -> None:
    """Have everything that `lock` (base or dev) and the pages need; dev holds all of base."""
    with _alone():
        if not _is_usable(VENV):
            _make_venv()
        if not _has(lock):
            names = [lock] if lock == "base" else ["base", "dev"]
            _install_packages(lock)
            for name in names:
                _stamp(name).write_text(_digest(name))
        if not _has_browser_libraries():
            _install_browser_libraries()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two commands at once must not both build the environment."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.line("另一个命令正在安装，等它完成…")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# --- Python -----------------------------------------------------------------------------------------------------------


def _is_usable(venv: Path) -> bool:
    # the interpreter that a virtual environment points at may have gone with an upgrade of the system
    return (
        (venv / "bin" / "python").exists()
        and (venv / "pyvenv.cfg").exists()
        and any(venv.glob("lib/python3.*/site-packages/pip"))
    )


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        if not _apt_install(package):
            raise Stop(f"这里的 Python 缺少 venv 组件：请先安装，例如 sudo apt-get install {package}。")
    with console.step("建立 Python 环境") as step:
        shutil.rmtree(VENV, ignore_errors=True)
        _run(step, [sys.executable, "-m", "venv", str(VENV)], "Python 环境建立失败")


def _stamp(lock: str) -> Path:
    return VENV / f"installed-{lock}"


def _digest(lock: str) -> str:
    return hashlib.sha256((REQUIREMENTS / f"{lock}.txt").read_bytes()).hexdigest()


def _has(lock: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return _stamp(lock).read_text() == _digest(lock)
    return False


def _install_packages(lock: str) -> None:
    file = REQUIREMENTS / f"{lock}.txt"
    total = sum(not line.startswith((" ", "#")) for line in file.read_text().splitlines())
    seen = 0

    def watch(line: str, step: Step) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            step.progress(seen, total)

    with console.step("安装 Python 软件包") as step:
        _run(step, pip("install", "--require-hashes", "-r", str(file)), "Python 软件包安装失败", watch)


def pip(*arguments: str) -> list[str]:
    """A command line of the environment's pip."""
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]


# --- browser libraries ------------------------------------------------------------------------------------------------


def _has_browser_libraries() -> bool:
    wanted = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for place, about in wanted.items():
        if place:
            try:
                found = json.loads((ROOT / place / "package.json").read_text())["version"]
            except (OSError, ValueError, KeyError):
                return False
            if found != about["version"]:
                return False
    return True


def _install_browser_libraries() -> None:
    npm = shutil.which("npm") if shutil.which("node") else None
    with console.step("安装网页组件") as step:
        if npm:
            command = [npm]
        else:
            node = VENV / "bin" / "npm"
            if not node.exists():
                lock = str(REQUIREMENTS / "node.txt")
                _run(step, pip("install", "--require-hashes", "-r", lock), "Node.js 安装失败")
            command = [str(PYTHON), str(node)]
        # a linked folder belongs to somebody else: npm would empty it
        if NODE_MODULES.is_symlink():
            raise Stop("node_modules 是一个链接，指向的版本不对：请在它的原处运行 npm ci，或删除这个链接。")
        _run(step, [*command, "ci", "--no-audit", "--no-fund"], "网页组件安装失败")


# --- system packages --------------------------------------------------------------------------------------------------


def find_browser() -> str | None:
    """The system's Chromium, None when there is none."""
    return next((path for path in CHROMIUM if os.access(path, os.X_OK)), None)


def install_browser() -> None:
    """Have Chromium and a Chinese font for the browser tests."""
    missing = [] if find_browser() else ["chromium"]
    if not _has_chinese_font():
        missing.append("fonts-noto-cjk")
    if missing and not _apt_install(*missing):
        raise Stop(f"浏览器测试缺少 {'、'.join(missing)}：请用 apt-get install {' '.join(missing)} 安装，或跑 --fast。")


def _has_chinese_font() -> bool:
    if shutil.which("fc-list"):
        return bool(subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, check=False).stdout.strip())
    return any(Path("/usr/share/fonts").rglob("*CJK*"))


def _apt_install(*packages: str) -> bool:
    """Install Debian packages when we may; whether it worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    with console.step(f"安装系统软件包 {' '.join(packages)}") as step:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with contextlib.suppress(Stop):
            _run(step, ["apt-get", "update", "-q"], "软件包目录更新失败", environment=quiet)
        _run(
            step,
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
            "系统软件包安装失败",
            environment=quiet,
        )
    importlib.invalidate_caches()
    return True


# --- one external program ---------------------------------------------------------------------------------------------


def _run(
    step: Step,
    command: list[str],
    failure: str,
    watch: Callable[[str, Step], None] = lambda line, step: None,
    environment: dict[str, str] | None = None,
) -> None:
    """Run a program to its end; on failure keep what it said and name the reason in one sentence."""
    said: list[str] = []
    try:
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                said.append(line)
                watch(line, step)
    except FileNotFoundError as error:
        raise Stop(f"{failure}：找不到程序 {command[0]}。") from error
    if process.returncode:
        with tempfile.NamedTemporaryFile(
            "w", prefix=time.strftime("yijiaan-%Y%m%d-%H%M%S-"), suffix=".log", delete=False
        ) as file:
            file.writelines(said)
        raise Stop(f"{failure}：{_why(said)}。全部输出在 {file.name}。")


def _why(said: list[str]) -> str:
    text = "".join(said)
    for sign, reason in (
        ("No space left on device", "磁盘空间不足"),
        ("ENOSPC", "磁盘空间不足"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "下载的软件包与锁定文件不符"),
        ("No matching distribution found", "软件源里没有适合这台机器的版本"),
        ("Temporary failure in name resolution", "连不上软件源，请检查网络"),
        ("Name or service not known", "连不上软件源，请检查网络"),
        ("Connection refused", "连不上软件源，请检查网络"),
        ("Network is unreachable", "连不上软件源，请检查网络"),
        ("ENOTFOUND", "连不上软件源，请检查网络"),
        ("Permission denied", "没有权限写入"),
    ):
        if sign in text:
            return reason
    errors = [line.strip() for line in said if "ERROR" in line or "error:" in line.lower()]
    return (errors or [line.strip() for line in said if line.strip()] or ["没有说明原因"])[-1].rstrip(".")
