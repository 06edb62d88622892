"""People report while the line, the server, the session and the phone itself come and go: each thing arrives once, with its photos.

A phone keeps its data in a folder of its own, so that a browser killed outright finds again what was kept. What is random comes from
YIJIAAN_SEED; the steps of a sequence that fails stand in its message.
"""

import contextlib
import hashlib
import io
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright
from playwright.sync_api import Error as BrowserError

from tests.journeys.conftest import FLAGS, PHONE, served_settings  # noqa: F401 - a fixture
from tests.journeys.phones import Server, rows, wait_for_worker
from tests.journeys.steps import COUNTY, be, end_session
from yijiaan.cases.models import Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.store import path_of
from yijiaan.patrols.models import Visit
from yijiaan.registry import actions as registry

SEED = int(os.environ.get("YIJIAAN_SEED") or 20261124)
SEQUENCES = int(os.environ.get("YIJIAAN_SEQUENCES") or 54)
PARTS = 6  # so that several processes share them
MOST_TO_CLOSE = 20  # seconds
LONGEST = 45  # seconds until everything has arrived once nothing stands in the way
HASHES = """async () => {
  const input = document.querySelector("input[name=photos]");
  const hashes = [];
  for (const file of input.files) {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    hashes.push([...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  return hashes;
}"""
WAYS = {"field": "办不了，请镇里安排", "solved": "当场说和了", "resident": "村头的事", "visit": "走访听到的"}


class Line:
    """Before the application: answers that are lost after the deed was done, questions that are lost before, and slow ones."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()
        self.lost_answers = self.lost_questions = self.slow = 0
        self.done: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or "HTTP_X_OUTBOX" not in environ:
            return self.application(environ, start_response)
        if self.lost_questions:
            self.lost_questions -= 1
            self.done["questions lost"] += 1
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return self._gone(start_response)
        if self.slow:
            self.slow -= 1
            self.done["slow answers"] += 1
            time.sleep(1.2)
        if not self.lost_answers:
            return self.application(environ, start_response)
        self.lost_answers -= 1
        self.done["answers lost"] += 1
        answer = self.application(environ, lambda *arguments: lambda data: None)
        for _ in answer:
            pass
        getattr(answer, "close", lambda: None)()
        return self._gone(start_response)

    def _gone(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"bad gateway"]


@dataclass
class Told:
    """One thing that somebody reported."""

    kind: str
    text: str
    photos: list[str] = field(default_factory=list)  # SHA-256 of what the phone holds
    is_safe: bool = False  # somebody saw that it was kept, or received


def photo(chance: random.Random) -> dict[str, Any]:
    """A picture like no other, now and then a large one that the phone makes small."""
    side = 2400 if chance.random() < 0.1 else chance.choice((200, 320, 480))
    noise = Image.frombytes("RGB", (32, 24), chance.randbytes(32 * 24 * 3))
    out = io.BytesIO()
    noise.resize((side, side * 3 // 4)).save(out, "JPEG", quality=chance.choice((15, 60, 95)))
    return {"name": "zhao.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


class Phone:
    """The grid worker's phone, which residents borrow too: its browser is killed and started while its data stay."""

    def __init__(self, driver: Playwright, chromium: str, folder: Path, base: str) -> None:
        self.driver, self.chromium, self.folder, self.base = driver, chromium, folder, base
        self.context: BrowserContext | None = None
        self.is_offline = False

    def start(self) -> Page:
        """Its first page, the browser started when it is not running, or died by itself."""
        if self.context is not None:
            with contextlib.suppress(BrowserError):
                return self.context.pages[0] if self.context.pages else self.context.new_page()
            self.stop_processes()
            self.close()
        self.context = self.driver.chromium.launch_persistent_context(
            self.folder, executable_path=self.chromium, args=FLAGS, base_url=self.base, locale="zh-CN",
            timezone_id="Asia/Shanghai", **PHONE,
        )  # fmt: skip
        self.context.set_default_timeout(20_000)  # of a busy machine; nothing waits so long
        self.context.set_offline(self.is_offline)
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def set_offline(self, is_offline: bool) -> None:
        """The line is cut, or there again."""
        self.is_offline = is_offline
        if self.context is not None:
            self.context.set_offline(is_offline)

    def kill(self) -> None:
        """The battery falls out."""
        assert self.stop_processes() or self.context is None
        self.close()

    def close_page(self, page: Page) -> None:
        """The tab is closed. Chromium sometimes never says that it is, and then Playwright would wait for ever: the battery falls out."""
        watch = threading.Timer(MOST_TO_CLOSE, self.stop_processes)
        watch.start()
        try:
            page.close()
        except BrowserError:
            self.close()
        finally:
            watch.cancel()

    def stop_processes(self) -> bool:
        """Kill the browser, whatever it is doing; whether there was one."""
        mark = f"--user-data-dir={self.folder}".encode()
        mine = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (entry / "cmdline").read_bytes().split(b"\0"):
                    mine.append(int(entry.name))
        for pid in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(mine)

    def close(self) -> None:
        """The browser is left."""
        if self.context is not None:
            with contextlib.suppress(BrowserError):
                self.context.close()
            self.context = None


