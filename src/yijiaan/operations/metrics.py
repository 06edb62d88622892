"""Figures in Prometheus' text format, from rows and from the processes' own counters. No label ever holds a person, a place or a case."""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from yijiaan.core.scope import Actor
from yijiaan.operations.counters import BUCKETS, CLASSES, read_counts
from yijiaan.operations.queries import State, measure

Line = tuple[str, str, str, list[tuple[str, float]]]  # name, kind, help, (labels, value) …


def may_read(request: HttpRequest) -> bool:
    """Who holds the token; without a token only this machine itself, and nobody whom a proxy brings."""
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    try:
        is_local = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return is_local and "HTTP_X_FORWARDED_FOR" not in request.META


def write_metrics(actor: Actor) -> str:
    """All figures as text."""
    lines = []
    for name, kind, words, values in [*_state(measure(actor)), *_requests()]:
        lines += [f"# HELP yijiaan_{name} {words}", f"# TYPE yijiaan_{name} {kind}"]
        family = f"yijiaan_{name}"
        lines += [f"{family}{labels} {value:.15g}" for labels, value in values]
    return "\n".join(lines) + "\n"


def _state(state: State) -> Iterator[Line]:
    def gauge(name: str, words: str, *values: tuple[str, float]) -> Line:
        return name, "gauge", words, list(values)

    def age(moment: datetime | None) -> float:
        return (state.at - moment).total_seconds() if moment else float("nan")

    yield gauge(
        "info",
        "Version of the code and of the database server.",
        (f'{{version="{state.version}",server="{state.server}"}}', 1),
    )
    yield gauge("database_size_bytes", "Size of the database.", ("", state.database_size))
    yield gauge("disk_free_bytes", "Room left on the disk of the data folder.", ("", state.disk_free))
    yield gauge("disk_size_bytes", "Size of that disk.", ("", state.disk_total))
    yield gauge("worker_heartbeat_age_seconds", "Since a worker last gave a sign of life.", ("", age(state.heartbeat)))
    jobs = state.jobs
    yield gauge(
        "jobs", "Jobs in the queue by state.",
        ('{state="waiting"}', jobs.waiting), ('{state="doing"}', jobs.doing),
        ('{state="stalled"}', jobs.stalled), ('{state="failed"}', jobs.failed),
    )  # fmt: skip
    yield gauge("journal_deliveries", "News that subscribers still owe.", ("", state.deliveries))
    yield gauge("journal_deliveries_failing", "News that failed at least once.", ("", state.failing_deliveries))
    oldest = age(state.oldest_delivery) if state.oldest_delivery else 0.0
    yield gauge(
        "journal_oldest_delivery_age_seconds",
        "How old the oldest undelivered news is; 0 when there is none.",
        ("", oldest),
    )
    backup = state.last_backup
    yield gauge(
        "backup_age_seconds", "Since the last good backup began.", ("", age(backup.began_at if backup else None))
    )
    yield gauge("backup_size_bytes", "Size of the last good backup.", ("", backup.size if backup else float("nan")))
    yield gauge("backup_failed", "1 when the last backup failed.", ("", float(state.failed_backup is not None)))
    yield gauge("holiday_years_missing", "Years whose holidays should be imported now.", ("", len(state.missing_years)))


def _requests() -> Iterator[Line]:
    counts = list(read_counts())
    yield (
        "requests_total",
        "counter",
        "Answers by class of status and process.",
        [
            (f'{{status="{word}",process="{one.process}"}}', number)
            for one in counts
            for word, number in zip(CLASSES, one.by_class, strict=True)
        ],
    )
    values: list[tuple[str, float]] = []
    for one in counts:
        label = f'process="{one.process}"'
        buckets = [*zip(BUCKETS, one.by_bucket, strict=True), ("+Inf", sum(one.by_class))]
        values += [(f'_bucket{{{label},le="{bound}"}}', number) for bound, number in buckets]
        values += [(f"_sum{{{label}}}", one.seconds), (f"_count{{{label}}}", sum(one.by_class))]
    yield "request_seconds", "histogram", "Time to answer, in the process.", values
