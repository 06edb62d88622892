"""What a centre does with many cases at once: look for the same matter, put fifty reports into one case, take a long list away."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from bench.result import DOOR, Result

CENTRE = "caoshijie"
COUNTY = DOOR[:6]
PART = 50


def centre() -> Iterator[Result]:
    """Duplicates first: merging changes what is open."""
    yield _duplicates()
    yield from _merges()
    yield _export()


def _duplicates(most: int = 200) -> Result:
    """What the case page asks of each case that waits to be dispatched."""
    from bench.pages import centre as actor_of_centre  # noqa: PLC0415 - the child below sets Django up itself
    from bench.people import counted  # noqa: PLC0415
    from yijiaan.cases.models import Case  # noqa: PLC0415
    from yijiaan.cases.queries import list_similar  # noqa: PLC0415

    actor = actor_of_centre()
    here = Case.objects.listed_to(actor).open().order_by("-id")
    times, statements, spent = [], 0, time.process_time()
    for case in here[:most]:
        with counted() as seen:
            began = time.perf_counter()
            list_similar(actor, case=case)
            times.append((time.perf_counter() - began) * 1000)
        statements = max(statements, len(seen))
    return Result(
        "duplicate candidates of an open case", "cases/s", 1000 / statistics.mean(times), statistics.median(times),
        statistics.quantiles(times, n=20)[18], str(statements), aim="p95 10 ms at a million cases",
        cpu=(time.process_time() - spent) / len(times) * 1000,
    )  # fmt: skip


def _merges(rounds: int = 3) -> Iterator[Result]:
    """Fifty cases into one, by the deed; in as many rounds as there are cases for."""
    from bench.people import counted  # noqa: PLC0415
    from yijiaan.cases.actions import merge_cases  # noqa: PLC0415
    from yijiaan.cases.models import Case  # noqa: PLC0415
    from yijiaan.core.scope import system  # noqa: PLC0415

    open_ones = Case.objects.filter(
        county=COUNTY, status__in=("received", "dispatched", "in_progress"), is_confidential=False
    ).order_by("-id")
    numbers = list(open_ones.values_list("number", flat=True)[: rounds * (PART + 1)])
    times: list[float] = []
    statements, spent = 0, time.process_time()
    while len(numbers) > PART:
        group, numbers = numbers[: PART + 1], numbers[PART + 1 :]
        with counted() as seen:
            began = time.perf_counter()
            merge_cases(actor=system("bench", COUNTY), number=group[0], parts=group[1:])
            times.append((time.perf_counter() - began) * 1000)
        statements = len(seen)
    if times:
        yield Result(
            f"merge of {PART} reports into a case", "merges/s", 1000 / statistics.mean(times), statistics.median(times),
            max(times), str(statements), aim="300 ms", cpu=(time.process_time() - spent) / len(times) * 1000,
        )  # fmt: skip


def _export() -> Result:
    """The ended cases of a town (a hundred thousand in a county of a million), in a process of its own, as the worker writes them."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.centre"], env=dict(os.environ), check=True, capture_output=True, text=True
    )
    said = json.loads(answer.stdout.splitlines()[-1])
    seconds, rows = said["seconds"], said["rows"]
    return Result(
        f"export of {rows:,} cases to xlsx, {said['megabytes']:.0f} MB of memory", "rows/s", rows / seconds, seconds * 1000,
        seconds * 1000, "", aim="100,000 under 60 s and 200 MB", cpu=said["own"] / rows * 1000,
    )  # fmt: skip


def write() -> None:
    """In the child: one export, how long it took and the most memory that the process ever held."""
    import django  # noqa: PLC0415

    django.setup()
    from bench.pages import centre as actor_of_centre  # noqa: PLC0415
    from yijiaan.cases.actions import export_cases  # noqa: PLC0415
    from yijiaan.cases.filters import narrowed  # noqa: PLC0415
    from yijiaan.core.scope import system  # noqa: PLC0415
    from yijiaan.engines.tabular.actions import write_export  # noqa: PLC0415
    from yijiaan.engines.tabular.models import Export  # noqa: PLC0415

    actor = actor_of_centre()
    from django.http import QueryDict  # noqa: PLC0415

    query = "tab=closed"
    rows = narrowed(actor, QueryDict(query)).order_by()[:100_000].count()
    export = export_cases(actor=actor, query=query, title="bench", total_count=rows, client_key=uuid4())
    began, spent = time.perf_counter(), time.process_time()
    write_export(actor=system("bench", export.county), export_id=export.id)
    seconds, own = time.perf_counter() - began, time.process_time() - spent
    done = Export.objects.get(county=export.county, id=export.id)
    if done.state != "done":
        raise RuntimeError(f"the export is {done.state}")
    # of this program alone: what getrusage says begins with the parent's
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    print(json.dumps({"seconds": seconds, "own": own, "rows": rows, "megabytes": kilobytes / 1024}))


if __name__ == "__main__":
    write()
