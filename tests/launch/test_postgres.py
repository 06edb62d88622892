import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from launch import postgres
from launch.places import ROOT
from launch.postgres import Server
from launch.say import Stop

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def rows(server: Server) -> list[int]:
    with psycopg.connect(server.url) as connection:
        return [row for (row,) in connection.execute("select n from kept order by n")]


def keep(server: Server, number: int) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("create table if not exists kept (n int)")
        connection.execute("insert into kept values (%s)", [number])


def test_starts_serves_and_stops_and_keeps_what_was_committed(server: Server) -> None:
    server.acquire()
    assert server.created
    keep(server, 1)
    pid = server.running().pid
    assert server.release()
    assert server.running() is None
    assert not Path(f"/proc/{pid}").exists()

    began = time.monotonic()
    with Server(postgres.Data(server.var)).use() as again:
        assert time.monotonic() - began < 3
        assert not again.created
        assert rows(again) == [1]


def test_database_speaks_utf8_with_plain_collation_and_may_have_trusted_extensions(server: Server) -> None:
    with server.use(), psycopg.connect(server.url) as connection:
        found = connection.execute(
            "select pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate"
            " from pg_database where datname = current_database()"
        ).fetchone()
        assert found == ("UTF8", "b", "C.UTF-8", "C.UTF-8")
        connection.execute("create extension btree_gist")
        connection.execute("create extension pg_trgm")
        assert connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (False,)


def test_only_a_private_socket_and_known_accounts_lead_in(server: Server) -> None:
    with server.use():
        with psycopg.connect(server.url) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert server._ask("select type, auth_method, error from pg_hba_file_rules") == "local|peer|"
        socket = server.running().socket
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert len(os.fsencode(socket / ".s.PGSQL.5432")) < 108
        data = server._find_data()
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in data.glob("*.conf"))


