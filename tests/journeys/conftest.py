"""Browser journeys: the system's Chromium, a server of our own on hashed static files, and no error left unseen."""

import fcntl
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

from launch.prepare import static_signature

HERE = Path(__file__).resolve().parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1440, "height": 900}}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# cutting the line reaches pages and not their workers, which the browser would wake for a sync at once
WAIT_FOR_SIGNAL = """if (window.SyncManager) {
  const { register } = SyncManager.prototype;
  SyncManager.prototype.register = function (tag) {
    return navigator.onLine ? register.call(this, tag) : Promise.reject(new Error("no signal"));
  };
}"""
STATIC_FOLDER = settings.VAR / "test-static"
HASHED = {
    "default": settings.STORAGES["default"],
    "staticfiles": {"BACKEND": "yijiaan.ui.assets.Storage"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder is a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


class QuietHandler(WSGIRequestHandler):
    """Requests are not worth a line each."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def served_settings() -> override_settings:
    """The settings under which pages are served: static files collected and hashed, as in production."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    overrides = override_settings(STORAGES=HASHED, STATIC_ROOT=STATIC_FOLDER, ALLOWED_HOSTS=["127.0.0.1"])
    stamp = STATIC_FOLDER.with_suffix(".stamp")
    with STATIC_FOLDER.with_suffix(".lock").open("w") as gate, overrides:
        fcntl.flock(gate, fcntl.LOCK_EX)
        signature = static_signature()
        if not stamp.exists() or stamp.read_text() != signature:
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(signature)
    return overrides


@pytest.fixture(scope="session")
def _server(served_settings: override_settings) -> Iterator[str]:
    with served_settings:
        application = get_wsgi_application()
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def live(transactional_db: None, _server: str, served_settings: override_settings) -> Iterator[str]:
    """The address of the server; what the test committed is there."""
    with served_settings:
        yield _server


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """The system's Chromium."""
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def new_page(browser: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """Makes a page in a browser context of its own (another person): `new_page(**PHONE)`. Errors fail the test at its end.

    is_cut_off: the line will break, so what the browser says of requests that failed is no error.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(is_cut_off: bool = False, **options: Any) -> Page:
        context = browser.new_context(base_url=live, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        context.set_default_timeout(10_000)
        if is_cut_off:
            context.add_init_script(WAIT_FOR_SIGNAL)
        context.on("console", lambda message: _note_console(message, errors, is_cut_off))
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on(
            "response",
            lambda answer: (
                errors.append(f"{answer.status} {answer.url}") if answer.status >= 500 and not is_cut_off else None
            ),
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not errors, "errors in the browser:\n" + "\n".join(errors)


def _note_console(message: ConsoleMessage, errors: list[str], is_cut_off: bool) -> None:
    if is_cut_off and "Failed to load resource" in message.text:
        return
    # the browser's own line for an answer such as 422 is no error of the page
    if message.type == "error" and "the server responded with a status of 4" not in message.text:
        errors.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    """A page on a phone, 390 × 844 with touch."""
    return new_page(**PHONE)


@pytest.fixture
def desk(new_page: Callable[..., Page]) -> Page:
    """A page on a desk, 1440 × 900."""
    return new_page(**DESK)


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: axe-core finds nothing (wcag2a to wcag22aa)."""
    source = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text()

    def check(page: Page) -> None:
        # evaluated over the debugging protocol, which the content security policy does not concern
        page.evaluate(source)
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", AXE_TAGS
        )
        violations = [
            {"rule": each["id"], "help": each["help"], "where": [node["target"] for node in each["nodes"]][:5]}
            for each in found["violations"]
        ]
        assert not violations, f"{page.url}\n" + json.dumps(violations, ensure_ascii=False, indent=1)

    return check
