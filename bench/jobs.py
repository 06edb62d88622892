"""What runs by itself: cards of due duties, the walk along the journal's seals, the nightly comparison of the counts."""

import time
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from bench.result import DOOR, Result
from yijiaan.cases.actions import compare_day_counts
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.actions import seal_entries
from yijiaan.engines.journal.models import Entry, Seal
from yijiaan.engines.journal.seals import verify
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo

COUNTY = DOOR[:6]


def counts() -> Iterator[Result]:
    """The fill counts nothing: the first run writes two months, the second is the night's usual one. Before all pages: a board
    shows counts."""
    for name in ("day counts written from the journal", "day counts compared with the journal"):
        began = time.perf_counter()
        (check,) = compare_day_counts(actor=system("bench", COUNTY))
        yield _once(name, check.row_count or check.wrong_count, time.perf_counter() - began, "rows", "")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE case_day_count")  # as autovacuum does after so many rows


def jobs(*, duties: int = 20_000, entries: int = 1_000_000) -> Iterator[Result]:
    """The sweep and the walk."""
    waiting = Todo.objects.filter(
        county=COUNTY, done_at=None, subject_type="cases.case", card="", tell_at__gt=clock.now()
    ).values_list("id", flat=True)
    Todo.objects.filter(county=COUNTY, id__in=list(waiting[:duties])).update(tell_at=clock.now())
    began = time.perf_counter()
    told = tell_due_todos(actor=system("bench"))
    yield _once("alert sweep", told, time.perf_counter() - began, "duties", "20,000 under 5 s")
    began, sealed, last = time.perf_counter(), 0, UUID(int=0)
    entries -= Seal.objects.filter(county=COUNTY).count()  # of a database that was kept
    links = Seal.objects.filter(county=COUNTY, entry_id=OuterRef("id"))
    unsealed = Entry.objects.filter(~Exists(links), county=COUNTY).order_by("id")
    while sealed < entries and (many := list(unsealed.filter(id__gt=last)[:1000])):
        with transaction.atomic():
            seal_entries(actor=system("bench"), county=COUNTY, entries=many)
        sealed, last = sealed + len(many), many[-1].id
    if sealed:
        yield _once("seal the journal", sealed, time.perf_counter() - began, "rows", "")
    began = time.perf_counter()
    verdict = verify(COUNTY)
    if verdict.fault:
        raise RuntimeError(verdict.fault)
    yield _once("verify the journal", verdict.links, time.perf_counter() - began, "rows", "a million under 60 s")


def _once(name: str, number: int, seconds: float, unit: str, aim: str) -> Result:
    return Result(
        f"{name}: {number:,} {unit}", f"{unit}/s", number / seconds, seconds * 1000, seconds * 1000, "", aim=aim
    )
