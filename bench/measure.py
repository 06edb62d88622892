"""The operations: each over HTTP and, where it writes, as the same SQL in pgbench, in alternation."""

import json
import os
import re
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import count, cycle, islice
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from shapely.geometry import shape

from bench import client, pgbench
from yijiaan.accounts.models import Post
from yijiaan.accounts.queries import public_actor
from yijiaan.accounts.signin import POST_KEY
from yijiaan.areas.models import Border
from yijiaan.cases import intake_fast
from yijiaan.cases.actions import compare_day_counts
from yijiaan.cases.intake import Intake, check_intake, give_numbers
from yijiaan.cases.models import Case, Report, Reporter
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.actions import seal_entries
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.seals import verify
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo

DOOR = "370812102"
TEXT = "三村东头那几个路灯又不亮咧，娃娃放学看不清，上回修了没几天。"
BATCH = 100
_CONTROL = re.compile(r"\s*(BEGIN|COMMIT|SAVEPOINT|RELEASE)", re.I)
PLACES = 38  # villages that reports come from


@dataclass(frozen=True)
class Result:
    """One line of the table. rate: units a second; ratio: to pgbench, where there is one."""

    name: str
    unit: str
    rate: float
    p50: float
    p95: float
    statements: str
    ratio: float | None = None
    aim: str = ""


def _bodies() -> list[bytes]:
    """The JSON of a report up to its key, from a point in each grid of the town: reports of one spot would wait for one row."""
    middles = [
        shape(geometry).representative_point()
        for geometry in Border.objects.filter(area__code__startswith=DOOR).values_list("geometry", flat=True)
    ]
    return [
        json.dumps(
            {
                "text": TEXT, "lon": round(middle.x, 6), "lat": round(middle.y, 6),
                "reporter": {"name": "张先生", "phone": "15400002217"}, "client_key": "",
            },
            ensure_ascii=False,
        ).encode()[:-2]
        for middle in middles
    ]  # fmt: skip


class Reports:
    """Reports with keys of their own, cheap to make: the client shares the machine."""

    def __init__(self) -> None:
        self.bodies = cycle(_bodies())

    def one(self) -> bytes:
        """The JSON of the next."""
        return next(self.bodies) + str(uuid.UUID(bytes=os.urandom(16), version=4)).encode() + b'"}'


