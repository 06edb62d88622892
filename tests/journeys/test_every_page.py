"""Every page that somebody in some role can open: axe-core finds nothing, nothing scrolls sideways, one h1, nothing in the console.

Addresses and roles are those of the crawler, so a new page is looked at by itself. A page is opened again for another role or row
only when it is built of elements that were not looked at yet. Light is part of every run, dark and large of ./test --long.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.crawler import addresses
from tests.journeys.conftest import DESK
from tests.journeys.steps import HOST, assert_fits
from tests.test_crawler import World

Check = Callable[[Page], None]
PARTS = 4  # so that several processes share the pages
LOOKS = ["light", pytest.param("dark", marks=pytest.mark.long), pytest.param("large", marks=pytest.mark.long)]
ELEMENT = re.compile(rb"<([a-z0-9]+)(?:\s[^>]*?\bclass=\"([^\"]*)\")?[^>]*>")


@dataclass(frozen=True)
class Found:
    """A page to look at."""

    viewer: str
    path: str


@pytest.fixture
def world(live: str) -> World:
    return World()


def pages(world: World, part: int) -> Iterator[tuple[Found, Client]]:
    """The pages of a part of the addresses, each kind of page once."""
    walking, queries = world.viewers, world.crawler().queries
    for address in list(addresses())[part::PARTS]:
        known: set[tuple[int, bytes]] = set()
        for viewer, client in walking.items():
            client.raise_request_exception = False
            paths = list(world.pools(viewer).paths(address))
            for path in [*paths, *(path + query for path in paths for query in queries.get(address.view, []))]:
                answer = client.get(path, headers={"host": HOST})
                if answer.streaming or "html" not in answer.get("Content-Type", ""):
                    continue
                kinds = {(answer.status_code, b" ".join(pair)) for pair in ELEMENT.findall(answer.content)}
                if b"<!doctype html>" in answer.content and not kinds <= known:
                    known |= kinds
                    yield Found(viewer, path), client


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_for_everybody(
    new_page: Callable[..., Page], assert_accessible: Check, world: World, look: str, part: int
) -> None:
    open_pages: dict[str, Page] = {}
    looked: list[Found] = []
    problems: list[str] = []
    for found, client in pages(world, part):
        if found.viewer not in open_pages:
            open_pages[found.viewer] = page = new_page(**DESK, service_workers="block")
            if look == "large":
                page.context.add_cookies([{"name": "yj_size", "value": "large", "domain": HOST, "path": "/"}])
            session = client.cookies.get(settings.SESSION_COOKIE_NAME)
            if session is not None:
                page.context.add_cookies([{"name": session.key, "value": session.value, "domain": HOST, "path": "/"}])
        page = open_pages[found.viewer]
        looked.append(found)
        page.goto(found.path)
        if look == "dark":
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
        for check in checks_of(look, assert_accessible):
            try:
                check(page)
            except AssertionError as problem:
                problems.append(f"{found.viewer} {look}: {problem}")
        page.set_viewport_size(DESK["viewport"])
    print(f"{look} {part}: {len(looked)} pages")
    assert not problems, "\n\n".join(problems)
    assert looked


READ = """() => {
  const shown = (element) => element.getClientRects().length > 0 && !element.closest("dialog:not([open])");
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown);
  const focusable = "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  return {
    levels: headings.map((heading) => Number(heading.tagName[1])),
    skip: document.querySelector(focusable)?.matches("a.skip[href='#main']") ?? true,
    mains: document.querySelectorAll("main").length,
    jumps: document.querySelectorAll("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").length,
    columns: [...document.querySelectorAll("main *")].filter((element) => Number(getComputedStyle(element).order) !== 0 && shown(element)).length,
  };
}"""


def reads_in_order(page: Page) -> None:
    """Whoever listens hears one title first, then parts and their parts, in the order in which they stand; Tab follows."""
    read = page.evaluate(READ)
    levels = read["levels"]
    assert levels.count(1) == 1, f"{page.url} has headings {levels}"
    assert levels[0] == 1, f"{page.url} begins with a heading of level {levels[0]}"
    jumps = [pair for pair in zip(levels, levels[1:], strict=False) if pair[1] > pair[0] + 1]
    assert not jumps, f"{page.url} leaves levels out: {levels}"
    assert read["skip"], f"{page.url} does not begin with the skip link"
    assert read["mains"] == 1, f"{page.url} has {read['mains']} main"
    assert read["jumps"] == 0, f"{page.url} changes the order of Tab"
    assert read["columns"] == 0, f"{page.url} shows parts in another order than it says them"


def checks_of(look: str, assert_accessible: Check) -> tuple[Check, ...]:
    """What a look may change: colours move nothing, and neither dark nor large text changes the order of what is said."""
    if look == "dark":
        return assert_accessible, on_a_phone(assert_accessible)
    widths = assert_accessible, fits_phones(assert_accessible)
    return widths if look == "large" else (reads_in_order, *widths)


def on_a_phone(check: Check) -> Check:
    """The same at 390 px."""

    def look(page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 844})
        check(page)

    return look


def fits_phones(check: Check) -> Check:
    """At every width (640 px: a desk of 1280 px at 200 % zoom) nothing is off the side; at 390 px axe looks again, for menus and
    tables are built otherwise there."""

    def look(page: Page) -> None:
        assert_fits(page, 320, 640, 1280, 390)
        check(page)

    return look