@needs_root
def test_another_account_does_not_get_in(server: Server) -> None:
    with server.use():
        socket = server.running().socket
        # even where the folder's mode would let it: the server asks for the account itself
        socket.chmod(0o755)
        tried = subprocess.run(
            [server.tools / "psql", "-X", "-h", socket, "-U", "yijiaan", "-c", "select 1"],
            user="nobody", group="nogroup", extra_groups=[], cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        socket.chmod(0o700)
    assert tried.returncode != 0
    assert "Peer authentication failed" in tried.stderr


def test_the_last_of_several_users_stops_the_server(server: Server) -> None:
    second = Server(postgres.Data(server.var), durable=False)
    server.acquire()
    second.acquire()
    assert second.running().pid == server.running().pid
    assert not server.release()
    assert second.is_up()
    assert second.release()
    assert second.running() is None


def test_a_killed_server_with_a_busy_orphan_is_up_again_in_seconds(make_server: Callable[..., Server]) -> None:
    server = make_server(durable=True)
    server.acquire()
    keep(server, 1)
    busy = subprocess.Popen(
        [server.tools / "psql", "-X", "-d", server.url, "-c", "select count(*) from generate_series(1, 1e10)"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    data = server._find_data()
    wait_for(lambda: any("SELECT" in title(pid) for pid in postgres._processes_in(data)))
    keep(server, 2)
    os.kill(server.running().pid, signal.SIGKILL)
    wait_for(lambda: server.running() is None)
    orphans = postgres._processes_in(data)
    assert orphans

    again = Server(postgres.Data(server.var))
    began = time.monotonic()
    again.start()
    assert time.monotonic() - began < 10
    assert rows(again) == [1, 2]
    assert not set(orphans) & set(postgres._processes_in(data))
    busy.wait(10)
    again.stop()


def test_waits_while_a_predecessor_holds_the_data(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.acquire()
    keep(server, 1)
    # a second supervisor that cannot see the first server's processes, as after a restart of its container
    blind = Server(postgres.Data(server.var), durable=False)
    first = server.running().pid
    monkeypatch.setattr(Server, "_is_ours", lambda self, pid, data: pid != first and alive(pid))
    monkeypatch.setattr(Server, "_end_leftovers", lambda self, data: None)
    monkeypatch.setattr(
        postgres.console, "line", lambda text="": os.kill(first, signal.SIGINT) if "正在等" in text else None
    )
    blind.start()
    monkeypatch.undo()
    assert blind.running().pid != first
    assert rows(blind) == [1]
    blind.stop()


def test_a_pid_file_that_names_another_program_is_no_obstacle(make_server: Callable[..., Server]) -> None:
    server = make_server(durable=True)
    with server.use():
        keep(server, 1)
        os.kill(server.running().pid, signal.SIGQUIT)
        wait_for(lambda: server.running() is None)
    data = server._find_data()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n/tmp\n\n\nready\n")
    with Server(postgres.Data(server.var)).use() as again:
        assert rows(again) == [1]


def test_data_of_another_version_is_refused_in_one_sentence(server: Server) -> None:
    with server.use():
        pass
    version = server._find_data() / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(Stop, match=r"PostgreSQL 16 .*这里的程序是 18") as refused:
        server.start()
    assert "\n" not in str(refused.value)
    assert server.running() is None


def test_a_folder_that_is_no_database_is_refused_and_left_alone(server: Server) -> None:
    data = server.var / "postgres"
    data.mkdir()
    (data / "letter.txt").write_text("keep me")
    with pytest.raises(Stop, match="不完整"):
        server.start()
    assert (data / "letter.txt").read_text() == "keep me"


def test_a_damaged_database_gets_one_sentence_with_the_reason(server: Server) -> None:
    with server.use():
        pass
    (server._find_data() / "global" / "pg_control").unlink()
    with pytest.raises(Stop, match="数据库没有启动成功") as refused:
        server.start()
    assert "\n" not in str(refused.value)
    assert "pg_control" in str(refused.value)


def test_an_interrupted_initdb_leaves_nothing_in_the_way(server: Server) -> None:
    (server.var / "postgres.new").mkdir()
    (server.var / "postgres.new" / "PG_VERSION").write_text("18\n")
    with server.use():
        assert server.created
    assert not (server.var / "postgres.new").exists()


def test_a_missing_system_library_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "postgres: error while loading shared libraries: libfancy.so.1: cannot open shared object file"
    answer = subprocess.CompletedProcess([], 127, "", told)
    real = postgres.Account.run

    def run(account: postgres.Account, *command: object) -> subprocess.CompletedProcess[str]:
        return answer if "--version" in command else real(account, *command)

    monkeypatch.setattr(postgres.Account, "run", run)
    with pytest.raises(Stop, match=r"缺少系统库 libfancy\.so\.1"):
        server.start()


def test_an_account_without_a_name_gets_a_sentence() -> None:
    with pytest.raises(Stop, match="编号 3999999"):
        postgres._account(3999999)


@needs_root
def test_a_private_clone_puts_data_and_binaries_outside_and_keeps_its_folders_closed(
    make_server: Callable[..., Server], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.chmod(0o700)
    monkeypatch.setattr(postgres, "_can_walk", lambda account, path: not str(path).startswith(str(ROOT)))
    server = make_server()
    with server.use():
        keep(server, 1)
        data = server._find_data()
        assert data.parent.parent == postgres.OUTSIDE
        program = Path(f"/proc/{server.running().pid}/exe").readlink()
        assert program.is_relative_to(data.parent)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    with Server(postgres.Data(server.var)).use() as again:
        assert rows(again) == [1]
    # moved: the data follows; copied: it does not
    moved = place / "搬走"
    server.var.rename(moved)
    with Server(postgres.Data(moved), durable=False).use() as there:
        assert rows(there) == [1]
    copy = place / "副本"
    subprocess.run(["cp", "-r", moved, copy], check=True)
    assert Server(postgres.Data(copy))._find_data() == copy / "postgres"


@needs_root
def test_under_root_the_server_is_another_account_and_the_folder_opens_to_it_alone(server: Server) -> None:
    with server.use():
        owner = Path(f"/proc/{server.running().pid}").stat().st_uid
        assert owner != 0
        assert server._find_data().stat().st_uid == owner
        assert stat.S_IMODE(server.var.stat().st_mode) == 0o710


@needs_root
def test_an_ordinary_account_runs_its_own_server_and_root_can_take_it_over(place: Path, ordinary_python: str) -> None:
    home = place / "nobody"
    home.mkdir()
    os.chown(home, 65534, 65534)
    script = (
        "import sys; from pathlib import Path; from launch.places import Data; from launch.postgres import Server\n"
        "data = Data(Path(sys.argv[1])); data.make()\n"
        "with Server(data, durable=False).use() as server: print(server.url); print(server._ask('select current_user'))"
    )
    done = subprocess.run(
        [ordinary_python, "-c", script, home / "数据"],
        user=65534, group=65534, extra_groups=[], cwd="/", capture_output=True, text=True, check=False,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "postgres"
    with Server(postgres.Data(home / "数据"), durable=False).use() as server:
        assert Path(f"/proc/{server.running().pid}").stat().st_uid == 65534
        keep(server, 1)


@needs_root
def test_data_of_another_account_is_refused_in_one_sentence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.use():
        pass
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 65534)
    with pytest.raises(Stop, match="请用该账户或 root 运行"):
        server._owner_of(server._find_data())


@pytest.fixture(scope="session")
def ordinary_python() -> str:
    """A Python 3.11 that every account may run."""
    for path in ("/usr/bin/python3", sys.executable):
        tried = subprocess.run(
            [path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
            user=65534, group=65534, extra_groups=[], cwd="/", capture_output=True, check=False,
        )  # fmt: skip
        if tried.returncode == 0:
            return path
    pytest.skip("no Python 3.11 that an ordinary account may run")


def title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def wait_for(until: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
