"""A ledger of a hundred thousand invented people: checked, written and taken back, as the jobs do it."""

import io
import time
from collections.abc import Iterator
from uuid import uuid4

import xlsxwriter

from bench.people import counted
from bench.result import DOOR, Result
from bench.server import Web
from yijiaan.accounts.models import Post
from yijiaan.areas.queries import list_places
from yijiaan.core.scope import Actor, system
from yijiaan.engines.tabular import actions
from yijiaan.engines.tabular.models import Import
from yijiaan.engines.tabular.queries import suggest_mapping
from yijiaan.engines.tabular.targets import acting_in
from yijiaan.registry.tests.ledger import PEOPLE, invented

CENTRE = "caoshijie"
COUNTY = DOOR[:6]


def ledgers(web: Web, *, people: int = 100_000) -> Iterator[Result]:
    """From the file to the table and back; statements are those of the whole."""
    actor = _actor()
    raw = _file(people, [village.code for village, _ in list_places(actor, code=DOOR)])
    imported = actions.receive_table(
        actor=actor, kind="registry.people", file_name="人口.xlsx", raw=raw, client_key=uuid4()
    )
    actions.map_columns(actor=actor, import_id=imported.id, mapping=suggest_mapping(actor, imported=imported), fixed={})
    job = system("bench", COUNTY)
    for name, aim in (("checked", ""), ("written", "checked and written in 90 s"), ("taken back", "")):
        began, cpu = time.perf_counter(), time.process_time() + web.meter.seconds()
        with counted() as seen:
            if name == "checked":
                actions.check_import(actor=job, import_id=imported.id)
            elif name == "written":
                actions.start_import(actor=actor, import_id=imported.id)
                actions.run_import(actor=job, import_id=imported.id)
            else:
                actions.start_undo(actor=actor, import_id=imported.id)
                actions.undo_import(actor=job, import_id=imported.id, post_id=actor.post_id)
        spent = time.perf_counter() - began
        now = Import.objects.get(county=COUNTY, id=imported.id)
        done = {"checked": now.new_count, "written": now.new_count, "taken back": now.undone_count}[name]
        if done < people * 0.99:
            raise RuntimeError(f"of {people} lines {done} were {name}: {now.failure}")
        yield Result(
            f"ledger of {people:,} people {name}", "lines/s", people / spent, spent * 1000, spent * 1000, str(len(seen)),
            aim=aim, cpu=(time.process_time() + web.meter.seconds() - cpu) / people * 1000,
        )  # fmt: skip


def _actor() -> Actor:
    post = Post.objects.filter(user__username=CENTRE).order_by("starts_on").first()
    assert post is not None
    actor = acting_in(post.id)
    assert actor is not None
    return actor


def _file(people: int, villages: list[str]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("人口")
    sheet.write_row(0, 0, PEOPLE)
    for number, line in enumerate(invented(people, villages), 1):
        sheet.write_row(number, 0, line)
    book.close()
    return out.getvalue()
