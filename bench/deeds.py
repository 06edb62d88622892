"""Dispatch, sign, finish: the whole request of a page in this process, one after another."""

import statistics
import time
from collections.abc import Iterator

from bench.people import browser_of, counted
from bench.result import DOOR, Result
from bench.server import Web
from yijiaan.accounts.models import Post
from yijiaan.cases.models import Case

CENTRE, STATION = "caoshijie", "jiedan-power"


def deeds(web: Web, *, most: int = 60) -> Iterator[Result]:
    """Cases of the town on their way from the centre to the station and done."""
    here = Case.objects.filter(area_code__startswith=DOOR, county=DOOR[:6], is_confidential=False)
    power = Post.objects.get(user__username=STATION).unit_id
    numbers = list(here.filter(status="received").order_by("-id").values_list("number", flat=True)[:most])
    for name, username, sent in (
        ("dispatch", CENTRE, {"lead": str(power), "urgency": "normal", "category": "0401"}),
        ("sign", STATION, {}),
        ("finish", STATION, {"result": "到现场看过，已经修好。"}),
    ):
        browser = browser_of(username)
        times, statements = [], []
        own, database = 0.0, web.meter.seconds()
        for number in numbers:
            version = here.values_list("version", flat=True).get(number=number)
            with counted() as seen:
                began, spent = time.perf_counter(), time.process_time()
                answer = browser.post(f"/cases/{number}/{name}/", {"seen_version": version, **sent})
                times.append((time.perf_counter() - began) * 1000)
                own += time.process_time() - spent
            statements.append(len(seen))
            if answer.status_code != 302:
                raise RuntimeError(f"{name} of {number} was answered {answer.status_code}")
        cpu = (own + web.meter.seconds() - database) / len(numbers) * 1000
        # the first of each warms the process: what it keeps of places, units and limits it reads once, and again every few seconds
        yield Result(
            name, "deeds/s", 1000 / statistics.mean(times[1:]), statistics.median(times[1:]),
            statistics.quantiles(times[1:], n=20)[18], str(sorted(statements[1:])[len(statements) * 9 // 10]), aim="p50 25 ms, 15 statements", cpu=cpu,
        )  # fmt: skip