class Sequence:
    """One phone and what happens to it."""

    def __init__(self, town: Town, home: UUID, server: Server, line: Line, phone: Phone, number: int) -> None:
        self.town, self.server, self.line, self.phone, self.number = town, server, line, phone, number
        self.home = home
        self.chance = random.Random(f"{SEED} {number}")
        self.told: list[Told] = []
        self.steps: list[str] = []
        self.is_up = True

    def run(self) -> None:
        """Steps at random, then everything is put right, and looked at."""
        page = self.phone.start()
        be(page, self.town.worker)
        page.goto("/field/report/")
        wait_for_worker(page)
        page.goto(f"/t/{self.town.door}/report/")
        try:
            for _ in range(self.chance.randint(7, 11)):
                self._step()
            self._report()
            self._put_right()
        finally:
            self.phone.close()
        self._look()

    def _step(self) -> None:
        deeds: list[tuple[int, Callable[[], None]]] = [
            (10, self._report), (3, self._cut_or_join), (2, self._stop_or_start), (3, self._lose), (2, self._reload),
            (2, self._tab), (2, self._kill), (2, self._session),
        ]  # fmt: skip
        self.chance.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])[0]()

    def _note(self, what: str) -> None:
        self.steps.append(what)
        print("   ", what)

    # ---- what goes wrong ----

    def _cut_or_join(self) -> None:
        self.phone.set_offline(not self.phone.is_offline)
        self._note("offline" if self.phone.is_offline else "online")

    def _stop_or_start(self) -> None:
        (self.server.stop if self.is_up else self.server.start)()
        self.is_up = not self.is_up
        self._note("server up" if self.is_up else "server down")

    def _lose(self) -> None:
        which = self.chance.choice(("lost_answers", "lost_answers", "lost_questions", "slow"))
        setattr(self.line, which, self.chance.randint(1, 3))
        self._note(which)

    def _reload(self) -> None:
        self._note("reload")
        with contextlib.suppress(BrowserError):
            self.phone.start().reload()

    def _tab(self) -> None:
        page = self.phone.start()
        if len(page.context.pages) > 1:
            self._note("one tab")
            self.phone.close_page(page.context.pages[-1])
            return
        where = self.chance.choice(("/field/", "/field/waiting/", f"/t/{self.town.door}/waiting/"))
        self._note(f"second tab at {where}")
        with contextlib.suppress(BrowserError):
            page.context.new_page().goto(where)

    def _kill(self) -> None:
        self._note("kill")
        self.phone.kill()
        page = self.phone.start()
        if self.chance.random() < 0.7:
            be(page, self.town.worker)

    def _session(self) -> None:
        page = self.phone.start()
        if self.chance.random() < 0.5:
            self._note("session ends")
            end_session(page)
        else:
            self._note("signs in")
            be(page, self.town.worker)

    # ---- what people do ----

    def _report(self) -> None:
        kind = self.chance.choice(("field", "solved", "resident", "visit"))
        forms = {"resident": f"/t/{self.town.door}/report/", "visit": f"/field/visits/new/?household={self.home}"}
        page = self._form(forms.get(kind, "/field/report/"))
        if page is None:
            self._note(f"no form for {kind}")
            return
        told = Told(kind, f"{WAYS[kind]} {SEED}-{self.number}-{len(self.told)}")
        self.told.append(told)
        then = self.chance.choice(("wait", "wait", "wait", "kill", "reload", "close"))
        self._note(f"{kind} «{told.text}» then {then}")
        page.get_by_label({"resident": "出了什么事", "visit": "有什么需要"}.get(kind, "说明情况")).fill(told.text)
        if kind == "solved":
            page.locator("label", has_text="当场办结").tap()
        if kind == "visit":
            page.get_by_label("这件事报上去办").check()
            page.locator("summary", has_text="拍照").tap()
        photos = [photo(self.chance) for _ in range(self.chance.choice((0, 1, 1, 2)))]
        if photos:
            page.locator("input[name=photos]").set_input_files(photos)
            page.locator(".pics figure").nth(len(photos) - 1).wait_for()
            told.photos = page.evaluate(HASHES)
            assert len(told.photos) == len(photos)
        page.get_by_role("button", name="记下走访" if kind == "visit" else "提交").tap()
        if then == "wait":
            # the phone's own receipt, or the server's page
            page.locator(
                "[data-saved-heading]:visible, .done-mark .mark:visible, h2:has-text('上门'):visible"
            ).first.wait_for()
            told.is_safe = True
            return
        time.sleep(self.chance.uniform(0, 0.5))
        if then == "kill":
            self._kill()
        elif then == "close":
            page.context.new_page()
            self.phone.close_page(page)
        else:
            with contextlib.suppress(BrowserError):
                page.reload()

    def _form(self, path: str) -> Page | None:
        """The form, empty; None when the phone cannot show it now."""
        page = self.phone.start()
        try:
            page.goto(path)
        except BrowserError:
            return None
        if page.locator("form[data-outbox]").count() == 0:
            return None
        page.wait_for_timeout(150)  # a draft comes back a moment after the page
        again = page.get_by_role("button", name="清空重写")
        if again.count():
            with page.expect_navigation():
                again.tap()
            page.wait_for_timeout(150)
        return page

    # ---- in the end ----

    def _put_right(self) -> None:
        self.line.lost_answers = self.line.lost_questions = self.line.slow = 0
        self.server.start()
        self.is_up = True
        self.phone.set_offline(False)
        page = self.phone.start()
        be(page, self.town.worker)
        until = time.monotonic() + LONGEST
        while True:
            try:
                page.goto("/field/waiting/")
                page.wait_for_timeout(400)
                kept = rows(page)
            except BrowserError:  # the form that was open has gone on to its receipt meanwhile
                assert time.monotonic() < until, self._said("the list of what waits does not open")
                continue
            unsent = [row for row in kept if row["state"] != "sent"]
            if not unsent:
                break
            assert time.monotonic() < until, self._said(f"still waiting: {unsent}")
        titles = Counter(row["title"] for row in kept)
        assert set(titles.values()) <= {1}, self._said(f"kept twice: {titles}")
        for told in self.told:
            if told.is_safe:
                assert told.text in titles, self._said(f"the phone forgot {told.text}")
        self.kept = set(titles)

    def _look(self) -> None:
        mine = f"{SEED}-{self.number}-"
        reports = {
            report.text: report
            for report in Report.objects.select_related("case").filter(county=COUNTY, text__contains=f" {mine}")
        }
        count = Report.objects.filter(county=COUNTY, text__contains=f" {mine}").count()
        assert count == len(reports), self._said("a report came twice")
        assert set(reports) == self.kept, self._said(f"kept {self.kept}, arrived {set(reports)}")
        assert len({report.case_id for report in reports.values()}) == count, self._said("two reports in one case")
        heard = [one.needs_sealed for one in Visit.objects.filter(county=COUNTY, household_id=self.home)]
        heard = [text for text in heard if f" {mine}" in text]
        told_visits = {told.text for told in self.told if told.kind == "visit"} & set(reports)
        assert sorted(heard) == sorted(told_visits), self._said(f"visits {heard}, reports of visits {told_visits}")
        for told in self.told:
            report = reports.get(told.text)
            if report is None:
                assert not told.is_safe
                continue
            assert (report.case.status == "closed") is (told.kind == "solved"), self._said(told.text)
            assert (report.entered_by_id is None) is (told.kind == "resident"), self._said(told.text)
            stored = StoredFile.objects.filter(county=COUNTY, subject_id__in=(report.id, report.case_id))
            assert sorted(file.source_sha256 for file in stored) == sorted(told.photos), self._said(told.text)
            for file in stored:
                assert hashlib.sha256(path_of(file.sha256).read_bytes()).hexdigest() == file.sha256

    def _said(self, what: str) -> str:
        return f"seed {SEED}, sequence {self.number}: {what}\n" + "\n".join(self.steps)


