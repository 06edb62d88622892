"""What a phone must fetch over a slow line before it has a door plate."""

from collections.abc import Callable
from urllib.request import Request, urlopen

from playwright.sync_api import Page

from tests.journeys.conftest import PHONE
from yijiaan.cases.tests.town import make_town
from yijiaan.registry.actions import make_plate

NewPage = Callable[..., Page]
MOST = 60_000  # bytes of the page with all it is made of, and of what its service worker keeps ahead
KEPT = """caches.keys().then(async (names) => (await Promise.all(
    names.map(async (name) => (await (await caches.open(name)).keys()).map((each) => each.url)))).flat())"""


def weight(address: str) -> int:
    """Bytes of an answer, head and body, as a browser takes it."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip, br"}), timeout=20) as answer:
        return len(answer.read()) + len(str(answer.headers))


def test_a_door_plate_weighs_little(new_page: NewPage, live: str) -> None:
    town = make_town()
    plate = make_plate(actor=town.dispatcher.actor, area_code=town.grids[0].code, place="幸福路 18 号")
    page = new_page(**PHONE)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"/d/{plate.code}/", wait_until="networkidle")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    fetched = asked | {f"{live}/sw.js"} | set(page.evaluate(KEPT))
    assert f"{live}/d/{plate.code}/" in fetched
    assert 20 < len(fetched) < 40
    weights = {address: weight(address) for address in fetched}
    assert 20_000 < sum(weights.values()) <= MOST, sorted(weights.items(), key=lambda each: -each[1])
