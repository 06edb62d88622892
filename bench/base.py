"""Base data at a county's size: 180,000 households, 500,000 people, 31,000 on care lists. What a search, a household, the lists of what
is due and a worker's week without signal cost."""

import gzip
import json
import statistics
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bench.pages import CENTRE, SECRETARY, WORKER, Page, actor_of, ask, centre
from bench.people import browser_of, cookie_of, statements_of
from bench.result import DOOR, Result
from bench.server import Web
from yijiaan.core import clock
from yijiaan.core.envelopes import close_envelope
from yijiaan.core.scope import Actor, system
from yijiaan.patrols import actions as patrols
from yijiaan.portal.outbox import SEALED
from yijiaan.registry import actions
from yijiaan.registry.models import CareEntry, Household, Person

HOUSEHOLDS, PEOPLE, TAKEN_ALONG, WAITING = 180_000, 500_000, 400, 200
NAME, PHONE = "王小明", "15400013344"
FILL = Path(__file__).with_name("base.sql")


def base(web: Web, *, seconds: float) -> Iterator[Result]:
    """Fill what is not filled yet, then ask."""
    home = _fill()
    search = "p50 30 ms"
    for name, text in (
        ("initials", "wxm"), ("name", NAME), ("phone", PHONE), ("address", "幸福里 123"), ("street", "槐树巷"),
    ):  # fmt: skip
        yield ask(web, Page(f"base data: search by {name}", f"/base/?q={quote(text)}", CENTRE, search), seconds=seconds)
    yield ask(web, Page("base data: household", f"/base/household/{home}/", CENTRE, "12 statements"), seconds=seconds)
    due = "p50 20 ms"
    yield ask(web, Page("base data: to be looked at again, town", "/base/due/", CENTRE, due), seconds=seconds)
    yield ask(web, Page("base data: completeness of a town by grids", "/base/completeness/", CENTRE), seconds=seconds)
    yield ask(web, Page("visits due: town", "/visits/due/", CENTRE, due), seconds=seconds)
    yield ask(web, Page("visits due: phone of a village", "/field/visits/", SECRETARY, due), seconds=seconds)
    yield ask(web, Page("visits due: phone of a worker", "/field/visits/", WORKER, due), seconds=seconds)
    yield _taken_along(web)
    yield _sent_at_once(web)


def _taken_along(web: Web, times: int = 12) -> Result:
    """随身资料 of a grid of 400 households, packed as it goes over the line."""
    head = dict([cookie_of(WORKER).strip().split(": ", 1)]) | {"Accept-Encoding": "gzip"}
    taken, size, homes = [], 0, 0
    line = HTTPConnection("127.0.0.1", web.port)
    before = web.meter.seconds()
    for _ in range(times):
        began = time.perf_counter()
        line.request("GET", "/field/carried.json", headers=head)
        answer = line.getresponse()
        packed = answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"what a phone takes along was answered {answer.status}")
        size, homes = len(packed), len(json.loads(gzip.decompress(packed))["households"])
    cpu = (web.meter.seconds() - before) / times * 1000
    p50 = statistics.median(taken)
    return Result(
        f"taken along for a week: {homes} households, {size / 1000:.0f} kB", "pages/s", 1000 / p50, p50, max(taken),
        statements_of("/field/carried.json", WORKER), aim="200 ms, 400 kB", cpu=cpu,
    )  # fmt: skip


def _sent_at_once(web: Web) -> Result:
    """200 visits that waited on a phone, sealed, in one request."""
    worker = actor_of(WORKER)
    homes = Household.objects.visible_to(worker).filter(status="active").order_by("id")[:WAITING]
    rows = []
    for home in homes:
        key, action = uuid4(), f"/field/visits/new/?household={home.id}"
        said = {
            "way": "home",
            "needs": "",
            "moves": "没有变",
            "client_key": str(key),
            "kind": "",
            "owner": str(worker.user_id),
        }
        body = MULTIPART_CONTENT.encode() + b"\n" + encode_multipart(BOUNDARY, said)
        rows.append((key, action, close_envelope(body, f"{key} {action}")))
    now = clock.milliseconds()
    head = [{"key": str(key), "action": action, "sent": now, "length": len(body)} for key, action, body in rows]
    parcel = json.dumps(head).encode() + b"\n" + b"".join(body for _, _, body in rows)
    browser = browser_of(WORKER)
    browser.get(rows[0][1])  # the form gives the token
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    line = HTTPConnection("127.0.0.1", web.port)
    before, began = web.meter.seconds(), time.perf_counter()
    line.request(
        "POST", "/outbox/sync/", parcel,
        {
            "Content-Type": SEALED, "Cookie": cookies, "X-Outbox": "1",
            "X-CSRFToken": browser.cookies["csrftoken"].value, "Referer": f"http://127.0.0.1:{web.port}/field/",
        },
    )  # fmt: skip
    answer = line.getresponse()
    said_back = answer.read()
    spent, cpu = time.perf_counter() - began, web.meter.seconds() - before
    if answer.status != 200:
        raise RuntimeError(f"the parcel was answered {answer.status}")
    states = [row["status"] for row in json.loads(said_back)["answers"]]
    if len(states) != WAITING or any(status not in (200, 201) for status in states):
        raise RuntimeError(f"of {len(states)} visits {states.count(201)} were taken, others {set(states)}")
    return Result(
        f"{WAITING} visits of a phone in one request", "visits/s", WAITING / spent, spent * 1000, spent * 1000, "",
        aim="under 1 s", cpu=cpu / WAITING * 1000,
    )  # fmt: skip


def _fill() -> UUID:
    """A family in the worker's grid by the actions; from it all others by SQL. Gives a household of the town."""
    worker = actor_of(WORKER)
    grid = worker.areas[0]
    if Household.objects.filter(county=worker.county).count() < HOUSEHOLDS:
        with transaction.atomic():
            _clone(worker, _family(grid), grid)
    home = Household.objects.filter(county=worker.county, area_code=grid).order_by("-id").first()
    assert home is not None
    return home.id


def _family(grid: str) -> tuple[Household, Person, CareEntry]:
    actor = centre()
    home: Household = actions.add_record(
        actor=actor, kind="household", area_code=grid, values={"address": "幸福里 0 号"},
        source="visit", client_key=uuid4(),
    )  # fmt: skip
    values = {"name": NAME, "sex": "male", "birth_on": "1942-03-09", "phone": PHONE}
    person = actions.add_person(
        actor=actor, household_id=home.id, relation="head", values=values, source="visit", client_key=uuid4()
    )
    facts = actions.CareFacts(care_kind="elder_alone", basis="statute", source="老年人关爱服务办法")
    care = actions.add_care(actor=actor, person_id=person.id, facts=facts, client_key=uuid4())
    patrols.keep_arrangements_of_today(actor=system("bench", DOOR[:6]))
    return home, person, care


def _clone(worker: Actor, family: tuple[Household, Person, CareEntry], grid: str) -> None:
    home, person, care = family
    given = {
        "county": worker.county, "home": str(home.id), "person": str(person.id), "care": str(care.id), "grid": grid,
        "households": str(HOUSEHOLDS), "people": str(PEOPLE), "own": str(TAKEN_ALONG),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for name, value in given.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [f"bench.{name}", value])
        cursor.execute(FILL.read_text("utf-8"))