@pytest.fixture
def line(transactional_db: None, served_settings: override_settings) -> Iterator[Line]:  # noqa: F811
    with served_settings:
        yield Line()


@pytest.fixture
def server(line: Line) -> Iterator[Server]:
    own = Server(line)
    yield own
    own.stop()


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
def test_everything_arrives_once_whatever_happens_to_line_server_session_and_phone(
    playwright: Playwright, chromium: str, server: Server, line: Line, tmp_path: Path, part: int
) -> None:
    town = make_town()
    home = registry.add_record(
        actor=town.head.actor, kind="household", area_code=town.grids[0].code, values={"address": "村东头 3 号"}, source="visit",
        client_key=uuid4(),
    )  # fmt: skip
    told: list[Told] = []
    steps: Counter[str] = Counter()
    began = time.monotonic()
    for number in range(part, SEQUENCES, PARTS):
        phone = Phone(playwright, chromium, tmp_path / str(number), server.base)
        sequence = Sequence(town, home.id, server, line, phone, number)
        print(f"seed {SEED}, sequence {number}")
        sequence.run()
        told += sequence.told
        steps.update(step.split(" «")[0] for step in sequence.steps)
    kinds = Counter(one.kind for one in told)
    print(
        f"{time.monotonic() - began:.0f} s, {kinds}, {sum(len(one.photos) for one in told)} photos, {dict(line.done)}, {dict(steps)}"
    )
    assert told
    assert SEQUENCES < 54 or min(kinds[kind] for kind in WAYS) > 0
