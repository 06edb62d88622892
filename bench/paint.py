"""The first look at a door plate on a slow phone line, in the system's Chromium: when something is seen, and what is fetched for it."""

import importlib.util
import statistics
from collections.abc import Iterator
from typing import Any

from bench.pages import plate_path
from bench.result import Result
from bench.server import Web
from launch.installation import find_browser

# slow 3G as WebPageTest tells it: 400 ms there and back, 400 kbit/s each way
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER_PROCESSOR = 4
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint').map(each => each.startTime)[0] || 0"


def paint(web: Web, *, times: int = 5) -> Iterator[Result]:
    """Each time a phone that was never here. Nothing where no Chromium is installed."""
    chromium = find_browser()
    if chromium is None or importlib.util.find_spec("playwright") is None:
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is installed

    address = f"http://127.0.0.1:{web.port}{plate_path()}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        looks = [_look(browser, address) for _ in range(times)]
        browser.close()
    painted, loaded = [look[0] for look in looks], max(look[1] for look in looks)
    yield Result(
        f"first paint of a door plate on slow 3G: {loaded / 1000:.1f} kB", "looks/s", 1000 / statistics.mean(painted),
        statistics.median(painted), max(painted), "", aim="2,000 ms, 60 kB",
    )  # fmt: skip


def _look(browser: Any, address: str) -> tuple[float, int]:
    """Milliseconds to the first contentful paint, and the bytes that came over the line until it was quiet."""
    context = browser.new_context(**PHONE, locale="zh-CN")
    page = context.new_page()
    line = context.new_cdp_session(page)
    fetched: list[int] = []
    line.on("Network.loadingFinished", lambda event: fetched.append(int(event["encodedDataLength"])))
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_3G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="networkidle")
    painted = float(page.evaluate(FIRST_PAINT))
    context.close()
    if not painted:
        raise RuntimeError("the page of a door plate painted nothing")
    return painted, sum(fetched)
