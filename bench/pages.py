"""Pages, lists, search, board and map, one request at a time: what a person waits for. At a county's size each has its aim."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import reverse

from bench import client
from bench.people import browser_of, cookie_of, follow, statements_of
from bench.result import DOOR, Result
from bench.server import Web
from yijiaan.accounts.models import Post
from yijiaan.accounts.queries import staff_actor
from yijiaan.areas.queries import shapes
from yijiaan.cases.models import Case, Report, Reporter
from yijiaan.core.scope import Actor
from yijiaan.registry.actions import make_plate

CENTRE, COUNTY_CENTRE, LEADER, STATION, WORKER, SECRETARY = (
    "caoshijie", "xuanping", "konglingjun", "jiedan-power", "shaoxiuying", "liuguangfu",
)  # fmt: skip
NEXT = r'rel="next" href="([^"]+)"'


@dataclass(frozen=True)
class Page:
    """again: asked with the ETag of the last answer, as a poll asks."""

    name: str
    path: str
    username: str
    aim: str = "p50 20 ms"
    again: bool = False


class Asking:
    """Makes the requests of one page, and remembers the ETag for those that poll."""

    def __init__(self, page: Page) -> None:
        self.page, self.cookie, self.etag, self.unchanged = page, cookie_of(page.username), "", 0

    def request(self) -> bytes:
        """The next."""
        known = f"If-None-Match: {self.etag}\r\n" if self.etag else ""
        return client.request("GET", self.page.path, headers=self.cookie + known)

    def hear(self, status: int, head: bytes) -> None:
        """What was answered."""
        self.unchanged += status == 304
        if self.page.again:
            lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
            self.etag = {name.lower(): value for name, value in lines.items()}[b"etag"].decode()


def pages(web: Web, *, seconds: float) -> Iterator[Result]:
    """Each page over HTTP."""
    for page in _all():
        yield ask(web, page, seconds=seconds)
    yield _map_after_a_change()


def ask(web: Web, page: Page, *, seconds: float) -> Result:
    """One page, asked again and again for some seconds. RuntimeError where an answer is not what was expected."""
    asking = Asking(page)
    before = web.meter.seconds()
    load = client.run(web.port, asking.request, clients=1, seconds=seconds, hear=asking.hear)
    cpu = (web.meter.seconds() - before) / load.count * 1000
    if load.bad or page.again and asking.unchanged < load.count / 2:
        raise RuntimeError(f"{page.name}: {load.bad} of {load.count} answers were bad, {asking.unchanged} were 304")
    statements = statements_of(page.path, page.username, again=page.again)
    return Result(page.name, "pages/s", load.rate, load.p50, load.p95, statements, aim=page.aim, cpu=cpu)


def _all() -> Iterator[Page]:
    here = Case.objects.filter(area_code__startswith=DOOR, is_confidential=False)
    waiting = here.filter(status="received").order_by("-id").values_list("number", flat=True).first()
    working = here.filter(status="in_progress").order_by("-id").values_list("number", flat=True).first()
    report = Report.objects.filter(case__in=here.filter(status="closed").order_by("-id")[:1]).first()
    assert report is not None
    board, records = "p50 60 ms, 12 statements", r'href="(/board/records/[^"]+)"'
    state = reverse("portal:state")
    yield Page("board of a town", "/board/", CENTRE, board)
    yield Page("board of a county", "/board/", COUNTY_CENTRE, board)
    yield Page("board: poll, nothing new (304)", state, CENTRE, "1 statement of its own", again=True)
    yield Page("board of a county: poll, nothing new (304)", state, COUNTY_CENTRE, "1 statement of its own", again=True)
    yield Page("board: numbers that changed", f"{state}?work=1", CENTRE, board)
    yield Page("board: rows of the worklist", reverse("portal:work"), CENTRE, board)
    yield Page("board: deeds behind a number", follow("/board/", CENTRE, records), CENTRE, board)
    yield Page(
        "board of a county: deeds behind a number", follow("/board/", COUNTY_CENTRE, records), COUNTY_CENTRE, board
    )
    yield Page("wall of a leader", "/screen/", LEADER, board)
    shapes_path = reverse("areas:shapes", args=[DOOR, "grid"])
    yield Page("map of a town", shapes_path, CENTRE, "p50 30 ms")
    yield Page("map of a town, known already (304)", shapes_path, CENTRE, "p50 30 ms", again=True)
    yield Page("map of a county by towns", reverse("areas:shapes", args=[DOOR[:6], "town"]), COUNTY_CENTRE, "p50 30 ms")
    yield Page("worklist of a centre", "/cases/", CENTRE)
    yield Page("worklist of a county", "/cases/", COUNTY_CENTRE)
    yield Page("case list page 1", "/cases/?tab=closed", CENTRE)
    yield Page("case list page 100", follow("/cases/?tab=closed", CENTRE, NEXT, 99), CENTRE)
    yield Page("case page, to be dispatched", f"/cases/{waiting}/", CENTRE)
    yield Page("case page, in progress", f"/cases/{working}/", CENTRE)
    yield Page("search: number", f"/cases/?tab=closed&q={report.number}", CENTRE)
    yield Page("search: place", f"/cases/?tab=closed&q={quote(report.place)}", CENTRE)
    yield Page("search: two characters, 1 case in 12", f"/cases/?tab=closed&q={quote('滴水')}", CENTRE)
    yield Page("search: phone", f"/cases/?tab=all&q={_known_phone()}", CENTRE)
    yield Page("orders of a station", reverse("cases:orders"), STATION)
    yield Page("field home", reverse("cases:field"), WORKER)
    yield Page("field home of a village", reverse("cases:field"), SECRETARY)
    yield Page("page of a village", reverse("cases:field_village"), SECRETARY)
    yield Page("page of a door plate", plate_path(), "")
    yield Page("callbacks of a centre", reverse("cases:callbacks"), CENTRE)
    yield Page(
        "Open311: list of 100",
        f"/open311/v2/requests.json?jurisdiction_id={DOOR[:6]}&page_size=100",
        "",
        "8 statements",
    )


def actor_of(username: str) -> Actor:
    """Who acts in the first post of a user."""
    post = Post.objects.select_related("user").filter(user__username=username).order_by("starts_on").first()
    assert post is not None
    return staff_actor(post.user, post)


def centre() -> Actor:
    """Who sits at the centre of the town."""
    return actor_of(CENTRE)


def plate_path() -> str:
    """The page of a new plate in the town."""
    grid = Case.objects.filter(area_code__startswith=DOOR).order_by("-id").values_list("area_code", flat=True).first()
    assert grid is not None
    plate = make_plate(actor=centre(), area_code=grid, place="幸福路 18 号")
    return reverse("portal:plate", args=[plate.code])


def _known_phone() -> str:
    """A phone that some reporters have; the fill seals none, so their search hashes are written here."""
    phone = "15400002217"
    rows = Reporter.objects.filter(county=DOOR[:6], report__area_code__startswith=DOOR).order_by("-id")
    Reporter.objects.filter(county=DOOR[:6], id__in=list(rows.values_list("id", flat=True)[:5])).update(
        phone_search=phone
    )
    return phone


def _map_after_a_change(times: int = 5) -> Result:
    """The map of a town when its borders were just redrawn: each process draws it once, in this process here."""
    path, browser = reverse("areas:shapes", args=[DOOR, "grid"]), browser_of(CENTRE)
    taken = []
    for _ in range(times):
        shapes.forget_shapes()
        began = time.perf_counter()
        answer = browser.get(path)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}")
    p50 = statistics.median(taken)
    return Result("map of a town, borders just redrawn", "pages/s", 1000 / p50, p50, max(taken), "", aim="p50 30 ms")