class PgbenchScript:
    """Our own statements with their parameters written in; ids and numbers count up, as ours do."""

    STEP = 4096  # ids of one transaction

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def head(self) -> str:
        """Variables that differ at every transaction; `run` and `n` come from the command line."""
        return f"\\set n :n + {self.STEP}\n\\set id :run * 281474976710656 + :client_id * 1099511627776 + :n\n"

    def single(self) -> str:
        """One report in one statement, as the fast door sends it."""
        parts = []
        for place, (table, lines) in enumerate(self._rows(0)):
            head = f"INSERT INTO {table.name} ({table.column_list})"
            values = ", ".join(f"({line})" for line in lines)
            if (
                table is intake_fast.COUNT
            ):  # a hot row would measure waiting: the places of the reports differ, and so do these
                parts.append(
                    f"t{place} AS ({head} SELECT v.* FROM (VALUES {self._counts(1)}) AS v, new ORDER BY 3, 4 {intake_fast.ADD})"
                )
            elif place == 0:
                parts.append(
                    f"new AS ({head} VALUES {values} ON CONFLICT (county, client_key) DO NOTHING RETURNING id)"
                )
            else:
                parts.append(f"t{place} AS ({head} SELECT v.* FROM (VALUES {values}) AS v, new)")
        return f"{self.head()}WITH {', '.join(parts)} SELECT id FROM new;\n"

    def batch(self) -> str:
        """BATCH reports as multi-row inserts in one transaction."""
        by_table: dict[intake_fast.Table, list[str]] = {intake_fast.CASE: []}
        for number in range(BATCH):
            for table, lines in self._rows(number):
                by_table.setdefault(table, []).extend(lines)
        script = self.head() + "BEGIN;\n"
        counted = by_table.pop(intake_fast.COUNT)
        for table, lines in by_table.items():
            # pgbench counts every use of a variable as an argument and allows 255: one use serves all rows
            values = ", ".join(f"({line})" for line in lines).replace(":id::bigint", "i.id")
            source = f"(SELECT :id::bigint AS id) AS i, LATERAL (VALUES {values}) AS v"
            script += f"INSERT INTO {table.name} ({table.column_list}) SELECT v.* FROM {source};\n"
        assert counted
        table = intake_fast.COUNT
        rows = f"(SELECT v.* FROM (SELECT :id::bigint AS id) AS i, LATERAL (VALUES {self._counts(PLACES, 'i.id')}) AS v) AS w"
        script += (
            f"INSERT INTO {table.name} ({table.column_list}) SELECT * FROM {rows} ORDER BY 3, 4 {intake_fast.ADD};\n"
        )
        return script + "COMMIT;\n"

    @staticmethod
    def _counts(places: int, key: str = ":id::bigint") -> str:
        """Rows of the day counts for so many villages, another one each time, and the channel of each."""
        county, day = DOOR[:6], clock.local_day()
        lines = []
        for number in range(places):
            village = f"'{DOOR}' || lpad((({key} / 4096 + {number}) % {PLACES} + 200)::text, 3, '0')"
            lines.append(
                f"('{county}'::varchar, gen_random_uuid(), 'village'::varchar, ({village})::varchar, '{day}'::date, {BATCH // places or 1})"
            )
        for slot in range(min(places, 8)):
            channel = f"'{DOOR}.snap_report.' || (({key} / 4096 + {slot}) % 8)"
            lines.append(
                f"('{county}'::varchar, gen_random_uuid(), 'channel'::varchar, ({channel})::varchar, '{day}'::date, {BATCH // 8 if places > 1 else 1})"
            )
        return ", ".join(lines)

    def _rows(self, number: int) -> list[tuple[intake_fast.Table, list[str]]]:
        intake = Intake(
            text=TEXT,
            client_key=uuid.uuid4(),
            lon=116.6615,
            lat=35.644,
            reporter_name="张先生",
            reporter_phone="15400002217",
        )
        facts = check_intake(self.actor, intake, door=DOOR, channel="snap_report", now=clock.now())
        give_numbers(self.actor, [facts], now=facts.received_at)
        by_table = intake_fast.rows_of(self.actor, facts)
        entry_id = by_table[intake_fast.ENTRY][0][0]
        known = dict.fromkeys((facts.case_id, facts.report_id, entry_id), number * 8)  # what other rows point at
        serial = number * 8
        groups = []
        for table, rows in by_table.items():
            lines = []
            for row in rows:
                serial += 1
                cells = zip(table.columns, table.types, row, strict=True)
                lines.append(", ".join(self._value(name, kind, value, known, serial) for name, kind, value in cells))
            groups.append((table, lines))
        return groups

    def _value(self, name: str, kind: str, value: Any, known: dict[uuid.UUID, int], serial: int) -> str:
        if isinstance(value, uuid.UUID) and value in known:
            return self._uuid(known[value])
        match name:
            case "id":
                return self._uuid(serial)
            case "client_key":
                return "gen_random_uuid()"
            case "number":
                return f"'B' || (:id::bigint + {serial})"
            case "tracking_search":
                return "uuid_send(gen_random_uuid())"
            case "data":
                own = self._uuid(serial // 8 * 8)
                return f"jsonb_build_object('report', {own}::text, 'channel', 'snap_report', 'kind', 'help')"
        if value is None:
            return f"NULL::{kind}"
        if isinstance(value, bytes):
            return f"decode('{value.hex()}', 'hex')"
        if isinstance(value, datetime):
            # no literal with colons: pgbench takes them for its variables
            return f"to_timestamp({value.timestamp():.6f})"
        return "'{}'::{}".format(str(value).replace("'", "''"), kind)

    @staticmethod
    def _uuid(offset: int) -> str:
        return f"lpad(to_hex(:id::bigint + {offset}), 32, '0')::uuid"


def _session(username: str) -> str:
    """The cookie of a signed-in user in his first post."""
    post = Post.objects.select_related("user").filter(user__username=username).order_by("starts_on").first()
    assert post is not None
    store = SessionStore()
    store[SESSION_KEY] = str(post.user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = post.user.get_session_auth_hash()
    store[POST_KEY] = str(post.id)
    store.save()
    return f"Cookie: {settings.SESSION_COOKIE_NAME}={store.session_key}\r\n"


def _statements(path: str, username: str) -> str:
    """How many SQL statements a page costs, counted in this process."""
    post = Post.objects.select_related("user").filter(user__username=username).order_by("starts_on").first()
    assert post is not None
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(post.user)
    session = browser.session
    session[POST_KEY] = str(post.id)
    session.save()
    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(len(captured))


def intake(url: str, port: int, *, seconds: float, clients: int, rounds: int) -> Iterator[Result]:
    """Single and batch intake against pgbench, in alternation; the medians of the rounds are compared."""
    script = PgbenchScript(public_actor(DOOR, "snap_report"))
    runs, reports = count(1), Reports()

    def single() -> bytes:
        return client.request("POST", "/api/v1/reports", reports.one())

    def batch() -> bytes:
        body = b'{"reports": [' + b", ".join(reports.one() for _ in range(BATCH)) + b"]}"
        return client.request("POST", "/api/v1/reports/batch", body)

    # a batch in pgbench sends its rows as literals, as ours sends them as arrays: a prepared one would send nothing at all
    for name, make, sql, mode, size, connections, statements, aim in (
        ("single intake", single, script.single(), "prepared", 1, clients, "1", "0.4"),
        (f"batch intake of {BATCH}", batch, script.batch(), "simple", BATCH, 4, "1", "0.6, better 0.7"),
    ):
        client.run(port, make, clients=connections, seconds=1)  # warm
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(client.run(port, make, clients=connections, seconds=seconds))
            theirs.append(pgbench.run(url, sql, clients=connections, seconds=seconds, run=next(runs), mode=mode))
        bad = sum(load.bad for load in ours)
        if bad:
            raise RuntimeError(f"{name}: {bad} answers were refusals")
        rate = statistics.median(load.rate for load in ours)
        yield Result(
            name,
            "reports/s",
            rate * size,
            statistics.median(load.p50 for load in ours),
            statistics.median(load.p95 for load in ours),
            statements,
            rate / statistics.median(theirs),
            aim,
        )


def pages(port: int, *, seconds: float) -> Iterator[Result]:
    """Lists, search and the case page, one request at a time: what a person waits for. At a county's size each has its aim."""
    here = Case.objects.filter(area_code__startswith=DOOR, is_confidential=False)
    waiting = here.filter(status="received").order_by("-id").values_list("number", flat=True).first()
    working = here.filter(status="in_progress").order_by("-id").values_list("number", flat=True).first()
    report = Report.objects.filter(case__in=here.filter(status="closed").order_by("-id")[:1]).first()
    assert report is not None
    phone = _known_phone()
    for name, path, username, aim in (
        ("worklist of a centre", "/cases/", "caoshijie", "20"),
        ("case list page 1", "/cases/?tab=closed", "caoshijie", "20"),
        ("case list page 100", _page(100, "/cases/?tab=closed", "caoshijie"), "caoshijie", "20"),
        ("case page, to be dispatched", f"/cases/{waiting}/", "caoshijie", "20"),
        ("case page, in progress", f"/cases/{working}/", "caoshijie", "20"),
        ("search: number", f"/cases/?tab=closed&q={report.number}", "caoshijie", "20"),
        ("search: place", f"/cases/?tab=closed&q={quote(report.place)}", "caoshijie", "20"),
        ("search: two characters, 1 case in 12", f"/cases/?tab=closed&q={quote('滴水')}", "caoshijie", "20"),
        ("search: phone", f"/cases/?tab=all&q={phone}", "caoshijie", "20"),
        ("orders of a station", "/orders/", "jiedan-power", "20"),
        ("field home", "/field/", "shaoxiuying", "20"),
    ):
        cookie = _session(username)
        load = client.run(port, lambda: client.request("GET", path, headers=cookie), clients=1, seconds=seconds)  # noqa: B023
        if load.bad:
            raise RuntimeError(f"{name}: {load.bad} of {load.count} answers were not 200")
        yield Result(name, "pages/s", load.rate, load.p50, load.p95, _statements(path, username), aim=f"p50 {aim} ms")


def _browser(username: str) -> Client:
    """A signed-in browser in this process."""
    browser = Client(SERVER_NAME="127.0.0.1")
    name, _, value = _session(username).removeprefix("Cookie: ").strip().partition("=")
    browser.cookies[name] = value
    return browser


def _page(number: int, path: str, username: str) -> str:
    """The address of a later page, found as a reader finds it: by 下一页."""
    browser = _browser(username)
    for _ in range(number - 1):
        found = re.search(r'rel="next" href="([^"]+)"', browser.get(path).content.decode())
        if found is None:
            break
        path = unescape(found[1])
    return path


def _known_phone() -> str:
    """A phone that some reporters have; the fill seals none, so their search hashes are written here."""
    phone = "15400002217"
    rows = Reporter.objects.filter(county=DOOR[:6], report__area_code__startswith=DOOR).order_by("-id")
    Reporter.objects.filter(county=DOOR[:6], id__in=list(rows.values_list("id", flat=True)[:5])).update(
        phone_search=phone
    )
    return phone


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The statements inside, those past Django's cursor too, without BEGIN and COMMIT."""
    seen: list[str] = []

    def note(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        if not _CONTROL.match(str(sql)):
            seen.append(str(sql))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield seen


def deeds(*, most: int = 60) -> Iterator[Result]:
    """Dispatch, sign, finish: the whole request in this process, one after another."""
    here = Case.objects.filter(area_code__startswith=DOOR, county=DOOR[:6], is_confidential=False)
    power = Post.objects.get(user__username="jiedan-power").unit_id
    numbers = list(here.filter(status="received").order_by("-id").values_list("number", flat=True)[:most])
    for name, path, username, sent in (
        ("dispatch", "dispatch", "caoshijie", {"lead": str(power), "urgency": "normal", "category": "0401"}),
        ("sign", "sign", "jiedan-power", {}),
        ("finish", "finish", "jiedan-power", {"result": "到现场看过，已经修好。"}),
    ):
        browser = _browser(username)
        times, statements = [], []
        for number in numbers:
            version = here.values_list("version", flat=True).get(number=number)
            with _counted() as seen:
                began = time.perf_counter()
                answer = browser.post(f"/cases/{number}/{path}/", {"seen_version": version, **sent})
                times.append((time.perf_counter() - began) * 1000)
            statements.append(len(seen))
            if answer.status_code != 302:
                raise RuntimeError(f"{name} of {number} was answered {answer.status_code}")
        cuts = statistics.quantiles(times, n=20)
        yield Result(
            name, "deeds/s", 1000 / statistics.mean(times), statistics.median(times), cuts[18], str(round(statistics.median(statements))),
            aim="p50 25 ms, 15 statements",
        )  # fmt: skip


def jobs(*, duties: int = 20_000, entries: int = 200_000) -> Iterator[Result]:
    """What runs by itself: cards of due duties, the walk along the journal's seals, the nightly comparison of the counts."""
    county = DOOR[:6]
    ids = list(
        Todo.objects.filter(
            county=county, done_at=None, subject_type="cases.case", card="", tell_at__gt=clock.now()
        ).values_list("id", flat=True)[:duties]
    )
    Todo.objects.filter(county=county, id__in=ids).update(tell_at=clock.now())
    began = time.perf_counter()
    told = tell_due_todos(actor=system("bench"))
    yield _once("alert sweep", told, time.perf_counter() - began, "duties", "20,000 under 5 s")
    waiting = Entry.objects.filter(county=county).order_by("id")[:entries].iterator(1000)
    for many in iter(lambda: list(islice(waiting, 1000)), []):
        with transaction.atomic():
            seal_entries(actor=system("bench"), county=county, entries=many)
    began = time.perf_counter()
    verdict = verify(county)
    yield _once(
        "verify the journal", verdict.links, time.perf_counter() - began, "rows", "17,000 rows/s: a million under 60 s"
    )
    # the fill counts nothing: the first run writes two months, the second is the night's usual one
    for name in ("day counts written from the journal", "day counts compared with the journal"):
        began = time.perf_counter()
        (check,) = compare_day_counts(actor=system("bench", county))
        yield _once(name, check.row_count or check.wrong_count, time.perf_counter() - began, "rows", "")


def _once(name: str, number: int, seconds: float, unit: str, aim: str) -> Result:
    return Result(
        f"{name}: {number:,} {unit}", f"{unit}/s", number / seconds, seconds * 1000, seconds * 1000, "", aim=aim
    )
