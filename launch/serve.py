"""./run: set up, start database, web and worker, watch over them, stop them in order."""

import argparse
import contextlib
import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from types import FrameType

from launch.children import Child
from launch.environment import data_folder, django_environment, external_database
from launch.installation import install
from launch.places import PYTHON, ROOT, Data
from launch.postgres import Server
from launch.say import SPOKEN, Stop, console

LEAST_SPACE = 200_000_000
START = 90  # seconds the web server may take to its first answer


def main(arguments: list[str]) -> int:
    """Serve until told to stop; 0 after a clean stop, 1 with one sentence when it cannot start."""
    options = _options(arguments)
    try:
        return _serve(options)
    except Stop as stop:
        if str(stop):
            console.line(str(stop))
    except KeyboardInterrupt:
        console.line("已停止。")
        return 130
    except OSError as error:
        if error.errno == errno.ENOSPC:
            console.line("磁盘已满：请腾出空间后再运行。")
        else:
            console.line(f"{error.strerror}：{error.filename or ''}。")
    return 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run",
        usage="./run [选项]",
        description="启动驿家安：自动安装、建库、载入演示数据（第一次），然后打开网页服务。按 Ctrl-C 停止。",
        add_help=False,
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("YIJIAAN_PORT") or 8000), help="端口，默认 8000")
    parser.add_argument(
        "--host",
        default=os.environ.get("YIJIAAN_HOST") or "127.0.0.1",
        help="监听地址，默认 127.0.0.1；0.0.0.0 让手机也能访问",
    )
    parser.add_argument("--data", metavar="DIR", help="数据文件夹，默认 var")
    demo = parser.add_mutually_exclusive_group()
    demo.add_argument("--empty", dest="demo", action="store_const", const="no", help="第一次启动时不载入演示数据")
    demo.add_argument("--demo", dest="demo", action="store_const", const="yes", help="现在就载入演示数据")
    parser.add_argument("--no-browser", action="store_true", help="不自动打开浏览器")
    parser.add_argument("-h", "--help", action="help", help="显示这段说明")
    parser.set_defaults(demo="first")
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace) -> int:
    began = time.monotonic()
    stopping = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stopping.set()

    data = data_folder(options.data)
    with _only_one(data, options):
        _refuse_taken_port(options.host, options.port)
        if shutil.disk_usage(data.root).free < LEAST_SPACE:
            raise Stop(f"磁盘空间不足：{data.root} 所在的磁盘剩余不到 200 MB，请腾出空间后再运行。")
        install("base")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, on_signal)
        if external_database():
            return _serve_with(options, data, None, stopping, began)
        server = Server(data)
        server.acquire()
        try:
            return _serve_with(options, data, server, stopping, began)
        finally:
            if server.release():
                console.line("数据库已停止。")
            else:
                console.line("还有别的命令在用数据库，由它用完后停止。")


def _serve_with(
    options: argparse.Namespace, data: Data, server: Server | None, stopping: threading.Event, began: float
) -> int:
    if server is not None and data.unfinished.exists():
        console.line("上次的首次启动没有完成，重新建库。")
        server.drop_database()
        data.demo.unlink(missing_ok=True)
    environment = django_environment(data, server)
    environment.setdefault("YIJIAAN_HOSTS", ",".join(_names_of(options.host)))
    accounts = _prepare(options, data, environment, stopping)
    if stopping.is_set():
        return 0
    web, worker = _children(options, data, environment)
    try:
        web.start()
        _await_first_answer(web, options, environment, stopping)
        worker.start()
        if not stopping.is_set():
            _announce(options, data, accounts, time.monotonic() - began)
        while not stopping.wait(0.5):
            if server is not None and not server.is_up():
                console.line("数据库意外退出，正在重新启动…")
                server.start()
            web.watch()
            worker.watch()
    finally:
        console.line("\n正在停止…")
        web.stop()
        console.line("网页服务已停止。")
        worker.stop()
        console.line("后台任务已停止。")
    return 0


def _children(options: argparse.Namespace, data: Data, environment: dict[str, str]) -> tuple[Child, Child]:
    cores = os.environ.get("YIJIAAN_WORKERS") or str(max(2, os.cpu_count() or 2))
    threads = os.environ.get("YIJIAAN_THREADS") or "8"
    granian = [str(PYTHON), "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", options.host]
    granian += ["--port", str(options.port), "--workers", cores, "--blocking-threads", threads]
    granian += ["--respawn-failed-workers", "--workers-kill-timeout", "8", "--log-level", "warning"]
    granian += ["--log-config", str(ROOT / "launch" / "web_log.json")]
    granian += ["yijiaan.project.wsgi:application"]
    worker = [str(PYTHON), "-m", "django", "worker"]
    return (
        Child("网页服务", granian, environment, data.logs / "web.log", grace=12),
        Child("后台任务", worker, environment, data.logs / "worker.log", grace=12),
    )


