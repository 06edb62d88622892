"""What load balancers and operators ask: is the process alive, is it ready for work."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.engines.jobs.models import Heartbeat

STALE = 30  # seconds without a heartbeat after which the worker counts as dead

_is_migrated = False


def _pending_migrations() -> int:
    """How many migrations of this code the database lacks; once it is none the running code asks no more."""
    global _is_migrated
    if _is_migrated:
        return 0
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _is_migrated = pending == 0
    return pending


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations and worker; 503 when one of them is not ready."""
    database, migrations, age = False, None, None
    try:
        connection.ensure_connection()
        database = True
        migrations = _pending_migrations()
        beats = [beat.age.total_seconds() for beat in Heartbeat.objects.all()]
        age = round(min(beats), 1) if beats else None
    except DatabaseError:
        pass
    is_ready = database and migrations == 0 and age is not None and age <= STALE
    return JsonResponse(
        {
            "status": "ok" if is_ready else "unavailable",
            "database": "ok" if database else "unreachable",
            "pending_migrations": migrations,
            "worker": "ok" if age is not None and age <= STALE else "silent",
            "worker_heartbeat_age": age,
        },
        status=200 if is_ready else 503,
    )
