"""The state of an installation: measured once, shown as words on the page and as numbers to the monitoring machine."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, QuerySet

from yijiaan import __version__
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.files.queries import count_refused
from yijiaan.engines.jobs.providers import KindOfRecord, kinds_of_records
from yijiaan.engines.jobs.queries import JobCounts, count_jobs, last_heartbeat
from yijiaan.engines.journal.models import Delivery
from yijiaan.engines.journal.queries import get_oldest_delivery
from yijiaan.engines.worktime.models import Holiday
from yijiaan.engines.worktime.queries import list_missing_years
from yijiaan.operations import permissions
from yijiaan.operations.models import Backup, Purge, Retention
from yijiaan.ui.words import span_words, when_words

SILENT = timedelta(seconds=30)  # as /readyz has it
LATE_NEWS, STUCK_NEWS = timedelta(minutes=1), timedelta(minutes=15)
OLD_BACKUP, STALE_BACKUP = timedelta(hours=36), timedelta(days=7)
LITTLE_ROOM, NO_ROOM = 0.15, 0.05


@dataclass(frozen=True, slots=True)
class State:
    """What was measured at one moment. Sizes in bytes."""

    at: datetime
    version: str
    server: str
    database_size: int
    disk_free: int
    disk_total: int
    heartbeat: datetime | None
    jobs: JobCounts
    deliveries: int
    failing_deliveries: int
    oldest_delivery: datetime | None
    last_backup: Backup | None
    failed_backup: Backup | None  # when it is newer than the last good one
    holiday_years: tuple[int, ...]
    missing_years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the page. kind: done, soon or late; the words say the same."""

    name: str
    value: str
    note: str = ""
    kind: str = "done"


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record and how long it is kept here."""

    kind: KindOfRecord
    days: int | None
    is_own: bool  # set here, not the preset


def measure(actor: Actor) -> State:
    """Look at everything once."""
    now = clock.now()
    disk = shutil.disk_usage(settings.VAR if Path(settings.VAR).exists() else "/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()), current_setting('server_version')")
        size, server = cursor.fetchone()
    failing = Delivery.objects.filter(attempts__gt=0).aggregate(count=Count("id"), oldest=Min("entry__happened_at"))
    next_one = get_oldest_delivery(actor)
    waiting = [failing["oldest"], next_one.entry.happened_at if next_one else None]
    done = Backup.objects.filter(ended_at__isnull=False, problem="").order_by("-began_at").first()
    failed = Backup.objects.exclude(problem="").order_by("-began_at").first()
    return State(
        at=now,
        version=__version__,
        server=server.split()[0],
        database_size=size,
        disk_free=disk.free,
        disk_total=disk.total,
        heartbeat=last_heartbeat(actor),
        jobs=count_jobs(actor),
        deliveries=Delivery.objects.count(),
        failing_deliveries=failing["count"],
        oldest_delivery=min((moment for moment in waiting if moment), default=None),
        last_backup=done,
        failed_backup=failed if failed and (done is None or failed.began_at > done.began_at) else None,
        holiday_years=tuple(day.year for day in Holiday.objects.dates("day", "year")),
        missing_years=_missing_years(actor, now),
    )


def _missing_years(actor: Actor, now: datetime) -> tuple[int, ...]:
    try:
        return list_missing_years(actor, now=now)
    except LookupError:  # no calendar at all was loaded yet
        day = clock.local_day(now)
        return (day.year, day.year + 1) if day.month >= 11 else (day.year,)


def list_signs(actor: Actor) -> list[Sign]:
    """The state in words, in the order in which one looks."""
    actor.require(permissions.VIEW)
    state = measure(actor)
    return [
        _worker(state),
        _news(state),
        _jobs(state),
        _backup(state),
        _holidays(state),
        _disk(state),
        _refused(actor, state.at),
        Sign("数据库", _size(state.database_size), f"PostgreSQL {state.server}"),
        Sign("程序版本", state.version),
    ]


def _refused(actor: Actor, now: datetime) -> Sign:
    reasons = count_refused(actor, since=now - timedelta(days=7))
    note = "、".join(f"{reason} {count}" for reason, count in reasons.items())
    return Sign("没有收的附件", f"7 天 {sum(reasons.values())} 个", note)


def _worker(state: State) -> Sign:
    if state.heartbeat is None:
        return Sign("后台进程", "没有运行", "通知、日志封印、定时任务都停着：请检查 worker 服务", "late")
    silent = state.at - state.heartbeat
    if silent > SILENT:
        note = f"已 {span_words(silent)}没有动静，通知、日志封印、定时任务都停着：请检查 worker 服务"
        return Sign("后台进程", "停了", note, "late")
    return Sign("后台进程", "在运行")


def _news(state: State) -> Sign:
    if not state.deliveries or state.oldest_delivery is None:
        return Sign("日志投递", "都投完了")
    waits = state.at - state.oldest_delivery
    kind = "late" if waits > STUCK_NEWS else "soon" if waits > LATE_NEWS else "done"
    note = f"最早一条等了 {span_words(waits)}"
    if state.failing_deliveries:
        note += f"，其中 {state.failing_deliveries} 条投过又失败，会自动再试；原因在后台日志里"
    return Sign("日志投递", f"{state.deliveries} 条待投", note, kind)


def _jobs(state: State) -> Sign:
    jobs = state.jobs
    note = f"排队 {jobs.waiting} 个，在做 {jobs.doing} 个"
    if jobs.failed:
        return Sign("后台任务", f"{jobs.failed} 个没有做成", f"{note}；下面可以重做", "late")
    if jobs.stalled:
        return Sign("后台任务", f"{jobs.stalled} 个断在中途", f"{note}；一两分钟内会自动接着做", "soon")
    return Sign("后台任务", "没有做不成的", note)


def _backup(state: State) -> Sign:
    last = state.last_backup
    failed = (
        f"；{when_words(state.failed_backup.began_at, state.at)} 那次没有做成：{state.failed_backup.problem}"
        if state.failed_backup
        else ""
    )
    if last is None or last.ended_at is None:
        return Sign(
            "最近备份",
            "还没有备份过",
            f"用 ./yijiaan backup 备份，或设 YIJIAAN_BACKUP_NIGHTLY 每夜自动备份{failed}",
            "late",
        )
    age = state.at - last.began_at
    kind = "late" if age > STALE_BACKUP or failed else "soon" if age > OLD_BACKUP else "done"
    sealed = "加了口令" if last.is_sealed else "没有加口令"
    return Sign(
        "最近备份", when_words(last.began_at, state.at), f"{last.name}，{_size(last.size)}，{sealed}{failed}", kind
    )


def _holidays(state: State) -> Sign:
    years = "、".join(str(year) for year in state.holiday_years)
    if state.missing_years:
        missing = "、".join(str(year) for year in state.missing_years)
        note = f"{missing} 年的放假安排没有导入，时限按只有周末算，是暂定的：国务院办公厅的通知一出来，就到“节假日和时限”里导入"
        return Sign(
            "节假日表", f"缺 {missing} 年", f"{f'现有 {years} 年' if years else '现在一年也没有'}。{note}", "late"
        )
    return Sign("节假日表", f"有 {years} 年")


def _disk(state: State) -> Sign:
    share = state.disk_free / state.disk_total if state.disk_total else 0
    kind = "late" if share < NO_ROOM else "soon" if share < LITTLE_ROOM else "done"
    note = "快满了：满了以后照片存不上、数据库会停" if kind != "done" else ""
    return Sign(
        "磁盘",
        f"剩 {_size(state.disk_free)}",
        f"共 {_size(state.disk_total)}，剩 {share:.0%}。{note}".rstrip("。"),
        kind,
    )


def _size(count: int) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:.0f} {unit}" if unit != "GB" else f"{count:.1f} {unit}"
        count = count / 1024  # type: ignore[assignment]
    return ""


def list_backups(actor: Actor) -> QuerySet[Backup]:
    """Copies that were made or tried, newest first."""
    actor.require(permissions.VIEW)
    return Backup.objects.order_by("-began_at")


def list_purges(actor: Actor) -> QuerySet[Purge]:
    """The deletion log, newest first."""
    actor.require(permissions.VIEW)
    return Purge.objects.order_by("-id")


def list_kept(actor: Actor) -> list[Kept]:
    """Every kind of record and how long it is kept here."""
    own = dict(Retention.objects.order_by("kind").values_list("kind", "days"))
    return [Kept(kind, own.get(kind.code, kind.days), kind.code in own) for kind in kinds_of_records()]