def _prepare(options: argparse.Namespace, data: Data, environment: dict[str, str], stopping: threading.Event) -> str:
    """Run launch.prepare; answers the list of demo accounts, empty when there is no demo."""
    with tempfile.TemporaryFile() as accounts:
        command = [str(PYTHON), "-m", "launch.prepare", "--data", str(data.root), "--demo", options.demo]
        command += ["--accounts", str(accounts.fileno())]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=[accounts.fileno()], start_new_session=True
        )
        while process.poll() is None:
            if stopping.wait(0.02):
                process.terminate()
                process.wait()
                return ""
        if process.returncode:
            raise Stop("" if process.returncode == SPOKEN else "准备没有成功，原因见上。")
        accounts.seek(0)
        return accounts.read().decode()


def _await_first_answer(
    web: Child, options: argparse.Namespace, environment: dict[str, str], stopping: threading.Event
) -> None:
    host = "127.0.0.1" if options.host in {"0.0.0.0", "::", ""} else options.host  # noqa: S104
    name = environment["YIJIAAN_HOSTS"].split(",")[0].strip().replace("*", "127.0.0.1").lstrip(".")
    address = f"http://{f'[{host}]' if ':' in host else host}:{options.port}/healthz"
    request = urllib.request.Request(address, headers={"Host": name})
    # the machine's proxy has nothing to do with our own address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START
    while not stopping.wait(0.05):
        if web.process is None or web.process.poll() is not None or time.monotonic() > end:
            raise Stop(f"网页服务没有启动成功：{web.last_words() or '没有说明原因'}。日志在 {web.log}。")
        refused = (urllib.error.URLError, ConnectionError, TimeoutError)
        with contextlib.suppress(*refused), opener.open(request, timeout=5) as answer:
            if answer.status == 200:
                return


def _announce(options: argparse.Namespace, data: Data, accounts: str, seconds: float) -> None:
    address = f"http://{'127.0.0.1' if options.host in {'0.0.0.0', '::'} else options.host}:{options.port}/"  # noqa: S104
    console.line(f"\n驿家安已启动（{seconds:.1f} 秒）：{address}")
    if options.host == "0.0.0.0":  # noqa: S104
        for name in _own_addresses():
            console.line(f"同一网络里的手机和电脑：http://{name}:{options.port}/")
    if accounts:
        console.line("\n演示账号：\n" + accounts.rstrip())
    elif not data.demo.exists():
        console.line("没有演示数据；./run --demo 可以载入。")
    console.line(f"\n日志在 {data.logs}。按 Ctrl-C 停止。")
    has_screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not options.no_browser and sys.stdout.isatty() and has_screen and os.geteuid() != 0:
        webbrowser.open(address)


@contextlib.contextmanager
def _only_one(data: Data, options: argparse.Namespace) -> Iterator[None]:
    """One ./run per data folder."""
    handle = os.open(data.run_lock, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Stop(
                f"驿家安已经在运行（{file.read().strip() or data.root}）；先停止它，或用 --data 指定别的文件夹。"
            ) from error
        file.truncate(0)
        file.write(f"http://{options.host}:{options.port}/ 进程 {os.getpid()}")
        file.flush()
        yield


def _refuse_taken_port(host: str, port: int) -> None:
    if not 0 < port < 65536:
        raise Stop(f"端口 {port} 不对：应在 1 到 65535 之间。")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise Stop(f"地址 {host} 不能用：请检查 --host。") from error
    except PermissionError as error:
        raise Stop(f"没有权限使用端口 {port}：请用 1024 以上的端口，例如 --port 8000。") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stop(f"端口 {port} 已被占用：请用 --port 换一个，例如 ./run --port {port + 1}。") from error
        raise Stop(f"地址 {host}:{port} 不能用：{error.strerror}。") from error


def _names_of(host: str) -> list[str]:
    """The names under which this start may be reached."""
    names = ["127.0.0.1", "localhost", "[::1]"]
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        names += [socket.gethostname(), *_own_addresses()]
    elif host not in names:
        names.insert(0, f"[{host}]" if ":" in host else host)
    return names


def _own_addresses() -> list[str]:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # no packet is sent: this only asks the routing table which of our addresses faces outwards
        probe.connect(("192.0.2.1", 9))
        return [probe.getsockname()[0]]
    return []
