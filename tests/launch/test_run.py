"""./run and ./yijiaan as a newcomer uses them: in a fresh clone, from the first word to Ctrl-C."""

import errno
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from launch import children, installation, places, serve
from launch.places import ROOT
from launch.say import Stop, console

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


class Clone:
    """A fresh copy of the tracked files."""

    def __init__(self, folder: Path, uid: int | None = None) -> None:
        self.folder = folder
        self.identity = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("YIJIAAN_", "DATABASE_", "DJANGO_", "PYTHONPATH", "PYTEST_"))
        }
        self.environment |= {"HOME": str(folder), "PATH": f"/usr/bin:/bin:{os.environ['PATH']}"}
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in filter(None, listed.stdout.split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        if uid is not None:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, uid, uid)

    def run(self, *arguments: str, **environment: str) -> str:
        """Start ./run and wait until it says that it is up; answers what it said so far."""
        self.process = subprocess.Popen(
            [self.folder / "run", "--port", str(self.port), "--no-browser", *arguments],
            cwd="/", env=self.environment | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, **self.identity,
        )  # fmt: skip
        said = ""
        for line in self.process.stdout or ():
            said += line
            if "按 Ctrl-C 停止" in line:
                return said
        raise AssertionError(f"./run ended with {self.process.wait()}:\n{said}")

    def get(self, path: str) -> int:
        """The status of a page."""
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10).status
        except urllib.error.HTTPError as error:
            return error.code

    def stop(self, sign: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Stop ./run; its exit code and last words."""
        self.process.send_signal(sign)
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ./yijiaan."""
        return subprocess.run(
            [self.folder / "yijiaan", *arguments],
            cwd="/", env=self.environment, capture_output=True, text=True, check=False, **self.identity,
        )  # fmt: skip

    def processes(self) -> list[str]:
        """The command lines of processes that work in or for this clone."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_text(errors="replace").replace("\0", " ")
                here = str((entry / "cwd").readlink())
            except OSError:
                continue
            if str(self.folder) in line or here.startswith(str(self.folder)):
                found.append(line)
        return found


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the person at the terminal reads."""
    monkeypatch.setattr(console, "stream", io.StringIO())
    return console.stream


@pytest.fixture
def make_clone(place: Path) -> Iterator[Callable[..., Clone]]:
    made: list[Clone] = []

    def make(name: str = "驿家 安", uid: int | None = None) -> Clone:
        made.append(Clone(place / name, uid))
        return made[-1]

    yield make
    for clone in made:
        if clone.process is not None and clone.process.poll() is None:
            clone.stop(signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(until: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.mark.long
def test_first_and_second_start_commands_crashes_and_a_clean_stop(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone()
    said = clone.run("--empty")
    assert f"http://127.0.0.1:{clone.port}/" in said
    assert clone.get("/healthz") == 200
    wait_for(lambda: clone.get("/readyz") == 200)

    # a command uses the running server, and leaves it running
    shown = clone.command("showmigrations", "jobs")
    assert shown.returncode == 0, shown.stderr
    assert "[X] 0001_heartbeat" in shown.stdout
    assert clone.get("/readyz") == 200

    # nobody starts a second one on the same data
    second = subprocess.run(
        [clone.folder / "run", "--port", str(free_port())],
        env=clone.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert re.fullmatch(r"驿家安已经在运行.*\n", second.stdout)

    # killed children come back, the database too
    pid = int((clone.folder / "var/postgres/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: f"{pid}" != (clone.folder / "var/postgres/postmaster.pid").read_text().split()[0])
    wait_for(lambda: clone.get("/readyz") == 200)

    code, last = clone.stop(signal.SIGINT)
    assert code == 0
    order = [last.index(word) for word in ("网页服务已停止", "后台任务已停止", "数据库已停止")]
    assert order == sorted(order)
    assert clone.processes() == []
    assert (clone.folder / "var").stat().st_mode & 0o007 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (clone.folder / "var/log").iterdir())
    assert (clone.folder / "var/secret_key").stat().st_mode & 0o777 == 0o600

    clone.run()
    assert clone.get("/healthz") == 200
    assert clone.stop(signal.SIGTERM)[0] == 0

    # without ./run a command brings the database up for itself
    checked = clone.command(
        "shell", "-c", "from yijiaan.engines.jobs.models import Heartbeat; print(Heartbeat.objects.count())"
    )
    assert checked.stdout.strip().splitlines()[-1] == "1", checked.stderr
    assert clone.processes() == []


@pytest.mark.long
def test_a_killed_supervisor_takes_web_and_worker_along(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone()
    clone.run("--empty")
    clone.process.kill()
    clone.process.wait()
    wait_for(lambda: not any("granian" in line or "django worker" in line for line in clone.processes()))
    clone.run()
    assert clone.get("/healthz") == 200
    assert clone.stop()[0] == 0
    assert clone.processes() == []


@pytest.mark.long
def test_the_demo_is_loaded_the_first_time_and_an_interrupted_first_start_begins_anew(
    make_clone: Callable[..., Clone],
) -> None:
    clone = make_clone()
    clone.environment["YIJIAAN_DEMO_PERCENT"] = "2"
    clone.command("version")
    starting = subprocess.Popen(
        [clone.folder / "run", "--port", str(clone.port), "--no-browser"],
        cwd="/", env=clone.environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for((clone.folder / "var" / "first-start").exists)
    starting.terminate()
    assert starting.wait(60) == 0
    said = clone.run()
    assert "重新建库" in said
    assert "演示账号" in said
    assert clone.stop()[0] == 0
    assert not (clone.folder / "var" / "first-start").exists()
    assert "建立数据表" not in clone.run()
    clone.stop()


@pytest.mark.long
@needs_root
def test_an_ordinary_account_runs_it_in_its_own_private_clone(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone("自己的", uid=NOBODY)
    clone.folder.chmod(0o700)
    clone.run("--empty")
    assert clone.get("/healthz") == 200
    wait_for(lambda: clone.get("/readyz") == 200)
    assert (clone.folder / "var/postgres").stat().st_uid == NOBODY
    assert clone.stop()[0] == 0
    assert clone.processes() == []


@pytest.mark.long
@needs_root
def test_root_runs_it_in_a_private_clone(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone("只给自己")
    clone.folder.chmod(0o700)
    said = clone.run("--empty")
    assert "/var/lib/yijiaan/" in said
    wait_for(lambda: clone.get("/readyz") == 200)
    assert clone.stop()[0] == 0
    assert clone.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.long
@needs_root
@pytest.mark.skipif(not DEBIAN_15.is_dir(), reason="Debian's PostgreSQL 15 is not installed")
def test_a_database_of_ones_own_is_used_instead(make_clone: Callable[..., Clone], place: Path) -> None:
    data, sockets = place / "fifteen", place.parent / f"pg15-{os.getpid()}"
    for folder in (data, sockets):
        folder.mkdir()
        shutil.chown(folder, "postgres", "postgres")
    as_postgres = {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": "/"}
    subprocess.run(
        [DEBIAN_15 / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True, capture_output=True, **as_postgres,
    )  # fmt: skip
    server = subprocess.Popen(
        [DEBIAN_15 / "postgres", "-D", data, "-k", sockets, "-c", "listen_addresses=", "-c", "fsync=off"],
        stderr=subprocess.DEVNULL, **as_postgres,
    )  # fmt: skip
    try:
        wait_for(lambda: "ready" in read(data / "postmaster.pid"))
        with psycopg.connect(host=str(sockets), user="postgres", autocommit=True) as connection:
            connection.execute("create role shequ login password 'secret'")
            connection.execute("create database shequ owner shequ")
        clone = make_clone("外部")
        clone.run("--empty", DATABASE_URL=f"postgresql://shequ:secret@/shequ?host={sockets}")
        wait_for(lambda: clone.get("/readyz") == 200)
        assert not (clone.folder / "var/postgres").exists()
        code, said = clone.stop()
        assert code == 0
        assert "数据库已停止" not in said
        assert server.poll() is None
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(sockets)


@pytest.mark.long
@needs_root
def test_a_full_disk_gets_one_sentence(make_clone: Callable[..., Clone], place: Path) -> None:
    small = place / "小盘"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        clone = make_clone()
        full = subprocess.run(
            [clone.folder / "run", "--port", str(clone.port), "--data", small / "var"],
            env=clone.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        subprocess.run(["umount", small], check=True)
    assert full.returncode == 1
    assert re.fullmatch(r"磁盘空间不足：.*\n", full.stdout)


def test_a_port_in_use_gets_one_sentence_before_anything_is_installed(place: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        tried = subprocess.run(
            [sys.executable, ROOT / "run", "--port", str(port), "--data", place / "var"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert tried.returncode == 1
    assert tried.stdout == f"端口 {port} 已被占用：请用 --port 换一个，例如 ./run --port {port + 1}。\n"
    assert tried.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "70000"], "端口 70000 不对"),
        (["--host", "no.such.host.invalid"], "地址 no.such.host.invalid 不能用"),
    ],
)
def test_a_bad_address_gets_one_sentence(place: Path, arguments: list[str], sentence: str) -> None:
    tried = subprocess.run(
        [sys.executable, ROOT / "run", "--data", place / "var", *arguments], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 1
    assert tried.stdout.startswith(sentence)
    assert tried.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://nobody@127.0.0.1:1/nothing", "连不上数据库："),
        ("mysql://nobody@127.0.0.1/nothing", "设置有误：DATABASE_URL"),
    ],
)
def test_a_database_out_of_reach_gets_one_sentence(place: Path, url: str, sentence: str) -> None:
    clean = {key: value for key, value in os.environ.items() if key != "YIJIAAN_TESTING"}
    tried = subprocess.run(
        [sys.executable, ROOT / "run", "--port", str(free_port()), "--data", place / "var"],
        env=clean | {"DATABASE_URL": url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tried.returncode == 1
    assert tried.stdout.startswith(sentence)
    assert tried.stdout.count("\n") == 1


def test_a_data_folder_that_is_a_file_gets_one_sentence(place: Path) -> None:
    (place / "var").write_text("")
    tried = subprocess.run(
        [sys.executable, ROOT / "run", "--data", place / "var"], capture_output=True, text=True, check=False
    )
    assert (tried.returncode, tried.stdout) == (
        1,
        f"{place / 'var'} 不是文件夹：请移走它，或用 --data 指定别的文件夹。\n",
    )


def test_a_disk_that_fills_up_gets_one_sentence(monkeypatch: pytest.MonkeyPatch, said: io.StringIO) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr(serve, "data_folder", full)
    assert serve.main([]) == 1
    assert said.getvalue() == "磁盘已满：请腾出空间后再运行。\n"


@pytest.mark.parametrize("script", ["run", "test", "yijiaan"])
def test_an_old_python_gets_one_sentence(script: str, tmp_path: Path) -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 8); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    tried = subprocess.run(
        [sys.executable, "-c", pretend, ROOT / script],
        env={"PATH": str(tmp_path), "PYTHONUTF8": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tried.returncode == 1
    assert (
        tried.stderr
        == "驿家安需要 Python 3.11 或更新的版本，这里只有 3.8：请先安装，例如 apt-get install python3.11。\n"
    )


@pytest.mark.parametrize("script", ["run", "test"])
def test_help_lists_the_options(script: str) -> None:
    wanted = {
        "run": ("--port", "--host", "--data", "--empty", "--demo", "--no-browser"),
        "test": ("--fast", "--long", "PATH"),
    }
    shown = subprocess.run([sys.executable, ROOT / script, "--help"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0
    assert [word for word in wanted[script] if word not in shown.stdout] == []


def test_missing_venv_is_named_where_it_cannot_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(installation.os, "geteuid", lambda: 1000)
    with pytest.raises(Stop, match=r"apt-get install python3\.\d+-venv"):
        installation._make_venv()


def test_a_failed_installation_says_why_and_keeps_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "print('ERROR: No matching distribution found for x'); raise SystemExit(1)"
    with pytest.raises(Stop, match="软件源里没有适合这台机器的版本") as failed:
        installation._run(installation.Step("x"), [sys.executable, "-c", script], "安装失败")
    log = Path(re.search(r"全部输出在 (\S+?)。", str(failed.value)).group(1))
    assert "No matching distribution" in log.read_text()
    log.unlink()


def test_a_crashing_child_comes_back_after_growing_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: io.StringIO
) -> None:
    now = [1000.0]
    monkeypatch.setattr(children.time, "monotonic", lambda: now[0])
    child = children.Child(
        "网页服务", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ), tmp_path / "log", 5
    )
    child.start()
    starts = 1
    pauses = []
    for _ in range(8):
        child.process.wait()
        child.watch()
        pauses.append(child._again_at - now[0])
        now[0] = child._again_at - 0.01
        child.watch()
        assert child.process is None
        now[0] = child._again_at
        child.watch()
        starts += child.process is not None
    child.stop()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert starts == 9
    assert "网页服务意外退出（退出码 3），1 秒后重新启动" in said.getvalue()


def test_a_child_that_does_not_stop_is_ended_by_force(tmp_path: Path) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    child = children.Child("后台任务", [sys.executable, "-c", script], dict(os.environ), tmp_path / "log", 0.2)
    child.start()
    wait_for(lambda: "up" in read(tmp_path / "log"))
    process = child.process
    child.stop()
    assert process.returncode == -signal.SIGKILL


def test_private_files_are_whole_and_private(tmp_path: Path) -> None:
    places.write_private(tmp_path / "secret", "one")
    (tmp_path / "secret.new").symlink_to(tmp_path / "elsewhere")
    places.write_private(tmp_path / "secret", "two")
    assert (tmp_path / "secret").read_text() == "two"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "elsewhere").exists()


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
