"""The operations page and the figures: they say what is wrong, to whom it concerns."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from procrastinate.contrib.django.models import ProcrastinateJob

from yijiaan.accounts.tests.make import make_person, make_unit
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, check_needs_sign_in, check_refusals, without
from yijiaan.engines.jobs.actions import beat
from yijiaan.engines.journal.actions import record
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.worktime.actions import load_default_calendar
from yijiaan.engines.worktime.models import Holiday, OfficeHours
from yijiaan.engines.worktime.queries.current import forget_calendar
from yijiaan.operations import actions, counters
from yijiaan.operations.metrics import may_read
from yijiaan.operations.models import Backup
from yijiaan.operations.queries import Sign, list_signs

ME = system("tests")
NOW = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.crosses_counties("the operations page looks at the whole installation"),
]


@pytest.fixture(autouse=True)
def noon(db):
    load_default_calendar(actor=ME)
    forget_calendar()
    with clock.at(NOW):
        yield
    forget_calendar()


@pytest.fixture
def admin():
    return make_person("weihu", "county_admin", make_unit("区综治中心", "county_centre", "370812"))


def sign(name: str) -> Sign:
    return next(sign for sign in list_signs(ME) if sign.name == name)


def job(status: str, *, lock: str | None = None, name: str = "cases.close_unanswered_callbacks") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, queueing_lock)"
            " VALUES ('default', %s, '{}', %s, %s) RETURNING id",
            [name, status, lock],
        )
        return cursor.fetchone()[0]


def test_all_is_well_where_all_is_well():
    beat(actor=ME, name="worker")
    Backup.objects.create(began_at=NOW, ended_at=NOW, name="a.backup", size=5_000_000)
    assert {one.name: one.kind for one in list_signs(ME) if one.name != "磁盘"} == dict.fromkeys(
        ["后台进程", "日志投递", "后台任务", "最近备份", "节假日表", "没有收的附件", "数据库", "程序版本"], "done"
    )
    assert sign("节假日表").value == "有 2024、2025、2026 年"


def test_a_silent_worker_and_old_news_are_said():
    assert sign("后台进程").kind == "late"
    with clock.at(NOW - timedelta(minutes=3)):
        beat(actor=ME, name="worker")
    assert (sign("后台进程").value, "3 分" in sign("后台进程").note) == ("停了", True)
    record(
        actor=ME, verb="tests.done", county="370812", subject_type="tests.thing", subject_id=uuid7(),
        area_code="370812", at=NOW - timedelta(minutes=20),
    )  # fmt: skip
    assert (sign("日志投递").value, sign("日志投递").kind) == ("1 条待投", "late")
    Delivery.objects.update(attempts=3, next_at=NOW + timedelta(hours=1), last_error="ValueError")
    assert "1 条投过又失败" in sign("日志投递").note
    assert "等了 20 分" in sign("日志投递").note


def test_next_years_holidays_are_missed_from_november_on():
    assert sign("节假日表").kind == "done"
    with clock.at(datetime(2026, 11, 24, 2, 0, tzinfo=UTC)):
        missing = sign("节假日表")
    assert (missing.value, missing.kind) == ("缺 2027 年", "late")
    assert "节假日和时限" in missing.note


def test_without_any_calendar_the_page_says_so_too():
    OfficeHours.objects.all().delete()
    Holiday.objects.all().delete()
    forget_calendar()
    assert (sign("节假日表").value, sign("节假日表").note[:7]) == ("缺 2026 年", "现在一年也没有")


def test_backups_grow_old_and_fail():
    assert (sign("最近备份").value, sign("最近备份").kind) == ("还没有备份过", "late")
    Backup.objects.create(began_at=NOW - timedelta(days=2), ended_at=NOW, name="a.backup", size=5_000_000)
    assert sign("最近备份").kind == "soon"
    Backup.objects.create(began_at=NOW, ended_at=NOW, name="b.backup", problem="磁盘放不下")
    assert sign("最近备份").kind == "late"
    assert "磁盘放不下" in sign("最近备份").note


def test_a_full_disk_is_said(monkeypatch):
    for free, kind in ((50, "done"), (10, "soon"), (3, "late")):
        monkeypatch.setattr(
            "yijiaan.operations.queries.state.shutil.disk_usage",
            lambda path, free=free: SimpleNamespace(free=free, total=100),
        )
        assert sign("磁盘").kind == kind


def test_page_shows_the_state_to_the_system_administrator_alone(admin):
    check_needs_sign_in(Client(), "/operations/", "/operations/retention/")
    handler = make_person("jiedan", "handler", make_unit("供电所", "power")).client()
    assert [handler.get(path).status_code for path in ("/operations/", "/operations/retention/")] == [403, 403]
    assert "运行情况" not in handler.get("/account/").content.decode()
    client = admin.client()
    assert "运行情况" in client.get("/account/").content.decode()
    Backup.objects.create(began_at=NOW, ended_at=NOW, name="yijiaan-20261020.backup", size=5_000_000)
    job("failed")
    client.get("/operations/")
    with assert_statements(at_most=22):
        page = client.get("/operations/").content.decode()
    for words in (
        "没有运行",
        "1 个没有做成",
        "cases.close_unanswered_callbacks",
        "yijiaan-20261020.backup",
        "有要处理的",
    ):
        assert words in page


def test_a_failed_job_is_done_again(admin):
    client = admin.client()
    failed, fine, held = job("failed"), job("todo"), job("failed", lock="only-one")
    job("todo", lock="only-one")
    answer = client.post(f"/operations/jobs/{failed}/retry/", follow=True)
    assert "已放回队列" in answer.content.decode()
    assert ProcrastinateJob.objects.get(id=failed).status == "todo"
    entry = Entry.objects.get(verb="operations.job_retried")
    assert (entry.data, entry.actor_kind) == ({"job": failed, "task": "cases.close_unanswered_callbacks"}, "staff")
    assert client.post(f"/operations/jobs/{fine}/retry/").status_code == 404
    assert "已经在排队" in client.post(f"/operations/jobs/{held}/retry/", follow=True).content.decode()
    assert Entry.objects.filter(verb="operations.job_retried").count() == 1
    check_refusals(
        actions.retry_job, stranger=admin.actor, unprivileged=without(admin.actor), tables=(Entry,), job_id=fine
    )


def test_a_job_whose_worker_died_is_in_trouble_and_one_at_work_is_not():
    with connection.cursor() as cursor:
        for number, beaten in ((1, NOW - timedelta(minutes=5)), (2, NOW)):
            cursor.execute(
                "INSERT INTO procrastinate_workers (id, last_heartbeat) OVERRIDING SYSTEM VALUE VALUES (%s, %s)",
                [number, beaten],
            )
            cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s WHERE id = %s", [number, job("doing")])
    assert (sign("后台任务").value, sign("后台任务").kind) == ("1 个断在中途", "soon")
    assert "在做 1 个" in sign("后台任务").note


def test_whoever_may_not_look_hears_so(admin):
    with pytest.raises(NotAllowed):
        list_signs(without(admin.actor))


def test_metrics_are_for_this_machine_or_the_holder_of_the_token(settings, tmp_path):
    settings.VAR = tmp_path
    ask = RequestFactory().get
    assert may_read(ask("/metrics", REMOTE_ADDR="127.0.0.1"))
    assert may_read(ask("/metrics", REMOTE_ADDR="::1"))
    assert not may_read(ask("/metrics", REMOTE_ADDR="10.0.0.7"))
    assert not may_read(ask("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="10.0.0.7"))
    settings.METRICS_TOKEN = "only-for-the-monitor"
    assert not may_read(ask("/metrics", REMOTE_ADDR="127.0.0.1"))
    assert may_read(ask("/metrics", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer only-for-the-monitor"))
    assert not may_read(ask("/metrics", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer another"))
    assert Client(REMOTE_ADDR="10.0.0.7").get("/metrics").status_code == 404


def test_metrics_are_well_formed_and_count_requests(settings, tmp_path):
    settings.VAR = tmp_path
    beat(actor=ME, name="worker")
    job("failed")
    client = Client(REMOTE_ADDR="127.0.0.1")
    for path in ("/healthz", "/healthz", "/nowhere/"):
        client.get(path)
    text = client.get("/metrics").content.decode()
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert line.split()[1] in ("HELP", "TYPE")
            continue
        name, value = line.rsplit(" ", 1)
        assert name not in values
        values[name] = float(value)
    assert values["yijiaan_worker_heartbeat_age_seconds"] == 0
    assert values['yijiaan_jobs{state="failed"}'] == 1
    assert values["yijiaan_holiday_years_missing"] == 0
    (mine,) = (name.split('"')[1] for name in values if name.startswith("yijiaan_request_seconds_count"))
    assert values[f'yijiaan_requests_total{{status="2xx",process="{mine}"}}'] == 2
    assert values[f'yijiaan_requests_total{{status="4xx",process="{mine}"}}'] == 1
    assert values[f'yijiaan_request_seconds_bucket{{process="{mine}",le="+Inf"}}'] == 3
    assert values[f'yijiaan_request_seconds_sum{{process="{mine}"}}'] > 0


def test_counts_of_ended_processes_go(settings, tmp_path):
    settings.VAR = tmp_path
    (tmp_path / "counters").mkdir()
    (tmp_path / "counters" / "999999999").write_bytes(b"\0" * 8)
    assert list(counters.read_counts()) == []
    assert not (tmp_path / "counters" / "999999999").exists()
