"""Single and batch intake over HTTP, and the same SQL in pgbench, in alternation."""

import json
import os
import statistics
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import count, cycle
from typing import Any

from shapely.geometry import shape

from bench import client, pgbench
from bench.result import DOOR, Result
from bench.server import Web
from yijiaan.accounts.queries import public_actor
from yijiaan.areas.models import Border
from yijiaan.cases import intake_fast
from yijiaan.cases.intake import Intake, check_intake, give_numbers
from yijiaan.core import clock
from yijiaan.core.scope import Actor

TEXT = "三村东头那几个路灯又不亮咧，娃娃放学看不清，上回修了没几天。"
BATCH = 100
PLACES = 38  # villages that reports come from


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


def intake(url: str, web: Web, *, seconds: float, clients: int, rounds: int) -> Iterator[Result]:
    """Single and batch intake against pgbench, in alternation; the medians of the rounds are compared."""
    script = PgbenchScript(public_actor(DOOR, "snap_report"))
    # a run lasts longer than two seconds: numbers of their own in a database that was kept
    runs, reports = count(int(time.time() / 2) % 30_000), Reports()

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
        client.run(web.port, make, clients=connections, seconds=1)  # warm
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(client.run(web.port, make, clients=connections, seconds=seconds))
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
