"""The operations: each over HTTP and, where it writes, as the same SQL in pgbench, in alternation."""

import json
import os
import statistics
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import client, pgbench
from yijiaan.accounts.models import Post
from yijiaan.accounts.queries import public_actor
from yijiaan.accounts.signin import POST_KEY
from yijiaan.cases import intake_fast
from yijiaan.cases.intake import Intake, check_intake, give_numbers
from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.core.scope import Actor

DOOR = "370812102"
TEXT = "三村东头那几个路灯又不亮咧，娃娃放学看不清，上回修了没几天。"
BATCH = 100


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


_BODY = json.dumps(
    {
        "text": TEXT,
        "lon": 116.6615,
        "lat": 35.644,
        "reporter": {"name": "张先生", "phone": "15400002217"},
        "client_key": "",
    },
    ensure_ascii=False,
).encode()[:-2]  # up to the key


def _report() -> bytes:
    """The JSON of one report with a key of its own, cheap to make: the client shares the machine."""
    return _BODY + str(uuid.UUID(bytes=os.urandom(16), version=4)).encode() + b'"}'


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
            if place == 0:
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
        for table, lines in by_table.items():
            # pgbench counts every use of a variable as an argument and allows 255: one use serves all rows
            values = ", ".join(f"({line})" for line in lines).replace(":id::bigint", "i.id")
            source = f"(SELECT :id::bigint AS id) AS i, LATERAL (VALUES {values}) AS v"
            script += f"INSERT INTO {table.name} ({table.column_list}) SELECT v.* FROM {source};\n"
        return script + "COMMIT;\n"

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
    runs = count(1)

    def single() -> bytes:
        return client.request("POST", "/api/v1/reports", _report())

    def batch() -> bytes:
        body = b'{"reports": [' + b", ".join(_report() for _ in range(BATCH)) + b"]}"
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
    """Lists and the case page, one request at a time: what a person waits for."""
    number = Case.objects.filter(status="received").order_by("-id").values_list("number", flat=True).first()
    for name, path, username in (
        ("case list, open", "/cases/", "caoshijie"),
        ("case page", f"/cases/{number}/", "caoshijie"),
        ("orders of a station", "/orders/", "jiedan-power"),
        ("field home", "/field/", "shaoxiuying"),
    ):
        cookie = _session(username)
        load = client.run(port, lambda: client.request("GET", path, headers=cookie), clients=1, seconds=seconds)  # noqa: B023
        if load.bad:
            raise RuntimeError(f"{name}: {load.bad} of {load.count} answers were not 200")
        yield Result(name, "pages/s", load.rate, load.p50, load.p95, _statements(path, username))
